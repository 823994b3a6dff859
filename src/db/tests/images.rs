//! Rules of images, their properties and tags, and of transactions.

use super::{
    engines::on_every_engine,
    samples::{at, find, full_image, id, image, insert},
};
use crate::{
    db::{Db, DbError},
    domain::{Image, ImageStatus, Visibility},
};

on_every_engine![
    an_image_comes_back_as_it_was_inserted,
    an_id_is_taken_once_and_for_ever,
    a_taken_id_does_not_spoil_the_transaction,
    an_uncommitted_insert_is_undone,
    a_description_is_saved_whole,
    a_description_of_another_status_is_not_saved,
    a_property_is_set_overwritten_and_removed,
    a_deleted_image_takes_no_property,
    a_tag_is_new_once_and_dates_the_image,
    many_properties_are_no_problem,
    a_value_that_does_not_fit_is_refused,
];

async fn an_image_comes_back_as_it_was_inserted(db: Db) {
    insert(&db, [full_image(1), image(2)]).await;
    assert_eq!(find(&db, 1).await, Some(full_image(1)));
    assert_eq!(find(&db, 2).await, Some(image(2)));
    assert_eq!(find(&db, 3).await, None);
}

async fn an_id_is_taken_once_and_for_ever(db: Db) {
    insert(&db, [image(1)]).await;
    let mut tx = db.begin().await.expect("a transaction");
    let again = tx.insert_image(&image(1)).await;
    assert!(matches!(again, Err(DbError::Taken { .. })), "{again:?}");
    assert!(
        tx.delete_image(id(1), ImageStatus::Queued, at(9))
            .await
            .expect("a deletion")
    );
    tx.commit().await.expect("a commit");
    let mut tx = db.begin().await.expect("a transaction");
    let after_deletion = tx.insert_image(&image(1)).await;
    assert!(
        matches!(after_deletion, Err(DbError::Taken { .. })),
        "{after_deletion:?}"
    );
}

async fn a_taken_id_does_not_spoil_the_transaction(db: Db) {
    insert(&db, [image(1)]).await;
    let mut tx = db.begin().await.expect("a transaction");
    tx.insert_image(&image(1)).await.expect_err("taken");
    tx.insert_image(&image(2)).await.expect("an insert");
    tx.commit().await.expect("a commit");
    assert!(find(&db, 2).await.is_some());
}

async fn an_uncommitted_insert_is_undone(db: Db) {
    let mut tx = db.begin().await.expect("a transaction");
    tx.insert_image(&full_image(1)).await.expect("an insert");
    assert!(tx.find_image(id(1)).await.expect("a look-up").is_some());
    drop(tx);
    assert_eq!(find(&db, 1).await, None);
    insert(&db, [full_image(1)]).await;
}

async fn a_description_is_saved_whole(db: Db) {
    insert(&db, [full_image(1)]).await;
    let wanted = Image {
        name: None,
        visibility: Visibility::Public,
        owner: None,
        min_disk: 2_147_483_647,
        min_ram: 0,
        protected: false,
        os_hidden: false,
        updated_at: at(50),
        properties: [
            ("kernel_id".to_owned(), Some("k".to_owned())),
            ("empty".to_owned(), Some(String::new())),
            ("new".to_owned(), None),
        ]
        .into(),
        tags: ["a", "c"].map(String::from).into(),
        ..full_image(1)
    };
    let mut tx = db.begin().await.expect("a transaction");
    assert!(tx.save_description(&wanted).await.expect("a save"));
    tx.commit().await.expect("a commit");
    assert_eq!(find(&db, 1).await, Some(wanted));
}

