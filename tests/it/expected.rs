//! Expected digests: nothing becomes usable that does not have them, and none is passed over.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Engine, Origin, Persona, Registry, on_every_engine};

const DATA: &str = "every image carries the hash its owner chose";

// What md5sum, sha1sum, sha256sum and b3sum say of DATA, and MD5 and SHA-256 in Base64.
const MD5: &str = "9d66547c500f7da21e8898528c1e06b4";
const SHA1: &str = "ad2f3677744f6884d90ea2cb322a85a3eb596b01";
const SHA256: &str = "7dffa728e776e21157251a6a1977f0e1290ac94d7fbe698a838ac0862be8d8c2";
const MD5_BASE64: &str = "nWZUfFAPfaIeiJhSjB4GtA==";
const SHA256_BASE64: &str = "ff+nKOd24hFXJRpqGXfw4SkKyU1/vmmKg4rAhivo2MI=";

/// A digest that nothing has.
const WRONG: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

on_every_engine![
    data_with_the_expected_digests_become_active,
    data_without_the_expected_digest_are_dropped,
    what_was_expected_at_creation_holds_for_every_upload,
    the_value_beside_the_algorithm_is_expected_and_not_shown_as_a_fact,
    an_expectation_that_cannot_be_checked_is_refused_before_the_first_byte,
    expectations_that_contradict_each_other_are_refused,
    staged_data_are_held_against_what_is_expected_at_once,
    an_import_is_held_against_what_everybody_expects,
    a_web_download_with_another_digest_never_becomes_active_and_is_not_tried_again,
    an_expectation_cannot_be_changed_once_there_are_data,
    every_digest_is_recorded_and_found_again,
    a_digest_finds_only_what_the_caller_may_see,
];

async fn upload(registry: &Registry, id: &str, headers: &[(&str, &str)]) -> Answer {
    send(registry, id, "file", headers).await
}

async fn send(registry: &Registry, id: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let call = registry.call(Method::PUT, &format!("/v2/images/{id}/{path}"));
    let call = call.by(Persona::MEMBER);
    let call = headers
        .iter()
        .fold(call, |call, (name, value)| call.header(name, value));
    call.data(DATA).send().await
}

async fn import(registry: &Registry, id: &str, body: &Value) -> Answer {
    let path = format!("/v2/images/{id}/import");
    registry.post(Persona::MEMBER, &path, body).await
}

async fn patch(registry: &Registry, id: &str, operation: Value) -> Answer {
    let path = format!("/v2/images/{id}");
    registry
        .patch(Persona::MEMBER, &path, &json!([operation]))
        .await
}

/// The image is queued without any data, and says what was expected and what was found.
async fn assert_dropped(registry: &Registry, id: &str) {
    let image = registry.shown(id).await;
    assert_eq!(image["status"], "queued", "{image}");
    for name in ["size", "checksum", "os_hash_value"] {
        assert_eq!(image[name], Value::Null, "{name}");
    }
    let failure = image["os_glance_failure"].as_str().expect("a reason");
    assert!(
        failure.starts_with("CHECKSUM_VERIFICATION_FAILED: "),
        "{failure}"
    );
    assert!(
        failure.contains(WRONG) && failure.contains(SHA256),
        "{failure}"
    );
    assert_eq!(registry.files(), Vec::<String>::new());
}

async fn data_with_the_expected_digests_become_active(engine: Engine) {
    let registry = Registry::open(engine).await;
    for (name, value) in [
        ("x-image-checksum", format!("sha256:{SHA256}")),
        ("x-image-checksum", SHA256.to_uppercase()),
        ("x-image-checksum", format!("md5:{MD5}, SHA1:{SHA1}")),
        ("repr-digest", format!("sha-256=:{SHA256_BASE64}:")),
        ("content-digest", format!("sha-256=:{SHA256_BASE64}:")),
        ("content-md5", MD5_BASE64.to_owned()),
    ] {
        let id = registry.image(Persona::MEMBER, json!({})).await;
        upload(&registry, &id, &[(name, &value)]).await.expect(204);
        let image = registry.shown(&id).await;
        assert_eq!(image["status"], "active", "{name}: {value}");
        assert_eq!(image["os_hash_algo"], "sha512");
    }
}

