//! What an action is done to, as the rules see it.

use std::{borrow::Cow, collections::BTreeMap};

use crate::domain::{Algorithm, Caller, Image, Visibility, metadef::Namespace};

/// What an action is done to: the source of `%(key)s` in the rules.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a>(About<'a>);

#[derive(Debug, Clone, Copy)]
enum About<'a> {
    Caller(&'a Caller),
    NewImage {
        owner: Option<&'a str>,
        visibility: Visibility,
    },
    Image {
        image: &'a Image,
        member_id: Option<&'a str>,
    },
    Described(&'a BTreeMap<String, String>),
    Namespace(&'a Namespace),
}

/// A value that a rule compares with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Null,
    Flag(bool),
    Number(u64),
    Text(&'a str),
}

impl<'a> Value<'a> {
    /// The value as rules write it (`True`, `None`: the language comes from Python).
    pub(super) fn spelled(self) -> Cow<'a, str> {
        match self {
            Self::Null => "None".into(),
            Self::Flag(true) => "True".into(),
            Self::Flag(false) => "False".into(),
            Self::Number(number) => number.to_string().into(),
            Self::Text(text) => text.into(),
        }
    }

    /// The text, if it is one.
    pub(super) const fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Flag(_) | Self::Number(_) => None,
        }
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }
}

impl<'a> Target<'a> {
    /// Nothing in particular: lists, tasks, stores. `project_id` and `user_id` are the caller's.
    #[must_use]
    pub const fn none(caller: &'a Caller) -> Self {
        Self(About::Caller(caller))
    }

    /// An image that is to be created for the project `owner`. For the rules it is private
    /// unless the caller said otherwise.
    #[must_use]
    pub const fn new_image(owner: Option<&'a str>, visibility: Option<Visibility>) -> Self {
        let visibility = match visibility {
            Some(visibility) => visibility,
            None => Visibility::Private,
        };
        Self(About::NewImage { owner, visibility })
    }

    /// An image. `membership` is the caller's project if that is a member and not the owner; it
    /// counts only as long as the image is shared, although memberships outlive that.
    #[must_use]
    pub fn image(image: &'a Image, membership: Option<&'a str>) -> Self {
        Self(About::Image {
            image,
            member_id: membership.filter(|_| image.visibility == Visibility::Shared),
        })
    }

    /// The membership of the project `member_id` in an image.
    #[must_use]
    pub const fn member(image: &'a Image, member_id: &'a str) -> Self {
        Self(About::Image {
            image,
            member_id: Some(member_id),
        })
    }

    /// Something that is described by what rules can ask of it, with its values as rules write
    /// them.
    #[must_use]
    pub const fn described(values: &'a BTreeMap<String, String>) -> Self {
        Self(About::Described(values))
    }

    /// Whether it is nothing in particular.
    pub(super) const fn is_none(&self) -> bool {
        matches!(self.0, About::Caller(_))
    }

    /// A namespace of metadata definitions, or something in it.
    #[must_use]
    pub const fn namespace(namespace: &'a Namespace) -> Self {
        Self(About::Namespace(namespace))
    }

    /// The value under `key`; `None` if there is none.
    pub(super) fn value(&self, key: &str) -> Option<Value<'a>> {
        match self.0 {
            About::Caller(caller) => match key {
                "project_id" => Some(caller.project_id.as_deref().into()),
                "user_id" => Some(caller.user_id.as_deref().into()),
                _ => None,
            },
            About::NewImage { owner, visibility } => match key {
                "project_id" | "owner" => Some(owner.into()),
                "visibility" => Some(Value::Text(visibility.as_str())),
                _ => None,
            },
            About::Namespace(namespace) => match key {
                "project_id" => Some(namespace.owner.as_deref().into()),
                "visibility" => Some(Value::Text(namespace.visibility.as_str())),
                _ => None,
            },
            About::Image { image, member_id } => match key {
                "member_id" => member_id.map(Value::Text),
                // No property may pose as one of these.
                "member" | "tenant" | "user_id" | "created_at" | "updated_at" | "tags"
                | "locations" => None,
                _ => attribute(image, key).or_else(|| property(image, key)),
            },
            About::Described(values) => values.get(key).map(|value| Value::Text(value)),
        }
    }
}

fn attribute<'a>(image: &'a Image, key: &str) -> Option<Value<'a>> {
    Some(match key {
        "project_id" | "owner" => image.owner.as_deref().into(),
        "image_id" | "id" => Value::Text(image.id.as_str()),
        "visibility" => Value::Text(image.visibility.as_str()),
        "status" => Value::Text(image.status.as_str()),
        "name" => image.name.as_deref().into(),
        "disk_format" => image.disk_format.as_deref().into(),
        "container_format" => image.container_format.as_deref().into(),
        "checksum" => image.checksum.as_deref().into(),
        "os_hash_algo" => image.os_hash_algo.as_ref().map(Algorithm::as_str).into(),
        "os_hash_value" => image.os_hash_value.as_deref().into(),
        "size" => image.size.map_or(Value::Null, Value::Number),
        "virtual_size" => image.virtual_size.map_or(Value::Null, Value::Number),
        "min_disk" => Value::Number(image.min_disk.into()),
        "min_ram" => Value::Number(image.min_ram.into()),
        "protected" => Value::Flag(image.protected),
        "os_hidden" => Value::Flag(image.os_hidden),
        _ => return None,
    })
}

fn property<'a>(image: &'a Image, key: &str) -> Option<Value<'a>> {
    let value = image.properties.get(key)?;
    Some(value.as_deref().into())
}
