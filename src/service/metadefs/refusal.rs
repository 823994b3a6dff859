//! What is refused of metadata definitions, in the words that Glance uses.

use crate::{
    db::{DbError, MetadefKind},
    domain::metadef::{MAX_OF_A_KIND, Name, Namespace},
    service::ServiceError,
};

/// The word for one of a kind.
pub(super) const fn word(kind: MetadefKind) -> &'static str {
    match kind {
        MetadefKind::Associations => "resource type association",
        MetadefKind::Properties => "property",
        MetadefKind::Objects => "object",
        MetadefKind::Tags => "tag",
    }
}

/// There is no such namespace that the caller may see.
pub(super) fn no_namespace(name: &Name) -> ServiceError {
    ServiceError::NoSuchMetadef(format!(
        "Metadata definition namespace={name} was not found."
    ))
}

/// There is no such thing in the namespace.
pub(super) fn not_in(namespace: &Name, kind: MetadefKind, name: &Name) -> ServiceError {
    let what = word(kind);
    ServiceError::NoSuchMetadef(format!(
        "The metadata definition {what} with name={name} was not found in namespace={namespace}."
    ))
}

/// What a database error means if the name `name` was to be given to something of the namespace.
pub(super) fn taken_in(
    error: DbError,
    namespace: &Name,
    kind: MetadefKind,
    name: &Name,
) -> ServiceError {
    match error {
        DbError::Taken { .. } => ServiceError::Conflict(format!(
            "A metadata definition {} with name={name} already exists in \
             namespace={namespace}.",
            word(kind)
        )),
        other => other.into(),
    }
}

/// What a database error means if the name was to be given to a namespace.
pub(super) fn taken(error: DbError, name: &Name) -> ServiceError {
    match error {
        DbError::Taken { .. } => ServiceError::Conflict(format!(
            "The metadata definition namespace={name} already exists."
        )),
        other => other.into(),
    }
}

/// Refuses to delete anything of a protected namespace.
pub(super) fn check_unprotected(
    namespace: &Namespace,
    what: &str,
    name: &Name,
) -> Result<(), ServiceError> {
    if namespace.protected {
        return Err(ServiceError::Forbidden(format!(
            "Metadata definition {what} {name} is protected and cannot be deleted."
        )));
    }
    Ok(())
}

/// Holds the number of things of one kind in a namespace against the bound.
pub(super) fn check_number(kind: MetadefKind, count: u64) -> Result<(), ServiceError> {
    if count <= MAX_OF_A_KIND as u64 {
        return Ok(());
    }
    let things = match kind {
        MetadefKind::Associations => "resource type associations",
        MetadefKind::Properties => "properties",
        MetadefKind::Objects => "objects",
        MetadefKind::Tags => "tags",
    };
    Err(ServiceError::OverQuota(format!(
        "a namespace may have {MAX_OF_A_KIND} {things} at most, and this would make {count}"
    )))
}
