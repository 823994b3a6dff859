//! Rules of claims.

use uuid::Uuid;

use super::{
    engines::on_every_engine,
    samples::{at, id, image, insert},
};
use crate::{
    db::{Claim, Db, DbError},
    domain::ImageId,
};

on_every_engine![
    an_image_is_claimed_by_one,
    only_the_holder_renews_and_releases,
    a_claim_is_taken_over_when_it_lapsed,
    of_many_who_take_over_each_gets_another_claim,
    an_uncommitted_takeover_is_undone,
];

const ANNA: Uuid = Uuid::from_u128(1);
const BERT: Uuid = Uuid::from_u128(2);

async fn an_image_is_claimed_by_one(db: Db) {
    insert(&db, [image(1)]).await;
    let mut session = db.read().await.expect("a session");
    session
        .insert_claim(id(1), ANNA, at(10))
        .await
        .expect("a claim");
    let second = session.insert_claim(id(1), BERT, at(10)).await;
    assert!(matches!(second, Err(DbError::Taken { .. })), "{second:?}");
    let claim = Claim {
        image_id: id(1),
        holder: ANNA,
        lease_until: at(10),
    };
    let found = session.find_claim(id(1)).await.expect("a look-up");
    assert_eq!(found, Some(claim));
    assert_eq!(session.find_claim(id(2)).await.expect("a look-up"), None);
}

async fn only_the_holder_renews_and_releases(db: Db) {
    insert(&db, [image(1)]).await;
    let mut session = db.read().await.expect("a session");
    session
        .insert_claim(id(1), ANNA, at(10))
        .await
        .expect("a claim");
    assert!(!session.renew_claim(id(1), BERT, at(20)).await.expect("no"));
    assert!(session.renew_claim(id(1), ANNA, at(30)).await.expect("yes"));
    let found = session.find_claim(id(1)).await.expect("a look-up");
    assert_eq!(found.map(|claim| claim.lease_until), Some(at(30)));
    assert!(!session.release_claim(id(1), BERT).await.expect("no"));
    assert!(session.release_claim(id(1), ANNA).await.expect("yes"));
    assert!(!session.release_claim(id(1), ANNA).await.expect("no"));
    session
        .insert_claim(id(1), BERT, at(40))
        .await
        .expect("a claim");
}

async fn a_claim_is_taken_over_when_it_lapsed(db: Db) {
    insert(&db, [image(1), image(2)]).await;
    let mut session = db.read().await.expect("a session");
    session
        .insert_claim(id(1), ANNA, at(10))
        .await
        .expect("a claim");
    session
        .insert_claim(id(2), ANNA, at(5))
        .await
        .expect("a claim");
    let none = session.take_lapsed_claim(at(5), BERT, at(20)).await;
    assert_eq!(none.expect("an answer"), None);
    let taken = session.take_lapsed_claim(at(6), BERT, at(20)).await;
    let claim = Claim {
        image_id: id(2),
        holder: BERT,
        lease_until: at(20),
    };
    assert_eq!(taken.expect("an answer"), Some(claim));
    assert!(!session.renew_claim(id(2), ANNA, at(99)).await.expect("no"));
    let none = session.take_lapsed_claim(at(6), BERT, at(20)).await;
    assert_eq!(none.expect("an answer"), None);
}

async fn of_many_who_take_over_each_gets_another_claim(db: Db) {
    insert(&db, (0..50).map(image)).await;
    let mut session = db.read().await.expect("a session");
    for number in 0..50 {
        session
            .insert_claim(id(number), ANNA, at(10))
            .await
            .expect("a claim");
    }
    drop(session);
    let takers: Vec<_> = (100..108)
        .map(|holder| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut taken: Vec<ImageId> = Vec::new();
                loop {
                    let mut session = db.read().await.expect("a session");
                    let claim = session
                        .take_lapsed_claim(at(20), Uuid::from_u128(holder), at(30))
                        .await
                        .expect("an answer");
                    match claim {
                        Some(claim) => taken.push(claim.image_id),
                        None => return taken,
                    }
                }
            })
        })
        .collect();
    let mut taken = Vec::new();
    for taker in takers {
        taken.extend(taker.await.expect("a taker"));
    }
    taken.sort_unstable();
    assert_eq!(taken, (0..50).map(id).collect::<Vec<_>>());
}

async fn an_uncommitted_takeover_is_undone(db: Db) {
    insert(&db, [image(1)]).await;
    let mut session = db.read().await.expect("a session");
    session
        .insert_claim(id(1), ANNA, at(10))
        .await
        .expect("a claim");
    let mut tx = db.begin().await.expect("a transaction");
    let taken = tx.take_lapsed_claim(at(20), BERT, at(30)).await;
    assert!(taken.expect("an answer").is_some());
    drop(tx);
    let found = session.find_claim(id(1)).await.expect("a look-up");
    assert_eq!(found.map(|claim| claim.holder), Some(ANNA));
}
