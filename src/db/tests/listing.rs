//! Rules of filters.

use super::{
    engines::on_every_engine,
    samples::{at, full_image, id, image, insert, listed, query},
};
use crate::{
    db::Db,
    domain::{
        Comparison, Direction, Image, ImageFilter, ImageStatus, OneOf, SortField, SortKey,
        Timestamp, Viewer,
    },
};

on_every_engine![
    a_listed_image_is_whole,
    texts_are_compared_exactly,
    one_of_several_texts_is_enough,
    hidden_images_are_listed_apart,
    protected_images_are_told_apart,
    every_tag_is_required,
    every_property_is_required,
    common_tags_and_properties_are_found_like_rare_ones,
    numbers_are_compared,
    times_are_compared_by_the_second,
];

fn admin() -> Viewer {
    Viewer::Admin(None)
}

fn no_filter() -> ImageFilter {
    ImageFilter::default()
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

/// Lists what each filter finds, and compares it with the numbers beside it.
async fn assert_found<const N: usize>(db: &Db, filters: [(ImageFilter, &[u32]); N]) {
    for (filter, found) in filters {
        assert_eq!(
            listed(db, &admin(), filter.clone()).await,
            found,
            "{filter:?}"
        );
    }
}

async fn a_listed_image_is_whole(db: Db) {
    insert(&db, [full_image(1), image(2), full_image(3)]).await;
    let filter = ImageFilter {
        os_hidden: true,
        ..no_filter()
    };
    let by_id = SortKey {
        field: SortField::Id,
        direction: Direction::Descending,
    };
    let mut session = db.read().await.expect("a session");
    let images = session
        .list_images(&admin(), &query(filter, &[by_id]), None)
        .await
        .expect("a list");
    assert_eq!(images, [full_image(3), full_image(1)]);
}

async fn texts_are_compared_exactly(db: Db) {
    type Attribute = fn(&mut ImageFilter) -> &mut Option<String>;
    let digests = Image {
        checksum: Some("c1".into()),
        os_hash_algo: Some("md5".parse().expect("a name")),
        os_hash_value: Some("h1".into()),
        owner: Some("me".into()),
        ..image(1)
    };
    insert(&db, [digests, image(2)]).await;
    let owner: Attribute = |filter| &mut filter.owner;
    let checksum: Attribute = |filter| &mut filter.checksum;
    let algorithm: Attribute = |filter| &mut filter.os_hash_algo;
    let value: Attribute = |filter| &mut filter.os_hash_value;
    let filter = |texts: &[(Attribute, &str)]| {
        let mut filter = no_filter();
        for (attribute, text) in texts {
            *attribute(&mut filter) = Some((*text).to_owned());
        }
        filter
    };
    assert_found(
        &db,
        [
            (filter(&[(owner, "me")]), &[1]),
            (filter(&[(owner, "ME")]), &[]),
            (filter(&[(checksum, "c1")]), &[1]),
            (filter(&[(algorithm, "sha256")]), &[2]),
            (filter(&[(value, "h1")]), &[1]),
            (filter(&[(owner, "me"), (value, "other")]), &[]),
        ],
    )
    .await;
}

async fn one_of_several_texts_is_enough(db: Db) {
    type Attribute = fn(&mut ImageFilter) -> &mut Option<OneOf>;
    let unnamed = Image {
        name: None,
        disk_format: None,
        container_format: Some("ova".into()),
        status: ImageStatus::Saving,
        ..image(1)
    };
    let empty = Image {
        name: Some(String::new()),
        ..image(2)
    };
    insert(&db, [unnamed, empty, image(3)]).await;
    let ids: Attribute = |filter| &mut filter.id;
    let names: Attribute = |filter| &mut filter.name;
    let statuses: Attribute = |filter| &mut filter.status;
    let containers: Attribute = |filter| &mut filter.container_format;
    let disks: Attribute = |filter| &mut filter.disk_format;
    let filter = |attribute: Attribute, allowed: &[&str]| {
        let mut filter = no_filter();
        *attribute(&mut filter) = Some(texts(allowed));
        filter
    };
    assert_found(
        &db,
        [
            (filter(names, &["image 3", "x"]), &[3]),
            (filter(names, &[""]), &[2]),
            (filter(names, &["", "image 3"]), &[2, 3]),
            (filter(names, &[]), &[]),
            (filter(ids, &[id(1).as_str(), id(3).as_str(), "x"]), &[1, 3]),
            (filter(statuses, &["saving", "active"]), &[1]),
            (filter(statuses, &["unheard-of"]), &[]),
            (filter(containers, &["ova"]), &[1]),
            (filter(disks, &["raw", "iso"]), &[2, 3]),
        ],
    )
    .await;
}

async fn hidden_images_are_listed_apart(db: Db) {
    insert(&db, [full_image(1), image(2)]).await;
    let hidden = |os_hidden| ImageFilter {
        os_hidden,
        ..no_filter()
    };
    assert_found(&db, [(hidden(true), &[1]), (hidden(false), &[2])]).await;
}

async fn protected_images_are_told_apart(db: Db) {
    let protected = Image {
        protected: true,
        ..image(1)
    };
    insert(&db, [protected, image(2)]).await;
    let filter = |protected| ImageFilter {
        protected,
        ..no_filter()
    };
    assert_found(
        &db,
        [
            (filter(Some(true)), &[1]),
            (filter(Some(false)), &[2]),
            (filter(None), &[1, 2]),
        ],
    )
    .await;
}

async fn every_tag_is_required(db: Db) {
    let tagged = |number, tags: &[&str]| Image {
        tags: tags.iter().map(ToString::to_string).collect(),
        ..image(number)
    };
    insert(&db, [tagged(1, &["a", "b"]), tagged(2, &["a"]), image(3)]).await;
    let filter = |tags: &[&str]| ImageFilter {
        tags: texts(tags),
        ..no_filter()
    };
    assert_found(
        &db,
        [
            (filter(&["a"]), &[1, 2]),
            (filter(&["a", "b"]), &[1]),
            (filter(&["A"]), &[]),
        ],
    )
    .await;
}

async fn every_property_is_required(db: Db) {
    let long = "x".repeat(5000);
    let having = |number, properties: &[(&str, &str)]| Image {
        properties: properties
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned())))
            .collect(),
        ..image(number)
    };
    let longer = format!("{long}y");
    insert(
        &db,
        [
            having(1, &[("os", "linux"), ("size", "small")]),
            having(2, &[("os", "linux"), ("text", &long)]),
            having(3, &[("linux", "os"), ("text", &longer)]),
        ],
    )
    .await;
    let filter = |properties: &[(&str, &str)]| ImageFilter {
        properties: properties
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..no_filter()
    };
    assert_found(
        &db,
        [
            (filter(&[("os", "linux")]), &[1, 2]),
            (filter(&[("os", "linux"), ("size", "small")]), &[1]),
            (filter(&[("os", "lin")]), &[]),
            (filter(&[("text", &long)]), &[2]),
            (filter(&[("text", &longer)]), &[3]),
        ],
    )
    .await;
}

