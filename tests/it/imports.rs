//! Imports: what is accepted, what it does, and how it fails.

use axum::{Router, body::Body, http::Method, routing::get};
use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};

use crate::support::{Answer, Engine, Origin, Persona, Registry, on_every_engine};

const DATA: &str = "bytes from elsewhere";

on_every_engine![
    an_accepted_import_has_left_queued_when_the_answer_arrives,
    staged_data_becomes_an_active_image,
    a_web_download_becomes_an_active_image_without_a_staged_copy,
    the_task_is_shown_to_its_owner,
    a_failed_download_says_why,
    a_download_that_breaks_off_leaves_nothing,
    a_download_beyond_the_cap_leaves_nothing,
    closed_networks_are_refused_before_anything_is_begun,
    an_import_needs_formats,
    an_import_needs_the_right_status,
    a_second_import_of_the_same_image_is_refused,
    a_malformed_import_is_refused_by_name,
    with_one_store_it_does_not_matter_whether_all_must_succeed,
    with_one_store_a_header_that_names_a_store_means_nothing,
    with_one_store_a_body_names_no_other,
    with_one_store_a_copy_is_refused_where_glance_answers_with_500,
    stores_that_do_not_fit_are_refused,
    an_image_deleted_while_it_waits_for_its_import_leaves_nothing,
    a_reader_and_a_stranger_cannot_import,
    a_method_that_is_not_enabled_is_refused,
];

fn glance_direct() -> Value {
    json!({"method": {"name": "glance-direct"}})
}

fn web_download(uri: &str) -> Value {
    json!({"method": {"name": "web-download", "uri": uri}})
}

async fn import(registry: &Registry, id: &str, body: &Value) -> Answer {
    let path = format!("/v2/images/{id}/import");
    registry.post(Persona::MEMBER, &path, body).await
}

async fn stage(registry: &Registry, id: &str) {
    let call = registry.call(Method::PUT, &format!("/v2/images/{id}/stage"));
    call.by(Persona::MEMBER).data(DATA).send().await.expect(204);
}

async fn tasks(registry: &Registry, persona: Persona, id: &str) -> Vec<Value> {
    let path = format!("/v2/images/{id}/tasks");
    let answer = registry.get(persona, &path).await.expect(200).json();
    answer["tasks"].as_array().expect("a list").clone()
}

/// The image is as it was before its import, and says why.
async fn assert_failed(registry: &Registry, id: &str, code: &str) {
    let image = registry.shown(id).await;
    assert_eq!(image["status"], "queued", "{image}");
    assert_eq!(image["size"], Value::Null);
    let reason = image["os_glance_failure"].as_str().expect("a reason");
    assert!(reason.starts_with(code), "{reason}");
    assert_eq!(image["os_glance_failed_import"], "file");
    assert_eq!(image.get("os_glance_import_task"), None);
    assert_eq!(registry.files(), Vec::<String>::new());
    let task = &tasks(registry, Persona::MEMBER, id).await[0];
    assert_eq!(task["status"], "failure");
    assert_eq!(task["message"], reason);
}

async fn an_accepted_import_has_left_queued_when_the_answer_arrives(engine: Engine) {
    let registry = Registry::open(engine).await;
    let origin = Origin::serving(DATA).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let accepted = import(&registry, &id, &web_download(&origin.url("x"))).await;
    assert!(accepted.expect(202).body.is_empty());
    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "importing");
    assert_eq!(image["os_glance_importing_to_stores"], "file");
    let task = &tasks(&registry, Persona::MEMBER, &id).await[0];
    assert_eq!(task["status"], "pending");
    assert_eq!(image["os_glance_import_task"], task["id"]);
}

async fn staged_data_becomes_an_active_image(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    stage(&registry, &id).await;
    import(&registry, &id, &glance_direct()).await.expect(202);
    registry.work().await;
    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "active");
    assert_eq!(image["size"], DATA.len());
    assert_eq!(image["os_glance_importing_to_stores"], "");
    assert_eq!(image["os_glance_failed_import"], "");
    assert_eq!(registry.files(), [format!("data/images/{id}")]);
}

