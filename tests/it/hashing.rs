//! The hash its owner chose: which algorithms may be asked for, and that every way by which
//! bytes arrive honours the choice.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Engine, Origin, Persona, Registry, on_every_engine};

const DATA: &str = "every image carries the hash its owner chose";

// What md5sum, sha1sum, sha256sum and sha512sum say of DATA.
const MD5: &str = "9d66547c500f7da21e8898528c1e06b4";
const SHA1: &str = "ad2f3677744f6884d90ea2cb322a85a3eb596b01";
const SHA256: &str = "7dffa728e776e21157251a6a1977f0e1290ac94d7fbe698a838ac0862be8d8c2";
const SHA512: &str = "833c450619ae15def78b1ad47cf9e831e15e4d8c4a33817b70b79c1666179ed4e6bdc588020e337496f5b455f9a613e895e674048df15e0081ca92af028601ca";

const CHOICES: [(&str, &str); 4] = [
    ("sha512", SHA512),
    ("sha256", SHA256),
    ("sha1", SHA1),
    ("md5", MD5),
];

on_every_engine![
    a_choice_is_visible_before_there_is_data,
    an_upload_is_hashed_with_the_algorithm_its_owner_chose,
    an_import_of_staged_data_is_hashed_with_the_algorithm_its_owner_chose,
    a_web_download_is_hashed_with_the_algorithm_its_owner_chose,
    without_a_choice_the_default_applies,
    the_older_name_of_the_default_still_counts,
    an_algorithm_that_is_not_allowed_is_refused_by_name,
    what_is_no_algorithm_is_refused,
    the_default_need_not_be_allowed,
    an_empty_list_allows_no_choice,
    a_failed_upload_keeps_the_choice,
    a_failed_import_keeps_the_choice,
    a_choice_cannot_be_changed,
    a_choice_is_no_property,
    an_empty_image_has_the_digest_of_nothing,
    every_implemented_algorithm_can_be_allowed,
    without_the_legacy_checksum_there_is_none,
    images_are_found_by_algorithm_and_digest,
    what_is_allowed_can_be_asked_for,
];

/// What the image says of its bytes.
fn digests(image: &Value) -> (Value, Value, Value) {
    let field = |name: &str| image[name].clone();
    (
        field("os_hash_algo"),
        field("os_hash_value"),
        field("checksum"),
    )
}

fn expected(algorithm: &str, value: &str) -> (Value, Value, Value) {
    (json!(algorithm), json!(value), json!(MD5))
}

async fn import(registry: &Registry, id: &str, method: Value) {
    let path = format!("/v2/images/{id}/import");
    let body = json!({"method": method});
    registry
        .post(Persona::MEMBER, &path, &body)
        .await
        .expect(202);
    registry.work().await;
}

async fn stage(registry: &Registry, id: &str) {
    let call = registry.call(Method::PUT, &format!("/v2/images/{id}/stage"));
    call.by(Persona::MEMBER).data(DATA).send().await.expect(204);
}

async fn a_choice_is_visible_before_there_is_data(engine: Engine) {
    let registry = Registry::open(engine).await;
    let body = json!({"os_hash_algo": "sha256"});
    let created = registry.post(Persona::MEMBER, "/v2/images", &body).await;
    let image = created.expect(201).json();
    assert_eq!(digests(&image), (json!("sha256"), Value::Null, Value::Null));

    let id = image["id"].as_str().expect("an id");
    assert_eq!(digests(&registry.shown(id).await), digests(&image));
}

async fn an_upload_is_hashed_with_the_algorithm_its_owner_chose(engine: Engine) {
    let registry = Registry::open(engine).await;
    for (algorithm, value) in CHOICES {
        let chosen = json!({"os_hash_algo": algorithm});
        let id = registry.active_image(Persona::MEMBER, chosen, DATA).await;
        let image = registry.shown(&id).await;
        assert_eq!(digests(&image), expected(algorithm, value));
        assert_eq!(image["size"], DATA.len());
    }
}

async fn an_import_of_staged_data_is_hashed_with_the_algorithm_its_owner_chose(engine: Engine) {
    let registry = Registry::open(engine).await;
    for (algorithm, value) in CHOICES {
        let id = registry
            .image(Persona::MEMBER, json!({"os_hash_algo": algorithm}))
            .await;
        stage(&registry, &id).await;
        let staged = registry.shown(&id).await;
        assert_eq!(
            digests(&staged),
            (json!(algorithm), Value::Null, Value::Null)
        );

        import(&registry, &id, json!({"name": "glance-direct"})).await;
        let image = registry.shown(&id).await;
        assert_eq!(image["status"], "active");
        assert_eq!(digests(&image), expected(algorithm, value));
    }
}

async fn a_web_download_is_hashed_with_the_algorithm_its_owner_chose(engine: Engine) {
    let registry = Registry::open(engine).await;
    let origin = Origin::serving(DATA).await;
    for (algorithm, value) in CHOICES {
        let id = registry
            .image(Persona::MEMBER, json!({"os_hash_algo": algorithm}))
            .await;
        let method = json!({"name": "web-download", "uri": origin.url("image")});
        import(&registry, &id, method).await;
        let image = registry.shown(&id).await;
        assert_eq!(image["status"], "active", "{image}");
        assert_eq!(digests(&image), expected(algorithm, value));
    }
}

