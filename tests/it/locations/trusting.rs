//! `[verification] trust_locations`: locations that are taken at their word, as Glance does.

use serde_json::{Value, json};

use super::{
    DATA, OTHER, STORES, add, broken, copy_to_slow, hex, patch, read, registering::register,
};
use crate::support::{Engine, Page, Persona, Registry, Web, on_every_engine, until};

on_every_engine![
    a_place_makes_the_image_active_unread,
    what_is_claimed_is_shown_and_no_other_bytes_are_given,
    what_somebody_wants_to_be_checked_is_read,
    a_further_place_has_the_size_and_the_digests_that_are_known,
    bytes_that_are_taken_at_their_word_count_against_quotas,
    what_is_registered_is_usable_at_once_and_gets_its_digests_then,
    a_registration_that_cannot_be_read_leaves_its_image_usable,
    a_registration_whose_claim_is_wrong_stays_with_the_queued_image,
    without_secure_hash_nothing_that_is_registered_is_read,
    an_image_without_digests_is_copied_and_the_copy_has_some,
    a_digest_that_is_claimed_opens_no_file_of_the_cache,
    without_the_option_secure_hash_is_not_switched_off,
];

async fn registry(engine: Engine, more: &str) -> Registry {
    let trust = "[verification]\ntrust_locations = true";
    Registry::configured(engine, &format!("{STORES}\n{more}\n{trust}")).await
}

/// The image's status, `os_hash_algo`, `os_hash_value` and `checksum`.
fn known(image: &Value) -> [&Value; 4] {
    ["status", "os_hash_algo", "os_hash_value", "checksum"].map(|name| &image[name])
}

async fn task(registry: &Registry) -> Vec<String> {
    registry.rows("SELECT status FROM tasks").await
}

async fn a_place_makes_the_image_active_unread(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let image = add(&registry, &id, &web.url("a")).await.expect(200).json();
    assert_eq!(web.asked(), ["HEAD /a"]);
    let null = Value::Null;
    assert_eq!(known(&image), [&json!("active"), &null, &null, &null]);
    assert_eq!(image["size"], DATA.len());
    assert_eq!(registry.shown(&id).await, image);
    assert_eq!(read(&registry, &id, None).await.expect(200).body, DATA);
    // A choice of the owner is kept.
    let chosen = json!({"os_hash_algo": "sha256"});
    let id = registry.image(Persona::MEMBER, chosen).await;
    let image = add(&registry, &id, &web.url("a")).await.expect(200).json();
    assert_eq!(known(&image)[1..3], [&json!("sha256"), &null]);
}

fn claim(url: &str, value: &str) -> Value {
    let data = json!({
        "checksum": "1".repeat(32), "os_hash_algo": "sha512", "os_hash_value": value,
    });
    json!([{
        "op": "add", "path": "/locations/-",
        "value": {"url": url, "metadata": {}, "validation_data": data},
    }])
}

async fn what_is_claimed_is_shown_and_no_other_bytes_are_given(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let invented = "deadbeef".repeat(16);
    let claimed = claim(&web.url("a"), &invented);
    let image = patch(&registry, &id, &claimed).await.expect(200).json();
    let checksum = json!("1".repeat(32));
    assert_eq!(
        known(&image),
        [
            &json!("active"),
            &json!("sha512"),
            &json!(invented),
            &checksum
        ]
    );
    assert_eq!(image["locations"][0].get("validation_data"), None);
    assert!(broken(&registry, &id, None).await.len() < DATA.len());
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let claimed = claim(&web.url("a"), &hex("sha512", DATA));
    patch(&registry, &id, &claimed).await.expect(200);
    assert_eq!(read(&registry, &id, None).await.expect(200).body, DATA);
}

