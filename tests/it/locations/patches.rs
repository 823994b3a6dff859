//! Patches of locations: what Glance allows, once what is there was verified.

use serde_json::{Value, json};

use super::{DATA, OTHER, STORES, add, hex, in_both, patch, read, registered, registry};
use crate::support::{Engine, Page, Persona, Registry, Web, on_every_engine};

const SHA256: &str = "b0f9b04a6d2ba0e5a7b2f0f0b9b0a4c3e1d2f3a4b5c6d7e8f901234567890abc";

on_every_engine![
    the_first_place_makes_the_image_active_once_it_was_read,
    places_are_shown_with_their_metadata_and_stores_and_hidden_from_others,
    without_the_option_nothing_is_shown_or_changed,
    a_description_and_a_place_are_changed_together_or_not_at_all,
    only_metadata_and_order_are_replaced,
    places_are_removed_but_for_the_last,
    removing_a_stores_own_place_removes_its_bytes,
    an_image_in_another_status_is_not_touched,
    what_makes_no_sense_is_refused,
    digests_that_are_claimed_hold_or_nothing_is_kept,
    claims_that_contradict_the_image_are_conflicts,
    a_further_place_has_the_bytes_of_the_image,
    what_cannot_be_had_leaves_the_image_as_it_was,
    an_image_has_no_more_places_than_the_quota_says,
    bytes_at_places_count_against_the_storage_quota,
    parallel_adds_are_done_one_after_the_other_or_refused,
    who_may_not_is_refused,
];

async fn the_first_place_makes_the_image_active_once_it_was_read(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let chosen = json!({"os_hash_algo": "sha256"});
    let id = registry.image(Persona::MEMBER, chosen).await;
    assert_eq!(registry.shown(&id).await["locations"], json!([]));
    let answer = add(&registry, &id, &web.url("a.img")).await.expect(200);
    assert_eq!(web.asked(), ["GET /a.img"]);
    let image = answer.json();
    assert_eq!(image["status"], "active");
    assert_eq!(image["size"], DATA.len());
    assert_eq!(image["os_hash_algo"], "sha256");
    assert_eq!(image["os_hash_value"], hex("sha256", DATA));
    assert_eq!(image["checksum"], hex("md5", DATA));
    assert_eq!(image["stores"], "web");
    assert_eq!(registry.shown(&id).await, image);
    let known = registry.digests(&id).await;
    assert_eq!(known["copies"][0]["store"], "web");
    assert_eq!(known["copies"][0]["state"], "ok");
}

async fn places_are_shown_with_their_metadata_and_stores_and_hidden_from_others(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "show_image_direct_url = true").await;
    let more = json!({"visibility": "shared"});
    let id = registry.image(Persona::MEMBER, more).await;
    // A fragment tells two places of the same bytes apart, and is never sent.
    let urls = ["a.img", "a.img#new"].map(|name| web.url(name));
    for (url, metadata) in [
        (&urls[0], json!({"foo": "bar"})),
        (&urls[1], json!({"n": [1, {}]})),
    ] {
        let place = json!({"url": url, "metadata": metadata});
        let operations = json!([{"op": "add", "path": "/locations/-", "value": place}]);
        patch(&registry, &id, &operations).await.expect(200);
    }
    assert_eq!(web.asked(), ["GET /a.img", "GET /a.img"]);
    let image = registry.shown(&id).await;
    assert_eq!(
        image["locations"],
        json!([
            {"url": urls[0], "metadata": {"foo": "bar", "store": "web"}},
            {"url": urls[1], "metadata": {"n": [1, {}], "store": "web"}},
        ])
    );
    assert_eq!(image["direct_url"], urls[0]);
    let path = format!("/v2/images/{id}");
    super::deactivate(&registry, &id).await;
    let seen = registry
        .get(Persona::MEMBER, &path)
        .await
        .expect(200)
        .json();
    for hidden in ["locations", "direct_url", "stores"] {
        assert_eq!(seen.get(hidden), None, "{hidden}");
    }
    let seen = registry.get(Persona::ADMIN, &path).await.expect(200).json();
    assert_eq!(seen["direct_url"], urls[0]);
}

