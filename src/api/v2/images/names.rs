//! What the name of an attribute says about who may set it.

use crate::{api::error::ApiError, domain::RESERVED_PREFIX};

/// Attributes of every image that a caller may set.
const SETTABLE: [&str; 10] = [
    "name",
    "disk_format",
    "container_format",
    "visibility",
    "owner",
    "min_disk",
    "min_ram",
    "protected",
    "os_hidden",
    "tags",
];

/// Attributes of every image that the registry sets.
const READ_ONLY: [&str; 10] = [
    "created_at",
    "updated_at",
    "status",
    "checksum",
    "size",
    "virtual_size",
    "direct_url",
    "self",
    "file",
    "schema",
];

/// Attributes of every image that a caller may set at creation only.
const SET_ONCE: [&str; 3] = ["id", "os_hash_algo", "os_hash_value"];

/// The addresses of an image's data.
pub(super) const LOCATIONS: &str = "locations";

/// The stores that hold an image's data.
pub(super) const STORES: &str = "stores";

/// Whether `name` is an attribute of every image, so that no custom property can have it.
pub(crate) fn is_base(name: &str) -> bool {
    SETTABLE.contains(&name)
        || READ_ONLY.contains(&name)
        || SET_ONCE.contains(&name)
        || matches!(name, LOCATIONS | STORES)
}

/// Whether the property `name` is shown to anybody. The others name machines of the registry.
pub(crate) fn is_shown(name: &str) -> bool {
    !matches!(name, "os_glance_stage_host" | "os_glance_hash_op_host")
}

/// Refuses what cannot even be written in a request to create an image.
pub(super) fn check_never_writable(name: &str) -> Result<(), ApiError> {
    match name {
        "self" | "file" | "schema" | "direct_url" | STORES => {
            Err(ApiError::ReadOnly(name.to_owned()))
        }
        _ => Ok(()),
    }
}

/// Refuses what the registry sets, in a request to create an image.
pub(super) fn check_creatable(name: &str) -> Result<(), ApiError> {
    check_never_writable(name)?;
    if READ_ONLY.contains(&name) {
        return Err(ApiError::ReadOnly(name.to_owned()));
    }
    if name == LOCATIONS {
        return Err(ApiError::Reserved(name.to_owned()));
    }
    check_not_reserved(name)
}

/// Refuses what the registry sets, in a request to change an image.
pub(super) fn check_changeable(name: &str) -> Result<(), ApiError> {
    if READ_ONLY.contains(&name) || SET_ONCE.contains(&name) {
        return Err(ApiError::ReadOnly(name.to_owned()));
    }
    check_not_reserved(name)
}

fn check_not_reserved(name: &str) -> Result<(), ApiError> {
    if matches!(name, "location" | "deleted" | "deleted_at") || name.starts_with(RESERVED_PREFIX) {
        return Err(ApiError::Reserved(name.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithm_and_value_can_be_said_at_creation_only() {
        for name in ["os_hash_algo", "os_hash_value"] {
            assert!(check_creatable(name).is_ok());
            assert!(matches!(check_changeable(name), Err(ApiError::ReadOnly(_))));
        }
    }

    #[test]
    fn names_of_the_registry_are_refused() {
        for name in [
            "os_glance",
            "os_glance_x",
            "os_glancex",
            "location",
            "deleted",
        ] {
            assert!(
                matches!(check_creatable(name), Err(ApiError::Reserved(_))),
                "{name}"
            );
            assert!(
                matches!(check_changeable(name), Err(ApiError::Reserved(_))),
                "{name}"
            );
        }
    }

    #[test]
    fn every_settable_attribute_passes_both_checks() {
        for name in SETTABLE {
            assert!(is_base(name), "{name}");
            assert!(check_creatable(name).is_ok(), "{name}");
            assert!(check_changeable(name).is_ok(), "{name}");
        }
    }
}