async fn data_without_the_expected_digest_are_dropped(engine: Engine) {
    let registry = Registry::open(engine).await;
    let more = json!({"os_hash_algo": "sha1"});
    let id = registry.image(Persona::MEMBER, more).await;
    let both = format!("md5:{MD5},{WRONG}");
    let refused = upload(&registry, &id, &[("x-image-checksum", &both)]).await;
    let told = refused.expect(400).text();
    assert!(told.contains("CHECKSUM_VERIFICATION_FAILED"), "{told}");
    assert!(told.contains(WRONG) && told.contains(SHA256), "{told}");
    assert_dropped(&registry, &id).await;
    let standard = format!("sha-512=:{}:", "A".repeat(86) + "==");
    for (name, value) in [
        ("repr-digest", standard.as_str()),
        ("content-digest", &standard),
        ("content-md5", "AAAAAAAAAAAAAAAAAAAAAA=="),
    ] {
        upload(&registry, &id, &[(name, value)]).await.expect(400);
    }
    // The choice is kept, and the right bytes are still welcome.
    upload(&registry, &id, &[]).await.expect(204);
    let image = registry.shown(&id).await;
    assert_eq!(image["os_hash_value"], SHA1);
    assert_eq!(image.get("os_glance_failure"), None);
}

async fn what_was_expected_at_creation_holds_for_every_upload(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .image(Persona::MEMBER, json!({"expected_checksum": WRONG}))
        .await;
    assert_eq!(registry.shown(&id).await["expected_checksum"], WRONG);
    upload(&registry, &id, &[]).await.expect(400);
    assert_dropped(&registry, &id).await;
    let right = format!("SHA256:{}", SHA256.to_uppercase());
    let change = json!({"op": "replace", "path": "/expected_checksum", "value": right});
    patch(&registry, &id, change).await.expect(200);
    upload(&registry, &id, &[]).await.expect(204);
    let image = registry.shown(&id).await;
    assert_eq!(image["expected_checksum"], format!("sha256:{SHA256}"));
}

async fn the_value_beside_the_algorithm_is_expected_and_not_shown_as_a_fact(engine: Engine) {
    let registry = Registry::open(engine).await;
    let wrong = WRONG.trim_start_matches("sha256:");
    let more = json!({"os_hash_algo": "sha256", "os_hash_value": wrong});
    let id = registry.image(Persona::MEMBER, more).await;
    let image = registry.shown(&id).await;
    assert_eq!(image["os_hash_value"], Value::Null);
    assert_eq!(image["expected_checksum"], WRONG);
    upload(&registry, &id, &[]).await.expect(400);
    assert_dropped(&registry, &id).await;
    let more = json!({"os_hash_algo": "sha256", "os_hash_value": SHA256});
    let id = registry.image(Persona::MEMBER, more).await;
    upload(&registry, &id, &[]).await.expect(204);
    assert_eq!(registry.shown(&id).await["os_hash_value"], SHA256);
}

async fn an_expectation_that_cannot_be_checked_is_refused_before_the_first_byte(engine: Engine) {
    let registry = Registry::open(engine).await;
    for value in ["", "sha256:", "sha256:ab", "crc32:00000000", "0123", "md5"] {
        let body = json!({"expected_checksum": value});
        let refused = registry.post(Persona::MEMBER, "/v2/images", &body).await;
        let told = refused.expect(400).text();
        assert!(told.contains("expected_checksum"), "{told}");
        let id = registry.image(Persona::MEMBER, json!({})).await;
        let refused = upload(&registry, &id, &[("x-image-checksum", value)]).await;
        refused.expect(400);
        let body = json!({"method": {"name": "web-download", "uri": "http://192.0.2.1/", "checksum": value}});
        import(&registry, &id, &body).await.expect(400);
        let image = registry.shown(&id).await;
        assert_eq!(image["status"], "queued");
        assert_eq!(image.get("os_glance_failure"), None, "nothing was begun");
    }
    let body = json!({"os_hash_value": SHA256});
    let refused = registry.post(Persona::MEMBER, "/v2/images", &body).await;
    assert!(refused.expect(400).text().contains("os_hash_value"));
}

