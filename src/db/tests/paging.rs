//! Rules of orders and pages.

use std::slice;

use super::{
    engines::on_every_engine,
    samples::{at, id, image, insert, member, number, query},
};
use crate::{
    db::Db,
    domain::{
        Direction, Image, ImageFilter, ImageQuery, ImageStatus, MemberStatus, SortField, SortKey,
        Timestamp, Viewer, Visibility,
    },
};

on_every_engine![
    pages_make_up_the_list_whatever_its_order,
    a_page_begins_after_a_marker_that_is_gone,
    a_page_holds_no_more_than_its_limit,
];

fn admin() -> Viewer {
    Viewer::Admin(None)
}

fn no_filter() -> ImageFilter {
    ImageFilter::default()
}

/// Twenty-four images of which many are equal in many things, or have nothing there.
fn alike() -> impl Iterator<Item = Image> {
    (0..24).map(|number| {
        let text = |text: &str, every: u32| (number % every != 0).then(|| text.to_owned());
        Image {
            name: text(["", "B", "a", "é"][(number % 4) as usize], 5),
            disk_format: text("raw", 3),
            container_format: text("bare", 2),
            size: (number % 3 != 0).then_some(u64::from(number % 4)),
            virtual_size: (number % 4 != 0).then_some(7),
            status: [ImageStatus::Queued, ImageStatus::Saving][(number % 2) as usize],
            visibility: [Visibility::Public, Visibility::Shared, Visibility::Private]
                [(number % 3) as usize],
            owner: text(["me", "other"][(number % 2) as usize], 7),
            created_at: at(i64::from(number % 6)),
            updated_at: at(i64::from(number % 2)),
            ..image(number)
        }
    })
}

/// Walks a list by pages of `limit` images.
async fn walk(db: &Db, viewer: &Viewer, all: &ImageQuery, limit: u32) -> Vec<u32> {
    let mut session = db.read().await.expect("a session");
    let mut walked: Vec<Image> = Vec::new();
    loop {
        let query = ImageQuery {
            limit,
            ..all.clone()
        };
        let page = session
            .list_images(viewer, &query, walked.last())
            .await
            .expect("a page");
        let full = page.len() == limit as usize;
        walked.extend(page);
        if !full {
            return walked.iter().map(number).collect();
        }
    }
}

/// Where an image stands under a key, by the rule that null is the empty text or zero.
fn place(field: SortField, image: &Image) -> (String, u64) {
    let text = |text: &Option<String>| (text.clone().unwrap_or_default(), 0);
    let time = |time: Timestamp| (String::new(), time.as_micros().unsigned_abs());
    match field {
        SortField::Name => text(&image.name),
        SortField::Status => (image.status.to_string(), 0),
        SortField::ContainerFormat => text(&image.container_format),
        SortField::DiskFormat => text(&image.disk_format),
        SortField::Size => (String::new(), image.size.unwrap_or(0)),
        SortField::Id => (image.id.to_string(), 0),
        SortField::CreatedAt => time(image.created_at),
        SortField::UpdatedAt => time(image.updated_at),
        SortField::VirtualSize => (String::new(), image.virtual_size.unwrap_or(0)),
        SortField::MinDisk => (String::new(), image.min_disk.into()),
        SortField::MinRam => (String::new(), image.min_ram.into()),
    }
}

/// Sorts images in memory, as the database should.
fn sorted(mut images: Vec<Image>, keys: &[SortKey]) -> Vec<u32> {
    images.sort_by(|a, b| {
        keys.iter()
            .map(|key| {
                let order = place(key.field, a).cmp(&place(key.field, b));
                match key.direction {
                    Direction::Ascending => order,
                    Direction::Descending => order.reverse(),
                }
            })
            .find(|order| order.is_ne())
            .expect("no two images are equal")
    });
    images.iter().map(number).collect()
}

/// Every attribute in either direction, with tie-breakers in either direction.
fn orders() -> impl Iterator<Item = [SortKey; 3]> {
    let fields = [
        SortField::Name,
        SortField::Status,
        SortField::ContainerFormat,
        SortField::DiskFormat,
        SortField::Size,
        SortField::Id,
        SortField::CreatedAt,
        SortField::UpdatedAt,
        SortField::VirtualSize,
        SortField::MinDisk,
        SortField::MinRam,
    ];
    fields.into_iter().flat_map(|field| {
        [
            (Direction::Ascending, Direction::Ascending),
            (Direction::Ascending, Direction::Descending),
            (Direction::Descending, Direction::Descending),
        ]
        .map(|(first, last)| {
            [
                (field, first),
                (SortField::CreatedAt, last),
                (SortField::Id, last),
            ]
            .map(|(field, direction)| SortKey { field, direction })
        })
    })
}

async fn pages_make_up_the_list_whatever_its_order(db: Db) {
    insert(&db, alike()).await;
    let mut session = db.read().await.expect("a session");
    for number in (0..24).filter(|number| number % 5 != 0) {
        session
            .insert_member(&member(number, "me", MemberStatus::Accepted))
            .await
            .expect("a member");
    }
    drop(session);
    for keys in orders() {
        let all = query(no_filter(), &keys);
        for (viewer, count) in [(admin(), 24), (Viewer::Project("me".into()), 19)] {
            let whole = walk(&db, &viewer, &all, 1000).await;
            assert_eq!(whole.len(), count, "{viewer:?}");
            let seen = alike().filter(|image| whole.contains(&number(image)));
            assert_eq!(whole, sorted(seen.collect(), &keys), "{viewer:?} {keys:?}");
            for limit in [1, 5] {
                let walked = walk(&db, &viewer, &all, limit).await;
                assert_eq!(walked, whole, "{viewer:?} {keys:?} {limit}");
            }
        }
    }
}

async fn a_page_begins_after_a_marker_that_is_gone(db: Db) {
    insert(&db, (1..=3).map(image)).await;
    let mut tx = db.begin().await.expect("a transaction");
    tx.delete_image(id(2), ImageStatus::Queued, at(9))
        .await
        .expect("a deletion");
    tx.commit().await.expect("a commit");
    let key = SortKey {
        field: SortField::CreatedAt,
        direction: Direction::Ascending,
    };
    let mut session = db.read().await.expect("a session");
    let page = session
        .list_images(
            &admin(),
            &query(no_filter(), slice::from_ref(&key)),
            Some(&image(2)),
        )
        .await
        .expect("a page");
    assert_eq!(page, [image(3)]);
}

async fn a_page_holds_no_more_than_its_limit(db: Db) {
    insert(&db, (1..=3).map(image)).await;
    let key = SortKey {
        field: SortField::Id,
        direction: Direction::Ascending,
    };
    let mut session = db.read().await.expect("a session");
    for viewer in [admin(), Viewer::Project("owner".into())] {
        for limit in 0..=3 {
            let query = ImageQuery {
                limit,
                ..query(no_filter(), &[key])
            };
            let page = session.list_images(&viewer, &query, None).await;
            assert_eq!(page.expect("a page").len(), limit as usize, "{viewer:?}");
        }
    }
}
