//! Rules of staging areas, and of tasks that wait for them.

use uuid::Uuid;

use super::{
    engines::on_every_engine,
    samples::{activate, at, id, image, insert, task},
};
use crate::{
    db::{Db, LostArea, Session},
    domain::{Image, ImageStatus},
};

on_every_engine![
    a_task_is_for_who_has_its_staging_area,
    where_data_are_staged_is_forgotten_with_them,
    an_area_is_forgotten_when_nobody_has_seen_it,
    a_node_forgets_its_former_areas,
    a_task_of_an_area_that_is_not_known_is_stranded,
    of_many_who_take_a_stranded_task_one_gets_it,
];

const ANNA: Uuid = Uuid::from_u128(1);
const BERT: Uuid = Uuid::from_u128(2);
const HERE: Uuid = Uuid::from_u128(11);
const THERE: Uuid = Uuid::from_u128(12);

/// Images whose data arrive.
async fn insert_uploading(db: &Db, numbers: impl IntoIterator<Item = u32>) {
    let uploading = |number| Image {
        status: ImageStatus::Uploading,
        ..image(number)
    };
    insert(db, numbers.into_iter().map(uploading)).await;
}

async fn stage(session: &mut Session, number: u32, area: Option<Uuid>) {
    let staged = session.record_staged(id(number), 5, area, at(9)).await;
    assert!(staged.expect("an answer"));
}

async fn claimed(session: &mut Session, area: Option<Uuid>) -> Option<u32> {
    let claimed = session.claim_task(ANNA, area, at(9), at(20)).await;
    let claimed = claimed.expect("an answer")?;
    (1..9).find(|number| id(*number) == claimed.image_id)
}

async fn a_task_is_for_who_has_its_staging_area(db: Db) {
    insert_uploading(&db, 1..=3).await;
    let mut session = db.read().await.expect("a session");
    for (number, area) in [(1, Some(HERE)), (2, Some(THERE)), (3, None)] {
        stage(&mut session, number, area).await;
        session.insert_task(&task(number)).await.expect("a task");
    }
    assert_eq!(claimed(&mut session, None).await, Some(3));
    assert_eq!(claimed(&mut session, None).await, None);
    assert_eq!(claimed(&mut session, Some(THERE)).await, Some(2));
    assert_eq!(claimed(&mut session, Some(THERE)).await, None);
    assert_eq!(claimed(&mut session, Some(HERE)).await, Some(1));
    // Also when the lease is over.
    let other = session.claim_task(BERT, Some(THERE), at(30), at(40)).await;
    let other = other.expect("an answer").map(|task| task.image_id);
    assert_eq!(other, Some(id(2)));
}

async fn where_data_are_staged_is_forgotten_with_them(db: Db) {
    insert_uploading(&db, 1..=3).await;
    let mut session = db.read().await.expect("a session");
    for number in 1..=3 {
        stage(&mut session, number, Some(HERE)).await;
        let found = session.find_staging_area(id(number)).await;
        assert_eq!(found.expect("an answer"), Some(HERE));
    }
    let uploading = ImageStatus::Uploading;
    let abandoned = session.abandon_image(id(1), uploading, at(9)).await;
    assert!(abandoned.expect("an answer"));
    let deleted = session.delete_image(id(2), uploading, at(9)).await;
    assert!(deleted.expect("an answer"));
    let saving = ImageStatus::Saving;
    let moved = session.move_image(id(3), uploading, saving, at(9)).await;
    assert!(moved.expect("an answer"));
    assert!(activate(&mut session, 3).await.expect("an answer"));
    for number in 1..=4 {
        let found = session.find_staging_area(id(number)).await;
        assert_eq!(found.expect("an answer"), None, "{number}");
    }
}

async fn an_area_is_forgotten_when_nobody_has_seen_it(db: Db) {
    let mut session = db.read().await.expect("a session");
    let none = None;
    session
        .see_staging_area(HERE, Some("a"), at(1))
        .await
        .expect("seen");
    session
        .see_staging_area(THERE, none, at(1))
        .await
        .expect("seen");
    // One that is known keeps its name, also if it has lost it, for the log; when it was seen last
    // counts.
    session
        .insert_staging_area(HERE, Some("b"), at(1))
        .await
        .expect("known");
    session
        .insert_staging_area(THERE, Some("b"), at(1))
        .await
        .expect("known");
    session
        .see_staging_area(HERE, none, at(2))
        .await
        .expect("seen");
    let lost = session.forget_staging_areas(at(2)).await.expect("a list");
    assert_eq!(
        lost,
        [LostArea {
            id: THERE,
            node: None
        }]
    );
    let lost = session.forget_staging_areas(at(3)).await.expect("a list");
    let here = LostArea {
        id: HERE,
        node: Some("a".into()),
    };
    assert_eq!(lost, [here]);
    assert_eq!(
        session.forget_staging_areas(at(9)).await.expect("a list"),
        []
    );
}

async fn a_node_forgets_its_former_areas(db: Db) {
    let mut session = db.read().await.expect("a session");
    let other = Uuid::from_u128(13);
    for (area, node) in [(HERE, "a"), (THERE, "a"), (other, "b")] {
        session
            .see_staging_area(area, Some(node), at(1))
            .await
            .expect("seen");
    }
    let early = session.forget_former_areas("a", HERE, at(1)).await;
    assert_eq!(early.expect("a list"), []);
    let lost = session.forget_former_areas("a", HERE, at(2)).await;
    let lost: Vec<_> = lost.expect("a list").into_iter().map(|it| it.id).collect();
    assert_eq!(lost, [THERE]);
}

async fn a_task_of_an_area_that_is_not_known_is_stranded(db: Db) {
    insert_uploading(&db, 1..=3).await;
    let mut session = db.read().await.expect("a session");
    session
        .see_staging_area(THERE, None, at(1))
        .await
        .expect("seen");
    for (number, area) in [(1, None), (2, Some(THERE)), (3, Some(HERE))] {
        stage(&mut session, number, area).await;
        session.insert_task(&task(number)).await.expect("a task");
    }
    let stranded = session.claim_stranded_task(ANNA, at(9), at(20)).await;
    let stranded = stranded.expect("an answer").map(|task| task.image_id);
    assert_eq!(stranded, Some(id(3)));
    let none = session.claim_stranded_task(BERT, at(9), at(20)).await;
    assert_eq!(none.expect("an answer"), None);
    let lapsed = session.claim_stranded_task(BERT, at(21), at(30)).await;
    assert!(lapsed.expect("an answer").is_some());
}

async fn of_many_who_take_a_stranded_task_one_gets_it(db: Db) {
    insert_uploading(&db, [1]).await;
    let mut session = db.read().await.expect("a session");
    stage(&mut session, 1, Some(HERE)).await;
    session.insert_task(&task(1)).await.expect("a task");
    drop(session);
    let workers: Vec<_> = (100..108)
        .map(|holder| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut tx = db.begin().await.expect("a transaction");
                let holder = Uuid::from_u128(holder);
                let task = tx.claim_stranded_task(holder, at(9), at(20)).await;
                tx.commit().await.expect("a commit");
                task.expect("an answer").is_some()
            })
        })
        .collect();
    let mut count = 0;
    for worker in workers {
        count += usize::from(worker.await.expect("a worker"));
    }
    assert_eq!(count, 1);
}
