//! Which events a request makes, what they say, and in which order.

use std::{io, net::SocketAddr};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request},
};
use futures_util::stream;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::{Engine, Origin, Persona, Registry, Told, on_every_engine, until};

on_every_engine![
    what_is_done_to_an_image_is_told,
    a_change_that_changes_nothing_is_not_told,
    an_upload_is_told_step_by_step,
    an_upload_that_fails_is_told_as_an_error,
    staged_data_is_told_without_a_store,
    an_import_is_told_with_its_task,
    an_import_that_fails_is_told_to_its_end,
    an_import_of_a_deleted_image_is_told_as_a_failure,
    members_are_told,
    a_download_is_told_once_it_has_ended,
    a_forgotten_task_is_told,
    what_is_disabled_is_not_told,
    without_a_driver_nothing_is_written_down,
];

const DATA: &str = "Ten bytes!";

/// A registry that writes down what it tells; nobody takes it away.
async fn telling(engine: Engine) -> Registry {
    let settings = "[oslo_messaging_notifications]\ndriver = [\"log\"]";
    Registry::with(engine, settings).await
}

/// The types of what was told since the last look.
async fn kinds(registry: &Registry) -> Vec<String> {
    let told = take(registry).await;
    told.into_iter().map(|told| told.event).collect()
}

/// What was told since the last look.
async fn take(registry: &Registry) -> Vec<Told> {
    let told = registry.told().await;
    registry.execute("DELETE FROM notifications").await;
    told
}

/// A request without a body, which is answered without one.
async fn bodiless(registry: &Registry, persona: Persona, method: Method, path: &str) {
    let call = registry.call(method, path).by(persona);
    call.send().await.expect(204);
}

async fn import(registry: &Registry, id: &str, method: Value) {
    let path = format!("/v2/images/{id}/import");
    let body = json!({"method": method});
    let accepted = registry.post(Persona::MEMBER, &path, &body).await;
    accepted.expect(202);
}

async fn what_is_done_to_an_image_is_told(engine: Engine) {
    let registry = telling(engine).await;
    let more = json!({"name": "one", "kernel_id": null, "os_distro": "debian"});
    let id = registry.active_image(Persona::MEMBER, more, DATA).await;
    let created = &take(&registry).await[0];
    assert_eq!(
        (created.event.as_str(), created.priority.as_str()),
        ("image.create", "INFO")
    );
    assert_eq!(created.payload["id"], id);
    assert_eq!(created.payload["status"], "queued");
    assert_eq!(created.payload["owner"], Persona::MEMBER.project);
    assert_eq!(created.payload["properties"]["os_distro"], "debian");
    assert_eq!(created.payload.get("os_hash_algo"), None);

    let path = format!("/v2/images/{id}");
    let rename = json!([{"op": "replace", "path": "/name", "value": "two"}]);
    registry
        .patch(Persona::MEMBER, &path, &rename)
        .await
        .expect(200);
    let updated = take(&registry).await;
    assert_eq!(updated.len(), 1);
    assert_eq!(updated[0].event, "image.update");
    assert_eq!(updated[0].payload["name"], "two");

    let tag = format!("{path}/tags/new");
    bodiless(&registry, Persona::MEMBER, Method::PUT, &tag).await;
    assert_eq!(take(&registry).await[0].payload["tags"], json!(["new"]));
    registry.delete(Persona::MEMBER, &tag).await.expect(204);
    assert_eq!(take(&registry).await[0].payload["tags"], json!([]));

    for (action, status) in [("deactivate", "deactivated"), ("reactivate", "active")] {
        let action = format!("{path}/actions/{action}");
        bodiless(&registry, Persona::ADMIN, Method::POST, &action).await;
        let told = take(&registry).await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].event, "image.update");
        assert_eq!(told[0].payload["status"], status);
    }

    registry.delete(Persona::MEMBER, &path).await.expect(204);
    let deleted = take(&registry).await;
    assert_eq!(deleted.len(), 1);
    assert_eq!(deleted[0].event, "image.delete");
    assert_eq!(deleted[0].payload["name"], "two");
    assert_eq!(deleted[0].payload["status"], "deleted");
    assert_eq!(deleted[0].payload["deleted"], true);
    assert!(deleted[0].payload["deleted_at"].is_string());
}

async fn a_change_that_changes_nothing_is_not_told(engine: Engine) {
    let registry = telling(engine).await;
    let id = registry
        .image(Persona::MEMBER, json!({"tags": ["a"]}))
        .await;
    let path = format!("/v2/images/{id}");
    take(&registry).await;
    registry
        .patch(Persona::MEMBER, &path, &json!([]))
        .await
        .expect(200);
    let tag = format!("{path}/tags/a");
    bodiless(&registry, Persona::MEMBER, Method::PUT, &tag).await;
    let wrong = json!([{"op": "replace", "path": "/status", "value": "active"}]);
    registry
        .patch(Persona::MEMBER, &path, &wrong)
        .await
        .expect(403);
    registry.delete(Persona::STRANGER, &path).await.expect(404);
    assert_eq!(kinds(&registry).await, [""; 0]);
}

