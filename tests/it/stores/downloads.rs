//! Downloads of an image that several stores hold.

use axum::http::Method;
use serde_json::json;

use super::{DATA, import, staged};
use crate::support::{Answer, Engine, Fault, Persona, Registry, on_every_engine};

on_every_engine![
    the_best_store_is_read,
    bytes_that_are_not_the_images_are_never_given_whole,
    a_store_that_is_preferred_is_read_first,
    who_may_not_choose_the_store_is_refused,
    a_copy_that_cannot_be_opened_is_passed_over,
    a_copy_that_breaks_off_is_gone_on_with_by_the_next,
    every_copy_may_break_off_as_long_as_one_gives_the_end,
    a_part_is_read_over_several_copies_without_a_seam,
    when_every_copy_breaks_off_the_download_does,
    a_lost_image_is_not_found_and_an_unreachable_one_is_told_apart,
    a_copy_that_is_too_short_is_passed_over,
];

/// An image that all stores hold.
async fn image(registry: &Registry) -> String {
    let id = staged(registry).await;
    import(registry, &id, json!({"all_stores": true})).await;
    registry.work().await;
    id
}

async fn read(registry: &Registry, id: &str) -> Answer {
    let path = format!("/v2/images/{id}/file");
    registry.get(Persona::MEMBER, &path).await
}

fn file(registry: &Registry, store: &str, id: &str) -> std::path::PathBuf {
    registry.folder().join(format!("stores/{store}/{id}"))
}

async fn the_best_store_is_read(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    // Behind its back, so that it shows which copy is read.
    let marked = DATA.to_uppercase();
    std::fs::write(file(&registry, "fast", &id), &marked).expect("a file");
    assert_eq!(part(&registry, &id, "").await, &marked[1..]);
}

/// All bytes but the first, which are held against nothing, with `query` at the end of the path.
async fn part(registry: &Registry, id: &str, query: &str) -> String {
    let path = format!("/v2/images/{id}/file{query}");
    let call = registry.call(Method::GET, &path).by(Persona::MEMBER);
    let answer = call.header("range", "bytes=1-").send().await;
    answer.expect(206).text()
}

async fn bytes_that_are_not_the_images_are_never_given_whole(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    let other = DATA.to_uppercase();
    std::fs::write(file(&registry, "fast", &id), &other).expect("a file");
    let path = format!("/v2/images/{id}/file");
    for fault in [Fault::None, Fault::BreakOff(5)] {
        stores.set("fast", fault);
        let call = registry.call(Method::GET, &path).by(Persona::MEMBER);
        let given = call.send_and_break_off().await;
        assert!(given.len() < DATA.len(), "{fault:?}");
    }
}

async fn a_store_that_is_preferred_is_read_first(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    let marked = DATA.to_uppercase();
    std::fs::write(file(&registry, "slow", &id), &marked).expect("a file");
    for (query, expected) in [
        ("?prefer=slow", marked[1..].to_owned()),
        ("?prefer=fast,slow", DATA[1..].to_owned()),
        ("?prefer=", DATA[1..].to_owned()),
    ] {
        assert_eq!(part(&registry, &id, query).await, expected, "{query}");
    }
    // One that cannot give it is passed over.
    stores.set("slow", Fault::Open);
    assert_eq!(
        part(&registry, &id, "?prefer=slow,%20fast").await,
        DATA[1..]
    );
    let path = format!("/v2/images/{id}/file?prefer=nowhere");
    let refused = registry.get(Persona::MEMBER, &path).await.expect(400);
    assert!(refused.text().contains("nowhere"));
}

async fn who_may_not_choose_the_store_is_refused(engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let policy = folder.path().join("policy.yaml");
    std::fs::write(&policy, "download_from_store: \"role:admin\"\n").expect("a file");
    let settings = format!("[oslo_policy]\npolicy_file = \"{}\"", policy.display());
    let (registry, _) = Registry::several(engine, &settings).await;
    let id = image(&registry).await;
    let path = format!("/v2/images/{id}/file?prefer=slow");
    registry.get(Persona::MEMBER, &path).await.expect(403);
    registry.get(Persona::ADMIN, &path).await.expect(200);
    assert_eq!(read(&registry, &id).await.expect(200).text(), DATA);
}

async fn a_copy_that_cannot_be_opened_is_passed_over(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    stores.set("fast", Fault::Open);
    assert_eq!(read(&registry, &id).await.expect(200).text(), DATA);
    std::fs::remove_file(file(&registry, "slow", &id)).expect("a file");
    assert_eq!(read(&registry, &id).await.expect(200).text(), DATA);
}

async fn a_copy_that_breaks_off_is_gone_on_with_by_the_next(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    for after in 0..DATA.len() as u64 {
        stores.set("fast", Fault::BreakOff(after));
        let answer = read(&registry, &id).await.expect(200);
        assert_eq!(answer.header("content-length"), DATA.len().to_string());
        assert_eq!(answer.text(), DATA, "{after}");
    }
}

async fn every_copy_may_break_off_as_long_as_one_gives_the_end(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    stores.set("fast", Fault::BreakOff(5));
    stores.set("slow", Fault::BreakOff(7));
    assert_eq!(read(&registry, &id).await.expect(200).text(), DATA);
}

async fn a_part_is_read_over_several_copies_without_a_seam(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    stores.set("fast", Fault::BreakOff(2));
    stores.set("slow", Fault::BreakOff(3));
    let path = format!("/v2/images/{id}/file");
    let call = registry.call(Method::GET, &path).by(Persona::MEMBER);
    let part = call.header("range", "bytes=3-14").send().await.expect(206);
    assert_eq!(part.text(), DATA[3..15]);
}

async fn when_every_copy_breaks_off_the_download_does(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    for (store, after) in [("fast", 5), ("slow", 0), ("spare", 4)] {
        stores.set(store, Fault::BreakOff(after));
    }
    let path = format!("/v2/images/{id}/file");
    let call = registry.call(Method::GET, &path).by(Persona::MEMBER);
    let got = call.send_and_break_off().await;
    assert_eq!(got, DATA.as_bytes()[..5], "the last piece is held back");
}

async fn a_lost_image_is_not_found_and_an_unreachable_one_is_told_apart(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    for store in ["fast", "slow", "spare"] {
        std::fs::remove_file(file(&registry, store, &id)).expect("a file");
    }
    read(&registry, &id).await.expect(404);
    stores.set("slow", Fault::Open);
    read(&registry, &id).await.expect(503);
}

async fn a_copy_that_is_too_short_is_passed_over(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let id = image(&registry).await;
    std::fs::write(file(&registry, "fast", &id), "short").expect("a file");
    assert_eq!(read(&registry, &id).await.expect(200).text(), DATA);
}
