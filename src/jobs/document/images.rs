//! The images that a job names.

use serde_json::{Value, json};

use super::{
    fields::{Fields, Invalid},
    source::{self, Scope, Source},
    sums::{self, Sums},
};
use crate::{
    domain::ExpectedDigests,
    hash::Hashers,
    jobs::{
        failure::{Code, Failure},
        operation::Subject,
    },
};

/// How many images one job may name.
pub const MOST_IMAGES: usize = 256;

/// An image that a job names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRef {
    /// Where the payload names it: `image`, `images[3]`, `baseline`, …
    pub role: String,
    /// Where its bytes are.
    pub source: Source,
    /// The format it is said to have.
    pub format: Option<String>,
    /// The size of its file in bytes, as the job says it.
    pub size: Option<u64>,
    /// The digests it must have, all of them; each is implemented and of the right length.
    pub expected: ExpectedDigests,
    /// The checksum file that lists further digests it must have.
    pub sums: Option<Sums>,
}

impl ImageRef {
    /// The image, for people.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.source {
            Source::Path(path) => path.clone(),
            Source::Registry { id, .. } => format!("image {id}"),
        }
    }

    /// Whether it must have any digest.
    #[must_use]
    pub fn is_expected(&self) -> bool {
        !self.expected.is_empty() || self.sums.is_some()
    }
}

/// What documents are read with.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) hashers: &'a Hashers,
    pub(super) scope: Scope,
}

/// Reads the images that the payload's `data` names for `subject`; there is at least one.
pub(super) fn read(
    data: &Fields<'_>,
    subject: Subject,
    reading: Reading<'_>,
) -> Result<Vec<ImageRef>, Failure> {
    let named = |name: &str| -> Result<_, Failure> {
        let fields = data.object(name)?;
        if !fields.are_there() {
            let problem = "is required: an object with the image's path";
            return Err(data.fault(name, problem).into());
        }
        image(name.to_owned(), &fields, reading)
    };
    match subject {
        Subject::Nothing => Ok(Vec::new()),
        Subject::Source if data.value("source").is_some() => Ok(vec![named("source")?]),
        Subject::Image | Subject::Source => Ok(vec![named("image")?]),
        Subject::Pair => Ok(vec![named("baseline")?, named("target")?]),
        Subject::Images if data.value("image").is_some() && data.value("images").is_none() => {
            Ok(vec![named("image")?])
        }
        Subject::Images => list(data, reading),
    }
}

fn list(data: &Fields<'_>, reading: Reading<'_>) -> Result<Vec<ImageRef>, Failure> {
    let objects = data.objects("images", MOST_IMAGES)?;
    if objects.is_empty() {
        let problem = "is required: a list of at least one object with an image's path";
        return Err(data.fault("images", problem).into());
    }
    let objects = objects.iter().enumerate();
    objects
        .map(|(at, fields)| image(format!("images[{at}]"), fields, reading))
        .collect()
}

fn image(role: String, fields: &Fields<'_>, reading: Reading<'_>) -> Result<ImageRef, Failure> {
    if fields.value("signature").is_some() {
        let problem = "is not supported; give the digest itself as checksum, or a signed checksum \
                       file as checksum_file and signature_file";
        return Err(fields.fault("signature", problem).into());
    }
    fields.flag("read_only")?;
    let source = source::read(fields, reading.scope)?;
    let sums = sums::read(fields, &source, reading.scope)?;
    Ok(ImageRef {
        role,
        source,
        format: fields.text("format")?.map(str::to_ascii_lowercase),
        size: fields.whole("size_bytes", 0..=i64::MAX.unsigned_abs())?,
        expected: expected(fields, reading.hashers)?,
        sums,
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