async fn an_upload_is_told_step_by_step(engine: Engine) {
    let registry = telling(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    take(&registry).await;
    registry
        .upload(Persona::MEMBER, &id, DATA)
        .await
        .expect(204);
    let told = take(&registry).await;
    let steps: Vec<_> = told
        .iter()
        .map(|told| {
            (
                told.event.as_str(),
                told.payload["status"].as_str().expect("a status"),
            )
        })
        .collect();
    assert_eq!(
        steps,
        [
            ("image.update", "saving"),
            ("image.prepare", "saving"),
            ("image.upload", "active"),
            ("image.activate", "active"),
            ("image.update", "active"),
        ]
    );
    let prepared = &told[1].payload;
    assert_eq!(prepared["backend"], "file");
    assert_eq!(prepared["os_glance_importing_to_stores"], json!([]));
    assert_eq!(told[2].payload.get("backend"), None);
    assert_eq!(told[3].payload["size"], DATA.len());
    assert!(told[3].payload["checksum"].is_string());
}

async fn an_upload_that_fails_is_told_as_an_error(engine: Engine) {
    let registry = telling(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    take(&registry).await;
    let broken = stream::iter([
        Ok("some"),
        Err(io::Error::from(io::ErrorKind::ConnectionReset)),
    ]);
    let answer = registry
        .upload(Persona::MEMBER, &id, Body::from_stream(broken))
        .await;
    answer.expect(400);
    let told = take(&registry).await;
    let steps: Vec<_> = told
        .iter()
        .map(|told| (told.event.as_str(), told.priority.as_str()))
        .collect();
    assert_eq!(
        steps,
        [
            ("image.update", "INFO"),
            ("image.prepare", "INFO"),
            ("image.upload", "ERROR"),
            ("image.update", "INFO"),
        ]
    );
    let reason = told[2].payload.as_str().expect("a text");
    assert!(reason.contains(&id), "{reason}");
    assert_eq!(told[3].payload["status"], "queued");
}

async fn staged_data_is_told_without_a_store(engine: Engine) {
    let registry = telling(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    take(&registry).await;
    let call = registry.call(Method::PUT, &format!("/v2/images/{id}/stage"));
    call.by(Persona::MEMBER).data(DATA).send().await.expect(204);
    let told = take(&registry).await;
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|told| told.event == "image.update"));
    assert_eq!(told[0].payload["size"], Value::Null);
    assert_eq!(told[1].payload["size"], DATA.len());
    assert_eq!(told[1].payload["status"], "uploading");
}

async fn an_import_is_told_with_its_task(engine: Engine) {
    let registry = telling(engine).await;
    let origin = Origin::serving(DATA).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    take(&registry).await;
    let method = json!({"name": "web-download", "uri": origin.url("x?signature=secret")});
    import(&registry, &id, method).await;
    registry.work().await;
    let told = take(&registry).await;
    let kinds: Vec<_> = told.iter().map(|told| told.event.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "task.create",
            "task.processing",
            "image.update",
            "image.prepare",
            "image.upload",
            "image.activate",
            "image.update",
            "image.update",
            "task.success",
            "task.run",
        ]
    );
    assert!(
        told.iter()
            .all(|told| !told.payload.to_string().contains("secret"))
    );
    assert_eq!(told[0].payload["status"], "pending");
    assert_eq!(told[0].payload["expires_at"], Value::Null);
    assert_eq!(told[1].payload["status"], "processing");
    assert_eq!(told[2].payload["status"], "importing");
    assert_eq!(
        told[3].payload["os_glance_importing_to_stores"],
        json!(["file"])
    );
    assert_eq!(told[5].payload["status"], "active");
    let properties = &told[7].payload["properties"];
    assert_eq!(properties["os_glance_importing_to_stores"], "");
    assert_eq!(told[8].payload["status"], "success");
    assert_eq!(told[8].payload["type"], "api_image_import");
    assert_eq!(told[9].payload["id"], told[0].payload["id"]);
}

async fn an_import_that_fails_is_told_to_its_end(engine: Engine) {
    let registry = telling(engine).await;
    let origin = Origin::serving(DATA).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    take(&registry).await;
    let method = json!({"name": "web-download", "uri": origin.url("missing")});
    import(&registry, &id, method).await;
    registry.work().await;
    let told = take(&registry).await;
    let kinds: Vec<_> = told.iter().map(|told| told.event.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "task.create",
            "task.processing",
            "image.update",
            "image.prepare",
            "image.upload",
            "image.update",
            "image.update",
            "task.failure",
            "task.run",
        ]
    );
    assert_eq!(told[4].priority, "ERROR");
    assert_eq!(told[6].payload["status"], "queued");
    assert_eq!(told[7].payload["message"], Value::Null);
}

async fn an_import_of_a_deleted_image_is_told_as_a_failure(engine: Engine) {
    let registry = telling(engine).await;
    let origin = Origin::serving(DATA).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let method = json!({"name": "web-download", "uri": origin.url("x")});
    import(&registry, &id, method).await;
    let path = format!("/v2/images/{id}");
    registry.delete(Persona::MEMBER, &path).await.expect(204);
    take(&registry).await;
    registry.work().await;
    assert_eq!(
        kinds(&registry).await,
        ["task.processing", "task.failure", "task.run"]
    );
}

