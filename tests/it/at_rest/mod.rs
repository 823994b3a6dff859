//! Bytes at rest: copies are read again, and what is not as it should be is found.

mod backfill;
mod faults;
mod hash;
mod heal;
mod heal_faults;
mod quarantine;
mod queue;
mod reads;
mod scrub;
mod verify;

use std::{fs, path::PathBuf};

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Persona, Registry};

const DATA: &str = "0123456789abcdef";
/// As many bytes as [`DATA`], one of them another.
const DAMAGED: &str = "0123456789abcdeF";

/// A digest of [`DATA`], as Python's hashlib gives it.
const SHA256: &str = "9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f";

/// A copy in the registry's only store.
fn copy_of(registry: &Registry, id: &str) -> PathBuf {
    registry.folder().join("data/images").join(id)
}

/// Replaces the copy by other bytes, behind the registry's back.
fn damage(registry: &Registry, id: &str) {
    fs::write(copy_of(registry, id), DAMAGED).expect("a file");
}

async fn ask(registry: &Registry, id: &str, by: Persona) -> Answer {
    let path = format!("/v2/images/{id}/actions/verify");
    registry.call(Method::POST, &path).by(by).send().await
}

async fn ask_for_hash(registry: &Registry, id: &str, algorithm: &str) -> Answer {
    let body = json!({"os_hash_algo": algorithm});
    let path = format!("/v2/images/{id}/hash");
    registry.post(Persona::ADMIN, &path, &body).await
}

/// What is known of the image's copies.
async fn copies(registry: &Registry, id: &str) -> Vec<Value> {
    let known = registry.digests(id).await;
    known["copies"].as_array().expect("copies").clone()
}

/// The state of the image's only copy.
async fn state(registry: &Registry, id: &str) -> String {
    let copies = copies(registry, id).await;
    assert_eq!(copies.len(), 1, "{copies:?}");
    copies[0]["state"].as_str().expect("a state").to_owned()
}
