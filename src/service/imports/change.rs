//! What the bytes of an import change about its image.

use std::collections::BTreeMap;

use crate::domain::Original;

/// What is to be written down at an image besides its bytes.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// What the bytes were made of, if they were made of others.
    pub(super) original: Option<Original>,
    /// Properties that it gets.
    pub(super) properties: BTreeMap<String, String>,
    pub(super) disk_format: Option<String>,
    pub(super) container_format: Option<String>,
}
