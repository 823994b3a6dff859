//! `POST /v2/images/{id}/locations`: accepted at once, usable once it was read.

use axum::http::Method;
use serde_json::{Value, json};

use super::{DATA, hex, read, registry};
use crate::support::{Answer, Engine, Page, Persona, Registry, Web, on_every_engine};

on_every_engine![
    a_place_is_accepted_at_once_and_makes_the_image_active_once_it_was_read,
    digests_that_are_claimed_are_held_against_what_is_there,
    what_is_not_what_was_claimed_is_never_tried_again,
    what_breaks_off_is_read_anew_as_often_as_the_settings_say,
    what_cannot_be_registered_is_refused_at_once,
    an_image_that_is_not_queued_takes_no_place,
    users_register_what_web_servers_have_and_services_are_told_places,
    an_image_is_deleted_while_its_place_is_read,
    a_place_counts_against_quotas,
    others_are_told_of_changes_and_of_the_task,
];

/// Asks for the place at `url` to be registered, with the keys of `more`.
pub(super) async fn register(registry: &Registry, id: &str, url: &str, more: Value) -> Answer {
    let mut body = json!({"url": url});
    let (Value::Object(keys), Value::Object(more)) = (&mut body, more) else {
        panic!("keys")
    };
    keys.extend(more);
    let path = format!("/v2/images/{id}/locations");
    registry.post(Persona::MEMBER, &path, &body).await
}

async fn task(registry: &Registry, id: &str) -> Value {
    let path = format!("/v2/images/{id}/tasks");
    let answer = registry.get(Persona::MEMBER, &path).await.expect(200);
    let tasks = answer.json()["tasks"].clone();
    assert_eq!(tasks.as_array().expect("a list").len(), 1);
    tasks[0].clone()
}

async fn a_place_is_accepted_at_once_and_makes_the_image_active_once_it_was_read(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let answer = register(&registry, &id, &web.url("a"), json!({}))
        .await
        .expect(202);
    assert_eq!(answer.text(), "");
    let image = registry.shown(&id).await;
    assert_eq!(
        (&image["status"], &image["locations"]),
        (&json!("importing"), &json!([]))
    );
    read(&registry, &id, None).await.expect(204);
    assert_eq!(task(&registry, &id).await["status"], "pending");
    registry.work().await;
    assert_eq!(web.asked(), ["GET /a"]);
    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "active");
    assert_eq!(image["os_hash_algo"], "sha512");
    assert_eq!(image["os_hash_value"], hex("sha512", DATA));
    assert_eq!(image["checksum"], hex("md5", DATA));
    assert_eq!(image["stores"], "web");
    let task = task(&registry, &id).await;
    assert_eq!(
        (&task["type"], &task["status"]),
        (&json!("location_import"), &json!("success"))
    );
    assert_eq!(read(&registry, &id, None).await.expect(200).body, DATA);
}

async fn digests_that_are_claimed_are_held_against_what_is_there(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let value = hex("sha256", DATA).to_uppercase();
    let claimed = json!({"validation_data": {"os_hash_algo": "sha256", "os_hash_value": value}});
    register(&registry, &id, &web.url("a"), claimed)
        .await
        .expect(202);
    registry.work().await;
    let image = registry.shown(&id).await;
    assert_eq!(
        (&image["status"], &image["os_hash_algo"]),
        (&json!("active"), &json!("sha256"))
    );
    assert_eq!(image["os_hash_value"], hex("sha256", DATA));
    // The choice of the image counts, whatever else is expected.
    let id = registry
        .image(Persona::MEMBER, json!({"os_hash_algo": "sha1"}))
        .await;
    let expected = json!({"checksum": format!("sha256:{}", hex("sha256", DATA))});
    register(&registry, &id, &web.url("a"), expected)
        .await
        .expect(202);
    registry.work().await;
    assert_eq!(
        registry.shown(&id).await["os_hash_value"],
        hex("sha1", DATA)
    );
}