async fn expectations_that_contradict_each_other_are_refused(engine: Engine) {
    let registry = Registry::open(engine).await;
    let right = format!("sha256:{SHA256}");
    let id = registry
        .image(Persona::MEMBER, json!({"expected_checksum": right}))
        .await;
    let refused = upload(&registry, &id, &[("x-image-checksum", WRONG)]).await;
    assert!(refused.expect(400).text().contains("sha256"));
    let standard = format!("sha-256=:{SHA256_BASE64}:");
    let both = [("x-image-checksum", WRONG), ("repr-digest", &standard)];
    upload(&registry, &id, &both).await.expect(400);
    let body =
        json!({"method": {"name": "web-download", "uri": "http://192.0.2.1/", "checksum": WRONG}});
    import(&registry, &id, &body).await.expect(400);
    assert_eq!(registry.shown(&id).await["status"], "queued");
}

async fn staged_data_are_held_against_what_is_expected_at_once(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let wrong = [("x-image-checksum", WRONG)];
    send(&registry, &id, "stage", &wrong).await.expect(400);
    assert_dropped(&registry, &id).await;
    let right = format!("sha256:{SHA256}");
    let right = [("x-image-checksum", right.as_str())];
    send(&registry, &id, "stage", &right).await.expect(204);
    // What was staged under an expectation is imported under it.
    registry
        .execute("UPDATE image_properties SET value = 'md5:00000000000000000000000000000000' WHERE name = 'os_glance_staged_checksum'")
        .await;
    let body = json!({"method": {"name": "glance-direct"}});
    import(&registry, &id, &body).await.expect(202);
    registry.work().await;
    assert_eq!(registry.shown(&id).await["status"], "queued");
    send(&registry, &id, "stage", &right).await.expect(204);
    import(&registry, &id, &body).await.expect(202);
    registry.work().await;
    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "active");
    assert_eq!(image.get("os_glance_staged_checksum"), None);
}

async fn an_import_is_held_against_what_everybody_expects(engine: Engine) {
    let registry = Registry::open(engine).await;
    let wrong = WRONG.trim_start_matches("sha256:");
    for (created, body) in [
        (json!({"expected_checksum": WRONG}), json!({})),
        (
            json!({}),
            json!({"method": {"name": "glance-direct", "checksum": WRONG}}),
        ),
        (
            json!({}),
            json!({"validation_data": {"os_hash_algo": "sha256", "os_hash_value": wrong}}),
        ),
    ] {
        let id = registry.image(Persona::MEMBER, json!({})).await;
        if let Some(value) = created.get("expected_checksum") {
            let change = json!({"op": "add", "path": "/expected_checksum", "value": value});
            patch(&registry, &id, change).await.expect(200);
            // Staged data are held against it at once.
            send(&registry, &id, "stage", &[]).await.expect(400);
            assert_dropped(&registry, &id).await;
            continue;
        }
        send(&registry, &id, "stage", &[]).await.expect(204);
        let mut call = json!({"method": {"name": "glance-direct"}});
        let Value::Object(body) = body else {
            panic!("an object")
        };
        call.as_object_mut().expect("an object").extend(body);
        import(&registry, &id, &call).await.expect(202);
        registry.work().await;
        assert_dropped(&registry, &id).await;
    }
}

