//! Several stores: what goes into which, and what happens when one fails.

mod copying;
mod deletion;
mod details;
mod downloads;
mod imports;
mod orphans;
mod takeover;

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Persona, Registry};

/// What images of these tests are made of.
pub(crate) const DATA: &str = "bytes for several stores";

/// Stages data for a new image; gives its id.
async fn staged(registry: &Registry) -> String {
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let call = registry.call(Method::PUT, &format!("/v2/images/{id}/stage"));
    call.by(Persona::MEMBER).data(DATA).send().await.expect(204);
    id
}

/// Asks for an import by `method` with the keys of `more`.
async fn ask(registry: &Registry, persona: Persona, id: &str, body: &Value) -> Answer {
    let path = format!("/v2/images/{id}/import");
    registry.post(persona, &path, body).await
}

/// Begins to import what is staged for the image, by a body with the keys of `more`.
async fn import(registry: &Registry, id: &str, more: Value) {
    let mut body = json!({"method": {"name": "glance-direct"}});
    let Value::Object(more) = more else {
        panic!("keys")
    };
    body.as_object_mut().expect("an object").extend(more);
    ask(registry, Persona::MEMBER, id, &body).await.expect(202);
}

/// The newest task of the image.
async fn task(registry: &Registry, id: &str) -> Value {
    let path = format!("/v2/images/{id}/tasks");
    let answer = registry.get(Persona::ADMIN, &path).await.expect(200);
    answer.json()["tasks"][0].clone()
}

/// The files that hold an image, one in each of the stores.
fn copies(id: &str, stores: &[&str]) -> Vec<String> {
    let file = |store: &&str| format!("stores/{store}/{id}");
    stores.iter().map(file).collect()
}

/// The stores whose copies there are records of digests for.
async fn recorded(registry: &Registry, id: &str) -> Vec<String> {
    let path = format!("/v2/images/{id}/digests");
    let answer = registry.get(Persona::ADMIN, &path).await.expect(200).json();
    let records = answer["digests"].as_array().expect("a list").clone();
    let mut stores: Vec<_> = records
        .iter()
        .map(|record| record["store"].as_str().expect("a store").to_owned())
        .collect();
    stores.sort();
    stores.dedup();
    stores
}
