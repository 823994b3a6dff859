//! Unified limits: what an identity service says a project may have.

use std::sync::Arc;

use futures_util::future::join_all;
use hallmark::domain::Resource;
use serde_json::{Value, json};

use super::{
    MIB, Size, accepted, create, delete, images, import_from, import_staged, over, owners_have,
    put, usage, used,
};
use crate::support::{Engine, KnownLimits, Origin, Persona, Registry, on_every_engine};

on_every_engine![
    of_parallel_creations_as_many_as_fit_succeed,
    of_parallel_uploads_as_many_as_fit_succeed,
    of_parallel_stagings_as_many_as_fit_succeed,
    a_mib_that_is_not_full_does_not_count,
    data_of_unknown_size_may_pass_a_limit_that_was_not_passed,
    of_parallel_data_of_unknown_size_one_passes_the_limit,
    data_arrives_for_no_more_images_than_allowed,
    staged_data_becomes_stored_and_is_never_counted_twice,
    a_download_counts_as_staged_and_as_stored,
    nothing_may_be_had_of_what_has_the_limit_zero,
    the_limits_are_those_of_who_asks,
    a_project_is_told_what_it_has_and_may_have,
    unified_limits_come_before_the_quota_of_owners,
    without_limits_nothing_is_begun,
    where_nothing_is_limited_no_quota_is_looked_at,
];

const ALPHA: &str = Persona::MEMBER.project;

/// The settings by which nothing passes a limit.
const STRICT: &str = "[quotas]\nstrict_sizes = true";

async fn of_parallel_creations_as_many_as_fit_succeed(engine: Engine) {
    let limits = KnownLimits::of(ALPHA, Resource::ImageCountTotal, 5);
    let registry = Registry::limited(engine, "", &limits).await;
    let created = join_all((0..20).map(|_| create(&registry))).await;
    let first = created.iter().find(|answer| answer.status == 201).cloned();
    assert_eq!(accepted(created), 5);
    let told = over(create(&registry).await);
    let expected = "Project alpha is over a limit for [Resource image_count_total is over limit \
                    of 5 due to current usage 5 and delta 1]";
    assert!(told.contains(expected), "{told}");
    let first = first.expect("an image").json();
    delete(&registry, first["id"].as_str().expect("an id")).await;
    create(&registry).await.expect(201);
    registry.image(Persona::STRANGER, json!({})).await;
}

async fn of_parallel_uploads_as_many_as_fit_succeed(engine: Engine) {
    for size in Size::BOTH {
        let limits = KnownLimits::of(ALPHA, Resource::ImageSizeTotal, 2);
        let registry = Registry::limited(engine, STRICT, &limits).await;
        let ids = images(&registry, 6).await;
        let uploads = ids
            .iter()
            .map(|id| put(&registry, id, "file", size.body(MIB)));
        assert_eq!(accepted(join_all(uploads).await), 2, "{size:?}");
        assert_eq!(used(&registry, "image_size_total").await, 2);
        let id = registry.image(Persona::MEMBER, json!({})).await;
        let told = over(put(&registry, &id, "file", size.body(MIB)).await);
        let expected = "Project alpha is over a limit for [Resource image_size_total is over \
                        limit of 2 due to current usage 2 and delta 1]";
        assert!(told.contains(expected), "{size:?}: {told}");
        limits.set(ALPHA, Resource::ImageSizeTotal, 3);
        put(&registry, &id, "file", size.body(MIB))
            .await
            .expect(204);
    }
}

async fn of_parallel_stagings_as_many_as_fit_succeed(engine: Engine) {
    for size in Size::BOTH {
        let limits = KnownLimits::of(ALPHA, Resource::ImageStageTotal, 3);
        let registry = Registry::limited(engine, STRICT, &limits).await;
        let ids = images(&registry, 8).await;
        let stagings = ids
            .iter()
            .map(|id| put(&registry, id, "stage", size.body(MIB)));
        assert_eq!(accepted(join_all(stagings).await), 3, "{size:?}");
        assert_eq!(used(&registry, "image_stage_total").await, 3);
        assert_eq!(registry.files().len(), 3);
        // What is uploaded is not staged.
        let id = registry.image(Persona::MEMBER, json!({})).await;
        put(&registry, &id, "file", size.body(MIB))
            .await
            .expect(204);
    }
}