async fn a_web_download_becomes_an_active_image_without_a_staged_copy(engine: Engine) {
    let registry = Registry::open(engine).await;
    let origin = Origin::serving(DATA).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let body = web_download(&origin.url("image"));
    import(&registry, &id, &body).await.expect(202);
    registry.work().await;
    assert_eq!(registry.shown(&id).await["status"], "active");
    assert_eq!(registry.files(), [format!("data/images/{id}")]);
    let file = format!("/v2/images/{id}/file");
    let answer = registry.get(Persona::MEMBER, &file).await;
    assert_eq!(answer.expect(200).text(), DATA);
}

async fn the_task_is_shown_to_its_owner(engine: Engine) {
    let registry = Registry::open(engine).await;
    let origin = Origin::serving(DATA).await;
    let id = registry
        .image(
            Persona::ADMIN,
            json!({"owner": "alpha", "visibility": "public"}),
        )
        .await;
    let uri = origin.url("image");
    let accepted = import(&registry, &id, &web_download(&uri))
        .await
        .expect(202);
    registry.work().await;

    let shown = tasks(&registry, Persona::MEMBER, &id).await;
    assert_eq!(shown.len(), 1);
    let task = &shown[0];
    assert_eq!(task["type"], "api_image_import");
    assert_eq!(task["status"], "success");
    assert_eq!(task["message"], "Copied 0 MiB");
    assert_eq!(task["image_id"], id);
    assert_eq!(task["owner"], Persona::MEMBER.project);
    assert_eq!(task["user_id"], Persona::MEMBER.user);
    assert_eq!(
        task["request_id"],
        accepted.header("x-openstack-request-id")
    );
    assert_eq!(task["result"], json!({"image_id": id}));
    assert_eq!(task["input"]["import_req"]["method"]["uri"], uri);
    assert_eq!(tasks(&registry, Persona::ADMIN, &id).await.len(), 1);
    assert_eq!(tasks(&registry, Persona::STRANGER, &id).await.len(), 0);
}

async fn a_failed_download_says_why(engine: Engine) {
    let registry = Registry::open(engine).await;
    let origin = Origin::serving(DATA).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let body = web_download(&origin.url("missing?signature=secret"));
    import(&registry, &id, &body).await.expect(202);
    registry.work().await;
    assert_failed(&registry, &id, "DATA_INTERRUPTED: ").await;
    let reason = registry.shown(&id).await["os_glance_failure"].to_string();
    assert!(reason.contains("404"), "{reason}");
    assert!(!reason.contains("secret"), "{reason}");

    import(&registry, &id, &web_download(&origin.url("image")))
        .await
        .expect(202);
    registry.work().await;
    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "active");
    assert_eq!(image.get("os_glance_failure"), None);
}

async fn a_download_that_breaks_off_leaves_nothing(engine: Engine) {
    let registry = Registry::open(engine).await;
    let broken = async || {
        let frames = [
            Ok(Bytes::from_static(b"some")),
            Err(std::io::Error::other("the wire was cut")),
        ];
        Body::from_stream(stream::iter(frames))
    };
    let origin = Origin::running(Router::new().route("/image", get(broken))).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    import(&registry, &id, &web_download(&origin.url("image")))
        .await
        .expect(202);
    registry.work().await;
    assert_failed(&registry, &id, "DATA_INTERRUPTED: ").await;
}

async fn a_download_beyond_the_cap_leaves_nothing(engine: Engine) {
    let settings = "[DEFAULT]\nimage_size_cap = 10";
    let registry = Registry::with(engine, settings).await;
    let origin = Origin::serving(DATA).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    import(&registry, &id, &web_download(&origin.url("image")))
        .await
        .expect(202);
    registry.work().await;
    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "queued");
    assert_eq!(registry.files(), Vec::<String>::new());
}

async fn closed_networks_are_refused_before_anything_is_begun(engine: Engine) {
    let settings = "[auth]\nstrategy = \"trusted_headers\"";
    let registry = Registry::configured(engine, settings).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for uri in [
        "http://127.0.0.1/image",
        "http://[::1]/image",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/image",
        "http://2130706433/image",
        "http://0x7f.1/image",
        "http://example.org:22/image",
        "ftp://example.org/image",
        "file:///etc/passwd",
        "http://user:password@example.org/image",
        "image",
        "",
    ] {
        import(&registry, &id, &web_download(uri)).await.expect(400);
    }
    assert_eq!(registry.shown(&id).await["status"], "queued");
    assert_eq!(tasks(&registry, Persona::MEMBER, &id).await.len(), 0);
}