async fn members_are_told(engine: Engine) {
    let registry = telling(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    take(&registry).await;
    let path = format!("/v2/images/{id}/members");
    let body = json!({"member": "beta"});
    registry
        .post(Persona::MEMBER, &path, &body)
        .await
        .expect(200);
    let path = format!("{path}/beta");
    let body = json!({"status": "accepted"});
    registry
        .put(Persona::STRANGER, &path, &body)
        .await
        .expect(200);
    registry.delete(Persona::MEMBER, &path).await.expect(204);
    let told = take(&registry).await;
    let steps: Vec<_> = told
        .iter()
        .map(|told| {
            (
                told.event.as_str(),
                told.payload["status"].as_str().expect("a status"),
            )
        })
        .collect();
    assert_eq!(
        steps,
        [
            ("image.member.create", "pending"),
            ("image.member.update", "accepted"),
            ("image.member.delete", "accepted"),
        ]
    );
    assert_eq!(told[0].payload["member_id"], "beta");
    assert_eq!(told[1].payload["deleted"], false);
    assert_eq!(told[2].payload["deleted"], true);
}

async fn a_download_is_told_once_it_has_ended(engine: Engine) {
    let registry = telling(engine).await;
    let public = json!({"visibility": "community", "owner": "alpha"});
    let id = registry.active_image(Persona::ADMIN, public, DATA).await;
    take(&registry).await;
    let path = format!("/v2/images/{id}/file");

    let next = async || {
        until("the download is told", async || {
            !registry.told().await.is_empty()
        })
        .await;
        take(&registry).await.remove(0)
    };
    registry.get(Persona::STRANGER, &path).await.expect(200);
    let told = next().await;
    assert_eq!(
        (told.event.as_str(), told.priority.as_str()),
        ("image.send", "INFO")
    );
    assert_eq!(
        told.payload,
        json!({
            "bytes_sent": DATA.len(),
            "image_id": id,
            "owner_id": "alpha",
            "receiver_tenant_id": Persona::STRANGER.project,
            "receiver_user_id": Persona::STRANGER.user,
        })
    );

    let call = registry.call(Method::GET, &path).by(Persona::MEMBER);
    call.header("range", "bytes=2-4").send().await.expect(206);
    let told = next().await;
    assert_eq!(
        (told.priority.as_str(), &told.payload["bytes_sent"]),
        ("INFO", &json!(3))
    );

    let peer = ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 40_000)));
    let mut request = Request::get(&path).extension(peer);
    for (name, value) in Persona::MEMBER.headers() {
        request = request.header(name, value);
    }
    let request = request.body(Body::empty()).expect("a request");
    let answer = registry.app().router().oneshot(request).await;
    // The client goes away before it has read anything.
    drop(answer.expect("an answer"));
    let told = next().await;
    assert_eq!(
        (told.event.as_str(), told.priority.as_str()),
        ("image.send", "ERROR")
    );
    assert_eq!(told.payload["bytes_sent"], 0);
}

async fn a_forgotten_task_is_told(engine: Engine) {
    let registry = telling(engine).await;
    let origin = Origin::serving(DATA).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    import(
        &registry,
        &id,
        json!({"name": "web-download", "uri": origin.url("x")}),
    )
    .await;
    registry.work().await;
    registry.execute("UPDATE tasks SET expires_at = 1").await;
    take(&registry).await;
    let swept = registry.app().maintenance().sweep().await.expect("a sweep");
    assert_eq!(swept.tasks, 1);
    let told = take(&registry).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].event, "task.delete");
    assert_eq!(told[0].payload["deleted"], true);
    assert_eq!(told[0].payload["status"], "success");
}

async fn what_is_disabled_is_not_told(engine: Engine) {
    let settings = "[DEFAULT]\ndisabled_notifications = [\"image.member\", \"image.create\"]\n\
                    [oslo_messaging_notifications]\ndriver = [\"log\"]";
    let registry = Registry::with(engine, settings).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let path = format!("/v2/images/{id}");
    let members = format!("{path}/members");
    let body = json!({"member": "beta"});
    registry
        .post(Persona::MEMBER, &members, &body)
        .await
        .expect(200);
    registry.delete(Persona::MEMBER, &path).await.expect(204);
    assert_eq!(kinds(&registry).await, ["image.delete"]);
}

async fn without_a_driver_nothing_is_written_down(engine: Engine) {
    let settings = "[oslo_messaging_notifications]\ndriver = [\"noop\"]";
    for registry in [
        Registry::open(engine).await,
        Registry::with(engine, settings).await,
    ] {
        let id = registry
            .active_image(Persona::MEMBER, json!({}), DATA)
            .await;
        registry
            .get(Persona::MEMBER, &format!("/v2/images/{id}/file"))
            .await
            .expect(200);
        registry
            .delete(Persona::MEMBER, &format!("/v2/images/{id}"))
            .await
            .expect(204);
        registry.app().maintenance().drain().await;
        assert_eq!(kinds(&registry).await, [""; 0]);
    }
}
