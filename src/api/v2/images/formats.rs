//! The formats an image may have.

use crate::service::Discovery;

/// The formats an image may have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Formats<'a> {
    /// The disk formats.
    pub(super) disk: &'a [String],
    /// The container formats.
    pub(super) container: &'a [String],
}

impl<'a> Formats<'a> {
    /// Those of this registry.
    pub(super) fn of(discovery: &'a Discovery) -> Self {
        Self {
            disk: discovery.disk_formats(),
            container: discovery.container_formats(),
        }
    }
}
