//! What a checksum file says of an image.

use std::{io::Read as _, path::Path};

use serde_json::json;

use super::{Parts, roots::Opened};
use crate::{
    checksums::{ChecksumFile, Distrust, Given, Limits, NoMatch, Trust},
    domain::ExpectedDigests,
    jobs::{
        document::{Sums, SumsPlace},
        failure::{Code, Failure},
    },
    openpgp::Signed,
};

/// The most bytes of a detached signature.
const SIGNATURE_BYTES: usize = 256 * 1024;

/// The most characters of a line that are told.
const TOLD_LINE: usize = 4096;

/// What a checksum file says of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The digests that the image must have, at least one.
    pub expected: ExpectedDigests,
    /// Where the file is.
    pub place: String,
    /// The lines that say so.
    pub lines: Vec<String>,
    /// The good signature of the file.
    pub signature: Option<Signed>,
}

impl Published {
    /// What `file`, which is at `place`, says of the image that it calls `name`.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it does not tell its digests.
    pub fn find(
        file: &ChecksumFile,
        name: &str,
        place: String,
        signature: Option<Signed>,
    ) -> Result<Self, Failure> {
        let found = file.find(name.as_bytes()).map_err(|no| {
            let code = match no {
                NoMatch::Absent(_) | NoMatch::Algorithm { .. } => Code::NotListed,
                NoMatch::Malformed { .. } | NoMatch::Contradiction { .. } => Code::Contradiction,
            };
            Failure::new(
                code,
                format!("the checksum file {place} cannot be used: {no}"),
            )
        })?;
        let lines = found.lines.iter();
        let lines = lines.map(|line| line.text.chars().take(TOLD_LINE).collect());
        Ok(Self {
            expected: found.expected,
            lines: lines.collect(),
            place,
            signature,
        })
    }
}

impl Parts {
    /// Reads the checksum file of `sums`, if that is beneath the roots. The names in it are
    /// compared, and nothing more.
    pub(super) fn published(&self, sums: &Sums) -> Result<Option<Published>, Failure> {
        let SumsPlace::File { path, signature } = &sums.place else {
            return Ok(None);
        };
        let bytes = self.small(path, Limits::PUBLISHED.bytes)?;
        let detached = signature.as_ref();
        let detached = detached.map(|path| self.small(path, SIGNATURE_BYTES));
        let detached = detached.transpose()?;
        let trust = Trust {
            keyrings: &self.keyrings,
            publisher: sums.publisher.as_deref(),
            is_demanded: self.demands_signatures || sums.publisher.is_some() || signature.is_some(),
            now: self.clock.now(),
        };
        let name = Path::new(path).file_name().unwrap_or_default();
        let name = name.to_string_lossy();
        let given = Given {
            name: &name,
            bytes: &bytes,
            signature: detached.as_deref(),
        };
        let read = ChecksumFile::read_trusted(given, &trust, &self.hashers.known());
        let (file, signed) = read.map_err(|distrust| {
            let code = match distrust {
                Distrust::File(_) => Code::SumsInvalid,
                Distrust::Signature(_) => Code::SignatureRefused,
                Distrust::Unsigned => Code::SignatureMissing,
            };
            Failure::new(code, format!("{path}: {distrust}"))
        })?;
        Published::find(&file, &sums.name, path.clone(), signed).map(Some)
    }

    /// The content of a small file beneath the roots.
    fn small(&self, path: &str, most: usize) -> Result<Vec<u8>, Failure> {
        let Opened { file, .. } = self.roots.file(path).map_err(as_sums)?;
        let mut bytes = Vec::new();
        let read = file.take(most as u64 + 1).read_to_end(&mut bytes);
        if let Err(error) = read {
            let message = format!("{path} cannot be read: {error}");
            return Err(Failure::new(Code::SumsUnavailable, message));
        }
        if bytes.len() > most {
            let message = format!("{path} has more than {most} bytes");
            return Err(Failure::new(Code::SumsInvalid, message).with(json!({"maximum": most})));
        }
        Ok(bytes)
    }
}

/// A failure to open an image, for a file beside it. What is not there may come.
fn as_sums(failure: Failure) -> Failure {
    match failure.code {
        Code::ImageNotFound | Code::ImageUnreadable => {
            Failure::new(Code::SumsUnavailable, failure.message)
        }
        _ => failure,
    }
}