async fn an_import_needs_formats(engine: Engine) {
    let registry = Registry::open(engine).await;
    for name in ["container_format", "disk_format"] {
        let id = registry.image(Persona::MEMBER, json!({name: null})).await;
        let refused = import(&registry, &id, &web_download("http://127.0.0.1/x")).await;
        let text = refused.expect(409).text();
        assert!(text.contains(name), "{text}");
    }
}

async fn an_import_needs_the_right_status(engine: Engine) {
    let registry = Registry::open(engine).await;
    let queued = registry.image(Persona::MEMBER, json!({})).await;
    import(&registry, &queued, &glance_direct())
        .await
        .expect(409);
    let staged = registry.image(Persona::MEMBER, json!({})).await;
    stage(&registry, &staged).await;
    let active = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    for id in [&staged, &active] {
        let refused = import(&registry, id, &web_download("http://127.0.0.1/x")).await;
        refused.expect(409);
    }
    import(&registry, &active, &glance_direct())
        .await
        .expect(409);
}

async fn a_second_import_of_the_same_image_is_refused(engine: Engine) {
    let registry = Registry::open(engine).await;
    let origin = Origin::serving(DATA).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let body = web_download(&origin.url("image"));
    let (first, second) =
        tokio::join!(import(&registry, &id, &body), import(&registry, &id, &body));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409]);
    registry.work().await;
    assert_eq!(tasks(&registry, Persona::MEMBER, &id).await.len(), 1);
    assert_eq!(registry.shown(&id).await["status"], "active");
}

async fn a_malformed_import_is_refused_by_name(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let direct = json!({"name": "glance-direct"});
    for (body, named) in [
        (json!({}), "method"),
        (json!({"method": "glance-direct"}), "method"),
        (json!({"method": {}}), "name"),
        (json!({"method": {"name": "teleport"}}), "teleport"),
        (json!({"method": {"name": 7}}), "name"),
        (json!({"method": {"name": "web-download"}}), "uri"),
        (json!({"method": {"name": "web-download", "uri": 7}}), "uri"),
        (json!({"method": direct, "all_stores": "yes"}), "all_stores"),
        (
            json!({"method": direct, "all_stores_must_succeed": 1}),
            "all_stores_must_succeed",
        ),
        (json!({"method": direct, "stores": "fast"}), "stores"),
        (json!({"method": direct, "stores": []}), "stores"),
        (json!([]), ""),
    ] {
        let text = import(&registry, &id, &body).await.expect(400).text();
        assert!(text.contains(named), "{body}: {text}");
    }
    assert_eq!(registry.shown(&id).await["status"], "queued");
}

/// The client `openstack` says false unless it is told otherwise.
async fn with_one_store_it_does_not_matter_whether_all_must_succeed(engine: Engine) {
    let registry = Registry::open(engine).await;
    for said in [true, false] {
        let id = registry.image(Persona::MEMBER, json!({})).await;
        stage(&registry, &id).await;
        let mut body = glance_direct();
        body["all_stores_must_succeed"] = json!(said);
        import(&registry, &id, &body).await.expect(202);
        registry.work().await;
        assert_eq!(registry.shown(&id).await["status"], "active");
    }
}

/// As in Glance, where the only store has no name.
async fn with_one_store_a_header_that_names_a_store_means_nothing(engine: Engine) {
    let registry = Registry::open(engine).await;
    for (store, all_stores) in [("file", false), ("nowhere", false), ("nowhere", true)] {
        let id = registry.image(Persona::MEMBER, json!({})).await;
        let call = registry.call(Method::PUT, &format!("/v2/images/{id}/file"));
        let call = call.by(Persona::MEMBER).header("x-image-meta-store", store);
        call.data(DATA).send().await.expect(204);
        assert_eq!(registry.shown(&id).await["status"], "active");

        let id = registry.image(Persona::MEMBER, json!({})).await;
        stage(&registry, &id).await;
        let mut body = glance_direct();
        body["all_stores"] = json!(all_stores);
        let call = registry.call(Method::POST, &format!("/v2/images/{id}/import"));
        let call = call.by(Persona::MEMBER).header("x-image-meta-store", store);
        call.json(&body).send().await.expect(202);
        registry.work().await;
        assert_eq!(registry.shown(&id).await["status"], "active");
    }
}