async fn a_web_download_with_another_digest_never_becomes_active_and_is_not_tried_again(
    engine: Engine,
) {
    let registry = Registry::open(engine).await;
    let origin = Origin::serving(DATA).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let download = |checksum: &str| {
        let uri = origin.url("image.raw");
        json!({"method": {"name": "web-download", "uri": uri, "checksum": checksum}})
    };
    import(&registry, &id, &download(WRONG)).await.expect(202);
    registry.work().await;
    assert_dropped(&registry, &id).await;
    let path = format!("/v2/images/{id}/tasks");
    let tasks = registry
        .get(Persona::MEMBER, &path)
        .await
        .expect(200)
        .json();
    assert_eq!(tasks["tasks"].as_array().map(Vec::len), Some(1));
    let task = &tasks["tasks"][0];
    assert_eq!(task["status"], "failure");
    let message = task["message"].as_str().expect("a message");
    assert!(
        message.starts_with("CHECKSUM_VERIFICATION_FAILED"),
        "{message}"
    );
    assert_eq!(task["input"]["import_req"]["method"]["checksum"], WRONG);
    let right = format!("sha256:{SHA256},md5:{MD5}");
    import(&registry, &id, &download(&right)).await.expect(202);
    registry.work().await;
    assert_eq!(registry.shown(&id).await["status"], "active");
}

async fn an_expectation_cannot_be_changed_once_there_are_data(engine: Engine) {
    let registry = Registry::open(engine).await;
    let right = format!("sha256:{SHA256}");
    let more = json!({"expected_checksum": right});
    let id = registry.active_image(Persona::MEMBER, more, DATA).await;
    for operation in [
        json!({"op": "replace", "path": "/expected_checksum", "value": WRONG}),
        json!({"op": "remove", "path": "/expected_checksum"}),
    ] {
        patch(&registry, &id, operation).await.expect(403);
    }
    let other = json!({"op": "add", "path": "/os_distro", "value": "debian"});
    patch(&registry, &id, other).await.expect(200);
}

async fn every_digest_is_recorded_and_found_again(engine: Engine) {
    let registry = Registry::with(engine, "[verification]\nextra_digests = [\"BLAKE3\"]\n").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let path = format!("/v2/images/{id}/digests");
    let none = registry
        .get(Persona::MEMBER, &path)
        .await
        .expect(200)
        .json();
    assert_eq!(none, json!({"digests": [], "copies": []}));
    let sha256 = format!("sha256:{SHA256}");
    upload(&registry, &id, &[("x-image-checksum", &sha256)])
        .await
        .expect(204);
    let found = registry
        .get(Persona::READER, &path)
        .await
        .expect(200)
        .json();
    let found = found["digests"].as_array().expect("a list").clone();
    let names: Vec<_> = found
        .iter()
        .map(|digest| digest["algorithm"].clone())
        .collect();
    assert_eq!(names, ["blake3", "md5", "sha256", "sha512"]);
    assert_eq!(found[2]["value"], SHA256);
    for digest in &found {
        assert_eq!(digest["source"], "upload");
        let value = digest["value"].as_str().expect("a value");
        let query = format!(
            "/v2/images?digest={}:{value}",
            digest["algorithm"].as_str().expect("one")
        );
        let listed = registry
            .get(Persona::MEMBER, &query)
            .await
            .expect(200)
            .json();
        assert_eq!(listed["images"][0]["id"], *id, "{query}");
    }
    for query in [
        "digest=",
        "digest=md5",
        &format!("digest=md5:{MD5},sha1:{SHA1}"),
    ] {
        let refused = registry
            .get(Persona::MEMBER, &format!("/v2/images?{query}"))
            .await;
        assert!(refused.expect(400).text().contains("digest"), "{query}");
    }
}

async fn a_digest_finds_only_what_the_caller_may_see(engine: Engine) {
    let registry = Registry::open(engine).await;
    let private = json!({"visibility": "private"});
    let id = registry.active_image(Persona::MEMBER, private, DATA).await;
    let query = format!("/v2/images?digest=md5:{}", MD5.to_uppercase());
    let count = async |persona| {
        let listed = registry.get(persona, &query).await.expect(200).json();
        listed["images"].as_array().map(Vec::len)
    };
    assert_eq!(count(Persona::MEMBER).await, Some(1));
    assert_eq!(count(Persona::STRANGER).await, Some(0));
    let path = format!("/v2/images/{id}/digests");
    registry.get(Persona::STRANGER, &path).await.expect(404);
    registry
        .delete(Persona::MEMBER, &format!("/v2/images/{id}"))
        .await
        .expect(204);
    assert_eq!(count(Persona::ADMIN).await, Some(0));
}
