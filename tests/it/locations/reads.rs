//! Reading what others have: never as if it were verified when it is not.

use super::{DATA, OTHER, broken, copy, copy_to_slow, in_both, read, registered, registry};
use crate::support::{Engine, Page, Persona, Web, on_every_engine};

on_every_engine![
    what_others_have_is_read_whole_and_in_parts,
    what_has_changed_is_never_given_to_its_end,
    a_part_of_what_has_changed_is_never_given_to_its_end,
    what_became_longer_or_shorter_is_not_given,
    what_is_gone_or_silent_is_told_apart,
    a_stores_own_copy_is_read_before_what_others_have,
    what_others_have_is_read_when_no_own_copy_can_be,
    a_reading_finds_what_has_changed_and_what_cannot_be_reached,
    a_copy_is_made_of_what_others_have_if_it_is_what_it_was,
];

async fn what_others_have_is_read_whole_and_in_parts(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registered(&registry, &web.url("a.img")).await;
    assert_eq!(read(&registry, &id, None).await.expect(200).body, DATA);
    for (range, part) in [
        ("bytes=0-4", 0..5),
        ("bytes=7-7", 7..8),
        ("bytes=-3", 27..30),
    ] {
        let answer = read(&registry, &id, Some(range)).await.expect(206);
        assert_eq!(answer.body, DATA[part], "{range}");
    }
    read(&registry, &id, Some("bytes=30-")).await.expect(416);
    web.set(Page::Untold(DATA));
    assert_eq!(read(&registry, &id, None).await.expect(200).body, DATA);
}

async fn what_has_changed_is_never_given_to_its_end(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registered(&registry, &web.url("a.img")).await;
    for page in [Page::Data(OTHER), Page::Untold(OTHER)] {
        web.set(page);
        let given = broken(&registry, &id, None).await;
        assert!(given.len() < DATA.len(), "{given:?}");
    }
}

async fn a_part_of_what_has_changed_is_never_given_to_its_end(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registered(&registry, &web.url("a.img")).await;
    web.set(Page::Data(OTHER));
    // Both begin with the same bytes.
    assert_eq!(DATA[..5], OTHER[..5]);
    assert_eq!(broken(&registry, &id, Some("bytes=0-4")).await, b"");
}

async fn what_became_longer_or_shorter_is_not_given(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registered(&registry, &web.url("a.img")).await;
    for page in [
        Page::Data(b"bytes"),
        Page::Data(b"bytes that somebody else keeps on"),
    ] {
        web.set(page);
        read(&registry, &id, None).await.expect(503);
    }
    web.set(Page::Untold(b"bytes"));
    assert!(broken(&registry, &id, None).await.len() < DATA.len());
}

async fn what_is_gone_or_silent_is_told_apart(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registered(&registry, &web.url("a.img")).await;
    web.set(Page::Status(404));
    read(&registry, &id, None).await.expect(404);
    for page in [
        Page::Status(500),
        Page::Redirects("http://169.254.169.254/a.img".into()),
    ] {
        web.set(page);
        read(&registry, &id, None).await.expect(503);
    }
    web.set(Page::Stalls(DATA, 9));
    assert!(broken(&registry, &id, None).await.len() < DATA.len());
}

async fn a_stores_own_copy_is_read_before_what_others_have(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = in_both(&registry, &web).await;
    assert_eq!(read(&registry, &id, None).await.expect(200).body, DATA);
    let part = read(&registry, &id, Some("bytes=1-2")).await.expect(206);
    assert_eq!(part.body, DATA[1..3]);
    assert_eq!(web.asked(), [""; 0]);
}

async fn what_others_have_is_read_when_no_own_copy_can_be(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = in_both(&registry, &web).await;
    let file = registry.folder().join("stores/fast").join(&id);
    std::fs::write(&file, &DATA[..9]).expect("a file");
    assert_eq!(read(&registry, &id, None).await.expect(200).body, DATA);
    std::fs::remove_file(&file).expect("a file");
    assert_eq!(read(&registry, &id, None).await.expect(200).body, DATA);
    web.set(Page::Data(OTHER));
    assert!(broken(&registry, &id, None).await.len() < DATA.len());
}

async fn a_reading_finds_what_has_changed_and_what_cannot_be_reached(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let settings = "[verification]\non_damage = \"quarantine\"";
    let registry = registry(engine, settings).await;
    let id = registered(&registry, &web.url("a.img")).await;
    let verify = async || {
        let path = format!("/v2/images/{id}/actions/verify");
        let call = registry.call(axum::http::Method::POST, &path);
        call.by(Persona::MEMBER).send().await.expect(202);
        registry.check().await;
        copy(&registry, &id, "web").await["state"].clone()
    };
    assert_eq!(verify().await, "ok");
    web.set(Page::Status(404));
    // Servers forget, and remember again.
    verify().await;
    assert_eq!(registry.shown(&id).await["status"], "active");
    web.set(Page::Untold(b"bytes that somebody else keeps on"));
    verify().await;
    assert_eq!(copy(&registry, &id, "web").await["state"], "damaged");
    assert_eq!(registry.shown(&id).await["status"], "deactivated");
}

async fn a_copy_is_made_of_what_others_have_if_it_is_what_it_was(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registered(&registry, &web.url("a.img")).await;
    web.set(Page::Data(OTHER));
    copy_to_slow(&registry, &id).await;
    assert_eq!(registry.shown(&id).await["stores"], "web");
    web.set(Page::Data(DATA));
    copy_to_slow(&registry, &id).await;
    assert_eq!(registry.shown(&id).await["stores"], "web,slow");
    let file = registry.folder().join("stores/slow").join(&id);
    assert_eq!(std::fs::read(file).expect("a file"), DATA);
}
