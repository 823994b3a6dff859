//! Rules of members.

use super::{
    engines::on_every_engine,
    samples::{at, id, image, insert, member},
};
use crate::{
    db::{Db, DbError},
    domain::{Member, MemberStatus},
};

on_every_engine![
    a_project_is_a_member_once,
    members_are_listed_oldest_first,
    an_answer_dates_the_membership,
    a_membership_ends_once,
    no_image_no_member,
];

async fn a_project_is_a_member_once(db: Db) {
    insert(&db, [image(1)]).await;
    let mut session = db.read().await.expect("a session");
    let friend = member(1, "friend", MemberStatus::Pending);
    session.insert_member(&friend).await.expect("a member");
    let again = session.insert_member(&friend).await;
    assert!(matches!(again, Err(DbError::Taken { .. })), "{again:?}");
    let found = session.find_member(id(1), "friend").await;
    assert_eq!(found.expect("a look-up"), Some(friend));
    let stranger = session.find_member(id(1), "stranger").await;
    assert_eq!(stranger.expect("a look-up"), None);
}

async fn members_are_listed_oldest_first(db: Db) {
    insert(&db, [image(1), image(2)]).await;
    let mut session = db.read().await.expect("a session");
    let mut expected = Vec::new();
    for (second, project) in [(1, "c"), (2, "a"), (2, "b")] {
        let member = Member {
            created_at: at(second),
            ..member(1, project, MemberStatus::Pending)
        };
        session.insert_member(&member).await.expect("a member");
        expected.push(member);
    }
    let other = member(2, "other", MemberStatus::Pending);
    session.insert_member(&other).await.expect("a member");
    let listed = session.list_members(id(1)).await.expect("a list");
    assert_eq!(listed, expected);
    assert_eq!(session.count_members(id(1)).await.expect("a count"), 3);
    assert_eq!(session.count_members(id(3)).await.expect("a count"), 0);
}

async fn an_answer_dates_the_membership(db: Db) {
    insert(&db, [image(1)]).await;
    let mut session = db.read().await.expect("a session");
    let friend = member(1, "friend", MemberStatus::Pending);
    session.insert_member(&friend).await.expect("a member");
    for (project, updated) in [("friend", true), ("stranger", false)] {
        let answered = session
            .update_member_status(id(1), project, MemberStatus::Rejected, at(9))
            .await;
        assert_eq!(answered.expect("an answer"), updated, "{project}");
    }
    let found = session.find_member(id(1), "friend").await;
    let rejected = Member {
        status: MemberStatus::Rejected,
        updated_at: at(9),
        ..friend
    };
    assert_eq!(found.expect("a look-up"), Some(rejected));
}

async fn a_membership_ends_once(db: Db) {
    insert(&db, [image(1)]).await;
    let mut session = db.read().await.expect("a session");
    let friend = member(1, "friend", MemberStatus::Pending);
    session.insert_member(&friend).await.expect("a member");
    assert!(session.delete_member(id(1), "friend").await.expect("one"));
    assert!(!session.delete_member(id(1), "friend").await.expect("none"));
}

async fn no_image_no_member(db: Db) {
    let mut session = db.read().await.expect("a session");
    let orphan = session
        .insert_member(&member(1, "friend", MemberStatus::Pending))
        .await;
    assert!(matches!(orphan, Err(DbError::Refused(_))), "{orphan:?}");
}
