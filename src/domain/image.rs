//! An image, as the registry keeps it.

use std::collections::BTreeSet;

use crate::domain::{
    Algorithm, ImageId, ImageStatus, Properties, RESERVED_PREFIX, StoreId, Timestamp, Visibility,
};

/// Where a copy of an image's bytes is.
///
/// - A store has one copy of an image, but for one that reads what others have: there, all the
///   addresses of an image are one copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The store.
    pub store: StoreId,
    /// The address, in the store's own scheme. A store's own holds no secret; one that somebody
    /// registered may hold a signature, so it is never logged.
    pub url: String,
    /// What who registered it says of it: a JSON object, as text.
    pub metadata: String,
}

impl Location {
    /// Of which nothing is said.
    #[must_use]
    pub fn new(store: StoreId, url: String) -> Self {
        Self {
            store,
            url,
            metadata: "{}".into(),
        }
    }
}

/// An image: its description, and the facts about its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The id.
    pub id: ImageId,
    /// A name, not unique, of at most 255 characters.
    pub name: Option<String>,
    /// The format of the bytes.
    pub disk_format: Option<String>,
    /// What wraps the bytes.
    pub container_format: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Where it stands in its life.
    pub status: ImageStatus,
    /// The project that owns it.
    pub owner: Option<String>,
    /// The number of bytes, once there are some.
    pub size: Option<u64>,
    /// The size of the disk that the bytes describe.
    pub virtual_size: Option<u64>,
    /// The MD5 digest of the bytes.
    pub checksum: Option<String>,
    /// The algorithm the owner chose; with bytes, the one that was used.
    pub os_hash_algo: Option<Algorithm>,
    /// The digest of the bytes under `os_hash_algo`, in lower-case hexadecimal digits.
    pub os_hash_value: Option<String>,
    /// The smallest disk that can hold it, in GiB; at most 2147483647.
    pub min_disk: u32,
    /// The least memory that can run it, in MiB; at most 2147483647.
    pub min_ram: u32,
    /// Whether it cannot be deleted.
    pub protected: bool,
    /// Whether lists leave it out.
    pub os_hidden: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Custom properties.
    pub properties: Properties,
    /// Tags.
    pub tags: BTreeSet<String>,
    /// The copies of its bytes, best first.
    pub locations: Vec<Location>,
}

impl Image {
    /// How many properties count against a quota: all but the registry's own.
    #[must_use]
    pub fn counted_properties(&self) -> usize {
        self.properties
            .keys()
            .filter(|name| !name.starts_with(RESERVED_PREFIX))
            .count()
    }

    /// Whether both formats are known, without which no bytes are taken.
    #[must_use]
    pub const fn formats_are_set(&self) -> bool {
        self.disk_format.is_some() && self.container_format.is_some()
    }
}

/// What a caller says of an image that is to be created.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewImage {
    /// The id the caller wants.
    pub id: Option<ImageId>,
    /// See [`Image::name`].
    pub name: Option<String>,
    /// See [`Image::disk_format`].
    pub disk_format: Option<String>,
    /// See [`Image::container_format`].
    pub container_format: Option<String>,
    /// See [`Image::visibility`]; `shared` unless said.
    pub visibility: Option<Visibility>,
    /// The owner: unless said, the caller's project.
    pub owner: Option<Option<String>>,
    /// The algorithm the caller chose, not yet checked.
    pub os_hash_algo: Option<Algorithm>,
    /// See [`Image::min_disk`].
    pub min_disk: u32,
    /// See [`Image::min_ram`].
    pub min_ram: u32,
    /// See [`Image::protected`].
    pub protected: bool,
    /// See [`Image::os_hidden`].
    pub os_hidden: bool,
    /// See [`Image::properties`].
    pub properties: Properties,
    /// See [`Image::tags`].
    pub tags: BTreeSet<String>,
}
