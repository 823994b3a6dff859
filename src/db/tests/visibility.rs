//! Rules of who sees what in a list.

use super::{
    engines::on_every_engine,
    samples::{at, id, image, insert, listed, member},
};
use crate::{
    db::Db,
    domain::{
        Image, ImageFilter, ImageStatus, MemberFilter, MemberStatus, Viewer, Visibility,
        VisibilityFilter,
    },
};

on_every_engine![
    a_viewer_sees_what_the_table_says,
    memberships_count_by_their_status,
    an_image_without_owner_is_nobodys,
    deleted_images_are_never_listed,
];

/// Images 1 to 4 are mine and 11 to 14 another project's: public, private, shared, community.
/// Of the other's shared ones, I am a member of 13 (accepted), 23 (pending), 33 (rejected), and
/// not of 43.
async fn populate(db: &Db) {
    let visibilities = [
        Visibility::Public,
        Visibility::Private,
        Visibility::Shared,
        Visibility::Community,
    ];
    let own = (1..).zip(visibilities).map(|(number, visibility)| Image {
        owner: Some("me".into()),
        visibility,
        ..image(number)
    });
    let others = (11..).zip(visibilities).map(|(number, visibility)| Image {
        visibility,
        ..image(number)
    });
    insert(db, own.chain(others).chain([23, 33, 43].map(image))).await;
    let mut session = db.read().await.expect("a session");
    for (number, project, status) in [
        (13, "me", MemberStatus::Accepted),
        (23, "me", MemberStatus::Pending),
        (33, "me", MemberStatus::Rejected),
        (43, "somebody", MemberStatus::Accepted),
        // Neither shows an image twice, nor one that is not shared any more.
        (3, "me", MemberStatus::Accepted),
        (12, "me", MemberStatus::Accepted),
    ] {
        session
            .insert_member(&member(number, project, status))
            .await
            .expect("a member");
    }
}

fn me() -> Viewer {
    Viewer::Project("me".into())
}

async fn a_viewer_sees_what_the_table_says(db: Db) {
    use Visibility::{Community, Private, Public, Shared};
    use VisibilityFilter::{All, Nothing, Only, Usual};
    populate(&db).await;
    let admin = Viewer::Admin(Some("me".into()));
    let homeless = Viewer::Admin(None);
    for (viewer, visibility, seen) in [
        (me(), Usual, vec![1, 2, 3, 4, 11, 13]),
        (me(), All, vec![1, 2, 3, 4, 11, 13, 14]),
        (me(), Only(Public), vec![1, 11]),
        (me(), Only(Private), vec![2]),
        (me(), Only(Shared), vec![3, 13]),
        (me(), Only(Community), vec![4, 14]),
        (me(), Nothing, vec![]),
        (
            admin.clone(),
            Usual,
            vec![1, 2, 3, 4, 11, 12, 13, 23, 33, 43],
        ),
        (
            admin.clone(),
            All,
            vec![1, 2, 3, 4, 11, 12, 13, 14, 23, 33, 43],
        ),
        (admin.clone(), Only(Public), vec![1, 11]),
        (admin.clone(), Only(Private), vec![2, 12]),
        (admin.clone(), Only(Shared), vec![3, 13, 23, 33, 43]),
        (admin.clone(), Only(Community), vec![4, 14]),
        (admin, Nothing, vec![]),
        (homeless, Usual, vec![1, 2, 3, 11, 12, 13, 23, 33, 43]),
        (Viewer::Nobody, Usual, vec![1, 11]),
        (Viewer::Nobody, All, vec![1, 4, 11, 14]),
        (Viewer::Nobody, Only(Public), vec![1, 11]),
        (Viewer::Nobody, Only(Private), vec![]),
        (Viewer::Nobody, Only(Shared), vec![]),
        (Viewer::Nobody, Only(Community), vec![4, 14]),
        (Viewer::Nobody, Nothing, vec![]),
    ] {
        let filter = ImageFilter {
            visibility,
            ..ImageFilter::default()
        };
        assert_eq!(
            listed(&db, &viewer, filter).await,
            seen,
            "{viewer:?} {visibility:?}"
        );
    }
}

async fn memberships_count_by_their_status(db: Db) {
    populate(&db).await;
    for (member_status, shared) in [
        (MemberFilter::All, vec![3, 13, 23, 33]),
        (MemberFilter::Only(MemberStatus::Accepted), vec![3, 13]),
        (MemberFilter::Only(MemberStatus::Pending), vec![3, 23]),
        (MemberFilter::Only(MemberStatus::Rejected), vec![3, 33]),
    ] {
        let filter = ImageFilter {
            visibility: VisibilityFilter::Only(Visibility::Shared),
            member_status,
            ..ImageFilter::default()
        };
        assert_eq!(
            listed(&db, &me(), filter.clone()).await,
            shared,
            "{member_status:?}"
        );
        let usual = ImageFilter {
            visibility: VisibilityFilter::Usual,
            ..filter
        };
        let mut seen = shared;
        seen.extend([1, 2, 4, 11]);
        seen.sort_unstable();
        assert_eq!(listed(&db, &me(), usual).await, seen, "{member_status:?}");
    }
}

async fn an_image_without_owner_is_nobodys(db: Db) {
    let ownerless = |number, visibility| Image {
        owner: None,
        visibility,
        ..image(number)
    };
    insert(
        &db,
        [
            ownerless(1, Visibility::Public),
            ownerless(2, Visibility::Private),
            ownerless(3, Visibility::Shared),
            ownerless(4, Visibility::Community),
        ],
    )
    .await;
    let usual = ImageFilter::default();
    assert_eq!(listed(&db, &me(), usual.clone()).await, [1]);
    assert_eq!(listed(&db, &Viewer::Nobody, usual.clone()).await, [1]);
    assert_eq!(listed(&db, &Viewer::Admin(None), usual).await, [1, 2, 3]);
}

async fn deleted_images_are_never_listed(db: Db) {
    insert(&db, [image(1), image(2)]).await;
    let mut tx = db.begin().await.expect("a transaction");
    tx.delete_image(id(1), ImageStatus::Queued, at(9))
        .await
        .expect("a deletion");
    tx.commit().await.expect("a commit");
    for status in [None, Some(vec!["deleted".to_owned()])] {
        let seen = if status.is_none() { vec![2] } else { vec![] };
        let filter = ImageFilter {
            status,
            visibility: VisibilityFilter::All,
            ..ImageFilter::default()
        };
        assert_eq!(listed(&db, &Viewer::Admin(None), filter).await, seen);
    }
}
