//! Changes to an image's description.

use std::collections::BTreeSet;

use crate::domain::{Image, ImageStatus, LocationChange, Visibility, property_names};

/// An attribute that an owner may change, with its new value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    /// `name`
    Name(Option<String>),
    /// `disk_format`
    DiskFormat(Option<String>),
    /// `container_format`
    ContainerFormat(Option<String>),
    /// `visibility`
    Visibility(Visibility),
    /// `owner`
    Owner(Option<String>),
    /// `min_disk`
    MinDisk(u32),
    /// `min_ram`
    MinRam(u32),
    /// `protected`
    Protected(bool),
    /// `os_hidden`
    Hidden(bool),
    /// `tags`
    Tags(BTreeSet<String>),
    /// A custom property.
    Property {
        /// Its name.
        name: String,
        /// Its value.
        value: Option<String>,
    },
}

/// One operation of a patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatchOperation {
    /// On what is said of the image.
    Image(ImageChange),
    /// On where its bytes are.
    Locations(LocationChange),
}

/// A change of what is said of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageChange {
    /// Sets the attribute, whether it is there or not.
    Add(Attribute),
    /// Sets the attribute; a custom property must not be there (`add` of the v2.0 patch).
    AddNew(Attribute),
    /// Sets the attribute; a custom property must be there.
    Replace(Attribute),
    /// Removes the custom property of this name, which must be there.
    Remove(String),
}

/// Why a change cannot be made to the image as it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// The property to replace or remove is not there.
    #[error("property {0} does not exist")]
    NoSuchProperty(String),
    /// The property to add is there.
    #[error("property {0} already present")]
    PropertyExists(String),
    /// The formats are fixed once data arrives.
    #[error("attribute {0} can only be changed while the image is queued or importing")]
    FormatFixed(&'static str),
    /// What the bytes must be is fixed once they arrive.
    #[error(
        "attribute {} can only be changed while the image is queued",
        property_names::EXPECTED_CHECKSUM
    )]
    ExpectationFixed,
}

impl ImageChange {
    /// Makes the change to `image`.
    ///
    /// # Errors
    ///
    /// [`PatchError`] tells why it cannot be made; `image` is then as it was.
    pub fn apply(self, image: &mut Image) -> Result<(), PatchError> {
        match self {
            Self::Add(attribute) => set(image, attribute),
            Self::AddNew(attribute) => {
                if let Attribute::Property { name, .. } = &attribute
                    && image.properties.contains_key(name)
                {
                    return Err(PatchError::PropertyExists(name.clone()));
                }
                set(image, attribute)
            }
            Self::Replace(attribute) => {
                if let Attribute::Property { name, .. } = &attribute
                    && !image.properties.contains_key(name)
                {
                    return Err(PatchError::NoSuchProperty(name.clone()));
                }
                set(image, attribute)
            }
            Self::Remove(name) if is_fixed(image, &name) => Err(PatchError::ExpectationFixed),
            Self::Remove(name) => match image.properties.remove(&name) {
                Some(_) => Ok(()),
                None => Err(PatchError::NoSuchProperty(name)),
            },
        }
    }
}

/// Whether the property `name` says what the bytes must be, and they are there or on their way.
fn is_fixed(image: &Image, name: &str) -> bool {
    name == property_names::EXPECTED_CHECKSUM && image.status != ImageStatus::Queued
}

fn set(image: &mut Image, attribute: Attribute) -> Result<(), PatchError> {
    let fixed = !image.status.formats_may_change();
    match attribute {
        Attribute::DiskFormat(_) if fixed => return Err(PatchError::FormatFixed("disk_format")),
        Attribute::ContainerFormat(_) if fixed => {
            return Err(PatchError::FormatFixed("container_format"));
        }
        Attribute::Name(name) => image.name = name,
        Attribute::DiskFormat(format) => image.disk_format = format,
        Attribute::ContainerFormat(format) => image.container_format = format,
        Attribute::Visibility(visibility) => image.visibility = visibility,
        Attribute::Owner(owner) => image.owner = owner,
        Attribute::MinDisk(gib) => image.min_disk = gib,
        Attribute::MinRam(mib) => image.min_ram = mib,
        Attribute::Protected(protected) => image.protected = protected,
        Attribute::Hidden(hidden) => image.os_hidden = hidden,
        Attribute::Tags(tags) => image.tags = tags,
        Attribute::Property { name, .. } if is_fixed(image, &name) => {
            return Err(PatchError::ExpectationFixed);
        }
        Attribute::Property { name, value } => {
            image.properties.insert(name, value);
        }
    }
    Ok(())
}