async fn a_description_of_another_status_is_not_saved(db: Db) {
    insert(&db, [image(1)]).await;
    let raced = Image {
        status: ImageStatus::Saving,
        name: Some("other".into()),
        tags: ["other".to_owned()].into(),
        ..image(1)
    };
    let mut tx = db.begin().await.expect("a transaction");
    assert!(!tx.save_description(&raced).await.expect("a save"));
    tx.delete_image(id(1), ImageStatus::Queued, at(2))
        .await
        .expect("a deletion");
    let deleted = Image {
        status: ImageStatus::Deleted,
        ..raced
    };
    assert!(!tx.save_description(&deleted).await.expect("a save"));
    drop(tx);
    assert_eq!(find(&db, 1).await, Some(image(1)));
}

async fn a_property_is_set_overwritten_and_removed(db: Db) {
    insert(&db, [image(1)]).await;
    let mut session = db.read().await.expect("a session");
    for value in [Some("one"), None, Some("two")] {
        session
            .set_property(id(1), "name", value)
            .await
            .expect("a set");
        let found = find(&db, 1).await.expect("the image");
        assert_eq!(
            found.properties.get("name"),
            Some(&value.map(str::to_owned))
        );
        assert_eq!(found.updated_at, image(1).updated_at);
    }
    assert!(session.remove_property(id(1), "name").await.expect("one"));
    assert!(!session.remove_property(id(1), "name").await.expect("none"));
}

async fn a_deleted_image_takes_no_property(db: Db) {
    insert(&db, [image(1)]).await;
    let mut tx = db.begin().await.expect("a transaction");
    tx.delete_image(id(1), ImageStatus::Queued, at(2))
        .await
        .expect("a deletion");
    tx.set_property(id(1), "late", Some("1"))
        .await
        .expect("a set");
    tx.set_property(id(2), "late", Some("1"))
        .await
        .expect("a set");
    assert!(!tx.remove_property(id(1), "late").await.expect("none"));
    assert!(!tx.remove_property(id(2), "late").await.expect("none"));
    assert!(!tx.add_tag(id(1), "late", at(3)).await.expect("no tag"));
}

async fn a_tag_is_new_once_and_dates_the_image(db: Db) {
    insert(&db, [image(1)]).await;
    let mut tx = db.begin().await.expect("a transaction");
    assert!(tx.add_tag(id(1), "lts", at(50)).await.expect("a tag"));
    assert!(!tx.add_tag(id(1), "lts", at(60)).await.expect("no tag"));
    tx.commit().await.expect("a commit");
    let found = find(&db, 1).await.expect("the image");
    assert!(found.tags.contains("lts"));
    assert_eq!(found.updated_at, at(50));

    let mut tx = db.begin().await.expect("a transaction");
    assert!(tx.remove_tag(id(1), "lts", at(70)).await.expect("a tag"));
    assert!(!tx.remove_tag(id(1), "lts", at(80)).await.expect("no tag"));
    tx.commit().await.expect("a commit");
    let found = find(&db, 1).await.expect("the image");
    assert!(found.tags.is_empty());
    assert_eq!(found.updated_at, at(70));
}

async fn many_properties_are_no_problem(db: Db) {
    let mut rich = image(1);
    for number in 0..1234 {
        rich.properties
            .insert(format!("p{number}"), Some("x".repeat(5000)));
        rich.tags.insert(format!("t{number}"));
    }
    insert(&db, [rich.clone()]).await;
    assert_eq!(find(&db, 1).await, Some(rich));
}

async fn a_value_that_does_not_fit_is_refused(db: Db) {
    let long = "n".repeat(256);
    let misfits = [
        Image {
            name: Some(long.clone()),
            ..image(1)
        },
        Image {
            min_ram: 2_147_483_648,
            ..image(1)
        },
        Image {
            tags: [long.clone()].into(),
            ..image(1)
        },
        Image {
            properties: [(long, None)].into(),
            ..image(1)
        },
    ];
    for misfit in misfits {
        let mut tx = db.begin().await.expect("a transaction");
        let refused = tx.insert_image(&misfit).await;
        assert!(matches!(refused, Err(DbError::Refused(_))), "{refused:?}");
    }
}
