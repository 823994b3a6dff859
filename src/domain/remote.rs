//! An image of another registry of the cloud.

use crate::domain::ImageId;

/// An image of another registry of the cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteImage {
    /// The region of that registry, as the client wrote it.
    pub region: String,
    /// The image's id there.
    pub image: ImageId,
    /// For whom the address is that is used: `public`, `internal` or `admin`.
    pub interface: String,
    /// The address of that registry, by the catalog of who asked for the import; empty until it is
    /// looked up.
    pub endpoint: String,
}
