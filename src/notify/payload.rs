//! What a notification says of images, members, tasks and downloads.
//!
//! Exactly Glance's fields: digests chosen by the owner, locations and stores are not among them.

use serde_json::{Map, Value, json};

use crate::domain::{
    CopyState, Image, ImageId, Member, StoreId, Task, Timestamp, Visibility, property_names,
};

/// A download that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The image.
    pub image_id: ImageId,
    /// The project that owns the image.
    pub owner: Option<String>,
    /// The project that downloaded it.
    pub receiver_project: Option<String>,
    /// The user that downloaded it.
    pub receiver_user: Option<String>,
    /// How many bytes were handed over.
    pub bytes: u64,
    /// How many there were to be.
    pub expected: u64,
}

/// The fields of an object.
pub(super) type Fields = Map<String, Value>;

/// An image that is there.
pub(super) fn image(image: &Image) -> Fields {
    fields(json!({
        "id": image.id.as_str(),
        "name": image.name,
        "status": image.status.as_str(),
        "created_at": image.created_at.in_seconds(),
        "updated_at": image.updated_at.in_seconds(),
        "min_disk": image.min_disk,
        "min_ram": image.min_ram,
        "protected": image.protected,
        "checksum": image.checksum,
        "owner": image.owner,
        "disk_format": image.disk_format,
        "container_format": image.container_format,
        "size": image.size,
        "virtual_size": image.virtual_size,
        "is_public": image.visibility == Visibility::Public,
        "visibility": image.visibility.as_str(),
        "properties": image.properties,
        "tags": image.tags,
        "deleted": false,
        "deleted_at": null,
    }))
}

/// An image whose bytes are about to go to `store`.
pub(super) fn prepared(image: &Image, store: &StoreId) -> Value {
    let mut fields = with_stores(image);
    fields.insert("backend".into(), store.as_str().into());
    fields.into()
}

/// An image whose bytes are in a store.
pub(super) fn stored(image: &Image) -> Value {
    with_stores(image).into()
}

/// An image of which the copy in `store` is not what it should be: a message of ours, not of
/// Glance's.
pub(super) fn damaged(of: &Image, store: &StoreId, state: CopyState, reason: &str) -> Value {
    let mut fields = image(of);
    fields.insert("backend".into(), store.as_str().into());
    fields.insert("state".into(), state.as_str().into());
    fields.insert("reason".into(), reason.into());
    fields.into()
}

/// An image of which the copy in `store`, found as `before`, was made anew: a message of ours, too.
pub(super) fn healed(of: &Image, store: &StoreId, before: CopyState) -> Value {
    let mut fields = image(of);
    fields.insert("backend".into(), store.as_str().into());
    fields.insert("state".into(), CopyState::Sound.as_str().into());
    fields.insert("before".into(), before.as_str().into());
    fields.into()
}

/// A membership that is there.
pub(super) fn member(member: &Member) -> Fields {
    fields(json!({
        "image_id": member.image_id.as_str(),
        "member_id": member.member_id,
        "status": member.status.as_str(),
        "created_at": member.created_at.in_seconds(),
        "updated_at": member.updated_at.in_seconds(),
        "deleted": false,
        "deleted_at": null,
    }))
}

/// A task that is there. Its input may hold an address with a signature, and is not told.
pub(super) fn task(task: &Task) -> Fields {
    fields(json!({
        "id": task.id.to_string(),
        "type": task.kind.as_str(),
        "status": task.status.as_str(),
        "result": null,
        "owner": task.owner,
        "message": null,
        "expires_at": task.expires_at.map(Timestamp::in_seconds),
        "created_at": task.created_at.in_seconds(),
        "updated_at": task.updated_at.in_seconds(),
        "deleted": false,
        "deleted_at": null,
    }))
}

/// A download that has ended.
pub(super) fn sent(sent: &Sent) -> Value {
    json!({
        "bytes_sent": sent.bytes,
        "image_id": sent.image_id.as_str(),
        "owner_id": sent.owner,
        "receiver_tenant_id": sent.receiver_project,
        "receiver_user_id": sent.receiver_user,
    })
}

/// An image that was deleted `at` that time, in the `status` it has since, in Glance's words.
pub(super) fn deleted_image(of: &Image, status: &str, at: Timestamp) -> Value {
    let mut fields = image(of);
    fields.insert("status".into(), status.into());
    deleted(fields, at)
}

/// The same thing, deleted `at` that time.
pub(super) fn deleted(mut fields: Fields, at: Timestamp) -> Value {
    fields.insert("deleted".into(), true.into());
    fields.insert("deleted_at".into(), at.in_seconds().into());
    fields.into()
}

/// An image with the stores that an import is still to fill, and those it could not.
fn with_stores(of: &Image) -> Fields {
    let mut fields = image(of);
    for name in [
        property_names::IMPORTING_TO_STORES,
        property_names::FAILED_IMPORT,
    ] {
        let stores = of.properties.get(name).and_then(Option::as_deref);
        let stores = stores.unwrap_or_default().split(',');
        let stores: Vec<&str> = stores.filter(|store| !store.is_empty()).collect();
        fields.insert(name.into(), stores.into());
    }
    fields
}

