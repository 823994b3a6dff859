//! What is told of one image.

use serde::Serialize;
use serde_json::{Map, Value};

use super::published::Published;
use crate::{
    domain::{Digest, Digests, StoreId},
    inspect::{Danger, Declared, Detected, Findings, Format, Rules},
    jobs::{
        document::{ImageRef, Source},
        failure::{Code, Failure},
        meters::Verification,
    },
};

/// What is told of one image. What was not found out is left out.
#[derive(Debug, Serialize)]
pub(super) struct ImageReport {
    /// Where the job names it.
    image: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_id: Option<String>,
    /// The store whose copy it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) size_bytes: Option<u64>,
    #[serde(rename = "checksum_verification")]
    pub(super) verification: Verification,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_file: Option<SumsReport>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    digests: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<String>,
    /// The size of the disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) virtual_size_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backing_file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<Vec<Finding>>,
    /// Whether the registry would take it in as it is declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    safe: Option<bool>,
    /// Why the registry would not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rejection: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
}

/// Something about an image that endangers whoever opens it.
#[derive(Debug, Serialize)]
struct Finding {
    format: &'static str,
    check: &'static str,
    message: String,
}

/// What a checksum file says of the image.
#[derive(Debug, Serialize)]
struct SumsReport {
    place: String,
    lines: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<SignatureReport>,
}

/// The good signature of a checksum file.
#[derive(Debug, Serialize)]
struct SignatureReport {
    publisher: String,
    key: String,
    signed_at: String,
}

/// Why the image failed.
#[derive(Debug, Serialize)]
struct Problem {
    code: Code,
    message: String,
}

impl ImageReport {
    /// Of `image` nothing is known yet; what is expected of it does not hold until it was seen to.
    pub(super) fn of(image: &ImageRef) -> Self {
        let verification = if image.is_expected() {
            Verification::Failure
        } else {
            Verification::Skipped
        };
        let (path, image_id) = match &image.source {
            Source::Path(path) => (Some(path.clone()), None),
            Source::Registry { id, .. } => (None, Some(id.to_string())),
        };
        Self {
            image: image.role.clone(),
            path,
            image_id,
            store: None,
            size_bytes: None,
            verification,
            checksum_file: None,
            digests: Map::new(),
            format: None,
            variant: None,
            virtual_size_bytes: None,
            backing_file: None,
            findings: None,
            safe: None,
            rejection: None,
            error: None,
        }
    }

    /// Tells whose copy it is; the registry knows what digest it must have.
    pub(super) fn tell_copy(&mut self, store: &StoreId) {
        self.store = Some(store.to_string());
        self.verification = Verification::Failure;
    }

    /// Tells what a checksum file says.
    pub(super) fn tell_published(&mut self, published: &Published) {
        let signature = published.signature.as_ref();
        self.checksum_file = Some(SumsReport {
            place: published.place.clone(),
            lines: published.lines.clone(),
            signature: signature.map(|signed| SignatureReport {
                publisher: signed.publisher.clone(),
                key: signed.key.clone(),
                signed_at: signed.at.in_seconds(),
            }),
        });
    }

    pub(super) fn tell_digests(&mut self, digests: &Digests) {
        let entry = |digest: &Digest| {
            let name = digest.algorithm().as_str().to_owned();
            (name, digest.value().into())
        };
        self.digests = digests.iter().map(entry).collect();
    }

    /// Tells what the content is.
    pub(super) fn tell_findings(&mut self, findings: &Findings) {
        let formats = findings.formats();
        // A disc may have a partition table too, and what ends like a fixed VHD.
        let format = formats.first().copied().unwrap_or(Format::Raw);
        let found = findings.find(format);
        self.format = Some(format.as_str());
        self.variant = found.and_then(|found| Some(found.variant.as_ref()?.to_string()));
        let size = found.and_then(|found| found.virtual_size);
        let is_raw = matches!(format, Format::Raw | Format::Gpt | Format::Iso);
        self.virtual_size_bytes = size.or(findings.length.filter(|_| is_raw));
        self.backing_file = found.and_then(backing_file);
        let details = findings.detected.iter().flat_map(dangers);
        self.findings = Some(details.collect());
    }

    /// Tells what the registry would say of the content by its `rules`, if it were declared to be
    /// of the format `declared`.
    pub(super) fn tell_judgement(
        &mut self,
        findings: &Findings,
        declared: Option<&str>,
        rules: &Rules,
    ) {
        let disk_format = match declared {
            None | Some("auto") => self.format.unwrap_or(Format::Raw.as_str()),
            Some("vpc") => Format::Vhd.as_str(),
            Some(declared) => declared,
        };
        let declared = Declared {
            disk_format,
            container_format: "bare",
        };
        let judgement = rules.judge(declared, findings);
        self.rejection = judgement.err().map(|rejection| rejection.to_string());
        self.safe = Some(self.rejection.is_none());
    }

    /// The same with why the image failed, if it did.
    pub(super) fn failed(mut self, failure: Option<&Failure>) -> Self {
        self.error = failure.map(|failure| Problem {
            code: failure.code,
            message: failure.message.clone(),
        });
        self
    }
}

fn backing_file(found: &Detected) -> Option<String> {
    found.dangers.iter().find_map(|danger| match danger {
        Danger::BackingFile { name } => {
            let name = name.as_ref().map(ToString::to_string);
            Some(name.unwrap_or_default().trim_matches('"').to_owned())
        }
        _ => None,
    })
}

fn dangers(found: &Detected) -> impl Iterator<Item = Finding> {
    found.dangers.iter().map(|danger| Finding {
        format: found.format.as_str(),
        check: danger.check(),
        message: format!("the image {danger}"),
    })
}
