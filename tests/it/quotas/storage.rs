//! `user_storage_quota`: so many bytes in stores for each owner of images.

use futures_util::future::join_all;
use serde_json::json;

use super::{
    MIB, Size, accepted, assert_refused_for_quota, delete, framed, images, import_from,
    import_staged, over, owners_have, put, usage,
};
use crate::support::{Engine, Origin, Persona, Registry, on_every_engine};

on_every_engine![
    a_quota_is_filled_to_its_last_byte_and_not_beyond,
    of_parallel_uploads_as_many_as_fit_succeed,
    uploads_of_any_kind_at_once_never_pass_the_quota,
    an_upload_that_goes_over_while_it_streams_leaves_nothing,
    each_owner_has_a_quota_of_its_own,
    the_quota_is_the_owners_whoever_brings_the_data,
    an_import_of_staged_data_is_refused_when_it_is_asked_for,
    a_download_beyond_the_quota_fails_and_says_why,
    it_has_nothing_to_do_with_unified_limits,
];

async fn a_quota_is_filled_to_its_last_byte_and_not_beyond(engine: Engine) {
    for size in Size::BOTH {
        let registry = Registry::with(engine, &owners_have("100B")).await;
        let ids = images(&registry, 3).await;
        let upload = async |id: &str, bytes| put(&registry, id, "file", size.body(bytes)).await;
        upload(&ids[0], 60).await.expect(204);
        let told = over(upload(&ids[1], 41).await);
        let expected = "Image exceeds the storage quota: The size of the data 41 will exceed the \
                        limit. 40 bytes remaining.";
        assert!(told.contains(expected), "{size:?}: {told}");
        upload(&ids[1], 40).await.expect(204);
        over(upload(&ids[2], 1).await);
        delete(&registry, &ids[0]).await;
        upload(&ids[2], 60).await.expect(204);
    }
}

async fn of_parallel_uploads_as_many_as_fit_succeed(engine: Engine) {
    for size in Size::BOTH {
        let registry = Registry::with(engine, &owners_have("1KB")).await;
        let ids = images(&registry, 20).await;
        let uploads = ids
            .iter()
            .map(|id| put(&registry, id, "file", size.body(100)));
        assert_eq!(accepted(join_all(uploads).await), 10, "{size:?}");
        assert_eq!(registry.files().len(), 10);
    }
}

/// Numbers that look random and are the same each time.
fn mixed(mut seed: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(seed >> 40).ok()
    })
}

async fn uploads_of_any_kind_at_once_never_pass_the_quota(engine: Engine) {
    let quota = 5000;
    let registry = Registry::with(engine, &owners_have(&quota.to_string())).await;
    let mut numbers = mixed(1);
    let mut number = |below: usize| numbers.next().expect("a number") % below;
    let ids = images(&registry, 20).await;
    let uploads: Vec<_> = ids
        .iter()
        .map(|id| {
            let body = match number(3) {
                0 => Size::Known.body(1 + number(900)),
                1 => framed(&[1 + number(900)]),
                _ => framed(&[1 + number(300), 1 + number(300), 1 + number(300)]),
            };
            put(&registry, id, "file", body)
        })
        .collect();
    assert!(accepted(join_all(uploads).await) > 0);
    let mut stored = 0;
    for id in &ids {
        stored += registry.shown(id).await["size"].as_u64().unwrap_or(0);
    }
    assert!(stored <= quota, "{stored}");

    // Nothing is reserved any more: what is left of the quota can be had.
    let left = usize::try_from(quota - stored).expect("a size");
    let last = registry.image(Persona::MEMBER, json!({})).await;
    over(put(&registry, &last, "file", vec![7; left + 1]).await);
    put(&registry, &last, "file", vec![7; left])
        .await
        .expect(204);
}

async fn an_upload_that_goes_over_while_it_streams_leaves_nothing(engine: Engine) {
    let registry = Registry::with(engine, &owners_have("3MB")).await;
    let ids = images(&registry, 2).await;
    let frames = [MIB, MIB, MIB, 1];
    let told = over(put(&registry, &ids[0], "file", framed(&frames)).await);
    assert!(
        told.contains("3145729 will exceed the limit. 3145728 bytes"),
        "{told}"
    );
    assert_refused_for_quota(&registry, &ids[0]).await;
    put(&registry, &ids[1], "file", vec![7; 2 * MIB])
        .await
        .expect(204);
    put(&registry, &ids[0], "file", framed(&[MIB]))
        .await
        .expect(204);
    let image = registry.shown(&ids[0]).await;
    assert_eq!(
        (&image["status"], &image["size"]),
        (&json!("active"), &json!(MIB))
    );
}

async fn each_owner_has_a_quota_of_its_own(engine: Engine) {
    let registry = Registry::with(engine, &owners_have("10B")).await;
    for persona in [Persona::MEMBER, Persona::STRANGER] {
        registry
            .active_image(persona, json!({}), "0123456789")
            .await;
    }
}

async fn the_quota_is_the_owners_whoever_brings_the_data(engine: Engine) {
    let registry = Registry::with(engine, &owners_have("10B")).await;
    registry
        .active_image(Persona::ADMIN, json!({"owner": "alpha"}), "012345")
        .await;
    let more = registry.image(Persona::MEMBER, json!({})).await;
    over(put(&registry, &more, "file", "01234").await);
    registry
        .active_image(Persona::ADMIN, json!({}), "0123456789")
        .await;
}

async fn an_import_of_staged_data_is_refused_when_it_is_asked_for(engine: Engine) {
    let registry = Registry::with(engine, &owners_have("10B")).await;
    let ids = images(&registry, 2).await;
    // The staging area is no store.
    for id in &ids {
        put(&registry, id, "stage", "012345").await.expect(204);
    }
    import_staged(&registry, &ids[0]).await.expect(202);
    // It is not there yet, but it is promised.
    over(import_staged(&registry, &ids[1]).await);
    assert_eq!(registry.shown(&ids[1]).await["status"], "uploading");
    registry.work().await;
    assert_eq!(registry.shown(&ids[0]).await["status"], "active");
    over(import_staged(&registry, &ids[1]).await);
    delete(&registry, &ids[0]).await;
    import_staged(&registry, &ids[1]).await.expect(202);
    registry.work().await;
    assert_eq!(registry.shown(&ids[1]).await["status"], "active");
}

async fn a_download_beyond_the_quota_fails_and_says_why(engine: Engine) {
    use axum::{Router, body::Body, routing::get};
    let registry = Registry::with(engine, &owners_have("10B")).await;
    let router = Router::new()
        .route("/known", get(async || "0123456789a"))
        .route("/unknown", get(async || framed(&[5, 5, 1])))
        .route("/fits", get(async || Body::from("0123456789")));
    let origin = Origin::running(router).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for name in ["known", "unknown"] {
        import_from(&registry, &id, &origin.url(name))
            .await
            .expect(202);
        registry.work().await;
        assert_refused_for_quota(&registry, &id).await;
    }
    import_from(&registry, &id, &origin.url("fits"))
        .await
        .expect(202);
    registry.work().await;
    assert_eq!(registry.shown(&id).await["status"], "active");
}

async fn it_has_nothing_to_do_with_unified_limits(engine: Engine) {
    let registry = Registry::with(engine, &owners_have("10B")).await;
    assert_eq!(usage(&registry, Persona::MEMBER).await, json!({}));
}