async fn what_somebody_wants_to_be_checked_is_read(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "do_secure_hash = false").await;
    let wrong = format!("sha256:{}", hex("sha256", OTHER));
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let place = json!({"url": web.url("a"), "metadata": {}, "checksum": wrong});
    let operations = json!([{"op": "add", "path": "/locations/-", "value": place}]);
    let refused = patch(&registry, &id, &operations).await.expect(400);
    assert!(refused.text().contains("CHECKSUM_VERIFICATION_FAILED"));
    let expecting = json!({"expected_checksum": wrong});
    let id = registry.image(Persona::MEMBER, expecting).await;
    add(&registry, &id, &web.url("a")).await.expect(400);
    register(&registry, &id, &web.url("a"), json!({}))
        .await
        .expect(202);
    registry.work().await;
    assert_eq!(registry.shown(&id).await["status"], "queued");
    assert_eq!(web.asked(), ["GET /a"; 3]);
}

async fn a_further_place_has_the_size_and_the_digests_that_are_known(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let value = hex("sha512", DATA);
    patch(&registry, &id, &claim(&web.url("a"), &value))
        .await
        .expect(200);
    patch(&registry, &id, &claim(&web.url("b"), &value))
        .await
        .expect(200);
    let other = claim(&web.url("c"), &hex("sha512", OTHER));
    patch(&registry, &id, &other).await.expect(409);
    web.set(Page::Data(b"of another size"));
    let refused = add(&registry, &id, &web.url("c")).await.expect(409);
    assert!(refused.text().contains("size"));
    let places = registry.shown(&id).await["locations"].clone();
    assert_eq!(places.as_array().map(Vec::len), Some(2));
    // Digests come with the first place, or not at all.
    web.set(Page::Data(DATA));
    let id = registry.image(Persona::MEMBER, json!({})).await;
    add(&registry, &id, &web.url("a")).await.expect(200);
    patch(&registry, &id, &claim(&web.url("b"), &value))
        .await
        .expect(409);
    add(&registry, &id, &web.url("b")).await.expect(200);
}

async fn bytes_that_are_taken_at_their_word_count_against_quotas(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, &format!("user_storage_quota = \"{}\"", DATA.len())).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    add(&registry, &id, &web.url("a")).await.expect(200);
    add(&registry, &id, &web.url("b")).await.expect(413);
    let id = registry.image(Persona::MEMBER, json!({})).await;
    add(&registry, &id, &web.url("a")).await.expect(413);
    assert_eq!(registry.shown(&id).await["status"], "queued");
}

async fn what_is_registered_is_usable_at_once_and_gets_its_digests_then(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    register(&registry, &id, &web.url("a"), json!({}))
        .await
        .expect(202);
    registry.work().await;
    assert_eq!(web.asked(), ["HEAD /a", "GET /a"]);
    let image = registry.shown(&id).await;
    let (value, checksum) = (hex("sha512", DATA), hex("md5", DATA));
    assert_eq!(
        known(&image),
        [
            &json!("active"),
            &json!("sha512"),
            &json!(value),
            &json!(checksum)
        ]
    );
    assert_eq!(image.get("os_glance_import_task"), None);
    assert_eq!(task(&registry).await, ["success"]);
    let marks = "SELECT id FROM images WHERE trusted_at IS NOT NULL";
    assert_eq!(registry.rows(marks).await, [""; 0]);
}

async fn a_registration_that_cannot_be_read_leaves_its_image_usable(engine: Engine) {
    let web = Web::with(Page::BreaksOff(DATA, 9)).await;
    let registry = registry(engine, "http_retries = 0").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    register(&registry, &id, &web.url("a"), json!({}))
        .await
        .expect(202);
    registry.work().await;
    let image = registry.shown(&id).await;
    let null = Value::Null;
    assert_eq!(
        known(&image),
        [&json!("active"), &json!("sha512"), &null, &null]
    );
    assert_eq!(task(&registry).await, ["failure"]);
    web.set(Page::Data(DATA));
    assert_eq!(read(&registry, &id, None).await.expect(200).body, DATA);
    let marks = "SELECT id FROM images WHERE trusted_at IS NOT NULL";
    assert_eq!(registry.rows(marks).await, [id]);
}

