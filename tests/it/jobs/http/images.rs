//! Jobs that name images of the registry.

use axum::http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::site::{ADMIN, Site, refusal};
use crate::{
    jobs::support::{DATA, document},
    support::{Engine, Fault, FaultyStores, Persona, Registry, on_every_engine},
};

on_every_engine![
    every_copy_of_an_image_is_read,
    the_stores_can_be_chosen,
    a_copy_that_is_not_the_image_fails_the_job,
    a_store_that_does_not_answer_is_no_mismatch,
    an_image_is_for_who_may_download_it,
    who_may_download_an_image_no_longer_reads_it_no_more,
    what_cannot_name_an_image_is_refused,
];

/// Rules that let members submit jobs.
const MEMBERS: &str = "submit_job: role:reader\nget_job: role:reader\n";

/// A registry with the stores `fast`, `slow` and `spare`, and an image in the first two.
async fn stored(engine: Engine) -> (Registry, FaultyStores, String, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let rules = folder.path().join("policy.yaml");
    std::fs::write(&rules, MEMBERS).expect("a file");
    let more = format!("[oslo_policy]\npolicy_file = \"{}\"", rules.display());
    let (registry, stores) = Registry::several(engine, &more).await;
    let attributes = json!({"owner": "alpha", "os_hash_algo": "sha256"});
    let id = registry.active_image(ADMIN, attributes, "data").await;
    let body = json!({"method": {"name": "copy-image"}, "stores": ["fast"]});
    let path = format!("/v2/images/{id}/import");
    registry.post(ADMIN, &path, &body).await.expect(202);
    registry.work().await;
    (registry, stores, id, folder)
}

fn job(id: &str, image: &Value) -> Value {
    document(id, "hallmark.verify", &json!({"images": [image]}))
}

async fn done(registry: &Registry, by: Persona, job: &Value) -> Value {
    registry.post(by, "/v1/jobs", job).await.expect(201);
    run(registry).await;
    let id = job["job_id"].as_str().expect("an id");
    let path = format!("/v1/jobs/{id}/result");
    let answer = registry.get(by, &path).await.expect(200);
    answer.json()["data"].clone()
}

async fn run(registry: &Registry) {
    let stop = tokio_util::sync::CancellationToken::new();
    let worker = registry.app().worker();
    while worker.job(&stop).await.expect("a database") == hallmark::worker::Turn::Worked {}
}

fn stores_of(result: &Value) -> Vec<String> {
    let images = result["data"]["images"].as_array().expect("images").iter();
    let store = |image: &Value| image["store"].as_str().expect("a store").to_owned();
    images.map(store).collect()
}

async fn every_copy_of_an_image_is_read(engine: Engine) {
    let (registry, _stores, id, _folder) = stored(engine).await;
    let image = json!({"image_id": id, "checksum": DATA, "size_bytes": 4});
    let result = done(&registry, Persona::MEMBER, &job("job-0001", &image)).await;
    assert_eq!(result["status"], "completed", "{result:#}");
    assert_eq!(stores_of(&result), ["fast", "slow"]);
    for image in result["data"]["images"].as_array().expect("images") {
        assert_eq!(image["image_id"], id);
        assert_eq!(image["path"], json!(null));
        assert_eq!(image["checksum_verification"], "success");
        assert_eq!(image["size_bytes"], 4);
        assert_eq!(image["format"], "raw");
    }
    assert_eq!(result["metrics"]["disk_read_bytes"], 8);
    // Without a word of the job's, the registry's own digest is held.
    let image = json!({"image_id": id});
    let result = done(&registry, Persona::MEMBER, &job("job-0002", &image)).await;
    let image = &result["data"]["images"][0];
    assert_eq!(image["checksum_verification"], "success");
    assert_eq!(
        format!(
            "sha256:{}",
            image["digests"]["sha256"].as_str().expect("one")
        ),
        DATA
    );
}

async fn the_stores_can_be_chosen(engine: Engine) {
    let (registry, _stores, id, _folder) = stored(engine).await;
    let image = json!({"image_id": id, "stores": ["slow"]});
    let result = done(&registry, Persona::MEMBER, &job("job-0001", &image)).await;
    assert_eq!(stores_of(&result), ["slow"]);
    let image = json!({"image_id": id, "stores": ["slow", "spare"]});
    let result = done(&registry, Persona::MEMBER, &job("job-0002", &image)).await;
    assert_eq!(result["error"]["code"], "IMAGE_NOT_FOUND");
    assert_eq!(result["metrics"], json!(null));
}

