//! Stores, disks and files that fail: nobody gets bytes that are not the image's.

use std::fs;

use axum::http::Method;

use super::{Cached, DAMAGED, DATA, file};
use crate::support::{Engine, Fault, Persona, on_every_engine, until};

on_every_engine![
    a_filling_that_breaks_off_is_gone_on_with_from_the_store_without_a_seam,
    a_store_that_gives_other_bytes_fills_nothing_and_its_readers_are_cut_off,
    a_store_that_cannot_be_read_is_told_as_without_a_cache,
    a_cache_that_cannot_be_written_to_fails_no_download,
    a_damaged_file_is_thrown_away_and_not_served,
    a_file_that_is_too_short_is_thrown_away_and_not_served,
    a_file_that_is_gone_is_no_loss,
    a_download_that_is_checked_finds_a_file_that_looks_unchanged,
];

async fn a_filling_that_breaks_off_is_gone_on_with_from_the_store_without_a_seam(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.image(DATA).await;
    cached.stores.set("slow", Fault::BreakOffOnce(7));
    let answer = cached.download(&id).await.expect(200);
    assert_eq!(answer.text(), DATA);
    assert_eq!(cached.stores.opened(), 2);
    until("nothing is left of it", async || cached.files().is_empty()).await;
    assert!(!cached.has(&id).await);
    cached.download(&id).await.expect(200);
    cached.until_cached(&id).await;
}

async fn a_store_that_gives_other_bytes_fills_nothing_and_its_readers_are_cut_off(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.image(DATA).await;
    cached.stores.set("slow", Fault::Alter);
    let call = cached.registry.call(Method::GET, &file(&id));
    let got = call.by(Persona::MEMBER).send_and_break_off().await;
    assert!(got.len() < DATA.len(), "{got:?}");
    until("nothing is left of it", async || cached.files().is_empty()).await;
    assert!(!cached.has(&id).await);
    until("the copy is to be looked at", async || {
        cached.registry.digests(&id).await["copies"][0]["pending"] == true
    })
    .await;
}

async fn a_store_that_cannot_be_read_is_told_as_without_a_cache(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.image(DATA).await;
    cached.stores.set("slow", Fault::Open);
    cached.download(&id).await.expect(503);
    let copy = cached.registry.folder().join("stores/slow").join(&id);
    fs::remove_file(copy).expect("a file");
    cached.stores.set("slow", Fault::None);
    cached.download(&id).await.expect(404);
    assert!(cached.files().is_empty());
}

async fn a_cache_that_cannot_be_written_to_fails_no_download(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.image(DATA).await;
    let incomplete = cached.folder.path().join("incomplete");
    fs::remove_dir(&incomplete).expect("a folder");
    fs::write(&incomplete, "no folder").expect("a file");
    assert_eq!(cached.download(&id).await.expect(200).text(), DATA);
    fs::remove_file(&incomplete).expect("a file");
    fs::create_dir(&incomplete).expect("a folder");
    cached.download(&id).await.expect(200);
    cached.until_cached(&id).await;
}

async fn a_damaged_file_is_thrown_away_and_not_served(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.cached_image(DATA).await;
    let file = cached.only_file();
    fs::remove_file(&file).expect("a file");
    fs::write(&file, DAMAGED).expect("a file");
    // Neither a part nor the whole.
    let part = cached.part(&id, "bytes=10-").await.expect(206);
    assert_eq!(part.text(), DATA[10..]);
    assert!(!file.exists());
    assert_eq!(cached.download(&id).await.expect(200).text(), DATA);
    cached.until_cached(&id).await;
    assert_eq!(fs::read_to_string(file).expect("a file"), DATA);
}

async fn a_file_that_is_too_short_is_thrown_away_and_not_served(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.cached_image(DATA).await;
    let file = cached.only_file();
    fs::write(&file, &DATA[..5]).expect("a file");
    let part = cached.part(&id, "bytes=0-3").await.expect(206);
    assert_eq!(part.text(), DATA[..4]);
    assert!(!file.exists());
}

async fn a_file_that_is_gone_is_no_loss(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.cached_image(DATA).await;
    fs::remove_file(cached.only_file()).expect("a file");
    let part = cached.part(&id, "bytes=0-3").await.expect(206);
    assert_eq!(part.text(), DATA[..4]);
    cached.sweep().await;
    assert!(!cached.has(&id).await);
    cached.download(&id).await.expect(200);
    cached.until_cached(&id).await;
}

async fn a_download_that_is_checked_finds_a_file_that_looks_unchanged(engine: Engine) {
    let cached = Cached::with(engine, "[verification]\nverify_reads = true").await;
    let id = cached.cached_image(DATA).await;
    let path = cached.only_file();
    let modified = fs::metadata(&path).and_then(|about| about.modified());
    let modified = modified.expect("a time");
    fs::write(&path, DAMAGED).expect("a file");
    let damaged = fs::File::options().write(true).open(&path);
    let damaged = damaged.expect("a file");
    damaged.set_modified(modified).expect("a time to set");

    let call = cached.registry.call(Method::GET, &file(&id));
    let got = call.by(Persona::MEMBER).send_and_break_off().await;
    assert!(got.len() < DATA.len(), "{got:?}");
    until("the file is gone", async || !path.exists()).await;
    assert_eq!(cached.download(&id).await.expect(200).text(), DATA);
}