fn fields(object: Value) -> Fields {
    match object {
        Value::Object(fields) => fields,
        // `json!` with braces makes objects only.
        _ => Fields::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::{
        ExpectedDigests, ImageStatus, ImportMethod, ImportRequest, Location, MemberStatus,
        Properties, StoresNeeded, TaskKind, TaskStatus,
    };

    const ID: &str = "0abcdef0-0000-4000-8000-00000000000f";
    const AT: Timestamp = Timestamp::from_micros(1_700_000_000_123_456);

    fn an_image() -> Image {
        Image {
            id: ID.parse().expect("an id"),
            name: Some("débian".into()),
            disk_format: Some("raw".into()),
            container_format: Some("bare".into()),
            visibility: Visibility::Public,
            status: ImageStatus::Active,
            owner: Some("alpha".into()),
            size: Some(5),
            virtual_size: Some(6),
            checksum: Some("00ff".into()),
            os_hash_algo: Some("sha256".parse().expect("a name")),
            os_hash_value: Some("ab".into()),
            min_disk: 1,
            min_ram: 2,
            protected: true,
            os_hidden: true,
            created_at: AT,
            updated_at: AT,
            properties: Properties::from([
                ("kernel_id".to_owned(), None),
                (
                    property_names::IMPORTING_TO_STORES.to_owned(),
                    Some("fast,slow".to_owned()),
                ),
                (
                    property_names::FAILED_IMPORT.to_owned(),
                    Some(String::new()),
                ),
            ]),
            tags: BTreeSet::from(["b".to_owned(), "a".to_owned()]),
            locations: vec![Location::new(
                "fast".parse().expect("a store"),
                "file:///fast/x".into(),
            )],
        }
    }

    #[test]
    fn an_image_is_told_with_glances_fields_and_no_others() {
        let told = Value::from(image(&an_image()));
        assert_eq!(
            told,
            json!({
                "id": ID,
                "name": "débian",
                "status": "active",
                "created_at": "2023-11-14T22:13:20Z",
                "updated_at": "2023-11-14T22:13:20Z",
                "min_disk": 1,
                "min_ram": 2,
                "protected": true,
                "checksum": "00ff",
                "owner": "alpha",
                "disk_format": "raw",
                "container_format": "bare",
                "size": 5,
                "virtual_size": 6,
                "is_public": true,
                "visibility": "public",
                "properties": {
                    "kernel_id": null,
                    "os_glance_failed_import": "",
                    "os_glance_importing_to_stores": "fast,slow",
                },
                "tags": ["a", "b"],
                "deleted": false,
                "deleted_at": null,
            })
        );
    }

    #[test]
    fn the_stores_of_an_import_are_lists() {
        let store: StoreId = "slow".parse().expect("a store");
        let told = prepared(&an_image(), &store);
        assert_eq!(told["backend"], "slow");
        assert_eq!(
            told["os_glance_importing_to_stores"],
            json!(["fast", "slow"])
        );
        assert_eq!(told["os_glance_failed_import"], json!([]));
        let told = stored(&Image {
            properties: Properties::new(),
            ..an_image()
        });
        assert_eq!(told.get("backend"), None);
        assert_eq!(told["os_glance_importing_to_stores"], json!([]));
        assert_eq!(told["os_glance_failed_import"], json!([]));
    }

    #[test]
    fn what_is_deleted_says_so_and_when() {
        let member = Member {
            image_id: ID.parse().expect("an id"),
            member_id: "beta".into(),
            status: MemberStatus::Accepted,
            created_at: AT,
            updated_at: AT,
        };
        let told = deleted(self::member(&member), Timestamp::from_micros(0));
        assert_eq!(
            told,
            json!({
                "image_id": ID,
                "member_id": "beta",
                "status": "accepted",
                "created_at": "2023-11-14T22:13:20Z",
                "updated_at": "2023-11-14T22:13:20Z",
                "deleted": true,
                "deleted_at": "1970-01-01T00:00:00Z",
            })
        );
    }

    #[test]
    fn an_image_is_told_in_the_status_that_deletion_gives() {
        let told = deleted_image(&an_image(), "deleted", Timestamp::from_micros(0));
        assert_eq!(told["status"], "deleted");
        assert_eq!(told["deleted"], true);
        assert_eq!(told["deleted_at"], "1970-01-01T00:00:00Z");
        assert_eq!(told["name"], "débian");
    }

    #[test]
    fn a_task_is_told_without_its_input_and_an_unset_expiry_is_null() {
        let task = Task {
            id: ID.parse().expect("an id"),
            kind: TaskKind::ApiImageImport,
            status: TaskStatus::Failure,
            image_id: ID.parse().expect("an id"),
            owner: Some("alpha".into()),
            user_id: Some("mia".into()),
            request_id: "req-1".into(),
            import: ImportRequest {
                method: ImportMethod::WebDownload {
                    uri: "https://example.org/?signature=secret".into(),
                },
                stores: Vec::new(),
                needed: StoresNeeded::All,
                expected: ExpectedDigests::default(),
                certificate: None,
                checksums: None,
                asked: None,
                injects: false,
            },
            message: "why".into(),
            attempts: 1,
            created_at: AT,
            updated_at: AT,
            expires_at: None,
        };
        assert_eq!(
            Value::from(self::task(&task)),
            json!({
                "id": ID,
                "type": "api_image_import",
                "status": "failure",
                "result": null,
                "owner": "alpha",
                "message": null,
                "expires_at": null,
                "created_at": "2023-11-14T22:13:20Z",
                "updated_at": "2023-11-14T22:13:20Z",
                "deleted": false,
                "deleted_at": null,
            })
        );
    }
}
