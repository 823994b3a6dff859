//! Who is let in, for every operation there is: nobody, a stranger, and somebody who may.

use std::{collections::BTreeSet, path::Path};

use axum::http::Method;
use hallmark::api::openapi;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{THIRD, image, two_stores};
use crate::support::{Answer, Engine, Persona, Registry, on_every_engine};

on_every_engine![
    nobody_is_let_in_but_to_what_is_public,
    a_stranger_gets_what_the_reference_says,
    somebody_who_may_is_let_in,
];

/// What anybody may ask, and how it is answered.
const PUBLIC: [(&str, u16); 4] = [
    ("choose_version", 300),
    ("list_versions", 200),
    ("healthcheck", 200),
    ("metrics", 200),
];

/// An operation that asks who is there.
struct Operation {
    /// Its id in the document.
    id: &'static str,
    /// What is sent.
    body: Sent,
    /// What the image that it is about is like; the path names no other.
    image: Like,
    /// What somebody gets who cannot see the image; without an image, who has no role.
    stranger: u16,
    /// What a stranger gets if the image is public.
    visible: u16,
    /// Who may, and what the answer is.
    allowed: (Persona, u16),
}

#[derive(Clone, Copy)]
enum Sent {
    Nothing,
    Json(&'static str),
    Patch(&'static str),
    Data,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Like {
    /// The operation is about no image.
    None,
    /// It has no data, and the tag `a`.
    Queued,
    /// It has data.
    Active,
    /// It has data in the stores `fast` and `slow`.
    Copied,
    /// It has no data, and is shared with the project gamma.
    Shared,
    /// It is no image, but a namespace of metadata definitions with one thing of each kind.
    Namespace,
    /// It is no image, but a verification job that waits.
    WaitingJob,
    /// It is no image, but a verification job that has ended.
    EndedJob,
}

use Like::{Active, Copied, EndedJob, Namespace, Queued, Shared, WaitingJob};
use Sent::{Data, Json, Nothing, Patch};

const MEMBER: Persona = Persona::MEMBER;
const READER: Persona = Persona::READER;

const fn on_image(
    id: &'static str,
    body: Sent,
    image: Like,
    visible: u16,
    allowed: (Persona, u16),
) -> Operation {
    Operation {
        id,
        body,
        image,
        stranger: 404,
        visible,
        allowed,
    }
}

const fn without_image(
    id: &'static str,
    body: Sent,
    stranger: u16,
    allowed: (Persona, u16),
) -> Operation {
    Operation {
        id,
        body,
        image: Like::None,
        stranger,
        visible: stranger,
        allowed,
    }
}

/// What is told to everybody whose identity is known.
const fn told(id: &'static str) -> Operation {
    without_image(id, Nothing, 200, (READER, 200))
}

/// What shows a namespace, or something in it.
const fn reads_namespace(id: &'static str) -> Operation {
    on_image(id, Nothing, Namespace, 200, (READER, 200))
}

/// What changes a namespace, or something in it.
const fn writes_namespace(id: &'static str, body: Sent, status: u16) -> Operation {
    on_image(id, body, Namespace, 403, (Persona::ADMIN, status))
}

/// What is for administrators, and about a verification job.
const fn on_job(id: &'static str, job: Like) -> Operation {
    Operation {
        id,
        body: Nothing,
        image: job,
        stranger: 403,
        visible: 403,
        allowed: (Persona::ADMIN, 200),
    }
}

const RENAME: &str = r#"[{"op": "replace", "path": "/name", "value": "x"}]"#;
const HASH: &str = r#"{"os_hash_algo": "sha256"}"#;
const DOWNLOAD: &str = r#"{"method": {"name": "web-download", "uri": "http://127.0.0.1:1/x"}}"#;

const TASK: &str = r#"{"type": "import", "input": {"import_from": "http://127.0.0.1:1/x",
    "import_from_format": "raw", "image_properties": {}}}"#;

const PLACE: &str = r#"{"url": "http://127.0.0.1:1/x"}"#;

const OPERATIONS: [Operation; 41] = [
    without_image("list_images", Nothing, 403, (READER, 200)),
    without_image("create_image", Json("{}"), 403, (MEMBER, 201)),
    on_image("show_image", Nothing, Queued, 200, (READER, 200)),
    on_image("update_image", Patch(RENAME), Queued, 403, (MEMBER, 200)),
    on_image("delete_image", Nothing, Queued, 403, (MEMBER, 204)),
    on_image("download_image", Nothing, Active, 200, (MEMBER, 200)),
    on_image("list_image_digests", Nothing, Active, 200, (READER, 200)),
    on_image("hash_image", Json(HASH), Active, 403, (Persona::ADMIN, 202)),
    on_image("verify_image", Nothing, Active, 403, (MEMBER, 202)),
    on_image("list_image_receipts", Nothing, Active, 200, (READER, 200)),
    on_image("upload_image", Data, Queued, 403, (MEMBER, 204)),
    on_image("stage_image", Data, Queued, 403, (MEMBER, 204)),
    // Before what waits for a web server that is not there: its copies are made by a worker.
    on_image(
        "delete_image_from_store",
        Nothing,
        Copied,
        403,
        (Persona::ADMIN, 204),
    ),
    on_image("import_image", Json(DOWNLOAD), Queued, 403, (MEMBER, 202)),
    on_image("register_location", Json(PLACE), Queued, 403, (MEMBER, 202)),
    on_image(
        "list_locations",
        Nothing,
        Active,
        403,
        (Persona::ADMIN, 200),
    ),
    on_image("list_image_tasks", Nothing, Queued, 200, (READER, 200)),
    without_image("list_tasks", Nothing, 403, (Persona::ADMIN, 200)),
    without_image("create_task", Json(TASK), 403, (Persona::ADMIN, 201)),
    // The path names no task, which only who may is told.
    without_image("show_task", Nothing, 403, (Persona::ADMIN, 404)),
    without_image("delete_task", Nothing, 403, (Persona::ADMIN, 405)),
    without_image("list_stores_in_detail", Nothing, 403, (Persona::ADMIN, 200)),
    on_image("deactivate_image", Nothing, Active, 403, (MEMBER, 204)),
    on_image("reactivate_image", Nothing, Active, 403, (MEMBER, 204)),
    on_image("add_tag", Nothing, Queued, 403, (MEMBER, 204)),
    on_image("remove_tag", Nothing, Queued, 403, (MEMBER, 204)),
    on_image("list_members", Nothing, Shared, 403, (READER, 200)),
    on_image(
        "add_member",
        Json(r#"{"member": "delta"}"#),
        Shared,
        403,
        (MEMBER, 200),
    ),
    on_image("show_member", Nothing, Shared, 404, (THIRD, 200)),
    on_image(
        "update_member",
        Json(r#"{"status": "accepted"}"#),
        Shared,
        403,
        (THIRD, 200),
    ),
    on_image("remove_member", Nothing, Shared, 403, (MEMBER, 204)),
    told("show_import_methods"),
    told("show_hashing"),
    told("show_usage"),
    told("list_stores"),
    told("show_image_schema"),
    told("show_images_schema"),
    told("show_member_schema"),
    told("show_members_schema"),
    told("show_task_schema"),
    told("show_tasks_schema"),
];

const NAMESPACE: &str = r#"{"namespace": "renamed"}"#;
const PROPERTY: &str = r#"{"name": "new", "type": "string", "title": "New"}"#;
const NAMED: &str = r#"{"name": "new"}"#;
const NAMES: &str = r#"{"tags": [{"name": "new"}]}"#;

const METADEFS: [Operation; 38] = [
    without_image("list_namespaces", Nothing, 403, (READER, 200)),
    without_image(
        "create_namespace",
        Json(NAMESPACE),
        403,
        (Persona::ADMIN, 201),
    ),
    without_image("list_resource_types", Nothing, 403, (READER, 200)),
    reads_namespace("show_namespace"),
    writes_namespace("update_namespace", Json(r#"{"namespace": "b"}"#), 200),
    writes_namespace("delete_namespace", Nothing, 204),
    reads_namespace("list_namespace_resource_types"),
    writes_namespace("associate_resource_type", Json(NAMED), 201),
    writes_namespace("dissociate_resource_type", Nothing, 204),
    reads_namespace("list_properties"),
    writes_namespace("create_property", Json(PROPERTY), 201),
    reads_namespace("show_property"),
    writes_namespace("update_property", Json(PROPERTY), 200),
    writes_namespace("delete_property", Nothing, 204),
    writes_namespace("delete_properties", Nothing, 204),
    reads_namespace("list_objects"),
    writes_namespace("create_object", Json(NAMED), 201),
    reads_namespace("show_object"),
    writes_namespace("update_object", Json(NAMED), 200),
    writes_namespace("delete_object", Nothing, 204),
    writes_namespace("delete_objects", Nothing, 204),
    reads_namespace("list_namespace_tags"),
    writes_namespace("create_namespace_tags", Json(NAMES), 201),
    on_image(
        "create_namespace_tag",
        Nothing,
        Namespace,
        403,
        // The namespace has it already, which only who may is told.
        (Persona::ADMIN, 409),
    ),
    reads_namespace("show_namespace_tag"),
    writes_namespace("rename_namespace_tag", Json(NAMED), 200),
    writes_namespace("delete_namespace_tag", Nothing, 204),
    writes_namespace("delete_namespace_tags", Nothing, 204),
    told("show_metadef_namespace_schema"),
    told("show_metadef_namespaces_schema"),
    told("show_metadef_object_schema"),
    told("show_metadef_objects_schema"),
    told("show_metadef_property_schema"),
    told("show_metadef_properties_schema"),
    told("show_metadef_resource_type_schema"),
    told("show_metadef_resource_types_schema"),
    told("show_metadef_tag_schema"),
    told("show_metadef_tags_schema"),
];

const JOB: &str = r#"{
    "version": "1.0", "job_id": "job-0001", "created_at": "2026-01-30T10:00:00Z",
    "kind": "VMOperation", "operation": "system.echo", "payload": {"type": "system.echo.v1"}
}"#;

const JOBS: [Operation; 6] = [
    without_image("submit_job", Json(JOB), 403, (Persona::ADMIN, 201)),
    without_image("list_jobs", Nothing, 403, (Persona::ADMIN, 200)),
    on_job("show_job", WaitingJob),
    on_job("show_job_result", EndedJob),
    on_job("cancel_job", WaitingJob),
    without_image("show_capabilities", Nothing, 403, (READER, 200)),
];

/// What manages the image cache without an image, or by an older call.
const fn on_cache(id: &'static str, status: u16) -> Operation {
    without_image(id, Nothing, 403, (Persona::ADMIN, status))
}

/// What brings an image into the image cache, or takes it out.
const fn on_cached(id: &'static str, stranger: u16, status: u16) -> Operation {
    Operation {
        id,
        body: Nothing,
        image: Active,
        stranger,
        visible: 403,
        allowed: (Persona::ADMIN, status),
    }
}

const CACHE: [Operation; 14] = [
    on_cache("show_cache", 200),
    on_cache("clear_cache", 204),
    on_cached("queue_image_for_cache", 404, 202),
    on_cached("delete_image_from_cache", 404, 204),
    on_cached("list_cached_nodes", 404, 200),
    on_cache("clean_cache", 200),
    on_cache("prune_cache", 200),
    // The older calls ask who it is before they look for an image.
    on_cache("list_cached_images", 200),
    on_cache("delete_cached_images", 200),
    on_cached("delete_cached_image", 403, 200),
    on_cache("list_queued_images", 200),
    on_cache("delete_queued_images", 200),
    on_cached("queue_image", 403, 200),
    on_cached("delete_queued_image", 403, 200),
];

fn operations() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS
        .iter()
        .chain(&METADEFS)
        .chain(&JOBS)
        .chain(&CACHE)
}

/// Settings of a registry that has all there can be.
fn everything(folder: &Path) -> String {
    let cache = folder.join("cache");
    let slow = r#"slow = "file""#;
    let stores = two_stores(folder).replace(slow, &format!(r#"{slow}, web = "http""#));
    let toml = stores.replacen(
        "[DEFAULT]",
        &format!("[DEFAULT]\nimage_cache_dir = \"{}\"", cache.display()),
        1,
    );
    format!("{toml}\n[paste_deploy]\nflavor = \"cachemanagement\"\n")
}

/// The operations of the document: id, method and path.
fn documented() -> Vec<(String, Method, String)> {
    let document = serde_json::to_value(openapi()).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let mut found = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().expect("operations") {
            let Some(id) = operation["operationId"].as_str() else {
                continue;
            };
            let method = method.to_uppercase().parse().expect("a method");
            found.push((id.to_owned(), method, path.clone()));
        }
    }
    found
}

fn of_document(id: &str) -> (Method, String) {
    let found = documented().into_iter().find(|(known, ..)| known == id);
    let (_, method, path) = found.unwrap_or_else(|| panic!("{id} is not documented"));
    (method, path)
}

/// An image of alpha for the operation, and the path of the operation on it.
async fn place(registry: &Registry, operation: &Operation, visibility: &str) -> String {
    let (_, path) = of_document(operation.id);
    let attributes = json!({"owner": "alpha", "visibility": visibility, "tags": ["a"]});
    let id = match operation.image {
        Like::None => return path,
        Namespace => return path_in(&namespace(registry, visibility).await, &path),
        WaitingJob | EndedJob => {
            return path.replace("{job_id}", &job(registry, operation.image).await);
        }
        Active => {
            registry
                .active_image(Persona::ADMIN, attributes, "data")
                .await
        }
        Copied => copied(registry, attributes).await,
        Queued | Shared => registry.image(Persona::ADMIN, attributes).await,
    };
    if operation.image == Shared && visibility == "shared" {
        let members = format!("{}/members", image(&id));
        let body = json!({"member": THIRD.project});
        registry.post(MEMBER, &members, &body).await.expect(200);
    }
    path.replace("{image_id}", &id)
        .replace("{store_id}", "slow")
        .replace("{member_id}", THIRD.project)
        .replace("{tag}", "a")
}

/// An image with data in both stores.
async fn copied(registry: &Registry, attributes: Value) -> String {
    let id = registry
        .active_image(Persona::ADMIN, attributes, "data")
        .await;
    let path = format!("{}/import", image(&id));
    let body = json!({"method": {"name": "copy-image"}, "stores": ["slow"]});
    registry
        .post(Persona::ADMIN, &path, &body)
        .await
        .expect(202);
    registry.work().await;
    id
}

/// A new verification job.
async fn job(registry: &Registry, like: Like) -> String {
    let id = Uuid::new_v4().to_string();
    let mut body: Value = serde_json::from_str(JOB).expect("JSON");
    body["job_id"] = json!(id);
    registry
        .post(Persona::ADMIN, "/v1/jobs", &body)
        .await
        .expect(201);
    if like == EndedJob {
        let cancel = format!("/v1/jobs/{id}/cancel");
        let call = registry.call(Method::POST, &cancel).by(Persona::ADMIN);
        call.send().await.expect(200);
    }
    id
}

/// A new namespace of alpha with the thing `a` of each kind.
async fn namespace(registry: &Registry, visibility: &str) -> String {
    let name = Uuid::new_v4().to_string();
    let property = json!({"type": "string", "title": "A"});
    let body = json!({
        "namespace": name, "visibility": visibility, "owner": "alpha",
        "properties": {"a": property}, "objects": [{"name": "a"}], "tags": [{"name": "a"}],
        "resource_type_associations": [{"name": "a"}],
    });
    let path = "/v2/metadefs/namespaces";
    registry.post(Persona::ADMIN, path, &body).await.expect(201);
    name
}

fn path_in(namespace: &str, path: &str) -> String {
    ["{property}", "{object}", "{tag}", "{resource_type}"]
        .into_iter()
        .fold(path.replace("{namespace}", namespace), |path, item| {
            path.replace(item, "a")
        })
}

async fn send(
    registry: &Registry,
    operation: &Operation,
    path: &str,
    by: Option<Persona>,
) -> Answer {
    let (method, _) = of_document(operation.id);
    let call = registry.call(method, path);
    let call = match by {
        Some(persona) => call.by(persona),
        None => call,
    };
    let json = |text| serde_json::from_str::<Value>(text).expect("JSON");
    let call = match operation.body {
        Nothing => call,
        Json(text) => call.json(&json(text)),
        Patch(text) => call.patch(&json(text)),
        Data => call.data("data"),
    };
    call.send().await
}

fn private(operation: &Operation) -> &'static str {
    match operation.image {
        Shared => "shared",
        _ => "private",
    }
}

#[test]
fn every_operation_has_its_cases() {
    let documented: BTreeSet<_> = documented().into_iter().map(|(id, ..)| id).collect();
    let here = operations().map(|operation| operation.id);
    let here: Vec<_> = here.chain(PUBLIC.map(|(id, _)| id)).collect();
    let unique: BTreeSet<_> = here.iter().map(|id| (*id).to_owned()).collect();
    assert_eq!(here.len(), unique.len(), "an operation has its cases once");
    assert_eq!(unique, documented);
}

async fn nobody_is_let_in_but_to_what_is_public(engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let registry = Registry::with(engine, &everything(folder.path())).await;
    for operation in operations() {
        for visibility in [private(operation), "public"] {
            let path = place(&registry, operation, visibility).await;
            let answer = send(&registry, operation, &path, None).await;
            assert_eq!(answer.status, 401, "{}", operation.id);
        }
    }
    for (id, status) in PUBLIC {
        let (method, path) = of_document(id);
        let answer = registry.call(method, &path).send().await;
        assert_eq!(answer.status, status, "{id}");
    }
}

async fn a_stranger_gets_what_the_reference_says(engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let registry = Registry::with(engine, &everything(folder.path())).await;
    let no_role = Persona {
        roles: "",
        ..Persona::STRANGER
    };
    for operation in operations() {
        let stranger = match operation.image {
            Like::None => no_role,
            _ => Persona::STRANGER,
        };
        let path = place(&registry, operation, private(operation)).await;
        let answer = send(&registry, operation, &path, Some(stranger)).await;
        let status = answer.status;
        assert_eq!(
            status,
            operation.stranger,
            "{}: {}",
            operation.id,
            answer.text()
        );

        let path = place(&registry, operation, "public").await;
        let answer = send(&registry, operation, &path, Some(stranger)).await;
        let status = answer.status;
        assert_eq!(
            status,
            operation.visible,
            "{}: {}",
            operation.id,
            answer.text()
        );
    }
}

async fn somebody_who_may_is_let_in(engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let registry = Registry::with(engine, &everything(folder.path())).await;
    for operation in operations() {
        let (persona, expected) = operation.allowed;
        let path = place(&registry, operation, private(operation)).await;
        let answer = send(&registry, operation, &path, Some(persona)).await;
        let status = answer.status;
        assert_eq!(status, expected, "{}: {}", operation.id, answer.text());
    }
}
