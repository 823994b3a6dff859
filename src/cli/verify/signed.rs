//! Checksum files that their publisher has signed (OpenPGP).

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::bounded::read;
use crate::{
    checksums::{ChecksumFile, Limits},
    domain::{Clock as _, KnownAlgorithm, SystemClock},
    openpgp::{ClearSigned, Keyring, Keyrings},
};

/// The most bytes that a file of keys or of signatures may have.
const MAX_SIZE: usize = 16 * 1024 * 1024;

/// Who must have signed a checksum file.
#[derive(Debug, clap::Args)]
pub(super) struct SignatureArguments {
    /// The OpenPGP signature of the checksum file; without it, the checksum file is clear-signed
    #[arg(long, value_name = "FILE", requires = "check", requires = "keyrings")]
    signature: Option<PathBuf>,

    /// Use the checksum file only if a key of this file has signed it, with armour or without; may
    /// be repeated
    #[arg(long = "keyring", value_name = "FILE", requires = "check")]
    keyrings: Vec<PathBuf>,
}

/// A checksum file, and what there is to tell of who signed it.
pub(super) struct Signed {
    pub(super) sums: ChecksumFile,
    pub(super) told: Option<String>,
}

impl SignatureArguments {
    /// Reads the checksum file `content`, called `name`, if it is signed as it must be.
    ///
    /// # Errors
    ///
    /// If it is not, or nothing in it can be used.
    pub(super) fn read(
        &self,
        content: &[u8],
        name: &str,
        known: &[KnownAlgorithm],
    ) -> anyhow::Result<Signed> {
        let limits = Limits::LOCAL;
        if self.keyrings.is_empty() {
            let sums = ChecksumFile::read(content, name, known, limits)?;
            let told = ClearSigned::find(content)?
                .map(|_| "its signature is not checked, for no --keyring is named".to_owned());
            return Ok(Signed { sums, told });
        }
        let (keyrings, now) = (self.trusted()?, SystemClock.now());
        let (sums, signed) = if let Some(signature) = &self.signature {
            let signatures = read_small(signature)?;
            let signed = keyrings.verify_detached(content, &signatures, None, now)?;
            (ChecksumFile::read(content, name, known, limits)?, signed)
        } else if let Some(message) = ClearSigned::find(content)? {
            let signed = keyrings.verify_clear(&message, None, now)?;
            (
                ChecksumFile::read_signed(&message, name, known, limits)?,
                signed,
            )
        } else {
            bail!("it is not clear-signed, and no --signature is named");
        };
        let (key, at) = (&signed.key, signed.at.in_seconds());
        let told = format!("signed at {at} with the key {key} of {}", signed.publisher);
        Ok(Signed {
            sums,
            told: Some(told),
        })
    }

    fn trusted(&self) -> anyhow::Result<Keyrings> {
        let mut keyrings = Keyrings::default();
        for file in &self.keyrings {
            let name = file.display().to_string();
            let keyring = Keyring::read(&name, &read_small(file)?);
            keyrings.add(keyring.with_context(|| name)?)?;
        }
        Ok(keyrings)
    }
}

fn read_small(file: &Path) -> anyhow::Result<Vec<u8>> {
    read(file, MAX_SIZE).with_context(|| file.display().to_string())
}
