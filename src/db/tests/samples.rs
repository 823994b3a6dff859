//! Images, members and tasks for the rules to work on.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::{
    db::{Activation, Db, DbError, Session},
    domain::{
        Digest, Direction, Expectation, ExpectedDigests, Image, ImageFilter, ImageId, ImageQuery,
        ImageStatus, ImportMethod, ImportRequest, Location, Measured, Member, MemberStatus,
        Properties, SortField, SortKey, StoresNeeded, Task, TaskKind, TaskStatus, Timestamp,
        Verified, Viewer, Visibility,
    },
};

/// The whole second `seconds` after the epoch.
pub(super) const fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

/// The id that ends in `number`.
pub(super) fn id(number: u32) -> ImageId {
    format!("00000000-0000-4000-8000-{number:012}")
        .parse()
        .expect("an id")
}

/// A queued image of project `owner`.
pub(super) fn image(number: u32) -> Image {
    Image {
        id: id(number),
        name: Some(format!("image {number}")),
        disk_format: Some("raw".into()),
        container_format: Some("bare".into()),
        visibility: Visibility::Shared,
        status: ImageStatus::Queued,
        owner: Some("owner".into()),
        size: None,
        virtual_size: None,
        checksum: None,
        os_hash_algo: Some("sha256".parse().expect("a name")),
        os_hash_value: None,
        min_disk: 1,
        min_ram: 2,
        protected: false,
        os_hidden: false,
        created_at: at(i64::from(number)),
        updated_at: at(i64::from(number)),
        properties: Properties::new(),
        tags: BTreeSet::new(),
        locations: Vec::new(),
    }
}

/// An image with something in every field.
pub(super) fn full_image(number: u32) -> Image {
    Image {
        status: ImageStatus::Active,
        size: Some(5),
        virtual_size: Some(u64::from(u32::MAX) + 1),
        checksum: Some("00".repeat(16)),
        os_hash_value: Some("ab".repeat(32)),
        protected: true,
        os_hidden: true,
        properties: [
            ("kernel_id".to_owned(), None),
            ("os_distro".to_owned(), Some("débian 🦀".to_owned())),
            ("empty".to_owned(), Some(String::new())),
        ]
        .into(),
        tags: ["b", "a", "é"].map(String::from).into(),
        locations: vec![location("slow", number), location("fast", number)],
        ..image(number)
    }
}

/// A place in the store `store`.
pub(super) fn location(store: &str, number: u32) -> Location {
    Location {
        metadata: format!(r#"{{"number": {number}}}"#),
        ..Location::new(
            store.parse().expect("a store"),
            format!("file:///{store}/{}", id(number)),
        )
    }
}

/// The proof that five bytes were verified.
pub(super) fn verified() -> Verified {
    let algorithm = || "sha256".parse().expect("a name");
    let measured = Measured {
        size: 5,
        digests: [Digest::new(algorithm(), &[7; 32])].into_iter().collect(),
    };
    Expectation {
        algorithm: algorithm(),
        checksum: None,
        size: None,
        digests: ExpectedDigests::default(),
        signature: None,
        extra: Vec::new(),
    }
    .verify(&measured)
    .expect("a proof")
}

/// Makes a saving image active.
pub(super) async fn activate(session: &mut Session, number: u32) -> Result<bool, DbError> {
    let activation = Activation {
        from: ImageStatus::Saving,
        verified: &verified(),
        virtual_size: Some(10),
        locations: &[location("fast", number)],
        at: at(100),
    };
    session.activate_image(id(number), &activation).await
}

/// Inserts the images in one transaction.
pub(super) async fn insert(db: &Db, images: impl IntoIterator<Item = Image>) {
    let mut tx = db.begin().await.expect("a transaction");
    for image in images {
        tx.insert_image(&image).await.expect("an insert");
    }
    tx.commit().await.expect("a commit");
}

/// The image as it is stored.
pub(super) async fn find(db: &Db, number: u32) -> Option<Image> {
    let mut session = db.read().await.expect("a session");
    session.find_image(id(number)).await.expect("a look-up")
}

/// The membership of `project` in an image.
pub(super) fn member(number: u32, project: &str, status: MemberStatus) -> Member {
    Member {
        image_id: id(number),
        member_id: project.to_owned(),
        status,
        created_at: at(1),
        updated_at: at(1),
    }
}

/// A pending task of an image.
pub(super) fn task(number: u32) -> Task {
    Task {
        id: Uuid::from_u128(number.into()).into(),
        kind: TaskKind::ApiImageImport,
        status: TaskStatus::Pending,
        image_id: id(number),
        owner: Some("owner".into()),
        user_id: None,
        request_id: "req-1".into(),
        import: ImportRequest {
            method: ImportMethod::WebDownload {
                uri: "https://example.org/a?b=\"c\"".into(),
            },
            stores: vec!["fast".parse().expect("a store")],
            needed: StoresNeeded::All,
            expected: ExpectedDigests::default(),
            certificate: None,
            checksums: None,
            asked: None,
            injects: false,
        },
        message: String::new(),
        attempts: 0,
        created_at: at(i64::from(number)),
        updated_at: at(i64::from(number)),
        expires_at: None,
    }
}

/// A list of everything under `filter`, by the keys.
pub(super) fn query(filter: ImageFilter, keys: &[SortKey]) -> ImageQuery {
    ImageQuery {
        filter,
        sort: keys.to_vec(),
        marker: None,
        limit: 1000,
    }
}

/// The last digits of the ids of the images that `viewer` gets, in the order of the ids.
pub(super) async fn listed(db: &Db, viewer: &Viewer, filter: ImageFilter) -> Vec<u32> {
    let by_id = SortKey {
        field: SortField::Id,
        direction: Direction::Ascending,
    };
    let mut session = db.read().await.expect("a session");
    let images = session
        .list_images(viewer, &query(filter, &[by_id]), None)
        .await
        .expect("a list");
    images.iter().map(number).collect()
}

/// The digits that the id ends in.
pub(super) fn number(image: &Image) -> u32 {
    image.id.as_str()[24..].parse().expect("digits")
}