async fn common_tags_and_properties_are_found_like_rare_ones(db: Db) {
    let common = |number| Image {
        tags: texts(&["many"]).into_iter().collect(),
        properties: [
            ("os".to_owned(), Some("linux".to_owned())),
            ("none".to_owned(), None),
        ]
        .into(),
        owner: Some(if number % 2 == 0 { "me" } else { "other" }.to_owned()),
        ..image(number)
    };
    insert(&db, (0..1010).map(common).chain([image(1010)])).await;
    let filter = |tags: &[&str], properties: &[(&str, &str)]| ImageFilter {
        tags: texts(tags),
        properties: properties
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        created_at: vec![(Comparison::GreaterOrEqual, at(1006))],
        ..no_filter()
    };
    let linux = ("os", "linux");
    let my = Viewer::Project("me".into());
    for (filter, found, mine) in [
        (
            filter(&["many"], &[]),
            vec![1006, 1007, 1008, 1009],
            vec![1006, 1008],
        ),
        (
            filter(&[], &[linux]),
            vec![1006, 1007, 1008, 1009],
            vec![1006, 1008],
        ),
        (
            filter(&["many"], &[linux]),
            vec![1006, 1007, 1008, 1009],
            vec![1006, 1008],
        ),
        (filter(&["many", "few"], &[linux]), vec![], vec![]),
        (filter(&[], &[linux, ("none", "")]), vec![], vec![]),
    ] {
        assert_eq!(
            listed(&db, &admin(), filter.clone()).await,
            found,
            "{filter:?}"
        );
        assert_eq!(listed(&db, &my, filter.clone()).await, mine, "{filter:?}");
    }
}

