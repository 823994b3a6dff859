//! What is taken, and what is refused.

use std::os::unix::fs::symlink;

use axum::http::Method;
use serde_json::{Value, json};

use super::site::{ADMIN, Site, echo, refusal};
use crate::{
    jobs::support::{DATA, document, good, inspect},
    support::{Engine, Persona, on_every_engine},
};

on_every_engine![
    a_job_is_submitted_and_run_and_its_result_is_kept,
    fault_8_a_client_of_the_guestkit_worker_finds_its_way,
    the_same_document_is_the_same_job_and_another_one_a_conflict,
    a_document_that_is_no_job_is_refused_with_its_field,
    what_is_no_document_at_all_is_refused,
    unknown_fields_are_ignored,
    ids_that_mean_harm_are_refused_or_unknown,
    images_outside_of_the_roots_are_never_opened,
    without_image_roots_no_path_is_opened,
    no_more_jobs_wait_than_may,
];

async fn a_job_is_submitted_and_run_and_its_result_is_kept(engine: Engine) {
    let site = Site::open(engine).await;
    let checksum = site.disk("disk.qcow2", "qcow2");
    let image = json!({"path": "disk.qcow2", "format": "qcow2", "checksum": checksum});
    let job = document("job-0001", "hallmark.verify", &json!({"images": [image]}));
    let answer = site.submit(&job).await.expect(201).json();
    assert_eq!(
        answer,
        json!({"success": true, "data": {
            "job_id": "job-0001", "status": "submitted",
            "message": "Job job-0001 submitted successfully",
        }})
    );
    let shown = site.shown("job-0001").await;
    assert_eq!(
        (&shown["status"], &shown["attempts"]),
        (&json!("pending"), &json!(0))
    );
    assert_eq!(shown["operation"], "hallmark.verify");
    assert_eq!(shown["project_id"], ADMIN.project);
    let early = site.get("/job-0001/result").await;
    let body = refusal(&early, 404, "NOT_FOUND");
    assert_eq!(body["details"], json!({"status": "pending"}));

    site.run().await;
    let shown = site.shown("job-0001").await;
    assert_eq!(
        (&shown["status"], &shown["attempts"]),
        (&json!("completed"), &json!(1))
    );
    assert!(shown["completed_at"].is_string(), "{shown:#}");
    let result = site.result("job-0001").await;
    assert_eq!(result["status"], "completed");
    assert_eq!(result["worker_id"], shown["worker_id"]);
    let image = &result["data"]["images"][0];
    assert_eq!(image["checksum_verification"], "success", "{image:#}");
    assert_eq!(image["format"], "qcow2");
    assert_eq!(image["virtual_size_bytes"], 1 << 20);
    assert_eq!(image["safe"], true);
}

async fn fault_8_a_client_of_the_guestkit_worker_finds_its_way(engine: Engine) {
    let site = Site::open(engine).await;
    let api = |path: &str| format!("/api/v1{path}");
    let registry = &site.registry;
    let answer = registry.post(ADMIN, &api("/jobs"), &good("job-0001")).await;
    assert!(answer.status.is_success(), "whose client takes any success");
    site.run().await;
    let shown = registry
        .get(ADMIN, &api("/jobs/job-0001"))
        .await
        .expect(200);
    let shown = shown.json()["data"].clone();
    for field in [
        "job_id",
        "status",
        "operation",
        "submitted_at",
        "started_at",
        "completed_at",
    ] {
        assert!(shown[field].is_string(), "{field}: {shown:#}");
    }
    assert_eq!(shown["status"], "completed", "in lower case");
    let result = registry.get(ADMIN, &api("/jobs/job-0001/result")).await;
    assert_eq!(result.expect(200).json()["data"]["job_id"], "job-0001");
    let page = registry.get(ADMIN, &api("/jobs")).await.expect(200).json();
    assert_eq!(page["data"]["total"], 1);
    assert_eq!(page["data"]["jobs"][0], shown);
    let told = registry.get(ADMIN, &api("/capabilities")).await.expect(200);
    let told = told.json()["data"].clone();
    for field in ["operations", "features", "disk_formats", "algorithms"] {
        assert!(
            told[field].as_array().is_some_and(|list| !list.is_empty()),
            "{told:#}"
        );
    }
    assert_eq!(told["image_paths"], true);
    assert_eq!(told["limits"]["document_bytes"], 1 << 20);
    assert_eq!(told["version"], env!("CARGO_PKG_VERSION"));
    let unknown = registry.get(ADMIN, &api("/jobs/job-0002")).await;
    refusal(&unknown, 404, "NOT_FOUND");
    registry.get(ADMIN, &api("/images")).await.expect(300);
}