async fn what_is_not_what_was_claimed_is_never_tried_again(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let value = "beefdead".repeat(16);
    for wrong in [
        json!({"validation_data": {"os_hash_algo": "sha512", "os_hash_value": value}}),
        json!({"checksum": format!("sha512:{value}")}),
    ] {
        let id = registry.image(Persona::MEMBER, json!({})).await;
        register(&registry, &id, &web.url("a"), wrong)
            .await
            .expect(202);
        registry.work().await;
        registry.work().await;
        assert_eq!(web.asked(), ["GET /a"]);
        let image = registry.shown(&id).await;
        assert_eq!(
            (&image["status"], &image["locations"]),
            (&json!("queued"), &json!([]))
        );
        for digest in ["os_hash_algo", "os_hash_value", "checksum", "size"] {
            assert_eq!(image[digest], Value::Null, "{digest}");
        }
        let why = image["os_glance_failure"].as_str().expect("a reason");
        assert!(why.starts_with("CHECKSUM_VERIFICATION_FAILED"), "{why}");
        let task = task(&registry, &id).await;
        assert_eq!(task["status"], "failure");
        assert_eq!(task["message"], why);
        // Its owner can go on.
        register(&registry, &id, &web.url("b"), json!({}))
            .await
            .expect(202);
        registry.work().await;
        assert_eq!(registry.shown(&id).await["status"], "active");
        web.asked();
    }
    let id = registry
        .image(Persona::MEMBER, json!({"os_hash_algo": "sha256"}))
        .await;
    let wrong = json!({"checksum": format!("sha512:{value}")});
    register(&registry, &id, &web.url("a"), wrong)
        .await
        .expect(202);
    registry.work().await;
    let image = registry.shown(&id).await;
    assert_eq!(
        (&image["os_hash_algo"], &image["os_hash_value"]),
        (&json!("sha256"), &Value::Null)
    );
}

async fn what_breaks_off_is_read_anew_as_often_as_the_settings_say(engine: Engine) {
    let registry = registry(engine, "http_retries = 2").await;
    for (page, asked) in [
        (Page::BreaksOff(DATA, 9), 3),
        (Page::Status(500), 3),
        (Page::Status(404), 1),
        (Page::Redirects("http://169.254.169.254/".into()), 1),
        (Page::Promises(40, DATA), 3),
        (Page::Data(b""), 1),
    ] {
        let web = Web::with(page.clone()).await;
        let id = registry.image(Persona::MEMBER, json!({})).await;
        register(&registry, &id, &web.url("a"), json!({}))
            .await
            .expect(202);
        registry.work().await;
        assert_eq!(web.asked().len(), asked, "{page:?}");
        let image = registry.shown(&id).await;
        assert_eq!(
            (&image["status"], &image["locations"]),
            (&json!("queued"), &json!([]))
        );
        assert_eq!(task(&registry, &id).await["status"], "failure");
    }
}