async fn a_mib_that_is_not_full_does_not_count(engine: Engine) {
    for size in Size::BOTH {
        let limits = KnownLimits::of(ALPHA, Resource::ImageSizeTotal, 1);
        let registry = Registry::limited(engine, STRICT, &limits).await;
        let ids = images(&registry, 2).await;
        over(put(&registry, &ids[0], "file", size.body(2 * MIB)).await);
        put(&registry, &ids[0], "file", size.body(2 * MIB - 1))
            .await
            .expect(204);
        assert_eq!(used(&registry, "image_size_total").await, 1);
        over(put(&registry, &ids[1], "file", size.body(1)).await);
    }
}

/// As Glance: it is seen to be too much once it is there.
async fn data_of_unknown_size_may_pass_a_limit_that_was_not_passed(engine: Engine) {
    for (what, resource) in [
        ("file", Resource::ImageSizeTotal),
        ("stage", Resource::ImageStageTotal),
    ] {
        let limits = KnownLimits::of(ALPHA, resource, 1);
        let registry = Registry::limited(engine, "", &limits).await;
        let ids = images(&registry, 4).await;
        let send = async |id, size: Size| put(&registry, id, what, size.body(MIB)).await;
        send(&ids[0], Size::Unknown).await.expect(204);
        over(send(&ids[1], Size::Known).await);
        send(&ids[1], Size::Unknown).await.expect(204);
        over(send(&ids[2], Size::Unknown).await);
        assert_eq!(used(&registry, resource.as_str()).await, 2);

        limits.set(ALPHA, resource, 2);
        send(&ids[2], Size::Unknown).await.expect(204);
        over(send(&ids[3], Size::Unknown).await);
        delete(&registry, &ids[0]).await;
        send(&ids[3], Size::Unknown).await.expect(204);
        assert_eq!(used(&registry, resource.as_str()).await, 3);
    }
}

async fn of_parallel_data_of_unknown_size_one_passes_the_limit(engine: Engine) {
    let limits = KnownLimits::of(ALPHA, Resource::ImageSizeTotal, 2);
    let registry = Registry::limited(engine, "", &limits).await;
    let ids = images(&registry, 8).await;
    let uploads = ids
        .iter()
        .map(|id| put(&registry, id, "file", Size::Unknown.body(MIB)));
    assert_eq!(accepted(join_all(uploads).await), 3);
    assert_eq!(used(&registry, "image_size_total").await, 3);
}

async fn data_arrives_for_no_more_images_than_allowed(engine: Engine) {
    let limits = KnownLimits::of(ALPHA, Resource::ImageCountUploading, 1);
    let registry = Registry::limited(engine, "", &limits).await;
    let origin = Origin::serving("data").await;
    let ids = images(&registry, 2).await;
    put(&registry, &ids[0], "stage", "data").await.expect(204);
    for what in ["stage", "file"] {
        let told = over(put(&registry, &ids[1], what, "data").await);
        let expected = "Project alpha is over a limit for [Resource image_count_uploading is \
                        over limit of 1 due to current usage 2 and delta 0]";
        assert!(told.contains(expected), "{what}: {told}");
    }
    over(import_from(&registry, &ids[1], &origin.url("x")).await);
    assert_eq!(registry.shown(&ids[1]).await["status"], "queued");
    // It counts already.
    import_staged(&registry, &ids[0]).await.expect(202);
    registry.work().await;
    put(&registry, &ids[1], "file", "data").await.expect(204);
}

/// Stored and staged MiB, and images to which data is arriving.
async fn figures(registry: &Registry) -> (u64, u64, u64) {
    let usage = usage(registry, Persona::MEMBER).await;
    let of = |name: &str| usage[name]["usage"].as_u64().expect("a number");
    (
        of("image_size_total"),
        of("image_stage_total"),
        of("image_count_uploading"),
    )
}

