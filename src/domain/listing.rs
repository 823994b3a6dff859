//! What a list of images is to hold, and in which order.

use crate::domain::{Digest, ImageId, MemberStatus, Timestamp, Visibility};

/// Whose eyes a list is made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Viewer {
    /// An administrator sees every image; other projects' community images only when asked
    /// for. The project, if any, is whose community images are always listed.
    Admin(Option<String>),
    /// A project sees its own, the public ones, and those shared with it.
    Project(String),
    /// Somebody without a project sees the public ones.
    Nobody,
}

/// Which visibilities a list is narrowed to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum VisibilityFilter {
    /// All the viewer may see but other projects' community images.
    #[default]
    Usual,
    /// All the viewer may see.
    All,
    /// One of them.
    Only(Visibility),
    /// None at all: an empty `visibility` parameter.
    Nothing,
}

/// Which memberships put a shared image into a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberFilter {
    /// Any.
    All,
    /// Those with this status.
    Only(MemberStatus),
}

impl Default for MemberFilter {
    fn default() -> Self {
        Self::Only(MemberStatus::Accepted)
    }
}

/// The attribute is one of these texts.
pub type OneOf = Vec<String>;

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `gt`
    Greater,
    /// `gte`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `lte`
    LessOrEqual,
    /// `eq`
    Equal,
    /// `neq`
    NotEqual,
}

/// What the images of a list have in common. Everything given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageFilter {
    /// Narrows by visibility.
    pub visibility: VisibilityFilter,
    /// Narrows the images shared with the viewer.
    pub member_status: MemberFilter,
    /// The owner.
    pub owner: Option<String>,
    /// Hidden images instead of the others.
    pub os_hidden: bool,
    /// Protected or not.
    pub protected: Option<bool>,
    /// Tags, all of which the image has.
    pub tags: Vec<String>,
    /// The ids.
    pub id: Option<OneOf>,
    /// The names.
    pub name: Option<OneOf>,
    /// The statuses.
    pub status: Option<OneOf>,
    /// The container formats.
    pub container_format: Option<OneOf>,
    /// The disk formats.
    pub disk_format: Option<OneOf>,
    /// The MD5 digest.
    pub checksum: Option<String>,
    /// The algorithm.
    pub os_hash_algo: Option<String>,
    /// The digest under it.
    pub os_hash_value: Option<String>,
    /// A digest that was ever found of the bytes.
    pub digest: Option<Digest>,
    /// Conditions on the creation time.
    pub created_at: Vec<(Comparison, Timestamp)>,
    /// Conditions on the time of the last change.
    pub updated_at: Vec<(Comparison, Timestamp)>,
    /// Conditions on `size`, `virtual_size`, `min_disk` and `min_ram`.
    pub numbers: Vec<(SortField, Comparison, i64)>,
    /// Custom properties and their exact values.
    pub properties: Vec<(String, String)>,
}

/// An attribute that a list can be ordered by or compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SortField {
    /// `name`
    Name,
    /// `status`
    Status,
    /// `container_format`
    ContainerFormat,
    /// `disk_format`
    DiskFormat,
    /// `size`
    Size,
    /// `id`
    Id,
    /// `created_at`
    CreatedAt,
    /// `updated_at`
    UpdatedAt,
    /// `virtual_size`: compared with, never sorted by.
    VirtualSize,
    /// `min_disk`: compared with, never sorted by.
    MinDisk,
    /// `min_ram`: compared with, never sorted by.
    MinRam,
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The smallest first.
    Ascending,
    /// The greatest first.
    Descending,
}

/// One key of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortKey {
    /// The attribute.
    pub field: SortField,
    /// The direction.
    pub direction: Direction,
}

/// A page of a list: what a client asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageQuery {
    /// What the images have in common.
    pub filter: ImageFilter,
    /// The order. Null counts as the empty text or zero.
    pub sort: Vec<SortKey>,
    /// The image after which the page begins.
    pub marker: Option<ImageId>,
    /// How many images the page holds at most.
    pub limit: u32,
}