async fn without_the_option_nothing_is_shown_or_changed(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let settings = "[glance_store]\nstores = [\"file\", \"http\"]";
    let registry = Registry::with(engine, settings).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let image = registry.shown(&id).await;
    assert_eq!(
        (image.get("locations"), image.get("direct_url")),
        (None, None)
    );
    add(&registry, &id, &web.url("a.img")).await.expect(403);
    assert_eq!(web.asked(), [""; 0]);
}

async fn a_description_and_a_place_are_changed_together_or_not_at_all(engine: Engine) {
    let web = Web::with(Page::Status(404)).await;
    let registry = registry(engine, "").await;
    let created = registry
        .post(Persona::MEMBER, "/v2/images", &json!({}))
        .await;
    let id = created.expect(201).json()["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let place = json!({"url": web.url("a.img"), "metadata": {}});
    let alone = json!([{"op": "add", "path": "/locations/-", "value": place}]);
    // Without its formats it takes no bytes.
    patch(&registry, &id, &alone).await.expect(400);
    let together = json!([
        {"op": "replace", "path": "/name", "value": "new"},
        {"op": "add", "path": "/locations/-", "value": place},
        {"op": "replace", "path": "/disk_format", "value": "raw"},
        {"op": "replace", "path": "/container_format", "value": "bare"},
    ]);
    patch(&registry, &id, &together).await.expect(400);
    let image = registry.shown(&id).await;
    assert_eq!(
        (&image["name"], &image["status"]),
        (&Value::Null, &json!("queued"))
    );
    web.set(Page::Data(DATA));
    let image = patch(&registry, &id, &together).await.expect(200).json();
    assert_eq!(
        (&image["name"], &image["status"]),
        (&json!("new"), &json!("active"))
    );
    assert_eq!(image["disk_format"], "raw");
}

async fn only_metadata_and_order_are_replaced(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let replace = async |value: &Value| {
        let operations = json!([{"op": "replace", "path": "/locations", "value": value}]);
        patch(&registry, &id, &operations).await
    };
    replace(&json!([])).await.expect(403);
    let place = |name: &str| json!({"url": web.url(name), "metadata": {}});
    // An image without places gets all of them at once.
    replace(&json!([place("a"), place("b")])).await.expect(200);
    assert_eq!(web.asked().len(), 2);
    let mut places = registry.shown(&id).await["locations"].clone();
    replace(&places).await.expect(200);
    places[0]["metadata"]["date"] = json!("2015-10-15");
    let list = places.as_array_mut().expect("a list");
    list.swap(0, 1);
    replace(&places).await.expect(200);
    for other in [
        json!([places[0]]),
        json!([places[0], place("c")]),
        json!([places[0], places[0]]),
        json!([places[0], places[1], place("c")]),
    ] {
        replace(&other).await.expect(400);
    }
    replace(&json!([])).await.expect(403);
    assert_eq!(registry.shown(&id).await["locations"], places);
    assert_eq!(web.asked(), [""; 0]);
}

async fn places_are_removed_but_for_the_last(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registered(&registry, &web.url("a")).await;
    add(&registry, &id, &web.url("b")).await.expect(200);
    web.asked();
    let path = format!("/v2/images/{id}");
    let remove = async |at: &str, persona| {
        let operations = json!([{"op": "remove", "path": format!("/locations/{at}")}]);
        registry.patch(persona, &path, &operations).await
    };
    remove("0", Persona::MEMBER).await.expect(403);
    for nowhere in ["2", "x", "99999999999999999999"] {
        remove(nowhere, Persona::ADMIN).await.expect(400);
    }
    remove("0", Persona::ADMIN).await.expect(200);
    let left = registry.shown(&id).await["locations"].clone();
    assert_eq!(
        left,
        json!([{"url": web.url("b"), "metadata": {"store": "web"}}])
    );
    // What is known of the copy stays as long as one of its places does.
    assert_eq!(super::copy(&registry, &id, "web").await["state"], "ok");
    remove("-", Persona::ADMIN).await.expect(403);
    assert_eq!(web.asked(), [""; 0]);
}

async fn removing_a_stores_own_place_removes_its_bytes(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = in_both(&registry, &web).await;
    assert_eq!(registry.shown(&id).await["stores"], "web,fast");
    let operations = json!([{"op": "remove", "path": "/locations/1"}]);
    let path = format!("/v2/images/{id}");
    registry
        .patch(Persona::ADMIN, &path, &operations)
        .await
        .expect(200);
    assert_eq!(registry.files(), [""; 0]);
    assert_eq!(registry.shown(&id).await["stores"], "web");
    assert_eq!(read(&registry, &id, None).await.expect(200).body, DATA);
}

async fn an_image_in_another_status_is_not_touched(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registered(&registry, &web.url("a")).await;
    let path = format!("/v2/images/{id}");
    super::deactivate(&registry, &id).await;
    add(&registry, &id, &web.url("b")).await.expect(409);
    let operations = json!([{"op": "remove", "path": "/locations/0"}]);
    registry
        .patch(Persona::ADMIN, &path, &operations)
        .await
        .expect(409);
    let queued = registry.image(Persona::MEMBER, json!({})).await;
    let path = format!("/v2/images/{queued}");
    registry
        .patch(Persona::ADMIN, &path, &operations)
        .await
        .expect(409);
}

async fn what_makes_no_sense_is_refused(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registered(&registry, &web.url("a")).await;
    let at = web.url("");
    let host = at.trim_start_matches("http://");
    for url in [
        "gopher://info.cern.ch".to_owned(),
        "file:///etc/passwd".to_owned(),
        "filesystem:///etc/passwd".to_owned(),
        "FILE:///etc/passwd".to_owned(),
        "swift+config://a/b/c".to_owned(),
        "a".to_owned(),
        String::new(),
        format!("http://user:hunter2@{host}b"),
        format!("http://user@{host}b"),
        "http://169.254.169.254/latest".to_owned(),
        "http://[::ffff:169.254.169.254]/latest".to_owned(),
        "http://2130706433/".to_owned(),
        "http://0x7f.1/".to_owned(),
        web.url("a"),
    ] {
        let refused = add(&registry, &id, &url).await.expect(400).text();
        assert!(refused.contains("Invalid location"), "{url}: {refused}");
        assert!(!refused.contains("hunter2"), "{refused}");
    }
    let place = json!({"url": web.url("b"), "metadata": {}});
    for path in ["/locations/x", "/locations/-1", "/locations/1.0"] {
        let operations = json!([{"op": "add", "path": path, "value": place}]);
        patch(&registry, &id, &operations).await.expect(400);
    }
    web.set(Page::Data(b""));
    let empty = registry.image(Persona::MEMBER, json!({})).await;
    add(&registry, &empty, &web.url("b")).await.expect(400);
    assert_eq!(registry.shown(&empty).await["status"], "queued");
}

async fn claim(registry: &Registry, id: &str, url: &str, more: Value) -> crate::support::Answer {
    let mut place = json!({"url": url, "metadata": {}});
    let (Value::Object(place_keys), Value::Object(more)) = (&mut place, more) else {
        panic!("keys")
    };
    place_keys.extend(more);
    patch(
        registry,
        id,
        &json!([{"op": "add", "path": "/locations/-", "value": place}]),
    )
    .await
}

async fn digests_that_are_claimed_hold_or_nothing_is_kept(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let right = json!({"validation_data": {
        "os_hash_algo": "sha256", "os_hash_value": hex("sha256", DATA).to_uppercase(),
        "checksum": hex("md5", DATA),
    }});
    let wrong = [
        json!({"validation_data": {"os_hash_algo": "sha256", "os_hash_value": SHA256}}),
        json!({"validation_data": {
            "os_hash_algo": "sha256", "os_hash_value": hex("sha256", DATA),
            "checksum": "1".repeat(32),
        }}),
        json!({"checksum": format!("sha256:{SHA256}")}),
    ];
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for wrong in wrong {
        let refused = claim(&registry, &id, &web.url("a"), wrong)
            .await
            .expect(400);
        let told = refused.text();
        assert!(told.contains("CHECKSUM_VERIFICATION_FAILED"), "{told}");
        let image = registry.shown(&id).await;
        assert_eq!(
            (&image["status"], &image["locations"]),
            (&json!("queued"), &json!([]))
        );
        assert_eq!(
            (&image["os_hash_algo"], &image["checksum"]),
            (&Value::Null, &Value::Null)
        );
        let why = image["os_glance_failure"].as_str().expect("a reason");
        assert!(why.starts_with("CHECKSUM_VERIFICATION_FAILED"), "{why}");
    }
    claim(&registry, &id, &web.url("a"), right)
        .await
        .expect(200);
    let image = registry.shown(&id).await;
    assert_eq!(image["os_hash_algo"], "sha256");
    assert_eq!(image["os_hash_value"], hex("sha256", DATA));
    let place = &image["locations"][0];
    assert_eq!(place.get("validation_data"), None);
    let expected = json!({"expected_checksum": format!("sha256:{SHA256}")});
    let id = registry.image(Persona::MEMBER, expected).await;
    add(&registry, &id, &web.url("a")).await.expect(400);
    assert_eq!(registry.shown(&id).await["status"], "queued");
}

async fn claims_that_contradict_the_image_are_conflicts(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let data = |algorithm: &str, value: String| json!({"validation_data": {"os_hash_algo": algorithm, "os_hash_value": value}});
    let chosen = json!({"os_hash_algo": "sha512"});
    let id = registry.image(Persona::MEMBER, chosen).await;
    let url = web.url("a");
    for claimed in [
        data("sha256", hex("sha256", DATA)),
        data("sha512", hex("sha256", DATA)),
        data("sha512", "x".repeat(128)),
        data("sha3_256", hex("sha256", DATA)),
        data("sha123", hex("sha256", DATA)),
    ] {
        claim(&registry, &id, &url, claimed).await.expect(409);
    }
    assert_eq!(web.asked(), [""; 0]);
    // The chosen algorithm can be named.
    let named = data("sha512", hex("sha512", DATA));
    claim(&registry, &id, &url, named.clone()).await.expect(200);
    for claimed in [
        data("sha256", hex("sha256", DATA)),
        data("sha512", hex("sha512", OTHER)),
        json!({"checksum": format!("sha512:{}", hex("sha512", OTHER))}),
    ] {
        claim(&registry, &id, &web.url("b"), claimed)
            .await
            .expect(409);
    }
    claim(&registry, &id, &web.url("b"), named)
        .await
        .expect(200);
}

async fn a_further_place_has_the_bytes_of_the_image(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registered(&registry, &web.url("a")).await;
    for (page, status) in [
        (Page::Data(OTHER), 400),
        (Page::Data(b"bytes"), 400),
        (Page::Data(b"bytes that somebody else keeps on"), 413),
        (Page::Untold(b"bytes that somebody else keeps on"), 413),
    ] {
        web.set(page.clone());
        let refused = add(&registry, &id, &web.url("b")).await;
        assert_eq!(refused.status, status, "{page:?}: {}", refused.text());
        let image = registry.shown(&id).await;
        assert_eq!(image["status"], "active");
        assert_eq!(image["locations"].as_array().expect("a list").len(), 1);
    }
    web.set(Page::Data(DATA));
    add(&registry, &id, &web.url("b")).await.expect(200);
}

async fn what_cannot_be_had_leaves_the_image_as_it_was(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let elsewhere = "http://10.0.0.1/secret".to_owned();
    for page in [
        Page::Status(404),
        Page::Status(500),
        Page::BreaksOff(DATA, 9),
        Page::Promises(40, DATA),
        Page::Stalls(DATA, 9),
        Page::Redirects(elsewhere),
    ] {
        web.set(page.clone());
        let refused = add(&registry, &id, &web.url("a?sign=hunter2")).await;
        assert_eq!(refused.status, 400, "{page:?}: {}", refused.text());
        assert!(!refused.text().contains("hunter2"), "{}", refused.text());
        let image = registry.shown(&id).await;
        assert_eq!(
            (&image["status"], &image["locations"]),
            (&json!("queued"), &json!([]))
        );
        let why = image["os_glance_failure"].as_str().expect("a reason");
        assert!(!why.contains("hunter2"), "{why}");
    }
    // It can still take data in another way.
    registry
        .upload(Persona::MEMBER, &id, DATA)
        .await
        .expect(204);
}

async fn an_image_has_no_more_places_than_the_quota_says(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "image_location_quota = 2").await;
    let id = registered(&registry, &web.url("a")).await;
    add(&registry, &id, &web.url("b")).await.expect(200);
    let refused = add(&registry, &id, &web.url("c")).await.expect(413);
    assert!(
        refused.text().contains("image_location_quota"),
        "{refused:?}"
    );
    let none = super::registry(engine, "image_location_quota = 0").await;
    let id = none.image(Persona::MEMBER, json!({})).await;
    add(&none, &id, &web.url("a")).await.expect(413);
    assert_eq!(none.shown(&id).await["status"], "queued");
}