async fn staged_data_becomes_stored_and_is_never_counted_twice(engine: Engine) {
    let limits = KnownLimits::of(ALPHA, Resource::ImageSizeTotal, 3);
    limits.set(ALPHA, Resource::ImageStageTotal, 2);
    let registry = Registry::limited(engine, "", &limits).await;
    let ids = images(&registry, 2).await;
    put(&registry, &ids[0], "stage", vec![7; 2 * MIB])
        .await
        .expect(204);
    assert_eq!(figures(&registry).await, (0, 2, 1));
    over(put(&registry, &ids[1], "stage", vec![7; MIB]).await);
    import_staged(&registry, &ids[0]).await.expect(202);
    assert_eq!(figures(&registry).await, (2, 2, 1));
    registry.work().await;
    assert_eq!(figures(&registry).await, (2, 0, 0));

    put(&registry, &ids[1], "stage", vec![7; 2 * MIB])
        .await
        .expect(204);
    let told = over(import_staged(&registry, &ids[1]).await);
    let expected = "Project alpha is over a limit for [Resource image_size_total is over limit \
                    of 3 due to current usage 2 and delta 2]";
    assert!(told.contains(expected), "{told}");
    assert_eq!(figures(&registry).await, (2, 2, 1));
    delete(&registry, &ids[1]).await;
    assert_eq!(figures(&registry).await, (2, 0, 0));
}

async fn a_download_counts_as_staged_and_as_stored(engine: Engine) {
    let limits = KnownLimits::of(ALPHA, Resource::ImageStageTotal, 1);
    let registry = Registry::limited(engine, "", &limits).await;
    let origin = Origin::serving(vec![7; 2 * MIB]).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    import_from(&registry, &id, &origin.url("x"))
        .await
        .expect(202);
    registry.work().await;
    super::assert_refused_for_quota(&registry, &id).await;
    let image = registry.shown(&id).await;
    let reason = image["os_glance_failure"].as_str().expect("a reason");
    assert!(
        reason.contains("image_stage_total is over limit of 1"),
        "{reason}"
    );

    limits.set(ALPHA, Resource::ImageStageTotal, 2);
    import_from(&registry, &id, &origin.url("x"))
        .await
        .expect(202);
    registry.work().await;
    assert_eq!(registry.shown(&id).await["status"], "active");
    assert_eq!(figures(&registry).await, (2, 0, 0));
}

async fn nothing_may_be_had_of_what_has_the_limit_zero(engine: Engine) {
    let limits = KnownLimits::of(ALPHA, Resource::ImageCountTotal, 0);
    let registry = Registry::limited(engine, "", &limits).await;
    over(create(&registry).await);
}

async fn the_limits_are_those_of_who_asks(engine: Engine) {
    let limits = KnownLimits::of(ALPHA, Resource::ImageSizeTotal, 0);
    limits.set(Persona::ADMIN.project, Resource::ImageCountTotal, 1);
    let registry = Registry::limited(engine, "", &limits).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    over(put(&registry, &id, "file", vec![7; MIB]).await);
    registry
        .upload(Persona::ADMIN, &id, vec![7; MIB])
        .await
        .expect(204);
    assert_eq!(used(&registry, "image_size_total").await, 1);
    // What the administrator creates for others is not in the administrator's project.
    for _ in 0..2 {
        registry
            .image(Persona::ADMIN, json!({"owner": "alpha"}))
            .await;
    }
    registry.image(Persona::ADMIN, json!({})).await;
    let body = json!({"owner": "alpha"});
    over(registry.post(Persona::ADMIN, "/v2/images", &body).await);
}

async fn a_project_is_told_what_it_has_and_may_have(engine: Engine) {
    let limits = KnownLimits::of(ALPHA, Resource::ImageCountTotal, 10);
    limits.set(ALPHA, Resource::ImageSizeTotal, 100);
    limits.set(ALPHA, Resource::ImageStageTotal, 50);
    let registry = Registry::limited(engine, "", &limits).await;
    let ids = images(&registry, 3).await;
    put(&registry, &ids[0], "file", vec![7; 3 * MIB])
        .await
        .expect(204);
    put(&registry, &ids[1], "stage", vec![7; 2 * MIB])
        .await
        .expect(204);
    let expected = json!({
        "image_size_total": {"usage": 3, "limit": 100},
        "image_stage_total": {"usage": 2, "limit": 50},
        "image_count_total": {"usage": 3, "limit": 10},
        "image_count_uploading": {"usage": 1, "limit": -1},
    });
    for persona in [Persona::MEMBER, Persona::READER] {
        assert_eq!(usage(&registry, persona).await, expected);
    }
    let others = usage(&registry, Persona::STRANGER).await;
    assert_eq!(others["image_size_total"], json!({"usage": 0, "limit": -1}));
}