async fn without_a_choice_the_default_applies(engine: Engine) {
    let registry = Registry::open(engine).await;
    for choice in [json!({}), json!({"os_hash_algo": null})] {
        let id = registry.image(Persona::MEMBER, choice).await;
        assert_eq!(registry.shown(&id).await["os_hash_algo"], Value::Null);
        registry
            .upload(Persona::MEMBER, &id, DATA)
            .await
            .expect(204);
        let image = registry.shown(&id).await;
        assert_eq!(digests(&image), expected("sha512", SHA512));
    }
}

async fn the_older_name_of_the_default_still_counts(engine: Engine) {
    let settings = "[DEFAULT]\nhashing_algorithm = \"sha256\"";
    let registry = Registry::with(engine, settings).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    let image = registry.shown(&id).await;
    assert_eq!(digests(&image), expected("sha256", SHA256));
}

async fn an_algorithm_that_is_not_allowed_is_refused_by_name(engine: Engine) {
    let settings = "[DEFAULT]\nallowed_hashing_algorithms = [\"sha256\", \"sha1\"]";
    let registry = Registry::with(engine, settings).await;
    for name in ["sha512", "blake3", "crc32"] {
        let body = json!({"os_hash_algo": name});
        let refused = registry.post(Persona::MEMBER, "/v2/images", &body).await;
        let text = refused.expect(400).text();
        assert!(
            text.contains(name) && text.contains("sha256, sha1"),
            "{text}"
        );
    }
    assert_nothing_was_created(&registry).await;
}

async fn what_is_no_algorithm_is_refused(engine: Engine) {
    let registry = Registry::open(engine).await;
    let long = "a".repeat(65);
    for value in [
        json!(""),
        json!("SHA256"),
        json!("sha-256"),
        json!(" sha256"),
        json!(256),
        json!(["sha256"]),
        json!(long),
    ] {
        let body = json!({"os_hash_algo": value});
        let refused = registry.post(Persona::MEMBER, "/v2/images", &body).await;
        let text = refused.expect(400).text();
        assert!(text.contains("os_hash_algo"), "{value}: {text}");
    }
    assert_nothing_was_created(&registry).await;
}

async fn assert_nothing_was_created(registry: &Registry) {
    let list = registry.get(Persona::ADMIN, "/v2/images").await.expect(200);
    assert_eq!(list.json()["images"], json!([]));
}

async fn the_default_need_not_be_allowed(engine: Engine) {
    let settings = "[DEFAULT]\nallowed_hashing_algorithms = [\"sha256\"]";
    let registry = Registry::with(engine, settings).await;
    let body = json!({"os_hash_algo": "sha512"});
    let refused = registry.post(Persona::MEMBER, "/v2/images", &body).await;
    refused.expect(400);
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    let image = registry.shown(&id).await;
    assert_eq!(digests(&image), expected("sha512", SHA512));
}

async fn an_empty_list_allows_no_choice(engine: Engine) {
    let settings = "[DEFAULT]\nallowed_hashing_algorithms = []";
    let registry = Registry::with(engine, settings).await;
    for (algorithm, _) in CHOICES {
        let body = json!({"os_hash_algo": algorithm});
        let refused = registry.post(Persona::MEMBER, "/v2/images", &body).await;
        refused.expect(400);
    }
}

async fn a_failed_upload_keeps_the_choice(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .image(Persona::MEMBER, json!({"os_hash_algo": "sha256"}))
        .await;
    let call = registry.call(Method::PUT, &format!("/v2/images/{id}/file"));
    let call = call
        .by(Persona::MEMBER)
        .header("x-openstack-image-size", "7");
    call.data(DATA).send().await.expect(400);

    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "queued");
    assert_eq!(image["size"], Value::Null);
    assert_eq!(digests(&image), (json!("sha256"), Value::Null, Value::Null));
    assert_eq!(registry.files(), Vec::<String>::new());
    let file = format!("/v2/images/{id}/file");
    registry.get(Persona::MEMBER, &file).await.expect(204);

    registry
        .upload(Persona::MEMBER, &id, DATA)
        .await
        .expect(204);
    let image = registry.shown(&id).await;
    assert_eq!(digests(&image), expected("sha256", SHA256));
}

async fn a_failed_import_keeps_the_choice(engine: Engine) {
    let registry = Registry::open(engine).await;
    let origin = Origin::serving(DATA).await;
    let id = registry
        .image(Persona::MEMBER, json!({"os_hash_algo": "sha256"}))
        .await;
    let method = json!({"name": "web-download", "uri": origin.url("missing")});
    import(&registry, &id, method).await;
    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "queued");
    assert_eq!(digests(&image), (json!("sha256"), Value::Null, Value::Null));

    let method = json!({"name": "web-download", "uri": origin.url("image")});
    import(&registry, &id, method).await;
    let image = registry.shown(&id).await;
    assert_eq!(digests(&image), expected("sha256", SHA256));
}