async fn numbers_are_compared(db: Db) {
    let sized = |number, size| Image {
        size,
        min_disk: number,
        ..image(number)
    };
    insert(
        &db,
        [sized(1, None), sized(2, Some(10)), sized(3, Some(20))],
    )
    .await;
    let filter = |numbers: &[(SortField, Comparison, i64)]| ImageFilter {
        numbers: numbers.to_vec(),
        ..no_filter()
    };
    let size = SortField::Size;
    assert_found(
        &db,
        [
            (filter(&[(size, Comparison::Greater, 10)]), &[3]),
            (filter(&[(size, Comparison::GreaterOrEqual, 10)]), &[2, 3]),
            (filter(&[(size, Comparison::Less, 20)]), &[2]),
            (filter(&[(size, Comparison::LessOrEqual, 20)]), &[2, 3]),
            (filter(&[(size, Comparison::Equal, 20)]), &[3]),
            (filter(&[(size, Comparison::NotEqual, 20)]), &[2]),
            (
                filter(&[
                    (SortField::MinDisk, Comparison::GreaterOrEqual, 2),
                    (SortField::MinRam, Comparison::Equal, 2),
                    (size, Comparison::Less, 20),
                ]),
                &[2],
            ),
            (
                filter(&[(SortField::VirtualSize, Comparison::Greater, -1)]),
                &[],
            ),
        ],
    )
    .await;
}

async fn times_are_compared_by_the_second(db: Db) {
    // 10.0 s, 10.999999 s and 11.0 s: shown as 10, 10 and 11.
    let created = |number, micros| Image {
        created_at: Timestamp::from_micros(micros),
        ..image(number)
    };
    insert(
        &db,
        [
            created(1, 10_000_000),
            created(2, 10_999_999),
            created(3, 11_000_000),
        ],
    )
    .await;
    let filter = |how, micros| ImageFilter {
        created_at: vec![(how, Timestamp::from_micros(micros))],
        ..no_filter()
    };
    let (second, between) = (10_000_000, 10_500_000);
    assert_found(
        &db,
        [
            (filter(Comparison::Equal, second), &[1, 2]),
            (filter(Comparison::NotEqual, second), &[3]),
            (filter(Comparison::Greater, second), &[3]),
            (filter(Comparison::GreaterOrEqual, second), &[1, 2, 3]),
            (filter(Comparison::Less, second), &[]),
            (filter(Comparison::LessOrEqual, second), &[1, 2]),
            (filter(Comparison::Equal, between), &[]),
            (filter(Comparison::NotEqual, between), &[1, 2, 3]),
            (filter(Comparison::Greater, between), &[3]),
            (filter(Comparison::GreaterOrEqual, between), &[3]),
            (filter(Comparison::Less, between), &[1, 2]),
            (filter(Comparison::LessOrEqual, between), &[1, 2]),
            (
                ImageFilter {
                    updated_at: vec![(Comparison::Greater, at(1)), (Comparison::Less, at(3))],
                    ..no_filter()
                },
                &[2],
            ),
        ],
    )
    .await;
}