async fn unified_limits_come_before_the_quota_of_owners(engine: Engine) {
    let limits = Arc::new(KnownLimits::default());
    let registry = Registry::limited(engine, &owners_have("1B"), &limits).await;
    registry
        .active_image(Persona::MEMBER, json!({}), "data")
        .await;
}

async fn without_limits_nothing_is_begun(engine: Engine) {
    let limits = KnownLimits::of(ALPHA, Resource::ImageCountTotal, 10);
    let registry = Registry::limited(engine, "", &limits).await;
    let origin = Origin::serving("data").await;
    let ids = images(&registry, 3).await;
    put(&registry, &ids[1], "stage", "data").await.expect(204);
    import_from(&registry, &ids[2], &origin.url("x"))
        .await
        .expect(202);
    limits.break_down();
    let refused = [
        create(&registry).await,
        put(&registry, &ids[0], "file", "data").await,
        put(&registry, &ids[0], "stage", "data").await,
        import_from(&registry, &ids[0], &origin.url("x")).await,
        import_staged(&registry, &ids[1]).await,
        registry.get(Persona::MEMBER, "/v2/info/usage").await,
    ];
    for answer in refused {
        let told = answer.expect(503).text();
        assert!(told.contains("The limits of the project"), "{told}");
        assert!(!told.contains("out of order"), "{told}");
    }
    assert_eq!(registry.shown(&ids[0]).await["status"], "queued");
    assert_eq!(registry.shown(&ids[1]).await["status"], "uploading");
    let list = registry
        .get(Persona::MEMBER, "/v2/images")
        .await
        .expect(200);
    assert_eq!(list.json()["images"].as_array().map(Vec::len), Some(3));
    // What runs without a request fails, and can be asked for again.
    registry.work().await;
    let image = registry.shown(&ids[2]).await;
    assert_eq!(image["status"], "queued");
    let reason = image["os_glance_failure"].as_str().expect("a reason");
    assert!(reason.starts_with("LIMITS_UNAVAILABLE: "), "{reason}");
}

/// All ways by which bytes come in, when whoever asks for a lock of a project gets an error.
async fn go_all_ways(registry: &Registry) {
    registry.execute("DROP TABLE quota_projects").await;
    let origin = Origin::serving("data").await;
    let ids = images(registry, 3).await;
    put(registry, &ids[0], "file", Size::Unknown.body(10))
        .await
        .expect(204);
    put(registry, &ids[1], "stage", "data").await.expect(204);
    import_staged(registry, &ids[1]).await.expect(202);
    import_from(registry, &ids[2], &origin.url("x"))
        .await
        .expect(202);
    registry.work().await;
    for id in ids {
        assert_eq!(registry.shown(&id).await["status"], "active");
    }
}

async fn where_nothing_is_limited_no_quota_is_looked_at(engine: Engine) {
    let registry = Registry::open(engine).await;
    go_all_ways(&registry).await;
    assert_eq!(usage(&registry, Persona::MEMBER).await, json!({}));

    let unlimited = Arc::new(KnownLimits::default());
    go_all_ways(&Registry::limited(engine, "", &unlimited).await).await;

    // With a quota the same way leads to the lock.
    let limits = KnownLimits::of(ALPHA, Resource::ImageSizeTotal, 1);
    let registry = Registry::limited(engine, "", &limits).await;
    registry.execute("DROP TABLE quota_projects").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    put(&registry, &id, "file", "data").await.expect(500);
    let image: Value = registry.shown(&id).await;
    assert_eq!(image["status"], "queued");
}
