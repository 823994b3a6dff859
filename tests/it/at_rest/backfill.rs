//! `hallmark digests backfill`: further digests of all images.

use std::fs;

use reqwest::Method;
use serde_json::Value;

use super::DATA;
use crate::support::{Engine, Ground, Process, on_every_engine};

/// A digest of [`DATA`], as Python's hashlib gives it.
const SHA1: &str = "fe5567e8d769550852182cdf69d74bb16dff8e29";

on_every_engine![
    all_images_get_what_they_lack_and_a_second_run_has_nothing_to_do,
    a_damaged_image_gets_no_digest_and_fails_the_run,
];

async fn active_image(process: &Process) -> String {
    let id = process.image().await;
    let call = process.call(Method::PUT, &format!("/v2/images/{id}/file"));
    let call = call.header("content-type", "application/octet-stream");
    let answer = call.body(DATA).send().await.expect("an answer");
    assert_eq!(answer.status(), 204);
    id
}

async fn digests(process: &Process, id: &str) -> Value {
    let call = process.call(Method::GET, &format!("/v2/images/{id}/digests"));
    let answer = call.send().await.expect("an answer");
    serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON")
}

fn backfill(ground: &Ground) -> (Option<i32>, String) {
    let output = ground.output(&["digests", "backfill", "--algo", "SHA-1", "--algo", "sha512"]);
    let said = String::from_utf8(output.stdout).expect("text");
    (output.status.code(), said)
}

async fn all_images_get_what_they_lack_and_a_second_run_has_nothing_to_do(engine: Engine) {
    let ground = Ground::new(engine, "").await;
    let process = ground.start().await;
    let ids = [active_image(&process).await, active_image(&process).await];
    let without_data = process.image().await;
    let (status, said) = backfill(&ground);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("of 2 images were found, of 2"), "{said}");
    for id in &ids {
        assert!(said.contains(id.as_str()), "{said}");
        let known = digests(&process, id).await;
        let known = known["digests"].as_array().expect("digests");
        let found = known.iter().find(|digest| digest["algorithm"] == "sha1");
        let found = found.expect("a digest");
        assert_eq!(found["value"], SHA1);
        assert_eq!(found["source"], "backfill");
    }
    assert!(!said.contains(&without_data), "{said}");

    let third = active_image(&process).await;
    let (status, said) = backfill(&ground);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("of 1 images were found, of 1"), "{said}");
    assert!(said.contains(&third), "{said}");
}

async fn a_damaged_image_gets_no_digest_and_fails_the_run(engine: Engine) {
    let ground = Ground::new(engine, "").await;
    let process = ground.start().await;
    let damaged = active_image(&process).await;
    let sound = active_image(&process).await;
    let file = ground.folder().join("data/images").join(&damaged);
    fs::write(file, "0123456789abcdeF").expect("a file");
    let (status, said) = backfill(&ground);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("of 1 images were found, of 2"), "{said}");
    assert!(said.contains(&sound), "{said}");
    let known = digests(&process, &damaged).await;
    assert_eq!(known["copies"][0]["state"], "damaged");
    assert!(!known.to_string().contains("sha1"), "{known}");
}