async fn the_same_document_is_the_same_job_and_another_one_a_conflict(engine: Engine) {
    let site = Site::open(engine).await;
    site.submit(&good("job-0001")).await.expect(201);
    let again = site.submit(&good("job-0001")).await.expect(200).json();
    assert_eq!(again["data"]["status"], "pending");
    // However it is written.
    let call = site.registry.call(Method::POST, "/v1/jobs").by(ADMIN);
    let text = format!("{:#}\n", good("job-0001"));
    call.body(text).send().await.expect(200);
    let conflict = site.submit(&echo("job-0001")).await;
    refusal(&conflict, 409, "CONFLICT");
    site.run().await;
    let again = site.submit(&good("job-0001")).await.expect(200).json();
    assert_eq!(again["data"]["status"], "completed");
    assert_eq!(site.shown("job-0001").await["attempts"], 1, "it ran once");
}

/// A value that a field must not have, and what is told of it.
type Wrong = (&'static str, Value, &'static str, &'static str);

/// Of what is around the payload.
fn wrong_around() -> Vec<Wrong> {
    let invalid = |pointer, value, field| (pointer, value, "VALIDATION_ERROR", field);
    vec![
        invalid("/version", json!(1), "version"),
        invalid("/version", json!("2.0"), "version"),
        invalid("/kind", json!("Pod"), "kind"),
        invalid("/job_id", json!(["job-0001"]), "job_id"),
        invalid("/created_at", json!("yesterday"), "created_at"),
        invalid("/operation", json!("inspect"), "operation"),
        invalid("/execution", json!({"priority": 11}), "execution.priority"),
        invalid(
            "/execution",
            json!({"attempt": 2}),
            "execution.max_attempts",
        ),
        invalid(
            "/routing",
            json!({"worker_pool": "a\0b"}),
            "routing.worker_pool",
        ),
        (
            "/operation",
            json!("guestkit.agent.call"),
            "UNSUPPORTED_OPERATION",
            "guestkit.agent.call",
        ),
    ]
}

/// Of the payload.
fn wrong_within() -> Vec<Wrong> {
    let checksum = "/payload/data/image/checksum";
    vec![
        ("/payload", json!("x"), "VALIDATION_ERROR", "payload"),
        (
            "/payload/data/image",
            json!([]),
            "VALIDATION_ERROR",
            "payload.data.image",
        ),
        (
            "/payload/data/image/path",
            json!("a\0b"),
            "VALIDATION_ERROR",
            "payload.data.image.path",
        ),
        (
            checksum,
            json!("sha256:00"),
            "INVALID_CHECKSUM",
            "payload.data.image.checksum",
        ),
        (
            checksum,
            json!("crc32:00000000"),
            "UNSUPPORTED_CHECKSUM_ALGORITHM",
            "crc32",
        ),
    ]
}

async fn a_document_that_is_no_job_is_refused_with_its_field(engine: Engine) {
    let site = Site::open(engine).await;
    for (pointer, value, error, field) in wrong_around().into_iter().chain(wrong_within()) {
        let mut job = good("job-0001");
        job["execution"] = json!({});
        job["routing"] = json!({});
        *job.pointer_mut(pointer).expect("a field") = value.clone();
        let body = refusal(&site.submit(&job).await, 400, error);
        let message = body["message"].as_str().expect("a message");
        assert!(message.contains(field), "{pointer} {value}: {message}");
    }
    site.submit(&good("job-0001")).await.expect(201);
}

async fn what_is_no_document_at_all_is_refused(engine: Engine) {
    let site = Site::open(engine).await;
    let send = async |body: Vec<u8>| {
        let call = site.registry.call(Method::POST, "/v1/jobs").by(ADMIN);
        call.body(body).send().await
    };
    for body in [&b""[..], b"{", b"\xff\xfe", b"{} {}", b"\"a\0b\""] {
        refusal(&send(body.to_vec()).await, 400, "BAD_REQUEST");
    }
    for body in [&b"[]"[..], b"null", b"7"] {
        refusal(&send(body.to_vec()).await, 400, "VALIDATION_ERROR");
    }
    let deep = ["[".repeat(500_000), "]".repeat(500_000)].concat();
    refusal(&send(deep.into_bytes()).await, 400, "BAD_REQUEST");
    let mut levels = good("job-0001");
    levels["deep"] = (0..40).fold(json!(1), |inner, _| json!([inner]));
    refusal(&site.submit(&levels).await, 400, "VALIDATION_ERROR");
    let mut huge = good("job-0001");
    huge["metadata"] = json!({"x": "x".repeat(1 << 20)});
    refusal(&site.submit(&huge).await, 413, "PAYLOAD_TOO_LARGE");
    assert_eq!(site.get("").await.expect(200).json()["data"]["total"], 0);
}

async fn unknown_fields_are_ignored(engine: Engine) {
    let site = Site::open(engine).await;
    let mut job = good("job-0001");
    job["future"] = json!({"a": [1, null, "\u{0}"]});
    job["payload"]["data"]["image"]["future"] = json!(true);
    assert_eq!(site.done(&job).await["status"], "completed");
}

async fn ids_that_mean_harm_are_refused_or_unknown(engine: Engine) {
    let site = Site::open(engine).await;
    for id in [
        "../../../escape",
        "/tmp/absolute-escape",
        "........",
        "job\u{0}nul-byte",
        "job-with\nnewline",
        "' OR 1=1 --",
        "short",
        &"a".repeat(300),
    ] {
        let body = refusal(&site.submit(&good(id)).await, 400, "VALIDATION_ERROR");
        assert!(
            body["message"]
                .as_str()
                .expect("a text")
                .starts_with("job_id")
        );
    }
    for path in [
        "/..%2f..%2fetc%2fpasswd",
        "/job%00nul-byte",
        "/%27%20OR%201%3D1%20--",
        "/%ff%fe%ff%fe%ff%fe%ff%fe",
        "/job-0001/result/more",
        "/job-0001/",
        "//job-0001",
        "/",
        "/job-0001",
        "/job-0001/result",
        "/job-0001?project_id=%00",
    ] {
        refusal(&site.get(path).await, 404, "NOT_FOUND");
    }
    refusal(&site.get("/job-0001?x=1").await, 400, "BAD_REQUEST");
    let call = site.registry.call(Method::DELETE, "/v1/jobs/job-0001");
    refusal(&call.by(ADMIN).send().await, 405, "METHOD_NOT_ALLOWED");
}

async fn images_outside_of_the_roots_are_never_opened(engine: Engine) {
    let site = Site::open(engine).await;
    symlink("../secret", site.image("relative")).expect("a link");
    symlink("/etc/passwd", site.image("absolute")).expect("a link");
    symlink("/proc/self/environ", site.image("environ")).expect("a link");
    let cases = [
        ("/etc/passwd", "PATH_NOT_ALLOWED"),
        ("/proc/self/environ", "PATH_NOT_ALLOWED"),
        ("/dev/zero", "PATH_NOT_ALLOWED"),
        ("../secret", "PATH_NOT_ALLOWED"),
        ("a/../../secret", "PATH_NOT_ALLOWED"),
        ("relative", "PATH_NOT_ALLOWED"),
        ("absolute", "PATH_NOT_ALLOWED"),
        ("environ", "PATH_NOT_ALLOWED"),
        (".", "IMAGE_NOT_A_FILE"),
        ("missing", "IMAGE_NOT_FOUND"),
    ];
    for (number, (path, code)) in cases.iter().enumerate() {
        let id = format!("job-{number:04}");
        let result = site.done(&inspect(&id, &json!({"path": path}))).await;
        assert_eq!(result["error"]["code"], *code, "{path}");
        assert_eq!(result["metrics"], json!(null), "{path}: nothing was read");
        let shown = site.shown(&id).await;
        assert_eq!(shown["status"], "failed");
        let error = shown["error"].as_str().expect("a text");
        assert!(error.starts_with(&format!("{code}: ")), "{error}");
    }
}

async fn without_image_roots_no_path_is_opened(engine: Engine) {
    let site = Site::with(engine, "").await;
    let registry = crate::support::Registry::open(engine).await;
    let path = site.image("data");
    let job = inspect("job-0001", &json!({"path": path, "checksum": DATA}));
    registry.post(ADMIN, "/v1/jobs", &job).await.expect(201);
    let stop = tokio_util::sync::CancellationToken::new();
    registry
        .app()
        .worker()
        .job(&stop)
        .await
        .expect("a database");
    let result = registry.get(ADMIN, "/v1/jobs/job-0001/result").await;
    let result = result.expect(200).json();
    assert_eq!(result["data"]["error"]["code"], "PATH_NOT_ALLOWED");
    let told = registry.get(Persona::READER, "/v1/capabilities").await;
    assert_eq!(told.expect(200).json()["data"]["image_paths"], false);
}

async fn no_more_jobs_wait_than_may(engine: Engine) {
    let site = Site::with(engine, "max_queued = 2").await;
    site.submit(&echo("job-0001")).await.expect(201);
    site.submit(&echo("job-0002")).await.expect(201);
    let refused = site.submit(&echo("job-0003")).await;
    refusal(&refused, 429, "TOO_MANY_REQUESTS");
    assert!(refused.header("retry-after").parse::<u32>().is_ok());
    site.submit(&echo("job-0001")).await.expect(200);
    site.run_one().await;
    site.submit(&echo("job-0003")).await.expect(201);
}