async fn what_cannot_be_registered_is_refused_at_once(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let data = |data: Value| json!({"validation_data": data});
    let sha256 = hex("sha256", DATA);
    for more in [
        data(json!({"os_hash_algo": "sha512", "os_hash_value": "dbc9e0f8"})),
        data(json!({"os_hash_algo": "sha512", "os_hash_value": sha256})),
        data(json!({"os_hash_algo": "sha256", "os_hash_value": "x".repeat(64)})),
        data(json!({"os_hash_algo": "sha123", "os_hash_value": sha256})),
        data(json!({"os_hash_algo": "sha3_256", "os_hash_value": sha256})),
        data(json!({"os_hash_value": sha256})),
        data(json!({"os_hash_algo": "sha256"})),
        data(json!({"os_hash_algo": "sha256", "os_hash_value": sha256, "x": 1})),
        json!({"checksum": "sha256:ab"}),
        json!({"checksum": "nothing:ab"}),
    ] {
        let refused = register(&registry, &id, &web.url("a"), more.clone()).await;
        assert_eq!(refused.status, 400, "{more}: {}", refused.text());
    }
    for url in [
        "http://169.254.169.254/latest",
        "http://a:hunter2@127.0.0.1/a",
        "http://2130706433/",
    ] {
        let refused = register(&registry, &id, url, json!({})).await.expect(400);
        assert!(!refused.text().contains("hunter2"), "{refused:?}");
    }
    for url in ["file:///etc/passwd", "swift+config://a/b", "ftp://a/b", "a"] {
        register(&registry, &id, url, json!({})).await.expect(403);
    }
    let path = format!("/v2/images/{id}/locations");
    registry
        .post(Persona::MEMBER, &path, &json!({}))
        .await
        .expect(400);
    let chosen = registry
        .image(Persona::MEMBER, json!({"os_hash_algo": "sha512"}))
        .await;
    let other = data(json!({"os_hash_algo": "sha256", "os_hash_value": sha256}));
    register(&registry, &chosen, &web.url("a"), other)
        .await
        .expect(409);
    let created = registry
        .post(Persona::MEMBER, "/v2/images", &json!({}))
        .await;
    let bare = created.expect(201).json()["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    register(&registry, &bare, &web.url("a"), json!({}))
        .await
        .expect(400);
    assert_eq!(registry.shown(&id).await["status"], "queued");
    assert_eq!(web.asked(), [""; 0]);
}

async fn an_image_that_is_not_queued_takes_no_place(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    register(&registry, &id, &web.url("a"), json!({}))
        .await
        .expect(202);
    register(&registry, &id, &web.url("a"), json!({}))
        .await
        .expect(409);
    super::add(&registry, &id, &web.url("a")).await.expect(409);
    registry
        .upload(Persona::MEMBER, &id, DATA)
        .await
        .expect(409);
    registry.work().await;
    register(&registry, &id, &web.url("b"), json!({}))
        .await
        .expect(409);
    assert_eq!(
        registry.shown(&id).await["locations"]
            .as_array()
            .expect("a list")
            .len(),
        1
    );
}

async fn users_register_what_web_servers_have_and_services_are_told_places(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let public = json!({"visibility": "public", "owner": "alpha"});
    let id = registry.image(Persona::ADMIN, public).await;
    let path = format!("/v2/images/{id}/locations");
    let body = json!({"url": web.url("a")});
    registry
        .post(Persona::READER, &path, &body)
        .await
        .expect(403);
    registry
        .post(Persona::STRANGER, &path, &body)
        .await
        .expect(403);
    let service = Persona {
        roles: "service,member,reader",
        ..Persona::MEMBER
    };
    // A service may have other places, of which there are none here.
    registry
        .post(service, &path, &json!({"url": "rbd://a/b"}))
        .await
        .expect(400);
    registry.post(service, &path, &body).await.expect(202);
    registry.work().await;
    registry.get(Persona::MEMBER, &path).await.expect(403);
    let told = registry.get(service, &path).await.expect(200).json();
    assert_eq!(
        told,
        json!([{"url": web.url("a"), "metadata": {"store": "web"}}])
    );
    let none = registry.image(Persona::MEMBER, json!({})).await;
    let path = format!("/v2/images/{none}/locations");
    assert_eq!(
        registry.get(service, &path).await.expect(200).json(),
        json!([])
    );
    let stranger = Persona {
        roles: "service",
        ..Persona::STRANGER
    };
    registry.get(stranger, &path).await.expect(404);
    let plain = Registry::open(engine).await;
    let id = plain.image(Persona::MEMBER, json!({})).await;
    register(&plain, &id, &web.url("a"), json!({}))
        .await
        .expect(403);
}

async fn an_image_is_deleted_while_its_place_is_read(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    register(&registry, &id, &web.url("a"), json!({}))
        .await
        .expect(202);
    let path = format!("/v2/images/{id}");
    registry.delete(Persona::MEMBER, &path).await.expect(204);
    registry.work().await;
    assert_eq!(web.asked(), [""; 0]);
    assert_eq!(registry.rows("SELECT status FROM tasks").await, ["failure"]);
    assert_eq!(
        registry.rows("SELECT url FROM image_locations").await,
        [""; 0]
    );
}

async fn a_place_counts_against_quotas(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let registry = registry(engine, "user_storage_quota = \"40B\"").await;
    let first = registry.image(Persona::MEMBER, json!({})).await;
    register(&registry, &first, &web.url("a"), json!({}))
        .await
        .expect(202);
    registry.work().await;
    assert_eq!(registry.shown(&first).await["status"], "active");
    let second = registry.image(Persona::MEMBER, json!({})).await;
    register(&registry, &second, &web.url("a"), json!({}))
        .await
        .expect(202);
    registry.work().await;
    let image = registry.shown(&second).await;
    assert_eq!(image["status"], "queued");
    let why = image["os_glance_failure"].as_str().expect("a reason");
    assert!(why.starts_with("OVER_QUOTA"), "{why}");
    assert_eq!(
        registry.rows("SELECT holder FROM image_reservations").await,
        [""; 0]
    );
}

async fn others_are_told_of_changes_and_of_the_task(engine: Engine) {
    let web = Web::with(Page::Data(DATA)).await;
    let more = "[oslo_messaging_notifications]\ndriver = [\"log\"]";
    let registry = registry(engine, more).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let call = registry.call(Method::POST, &format!("/v2/images/{id}/locations"));
    let call = call.by(Persona::MEMBER).json(&json!({"url": web.url("a")}));
    call.send().await.expect(202);
    registry.work().await;
    let told = registry.told().await;
    let types: Vec<_> = told.iter().map(|told| told.event.as_str()).collect();
    assert!(
        types.starts_with(&["image.create", "task.create", "task.processing"]),
        "{types:?}"
    );
    for never in ["image.prepare", "image.upload", "image.activate"] {
        assert!(!types.contains(&never), "{types:?}");
    }
    assert!(types.contains(&"image.update"), "{types:?}");
    assert!(types.contains(&"task.success"), "{types:?}");
}
