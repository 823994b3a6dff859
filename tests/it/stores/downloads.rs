//! Downloads of an image that several stores hold.

use axum::http::Method;
use serde_json::json;

use super::{DATA, import, staged};
use crate::support::{Answer, Engine, Fault, Persona, Registry, on_every_engine};

on_every_engine![
    the_best_store_is_read,
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
    assert_eq!(read(&registry, &id).await.expect(200).text(), marked);
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
    assert_eq!(got, DATA.as_bytes()[..9]);
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
