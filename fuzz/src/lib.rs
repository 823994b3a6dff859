//! One function for each reader of what strangers send: it takes any bytes, and panics if the
//! reader breaks one of its promises.
//!
//! The fuzzer calls them (`tests/fuzz`), and the tests call them with the seeds, so that what was
//! found once is tried each time.

mod api;
mod archives;
mod readers;
mod signatures;

/// A target.
pub type Target = fn(&[u8]);

/// All targets, by the names of their programs and of their folders of seeds.
pub const TARGETS: [(&str, Target); 10] = [
    ("archive", archive),
    ("checksum_file", checksum_file),
    ("expected_digests", expected_digests),
    ("image_format", image_format),
    ("image_signature", image_signature),
    ("job_document", job_document),
    ("openpgp", openpgp),
    ("receipt", receipt),
    ("request", request),
    ("settings", settings),
];

pub use self::{
    api::request,
    archives::archive,
    readers::{checksum_file, expected_digests, image_format, job_document, settings},
    signatures::{image_signature, openpgp, receipt},
};
