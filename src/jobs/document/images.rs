//! The images that a job names.

use serde_json::{Value, json};

use super::fields::{Fields, Invalid};
use crate::{
    domain::ExpectedDigests,
    hash::Hashers,
    jobs::{
        failure::{Code, Failure},
        operation::Subject,
    },
};

/// How many images one job may name.
const MOST_IMAGES: usize = 256;

/// How long a path may be, in bytes; the system takes no longer ones.
const MOST_PATH: usize = 4095;

/// An image that a job names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRef {
    /// Where the payload names it: `image`, `images[3]`, `baseline`, …
    pub role: String,
    /// Where its file is, as the job wrote it.
    pub path: String,
    /// The format it is said to have.
    pub format: Option<String>,
    /// The size of its file in bytes, as the job says it.
    pub size: Option<u64>,
    /// The digests it must have, all of them; each is implemented and of the right length.
    pub expected: ExpectedDigests,
}

/// Reads the images that the payload's `data` names for `subject`; there is at least one.
pub(super) fn read(
    data: &Fields<'_>,
    subject: Subject,
    hashers: &Hashers,
) -> Result<Vec<ImageRef>, Failure> {
    let named = |name: &str| -> Result<_, Failure> {
        let fields = data.object(name)?;
        if !fields.are_there() {
            let problem = "is required: an object with the image's path";
            return Err(data.fault(name, problem).into());
        }
        image(name.to_owned(), &fields, hashers)
    };
    match subject {
        Subject::Nothing => Ok(Vec::new()),
        Subject::Source if data.value("source").is_some() => Ok(vec![named("source")?]),
        Subject::Image | Subject::Source => Ok(vec![named("image")?]),
        Subject::Pair => Ok(vec![named("baseline")?, named("target")?]),
        Subject::Images if data.value("image").is_some() && data.value("images").is_none() => {
            Ok(vec![named("image")?])
        }
        Subject::Images => list(data, hashers),
    }
}

fn list(data: &Fields<'_>, hashers: &Hashers) -> Result<Vec<ImageRef>, Failure> {
    let objects = data.objects("images", MOST_IMAGES)?;
    if objects.is_empty() {
        let problem = "is required: a list of at least one object with an image's path";
        return Err(data.fault("images", problem).into());
    }
    let objects = objects.iter().enumerate();
    objects
        .map(|(at, fields)| image(format!("images[{at}]"), fields, hashers))
        .collect()
}

fn image(role: String, fields: &Fields<'_>, hashers: &Hashers) -> Result<ImageRef, Failure> {
    for name in ["checksum_url", "signature"] {
        if fields.value(name).is_some() {
            let problem = "is not supported; give the digest itself as checksum";
            return Err(fields.fault(name, problem).into());
        }
    }
    fields.flag("read_only")?;
    let path = fields.needed("path", MOST_PATH)?;
    if path.contains('\0') {
        return Err(fields.fault("path", "must not contain a NUL").into());
    }
    Ok(ImageRef {
        role,
        path: path.to_owned(),
        format: fields.text("format")?.map(str::to_ascii_lowercase),
        size: fields.whole("size_bytes", 0..=i64::MAX.unsigned_abs())?,
        expected: expected(fields, hashers)?,
    })
}

/// The digests of `checksum` and `checksums`, all of which must hold.
fn expected(fields: &Fields<'_>, hashers: &Hashers) -> Result<ExpectedDigests, Failure> {
    let mut given = Vec::new();
    if let Some(text) = fields.text("checksum")? {
        given.push((fields.place("checksum"), text));
    }
    for (place, value) in fields.list("checksums", 16)? {
        let Value::String(text) = value else {
            let problem = "must be a string".to_owned();
            return Err(Invalid {
                field: place,
                problem,
            }
            .into());
        };
        given.push((place, text));
    }
    let mut all = ExpectedDigests::default();
    for (place, text) in given {
        let unfit = |problem: String| unfit(&place, &problem);
        let digests: ExpectedDigests = text.parse().map_err(|error| unfit(format!("{error}")))?;
        check(&place, &digests, hashers)?;
        all.merge(digests)
            .map_err(|error| unfit(format!("{error}")))?;
    }
    Ok(all)
}

/// Refuses digests that nothing could be held against.
fn check(place: &str, digests: &ExpectedDigests, hashers: &Hashers) -> Result<(), Failure> {
    for digest in digests.iter() {
        let algorithm = digest.algorithm();
        let Some(length) = hashers.digest_len(algorithm) else {
            let known = hashers.names().collect::<Vec<_>>().join(", ");
            let message =
                format!("Unsupported checksum algorithm: {algorithm}. Supported: {known}");
            let details = json!({"field": place, "algorithm": algorithm.as_str()});
            return Err(Failure::new(Code::UnsupportedChecksum, message).with(details));
        };
        let (digits, found) = (2 * length, digest.value().len());
        if found != digits {
            let problem =
                format!("a {algorithm} digest has {digits} hexadecimal digits, not {found}");
            return Err(unfit(place, &problem));
        }
    }
    Ok(())
}

fn unfit(place: &str, problem: &str) -> Failure {
    let message = format!("{place} is no checksum: {problem}");
    Failure::new(Code::InvalidChecksum, message).with(json!({"field": place}))
}