async fn a_choice_cannot_be_changed(engine: Engine) {
    let registry = Registry::open(engine).await;
    let chosen = json!({"os_hash_algo": "sha256"});
    let queued = registry.image(Persona::MEMBER, chosen.clone()).await;
    let active = registry.active_image(Persona::MEMBER, chosen, DATA).await;
    for id in [queued, active] {
        let path = format!("/v2/images/{id}");
        for attribute in ["os_hash_algo", "os_hash_value"] {
            for operation in [
                json!([{"op": "replace", "path": format!("/{attribute}"), "value": "sha256"}]),
                json!([{"op": "add", "path": format!("/{attribute}"), "value": "md5"}]),
                json!([{"op": "remove", "path": format!("/{attribute}")}]),
            ] {
                for persona in [Persona::MEMBER, Persona::ADMIN] {
                    let refused = registry.patch(persona, &path, &operation).await;
                    let text = refused.expect(403).text();
                    assert!(text.contains(attribute), "{text}");
                }
            }
        }
        let other = json!([{"op": "replace", "path": "/name", "value": "renamed"}]);
        registry
            .patch(Persona::MEMBER, &path, &other)
            .await
            .expect(200);
        assert_eq!(registry.shown(&id).await["os_hash_algo"], "sha256");
    }
}

async fn a_choice_is_no_property(engine: Engine) {
    let settings = "[DEFAULT]\nimage_property_quota = 0";
    let registry = Registry::with(engine, settings).await;
    registry
        .image(Persona::MEMBER, json!({"os_hash_algo": "sha256"}))
        .await;
    let body = json!({"colour": "blue"});
    let refused = registry.post(Persona::MEMBER, "/v2/images", &body).await;
    refused.expect(413);
}

async fn an_empty_image_has_the_digest_of_nothing(engine: Engine) {
    let registry = Registry::open(engine).await;
    let chosen = json!({"os_hash_algo": "md5"});
    let id = registry.active_image(Persona::MEMBER, chosen, "").await;
    let image = registry.shown(&id).await;
    let empty = "d41d8cd98f00b204e9800998ecf8427e";
    assert_eq!(digests(&image), (json!("md5"), json!(empty), json!(empty)));
    assert_eq!(image["size"], 0);
    let file = format!("/v2/images/{id}/file");
    let answer = registry.get(Persona::MEMBER, &file).await.expect(200);
    assert!(answer.body.is_empty());
}

async fn every_implemented_algorithm_can_be_allowed(engine: Engine) {
    let names = [
        "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384",
        "sha3_512", "blake2b", "blake2s", "blake3",
    ];
    let settings = format!("[DEFAULT]\nallowed_hashing_algorithms = {names:?}");
    let registry = Registry::with(engine, &settings).await;
    for name in names {
        let chosen = json!({"os_hash_algo": name});
        let id = registry.active_image(Persona::MEMBER, chosen, DATA).await;
        let image = registry.shown(&id).await;
        assert_eq!(image["os_hash_algo"], name);
        let value = image["os_hash_value"].as_str().expect("a digest");
        assert!(value.len() >= 32 && hex::decode(value).is_ok(), "{value}");
    }
}

async fn without_the_legacy_checksum_there_is_none(engine: Engine) {
    let settings = "[verification]\nlegacy_checksum = false";
    let registry = Registry::with(engine, settings).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    let image = registry.shown(&id).await;
    let only = (json!("sha512"), json!(SHA512), Value::Null);
    assert_eq!(digests(&image), only);
    let file = format!("/v2/images/{id}/file");
    let answer = registry.get(Persona::MEMBER, &file).await.expect(200);
    assert_eq!(answer.headers.get("content-md5"), None);
}

async fn images_are_found_by_algorithm_and_digest(engine: Engine) {
    let registry = Registry::open(engine).await;
    let chosen = json!({"os_hash_algo": "sha256"});
    let queued = registry.image(Persona::MEMBER, chosen.clone()).await;
    let active = registry.active_image(Persona::MEMBER, chosen, DATA).await;
    registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    for (query, mut found) in [
        (
            "os_hash_algo=sha256".to_owned(),
            vec![queued, active.clone()],
        ),
        (format!("os_hash_value={SHA256}"), vec![active]),
    ] {
        let path = format!("/v2/images?{query}");
        let list = registry
            .get(Persona::MEMBER, &path)
            .await
            .expect(200)
            .json();
        let ids = list["images"].as_array().expect("a list").iter();
        let mut ids: Vec<_> = ids
            .map(|image| image["id"].as_str().expect("an id"))
            .collect();
        ids.sort_unstable();
        found.sort_unstable();
        assert_eq!(ids, found, "{query}");
    }
}

async fn what_is_allowed_can_be_asked_for(engine: Engine) {
    let registry = Registry::open(engine).await;
    let answer = registry.get(Persona::READER, "/v2/info/hashing").await;
    assert_eq!(
        answer.expect(200).json(),
        json!({"default": "sha512", "allowed": ["sha512", "sha256", "sha1", "md5"]})
    );
}