async fn bytes_at_places_count_against_the_storage_quota(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "user_storage_quota = \"70B\"").await;
    let id = registered(&registry, &web.url("a")).await;
    add(&registry, &id, &web.url("b")).await.expect(200);
    add(&registry, &id, &web.url("c")).await.expect(413);
    let other = registry.image(Persona::MEMBER, json!({})).await;
    add(&registry, &other, &web.url("a")).await.expect(413);
    assert_eq!(registry.shown(&other).await["status"], "queued");
    assert_eq!(
        registry.rows("SELECT holder FROM image_reservations").await,
        [""; 0]
    );
    // What is given back can be used again.
    let operations = json!([{"op": "remove", "path": "/locations/0"}]);
    let path = format!("/v2/images/{id}");
    registry
        .patch(Persona::ADMIN, &path, &operations)
        .await
        .expect(200);
    add(&registry, &other, &web.url("a")).await.expect(200);
}

async fn parallel_adds_are_done_one_after_the_other_or_refused(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let urls = ["a", "b", "c", "d"].map(|name| web.url(name));
    let adds = urls.iter().map(|url| add(&registry, &id, url));
    let answers = futures_util::future::join_all(adds).await;
    let done = answers.iter().filter(|answer| answer.status == 200).count();
    assert!(
        answers
            .iter()
            .all(|it| [200, 409].contains(&it.status.as_u16())),
        "{answers:?}"
    );
    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "active");
    assert_eq!(image["locations"].as_array().expect("a list").len(), done);
    assert!(done > 0);
    assert_eq!(
        registry.rows("SELECT image_id FROM image_claims").await,
        [""; 0]
    );
}

async fn who_may_not_is_refused(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let settings = format!("{STORES}\n[oslo_policy]\npolicy_file = \"{{folder}}/policy.yaml\"");
    let registry = Registry::configured(engine, &settings).await;
    let id = registered(&registry, &web.url("a")).await;
    let place = json!({"url": web.url("b"), "metadata": {}});
    let operations = json!([{"op": "add", "path": "/locations/-", "value": place}]);
    let path = format!("/v2/images/{id}");
    registry
        .patch(Persona::READER, &path, &operations)
        .await
        .expect(403);
    registry
        .patch(Persona::STRANGER, &path, &operations)
        .await
        .expect(404);
    let rules = "get_image_location: role:admin\nset_image_location: role:admin\n";
    std::fs::write(registry.folder().join("policy.yaml"), rules).expect("a file");
    let twin = registry.twin().await;
    let call = registry.call(axum::http::Method::PATCH, &path);
    let call = call
        .by(Persona::MEMBER)
        .patch(&operations)
        .to(twin.router());
    call.send().await.expect(403);
    let call = registry.call(axum::http::Method::GET, &path);
    let seen = call.by(Persona::MEMBER).to(twin.router()).send().await;
    assert_eq!(seen.expect(200).json().get("locations"), None);
}
