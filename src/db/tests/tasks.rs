//! Rules of tasks.

use std::slice;

use serde_json::json;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{
    engines::on_every_engine,
    samples::{at, id, image, insert, task},
};
use crate::{
    db::{Db, DbError, Session, TaskEnd, session::on_engine},
    domain::{
        AskedImage, ChecksumSource, ImportMethod, ImportRequest, KeptCertificate, StoresNeeded,
        Task, TaskId, TaskStatus,
    },
};

on_every_engine![
    a_task_comes_back_as_it_was_inserted,
    an_import_is_stored_as_glance_spells_it,
    an_image_has_one_live_task,
    tasks_are_listed_newest_first,
    the_oldest_task_is_claimed_first,
    every_task_is_claimed_once,
    a_lapsed_task_is_claimed_again,
    a_released_task_is_claimed_again_at_once,
    only_the_holder_speaks_for_a_task,
    expired_tasks_go,
    a_row_that_means_nothing_is_named,
];

const ANNA: Uuid = Uuid::from_u128(1);
const BERT: Uuid = Uuid::from_u128(2);

fn end(status: TaskStatus) -> TaskEnd<'static> {
    TaskEnd {
        status,
        message: "over",
        at: at(50),
        expires_at: at(60),
    }
}

async fn insert_tasks(db: &Db, tasks: &[Task]) {
    let mut session = db.read().await.expect("a session");
    for task in tasks {
        session.insert_task(task).await.expect("a task");
    }
}

async fn find(session: &mut Session, id: TaskId) -> Task {
    let task = session.find_task(id).await.expect("a look-up");
    task.expect("the task")
}

async fn a_task_comes_back_as_it_was_inserted(db: Db) {
    insert(&db, [image(1), image(2)]).await;
    let staged = Task {
        import: ImportRequest {
            method: ImportMethod::GlanceDirect,
            stores: ["fast", "slow"]
                .map(|id| id.parse().expect("a store"))
                .into(),
            needed: StoresNeeded::Any,
            expected: "md5:ab,sha1:cd".parse().expect("digests"),
            certificate: Some(KeptCertificate {
                id: "8a6d2f0e-0000-4000-8000-00000000000a"
                    .parse()
                    .expect("an id"),
                pem: "-----BEGIN CERTIFICATE-----\n".into(),
            }),
            checksums: Some(ChecksumSource {
                url: "https://example.org/SUMS?a=b".into(),
                signature_url: Some("https://example.org/SUMS.gpg".into()),
                publisher: Some("example".into()),
                name: Some("a/b".into()),
            }),
            asked: Some(AskedImage {
                format: "raw".into(),
                properties: r#"{"name": "é"}"#.into(),
            }),
            injects: true,
        },
        user_id: Some("user".into()),
        expires_at: Some(at(99)),
        ..task(2)
    };
    insert_tasks(&db, &[task(1), staged.clone()]).await;
    let mut session = db.read().await.expect("a session");
    assert_eq!(find(&mut session, task(1).id).await, task(1));
    assert_eq!(find(&mut session, staged.id).await, staged);
    let missing = session.find_task(task(3).id).await.expect("a look-up");
    assert_eq!(missing, None);
}

async fn an_import_is_stored_as_glance_spells_it(db: Db) {
    insert(&db, [image(1)]).await;
    insert_tasks(&db, &[task(1)]).await;
    let mut session = db.read().await.expect("a session");
    let (input,): (String,) = on_engine!(session, |connection| {
        sqlx::query_as("SELECT input FROM tasks")
            .fetch_one(connection)
            .await
            .expect("a row")
    });
    let input: serde_json::Value = serde_json::from_str(&input).expect("JSON");
    let expected = json!({
        "image_id": id(1).as_str(),
        "import_req": {
            "method": {"name": "web-download", "uri": "https://example.org/a?b=\"c\""},
            "stores": ["fast"],
            "all_stores_must_succeed": true,
        },
        "backend": ["fast"],
    });
    assert_eq!(input, expected);
}

