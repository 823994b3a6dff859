//! Identifiers of images, tasks and stores.

use std::{
    fmt,
    str::{self, FromStr},
};

use uuid::Uuid;

/// An identifier that cannot exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a valid identifier")]
pub struct InvalidId(pub String);

/// The id of an image: a UUID in its hyphenated form, in the letter case its owner wrote.
///
/// - Exactly 36 ASCII characters: hexadecimal digits in groups of 8-4-4-4-12.
/// - Safe as a file name: it has no separator, no dot, no blank.
/// - Never used a second time, also not after the image is deleted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ImageId([u8; 36]);

impl ImageId {
    /// The text of the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for ImageId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId(text.chars().take(64).collect());
        let bytes: [u8; 36] = text.as_bytes().try_into().map_err(|_| invalid())?;
        let well_formed = bytes.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
        well_formed.then_some(Self(bytes)).ok_or_else(invalid)
    }
}

impl From<Uuid> for ImageId {
    fn from(uuid: Uuid) -> Self {
        let mut text = [0; 36];
        uuid.hyphenated().encode_lower(&mut text);
        Self(text)
    }
}

impl fmt::Display for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The id of a task: a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId(Uuid);

impl FromStr for TaskId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Uuid::try_parse(text)
            .map(Self)
            .map_err(|_| InvalidId(text.chars().take(64).collect()))
    }
}

impl From<Uuid> for TaskId {
    fn from(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// The name by which the operator calls a store (`enabled_backends`).
///
/// - One to 64 letters, digits, `_`, `-` or `.`.
/// - Does not start with `os_glance_`, which Glance keeps for itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoreId(String);

impl StoreId {
    /// The text of the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for StoreId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let well_formed = (1..=64).contains(&text.len())
            && !text.starts_with("os_glance_")
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidId(text.chars().take(64).collect()))
        }
    }
}

impl fmt::Display for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where new ids come from.
pub trait Ids: Send + Sync {
    /// A UUID that nobody had before.
    fn next(&self) -> Uuid;
}

/// Random ids (UUID version 4, as Glance makes them).
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn next(&self) -> Uuid {
        Uuid::new_v4()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_id_keeps_the_letter_case_it_was_written_in() {
        let text = "0AbCdEf0-0000-4000-8000-00000000000F";
        assert_eq!(
            text.parse::<ImageId>().map(|id| id.to_string()),
            Ok(text.into())
        );
    }

    #[test]
    fn what_is_not_a_hyphenated_uuid_is_no_image_id() {
        for text in [
            "",
            "zzz",
            "0abcdef000004000800000000000000f",
            "0abcdef0-0000-4000-8000-00000000000f0",
            "../../../../../../../etc/passwd-----",
            "0abcdef0-0000-4000-8000-00000000000é",
        ] {
            assert!(text.parse::<ImageId>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_store_id_cannot_take_a_reserved_name() {
        assert!("os_glance_staging_store".parse::<StoreId>().is_err());
        assert!("fast".parse::<StoreId>().is_ok());
    }
}
