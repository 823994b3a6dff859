//! Custom properties, and the names that are none.

use std::collections::BTreeMap;

/// The custom properties of an image by name. Only a schema property (`kernel_id`,
/// `ramdisk_id`) can be null.
pub type Properties = BTreeMap<String, Option<String>>;

/// How the names begin that only the registry sets.
pub const RESERVED_PREFIX: &str = "os_glance";

/// Names of properties that the registry itself writes.
pub mod property_names {
    /// The task that imports data into the image.
    pub const IMPORT_TASK: &str = "os_glance_import_task";
    /// The stores an import still has to fill, separated by commas.
    pub const IMPORTING_TO_STORES: &str = "os_glance_importing_to_stores";
    /// The stores an import failed to fill, separated by commas.
    pub const FAILED_IMPORT: &str = "os_glance_failed_import";
    /// The digests that the image's bytes must have: [`ExpectedDigests`](crate::domain::ExpectedDigests)
    /// as text.
    pub const EXPECTED_CHECKSUM: &str = "expected_checksum";
    /// The digests that the staged bytes were found to have because somebody expected them.
    pub const STAGED_CHECKSUM: &str = "os_glance_staged_checksum";
    /// Why the last upload or import failed: a code, a colon, a sentence.
    pub const FAILURE: &str = "os_glance_failure";
}