async fn an_image_has_one_live_task(db: Db) {
    insert(&db, [image(1)]).await;
    insert_tasks(&db, &[task(1)]).await;
    let second = Task {
        image_id: id(1),
        ..task(2)
    };
    let mut session = db.read().await.expect("a session");
    let live = session.live_task(id(1)).await.expect("a look-up");
    assert_eq!(live, Some(task(1)));
    let taken = session.insert_task(&second).await;
    assert!(matches!(taken, Err(DbError::Taken { .. })), "{taken:?}");
    session
        .claim_task(ANNA, None, at(9), at(10))
        .await
        .expect("a claim");
    let taken = session.insert_task(&second).await;
    assert!(matches!(taken, Err(DbError::Taken { .. })), "{taken:?}");
    let finished = session
        .finish_task(task(1).id, ANNA, &end(TaskStatus::Failure))
        .await;
    assert!(finished.expect("an end"));
    assert_eq!(session.live_task(id(1)).await.expect("a look-up"), None);
    session.insert_task(&second).await.expect("a task");
    let live = session.live_task(id(1)).await.expect("a look-up");
    assert_eq!(live, Some(second));
}

async fn tasks_are_listed_newest_first(db: Db) {
    insert(&db, [image(1), image(9)]).await;
    let over: Vec<Task> = (1..=4)
        .map(|number| Task {
            image_id: id(1),
            status: TaskStatus::Success,
            ..task(number)
        })
        .collect();
    insert_tasks(&db, &over).await;
    insert_tasks(&db, slice::from_ref(&task(9))).await;
    let mut session = db.read().await.expect("a session");
    let listed = session.list_image_tasks(id(1), 3).await.expect("a list");
    let expected: Vec<Task> = over.into_iter().rev().take(3).collect();
    assert_eq!(listed, expected);
}

async fn the_oldest_task_is_claimed_first(db: Db) {
    insert(&db, (1..=3).map(image)).await;
    insert_tasks(&db, &[task(3), task(1), task(2)]).await;
    let mut session = db.read().await.expect("a session");
    for number in 1..=3 {
        let claimed = session.claim_task(ANNA, None, at(9), at(10)).await;
        let expected = Task {
            status: TaskStatus::Processing,
            attempts: 1,
            updated_at: at(9),
            ..task(number)
        };
        assert_eq!(claimed.expect("a claim"), Some(expected));
    }
    let none = session.claim_task(ANNA, None, at(9), at(10)).await;
    assert_eq!(none.expect("an answer"), None);
}

async fn every_task_is_claimed_once(db: Db) {
    insert(&db, (0..50).map(image)).await;
    insert_tasks(&db, &(0..50).map(task).collect::<Vec<_>>()).await;
    let workers: Vec<_> = (100..108)
        .map(|holder| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut claimed = Vec::new();
                loop {
                    let mut session = db.read().await.expect("a session");
                    let task = session
                        .claim_task(Uuid::from_u128(holder), None, at(9), at(10))
                        .await
                        .expect("an answer");
                    match task {
                        Some(task) => claimed.push(task.image_id),
                        None => return claimed,
                    }
                }
            })
        })
        .collect();
    let mut claimed = Vec::new();
    for worker in workers {
        claimed.extend(worker.await.expect("a worker"));
    }
    claimed.sort_unstable();
    assert_eq!(claimed, (0..50).map(id).collect::<Vec<_>>());
}

async fn a_lapsed_task_is_claimed_again(db: Db) {
    insert(&db, [image(1)]).await;
    insert_tasks(&db, &[task(1)]).await;
    let mut session = db.read().await.expect("a session");
    session
        .claim_task(ANNA, None, at(1), at(10))
        .await
        .expect("a claim");
    let early = session.claim_task(BERT, None, at(10), at(20)).await;
    assert_eq!(early.expect("an answer"), None);
    assert!(
        session
            .renew_task(task(1).id, ANNA, at(15))
            .await
            .expect("yes")
    );
    let early = session.claim_task(BERT, None, at(12), at(20)).await;
    assert_eq!(early.expect("an answer"), None);
    let again = session.claim_task(BERT, None, at(16), at(30)).await;
    assert_eq!(again.expect("a claim").map(|task| task.attempts), Some(2));
    assert!(
        !session
            .renew_task(task(1).id, ANNA, at(99))
            .await
            .expect("no")
    );
}