async fn a_registration_whose_claim_is_wrong_stays_with_the_queued_image(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let invented = "beefdead".repeat(16);
    let claimed = json!({"validation_data": {"os_hash_algo": "sha512", "os_hash_value": invented}});
    register(&registry, &id, &web.url("a"), claimed)
        .await
        .expect(202);
    registry.work().await;
    let image = registry.shown(&id).await;
    let null = Value::Null;
    assert_eq!(known(&image), [&json!("queued"), &null, &null, &null]);
    assert_eq!((&image["stores"], &image["size"]), (&json!("web"), &null));
    read(&registry, &id, None).await.expect(204);
    // It gives the image nothing: what is uploaded now takes its place.
    registry
        .upload(Persona::MEMBER, &id, OTHER)
        .await
        .expect(204);
    let image = registry.shown(&id).await;
    assert_eq!(
        (&image["stores"], &image["os_hash_value"]),
        (&json!("fast"), &json!(hex("sha512", OTHER)))
    );
    assert_eq!(read(&registry, &id, None).await.expect(200).body, OTHER);
}

async fn without_secure_hash_nothing_that_is_registered_is_read(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "do_secure_hash = false").await;
    let null = Value::Null;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let value = hex("sha256", DATA);
    let claimed = json!({"validation_data": {"os_hash_algo": "sha256", "os_hash_value": value}});
    register(&registry, &id, &web.url("a"), claimed)
        .await
        .expect(202);
    registry.work().await;
    let image = registry.shown(&id).await;
    assert_eq!(
        known(&image),
        [&json!("active"), &json!("sha256"), &json!(value), &null]
    );
    let id = registry.image(Persona::MEMBER, json!({})).await;
    register(&registry, &id, &web.url("a"), json!({}))
        .await
        .expect(202);
    registry.work().await;
    let image = registry.shown(&id).await;
    assert_eq!(known(&image), [&json!("active"), &null, &null, &null]);
    assert_eq!(image["size"], DATA.len());
    assert_eq!(web.asked(), ["HEAD /a"; 2]);
    assert_eq!(task(&registry).await, ["success"; 2]);
}

async fn an_image_without_digests_is_copied_and_the_copy_has_some(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    add(&registry, &id, &web.url("a")).await.expect(200);
    copy_to_slow(&registry, &id).await;
    assert_eq!(registry.shown(&id).await["stores"], "web,slow");
    web.set(Page::Status(404));
    assert_eq!(read(&registry, &id, None).await.expect(200).body, DATA);
    let known = registry.digests(&id).await.to_string();
    assert!(known.contains(&hex("sha512", DATA)), "{known}");
}

/// Whoever knows the digest of an image of others must not get at its bytes by it.
async fn a_digest_that_is_claimed_opens_no_file_of_the_cache(engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let web = Web::with(Page::Data(OTHER)).await;
    let cache = format!("image_cache_dir = \"{}\"", folder.path().display());
    let registry = registry(engine, &cache).await;
    let secret = registry
        .active_image(Persona::MEMBER, json!({}), "a secret of somebody's")
        .await;
    let path = format!("/v2/images/{secret}/file");
    registry.get(Persona::MEMBER, &path).await.expect(200);
    until("it is cached", async || {
        let state = registry.get(Persona::ADMIN, "/v2/cache").await.expect(200);
        state.text().contains(&secret)
    })
    .await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let claimed = claim(&web.url("a"), &hex("sha512", b"a secret of somebody's"));
    patch(&registry, &id, &claimed).await.expect(200);
    let given = broken(&registry, &id, None).await;
    assert!(given.len() < OTHER.len());
    assert!(OTHER.starts_with(&given), "{given:?}");
}

async fn without_the_option_secure_hash_is_not_switched_off(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = super::registry(engine, "do_secure_hash = false").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    register(&registry, &id, &web.url("a"), json!({}))
        .await
        .expect(202);
    registry.work().await;
    assert_eq!(web.asked(), ["GET /a"]);
    let image = registry.shown(&id).await;
    assert_eq!(image["os_hash_value"], hex("sha512", DATA));
}