async fn with_one_store_a_body_names_no_other(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    stage(&registry, &id).await;
    for (store, status) in [("nowhere", 409), ("file", 202)] {
        let mut body = glance_direct();
        body["stores"] = json!([store]);
        import(&registry, &id, &body).await.expect(status);
    }
    registry.work().await;
    assert_eq!(registry.shown(&id).await["status"], "active");
}

async fn with_one_store_a_copy_is_refused_where_glance_answers_with_500(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    let before = registry.shown(&id).await;
    let path = format!("/v2/images/{id}/import");
    let method = json!({"name": "copy-image"});
    for (more, status) in [
        (json!({}), 400),
        (json!({"stores": ["file"]}), 400),
        (json!({"stores": ["nowhere"]}), 409),
        // Nothing is left to be copied to.
        (json!({"all_stores": true}), 202),
    ] {
        let mut body = more;
        body["method"] = method.clone();
        let answer = registry.post(Persona::ADMIN, &path, &body).await;
        let text = answer.expect(status).text();
        assert_eq!(text.contains("holds image"), status == 400, "{text}");
    }
    assert_eq!(tasks(&registry, Persona::ADMIN, &id).await.len(), 0);
    assert_eq!(registry.shown(&id).await, before);
    assert_eq!(registry.files(), [format!("data/images/{id}")]);
}

async fn stores_that_do_not_fit_are_refused(engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = format!(
        r#"
[DEFAULT]
enabled_backends = {{ fast = "file", slow = "file" }}
[glance_store]
default_backend = "fast"
[fast]
filesystem_store_datadir = "{0}/fast"
[slow]
filesystem_store_datadir = "{0}/slow"
[os_glance_staging_store]
filesystem_store_datadir = "{0}/staging"
"#,
        folder.path().display()
    );
    let registry = Registry::with(engine, &settings).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    stage(&registry, &id).await;
    let direct = json!({"name": "glance-direct"});
    for (body, status) in [
        (json!({"method": direct, "stores": ["nowhere"]}), 409),
        (
            json!({"method": direct, "stores": ["fast"], "all_stores": true}),
            400,
        ),
    ] {
        import(&registry, &id, &body).await.expect(status);
    }
    let path = format!("/v2/images/{id}/import");
    let call = registry.call(Method::POST, &path).by(Persona::MEMBER);
    let call = call.header("x-image-meta-store", "slow");
    let body = json!({"method": direct, "stores": ["fast"]});
    call.json(&body).send().await.expect(400);
    assert_eq!(registry.shown(&id).await["status"], "uploading");

    let body = json!({"method": direct, "stores": ["slow"]});
    import(&registry, &id, &body).await.expect(202);
    registry.work().await;
    assert_eq!(registry.shown(&id).await["stores"], "slow");
}

async fn an_image_deleted_while_it_waits_for_its_import_leaves_nothing(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    stage(&registry, &id).await;
    import(&registry, &id, &glance_direct()).await.expect(202);
    let path = format!("/v2/images/{id}");
    registry.delete(Persona::MEMBER, &path).await.expect(204);
    registry.work().await;
    assert_eq!(registry.files(), Vec::<String>::new());
}

async fn a_reader_and_a_stranger_cannot_import(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let path = format!("/v2/images/{id}/import");
    let body = web_download("http://127.0.0.1/x");
    registry
        .post(Persona::READER, &path, &body)
        .await
        .expect(403);
    registry
        .post(Persona::STRANGER, &path, &body)
        .await
        .expect(404);
    assert_eq!(registry.shown(&id).await["status"], "queued");
}

async fn a_method_that_is_not_enabled_is_refused(engine: Engine) {
    let settings = "[DEFAULT]\nenabled_import_methods = [\"web-download\"]";
    let registry = Registry::with(engine, settings).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    import(&registry, &id, &glance_direct()).await.expect(400);
    let call = registry.call(Method::PUT, &format!("/v2/images/{id}/stage"));
    call.by(Persona::MEMBER).data(DATA).send().await.expect(404);
    let answer = registry.get(Persona::MEMBER, "/v2/info/import").await;
    let value = &answer.expect(200).json()["import-methods"]["value"];
    assert_eq!(*value, json!(["web-download"]));
}