async fn a_released_task_is_claimed_again_at_once(db: Db) {
    insert(&db, [image(1)]).await;
    insert_tasks(&db, &[task(1)]).await;
    let mut session = db.read().await.expect("a session");
    session
        .claim_task(ANNA, None, at(1), at(10))
        .await
        .expect("a claim");
    assert!(
        session
            .release_task(task(1).id, ANNA, at(2))
            .await
            .expect("yes")
    );
    let released = Task {
        updated_at: at(2),
        ..task(1)
    };
    assert_eq!(find(&mut session, task(1).id).await, released);
    let again = session.claim_task(BERT, None, at(3), at(10)).await;
    assert!(again.expect("an answer").is_some());
}

async fn only_the_holder_speaks_for_a_task(db: Db) {
    insert(&db, [image(1)]).await;
    insert_tasks(&db, &[task(1)]).await;
    let mut session = db.read().await.expect("a session");
    session
        .claim_task(ANNA, None, at(1), at(10))
        .await
        .expect("a claim");
    let id = task(1).id;
    let failure = end(TaskStatus::Failure);
    assert!(!session.renew_task(id, BERT, at(20)).await.expect("no"));
    assert!(
        !session
            .note_task(id, BERT, "half", at(2))
            .await
            .expect("no")
    );
    assert!(!session.release_task(id, BERT, at(3)).await.expect("no"));
    assert!(!session.finish_task(id, BERT, &failure).await.expect("no"));
    assert!(
        session
            .note_task(id, ANNA, "half", at(4))
            .await
            .expect("yes")
    );
    assert_eq!(find(&mut session, id).await.message, "half");
    let success = end(TaskStatus::Success);
    assert!(session.finish_task(id, ANNA, &success).await.expect("yes"));
    assert!(!session.finish_task(id, ANNA, &failure).await.expect("no"));
    let over = Task {
        status: TaskStatus::Success,
        message: "over".into(),
        attempts: 1,
        updated_at: at(50),
        expires_at: Some(at(60)),
        ..task(1)
    };
    assert_eq!(find(&mut session, id).await, over);
}

async fn expired_tasks_go(db: Db) {
    insert(&db, [image(1), image(2)]).await;
    insert_tasks(&db, &[task(1), task(2)]).await;
    let mut session = db.read().await.expect("a session");
    session
        .claim_task(ANNA, None, at(1), at(10))
        .await
        .expect("a claim");
    let finished = session
        .finish_task(task(1).id, ANNA, &end(TaskStatus::Success))
        .await;
    assert!(finished.expect("an end"));
    for (now, gone) in [(59, 0), (60, 1), (61, 0)] {
        let deleted = session.delete_expired_tasks(at(now), 10).await;
        let deleted = deleted.expect("an answer");
        assert!(deleted.iter().all(|it| it.id == task(1).id));
        assert_eq!(deleted.len(), gone, "{now}");
    }
    assert_eq!(find(&mut session, task(2).id).await, task(2));
}

async fn a_row_that_means_nothing_is_named(db: Db) {
    insert(&db, [image(1)]).await;
    insert_tasks(&db, &[task(1)]).await;
    let mut session = db.read().await.expect("a session");
    for unsound in ["input = ''", "input = '{}'", "kind = 'other'"] {
        let sql = format!("UPDATE tasks SET {unsound}");
        on_engine!(session, |connection| {
            sqlx::query(AssertSqlSafe(sql))
                .execute(connection)
                .await
                .expect("an update");
        });
        match session.find_task(task(1).id).await {
            Err(DbError::Unsound { table, row, .. }) => {
                assert_eq!((table, row), ("tasks", task(1).id.to_string()), "{unsound}");
            }
            other => panic!("{unsound}: {other:?}"),
        }
    }
}
