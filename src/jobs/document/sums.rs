//! Checksum files that list the digests of images.

use std::path::Path;

use super::{
    fields::{Fields, Invalid},
    source::{Scope, Source},
};

/// How long a path or an address may be, in bytes.
const MOST_PLACE: usize = 4095;

/// How long the name of an image may be, in bytes.
const MOST_NAME: usize = 255;

/// A checksum file that lists the digests of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sums {
    /// Where it is.
    pub place: SumsPlace,
    /// The publisher who must have signed it, by the name of a keyring.
    pub publisher: Option<String>,
    /// What it calls the image.
    pub name: String,
}

/// Where a checksum file is, and its detached signature if it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SumsPlace {
    /// Beneath the image roots.
    File {
        /// The path.
        path: String,
        /// The path of the signature.
        signature: Option<String>,
    },
    /// On the web.
    Web {
        /// The address; it may hold a signature, so it is never logged.
        url: String,
        /// The address of the signature.
        signature_url: Option<String>,
    },
}

/// Reads what an image says of its checksum file.
pub(super) fn read(
    fields: &Fields<'_>,
    source: &Source,
    scope: Scope,
) -> Result<Option<Sums>, Invalid> {
    let Some(place) = place(fields, scope)? else {
        return Ok(None);
    };
    let publisher = fields.text_of("publisher", 64)?;
    Ok(Some(Sums {
        place,
        publisher: publisher.map(str::to_owned),
        name: name(fields, source)?,
    }))
}

fn place(fields: &Fields<'_>, scope: Scope) -> Result<Option<SumsPlace>, Invalid> {
    let text = |name| fields.text_of(name, MOST_PLACE);
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let (path, url) = (text("checksum_file")?, text("checksum_url")?);
    let (signature, signature_url) = (text("signature_file")?, text("signature_url")?);
    if scope == Scope::Files && (url.is_some() || signature_url.is_some()) {
        let name = if url.is_some() {
            "checksum_url"
        } else {
            "signature_url"
        };
        let problem = "is not supported: this worker has no network; give the digest itself as \
                       checksum, or checksum_file";
        return Err(fields.fault(name, problem));
    }
    for (name, needed, is_there) in [
        ("signature_file", "checksum_file", path.is_some()),
        ("signature_url", "checksum_url", url.is_some()),
        (
            "publisher",
            "a checksum file",
            path.is_some() || url.is_some(),
        ),
        (
            "checksum_name",
            "a checksum file",
            path.is_some() || url.is_some(),
        ),
    ] {
        if fields.value(name).is_some() && !is_there {
            return Err(fields.fault(name, format!("must not be given without {needed}")));
        }
    }
    match (path, url) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => {
            Err(fields.fault("checksum_url", "must not be given beside checksum_file"))
        }
        (Some(path), None) => Ok(Some(SumsPlace::File {
            path: path.to_owned(),
            signature: owned(signature),
        })),
        (None, Some(url)) => Ok(Some(SumsPlace::Web {
            url: url.to_owned(),
            signature_url: owned(signature_url),
        })),
    }
}

/// What the file calls the image: what the job says, else the name of the image's own file.
fn name(fields: &Fields<'_>, source: &Source) -> Result<String, Invalid> {
    let given = fields.text_of("checksum_name", MOST_NAME)?;
    let own = match source {
        Source::Path(path) => Path::new(path).file_name().and_then(|name| name.to_str()),
        Source::Registry { .. } => None,
    };
    match given.or(own) {
        Some(name) if !name.is_empty() => Ok(name.to_owned()),
        _ => {
            let problem = "is required: what the checksum file calls the image";
            Err(fields.fault("checksum_name", problem))
        }
    }
}