async fn a_copy_that_is_not_the_image_fails_the_job(engine: Engine) {
    let (registry, stores, id, _folder) = stored(engine).await;
    stores.set("slow", Fault::Alter);
    let image = json!({"image_id": id});
    let result = done(&registry, Persona::MEMBER, &job("job-0001", &image)).await;
    assert_eq!(result["error"]["code"], "CHECKSUM_VERIFICATION_FAILED");
    let images = result["data"]["images"].as_array().expect("images");
    let verified: Vec<_> = images
        .iter()
        .map(|image| image["checksum_verification"].as_str().expect("a word"))
        .collect();
    assert_eq!(verified, ["success", "failure"]);
    // What the job says of a sound copy counts as well.
    let wrong = format!("sha256:{}", "00".repeat(32));
    let image = json!({"image_id": id, "stores": ["fast"], "checksum": wrong});
    let result = done(&registry, Persona::MEMBER, &job("job-0002", &image)).await;
    assert_eq!(result["error"]["details"]["expected"], wrong);
    assert_eq!(result["error"]["details"]["actual"], DATA);
}

async fn a_store_that_does_not_answer_is_no_mismatch(engine: Engine) {
    let (registry, stores, id, _folder) = stored(engine).await;
    let image = json!({"image_id": id});
    for (number, fault) in [Fault::Open, Fault::BreakOff(2)].into_iter().enumerate() {
        stores.set("fast", fault);
        let id = format!("job-{number:04}");
        let result = done(&registry, Persona::MEMBER, &job(&id, &image)).await;
        assert_eq!(result["error"]["code"], "IMAGE_UNREADABLE", "{result:#}");
        assert_eq!(result["error"]["recoverable"], true);
        let second = &result["data"]["images"][1];
        assert_eq!(second["checksum_verification"], "success", "{fault:?}");
    }
}

async fn an_image_is_for_who_may_download_it(engine: Engine) {
    let (registry, _stores, id, _folder) = stored(engine).await;
    let job = job("job-0001", &json!({"image_id": id}));
    let submit = async |by| registry.post(by, "/v1/jobs", &job).await;
    let unseen = submit(Persona::STRANGER).await;
    let body = refusal(&unseen, 404, "NOT_FOUND");
    assert_eq!(body["message"], format!("No image found with ID {id}"));
    refusal(&submit(Persona::READER).await, 403, "FORBIDDEN");
    submit(Persona::MEMBER).await.expect(201);
    let path = format!("/v2/images/{id}/actions/deactivate");
    let call = registry.call(Method::POST, &path).by(ADMIN);
    call.send().await.expect(204);
    refusal(&submit(Persona::STRANGER).await, 404, "NOT_FOUND");
    run(&registry).await;
    let answer = registry
        .get(Persona::MEMBER, "/v1/jobs/job-0001/result")
        .await;
    let result = answer.expect(200).json()["data"].clone();
    assert_eq!(
        result["error"]["code"], "IMAGE_NOT_ALLOWED",
        "it was closed meanwhile"
    );
}

async fn who_may_download_an_image_no_longer_reads_it_no_more(engine: Engine) {
    let (registry, _stores, id, _folder) = stored(engine).await;
    let path = format!("/v2/images/{id}");
    let show =
        |visibility: &str| json!([{"op": "replace", "path": "/visibility", "value": visibility}]);
    registry
        .patch(ADMIN, &path, &show("public"))
        .await
        .expect(200);
    let job = job("job-0001", &json!({"image_id": id}));
    let submitted = registry.post(Persona::STRANGER, "/v1/jobs", &job).await;
    submitted.expect(201);
    registry
        .patch(ADMIN, &path, &show("private"))
        .await
        .expect(200);
    run(&registry).await;
    let answer = registry
        .get(Persona::STRANGER, "/v1/jobs/job-0001/result")
        .await;
    let result = answer.expect(200).json()["data"].clone();
    assert_eq!(result["error"]["code"], "IMAGE_NOT_FOUND");
    assert_eq!(result["metrics"], json!(null), "nothing was read");
}

async fn what_cannot_name_an_image_is_refused(engine: Engine) {
    let site = Site::open(engine).await;
    for (image, field) in [
        (json!({"image_id": "x"}), "image_id"),
        (json!({"image_id": 7}), "image_id"),
        (
            json!({"image_id": "00000000-0000-4000-8000-000000000000", "path": "data"}),
            "image_id",
        ),
        (
            json!({"image_id": "00000000-0000-4000-8000-000000000000", "stores": ["a/b"]}),
            "stores",
        ),
    ] {
        let body = refusal(
            &site.submit(&job("job-0001", &image)).await,
            400,
            "VALIDATION_ERROR",
        );
        let message = body["message"].as_str().expect("a text");
        assert!(message.contains(&format!("images[0].{field}")), "{message}");
    }
    let image = json!({"image_id": "00000000-0000-4000-8000-000000000000"});
    let unknown = site.submit(&job("job-0001", &image)).await;
    refusal(&unknown, 404, "NOT_FOUND");
    let id = site.registry.image(ADMIN, json!({})).await;
    let result = site.done(&job("job-0001", &json!({"image_id": id}))).await;
    assert_eq!(result["error"]["code"], "IMAGE_NOT_FOUND", "it has no data");
}
