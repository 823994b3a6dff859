//! Downloads that fill the cache, and are answered from it.

use axum::http::Method;
use futures_util::future::join_all;
use serde_json::json;

use super::{Cached, DATA, file};
use crate::support::{Engine, Fault, Persona, on_every_engine, until};

on_every_engine![
    a_download_fills_the_cache_and_the_next_is_answered_from_it,
    images_with_the_same_bytes_share_a_file,
    images_share_no_file_by_a_digest_that_proves_nothing,
    many_first_readers_open_the_store_once,
    a_first_client_that_goes_away_stops_neither_the_filling_nor_the_others,
    a_client_that_reads_nothing_stops_nobody,
    a_part_is_answered_from_a_whole_file_and_fills_nothing,
    without_a_caching_flavor_downloads_pass_the_cache,
];

async fn a_download_fills_the_cache_and_the_next_is_answered_from_it(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.image(DATA).await;
    let first = cached.download(&id).await.expect(200);
    assert_eq!(first.text(), DATA);
    cached.until_cached(&id).await;
    let content = std::fs::read_to_string(cached.only_file()).expect("a file");
    assert_eq!(content, DATA);
    let name = cached.only_file();
    let name = name.file_name().expect("a name").to_string_lossy();
    let hash = cached.registry.shown(&id).await["os_hash_value"].clone();
    assert_eq!(name, format!("sha512-{}", hash.as_str().expect("a digest")));

    let opened = cached.stores.opened();
    cached.close_stores();
    let second = cached.download(&id).await.expect(200);
    assert_eq!(second.text(), DATA);
    for header in ["content-length", "content-md5", "content-type"] {
        assert_eq!(second.header(header), first.header(header));
    }
    assert_eq!(cached.stores.opened(), opened);
}

async fn images_with_the_same_bytes_share_a_file(engine: Engine) {
    let cached = Cached::open(engine).await;
    cached.cached_image(DATA).await;
    let other = cached.image(DATA).await;
    cached.close_stores();
    assert_eq!(cached.download(&other).await.expect(200).text(), DATA);
    cached.only_file();
    assert_eq!(cached.listed().await.len(), 2);
}

async fn images_share_no_file_by_a_digest_that_proves_nothing(engine: Engine) {
    let cached = Cached::open(engine).await;
    let weak = json!({"os_hash_algo": "md5"});
    for count in 1..=2 {
        let image = cached
            .registry
            .active_image(Persona::MEMBER, weak.clone(), DATA);
        let id = image.await;
        cached.download(&id).await.expect(200);
        cached.until_cached(&id).await;
        assert_eq!(cached.files().len(), count);
    }
}

async fn many_first_readers_open_the_store_once(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.image(DATA).await;
    cached.stores.set("slow", Fault::Pause(7));
    let readers = join_all((0..8).map(|_| cached.download(&id)));
    let opened = async {
        until("the store is read", async || cached.stores.opened() > 0).await;
        cached.stores.set("slow", Fault::None);
    };
    let (answers, ()) = tokio::join!(readers, opened);
    for answer in answers {
        assert_eq!(answer.expect(200).text(), DATA);
    }
    assert_eq!(cached.stores.opened(), 1);
}

async fn a_first_client_that_goes_away_stops_neither_the_filling_nor_the_others(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.image(DATA).await;
    cached.stores.set("slow", Fault::Pause(7));
    let call = cached.registry.call(Method::GET, &file(&id));
    drop(call.by(Persona::MEMBER).begin().await);

    let follower = cached.download(&id);
    let go_on = async { cached.stores.set("slow", Fault::None) };
    let (answer, ()) = tokio::join!(follower, go_on);
    assert_eq!(answer.expect(200).text(), DATA);
    cached.until_cached(&id).await;
    assert_eq!(cached.stores.opened(), 1);
}

async fn a_client_that_reads_nothing_stops_nobody(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.image(DATA).await;
    let call = cached.registry.call(Method::GET, &file(&id));
    let unread = call.by(Persona::MEMBER).begin().await;
    assert_eq!(cached.download(&id).await.expect(200).text(), DATA);
    cached.until_cached(&id).await;
    cached.close_stores();
    let late = axum::body::to_bytes(unread, usize::MAX).await;
    assert_eq!(late.expect("all of it"), DATA);
}

async fn a_part_is_answered_from_a_whole_file_and_fills_nothing(engine: Engine) {
    let cached = Cached::open(engine).await;
    let id = cached.image(DATA).await;
    let part = cached.part(&id, "bytes=3-7").await.expect(206);
    assert_eq!(part.text(), DATA[3..8]);
    assert!(cached.files().is_empty());

    cached.download(&id).await.expect(200);
    cached.until_cached(&id).await;
    cached.close_stores();
    let part = cached.part(&id, "bytes=3-7").await.expect(206);
    assert_eq!(part.text(), DATA[3..8]);
    let end = cached.part(&id, "bytes=-4").await.expect(206);
    assert_eq!(end.text(), DATA[DATA.len() - 4..]);
}

async fn without_a_caching_flavor_downloads_pass_the_cache(engine: Engine) {
    let flavor = "[paste_deploy]\nflavor = \"other\"";
    let cached = Cached::with(engine, flavor).await;
    let id = cached.image(DATA).await;
    cached.download(&id).await.expect(200);
    assert!(cached.files().is_empty());
    assert!(!cached.has(&id).await);
}
