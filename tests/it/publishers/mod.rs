//! Images held against what their publishers say of them.

mod failures;
mod faults;
mod layouts;
mod names;
mod signatures;
mod start;

use hallmark::{domain::Algorithm, hash::Hashers};
use serde_json::{Value, json};

use crate::support::{Answer, Origin, Persona, Registry};

/// The bytes of the images.
const DATA: &[u8] = b"the bytes that the publisher published";

/// The digest of `data` in hexadecimal digits.
fn digest(algorithm: &str, data: &[u8]) -> String {
    let algorithm: Algorithm = algorithm.parse().expect("a name");
    let hashers = Hashers::builtin();
    let mut hasher = hashers.hasher(&algorithm).expect("an algorithm");
    hasher.update(data);
    hex::encode(hasher.finish())
}

fn sha256(data: &[u8]) -> String {
    digest("sha256", data)
}

/// A `SHA256SUMS` that says that `data` is called `name`.
fn sums(name: &str, data: &[u8]) -> String {
    format!(
        "{} *other.img\n{} *{name}\n",
        sha256(b"other"),
        sha256(data)
    )
}

/// Imports `image` of `origin` into a new image, with the further keys `more` in the method;
/// gives the image's id once the import is over.
async fn imported(registry: &Registry, origin: &Origin, image: &str, more: Value) -> String {
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let mut method = json!({"name": "web-download", "uri": origin.url(image)});
    let Value::Object(more) = more else {
        panic!("keys")
    };
    method.as_object_mut().expect("an object").extend(more);
    import(registry, &id, &method).await.expect(202);
    registry.work().await;
    id
}

async fn import(registry: &Registry, id: &str, method: &Value) -> Answer {
    let path = format!("/v2/images/{id}/import");
    let body = json!({ "method": method });
    registry.post(Persona::MEMBER, &path, &body).await
}

/// The digests that the image's publisher says it has.
async fn published(registry: &Registry, id: &str) -> Vec<Value> {
    let path = format!("/v2/images/{id}/digests");
    let found = registry.get(Persona::READER, &path).await.expect(200);
    let found = found.json()["digests"].as_array().expect("a list").clone();
    found
        .into_iter()
        .filter(|digest| digest["source"] == "publisher")
        .collect()
}

/// The image is queued with nothing of its data, and says why by `code`; gives the whole reason.
async fn assert_failed(registry: &Registry, id: &str, code: &str) -> String {
    let image = registry.shown(id).await;
    assert_eq!(image["status"], "queued", "{image}");
    let reason = image["os_glance_failure"].as_str().expect("a reason");
    assert!(reason.starts_with(&format!("{code}: ")), "{reason}");
    assert_eq!(published(registry, id).await, Vec::<Value>::new());
    let path = format!("/v2/images/{id}/tasks");
    let tasks = registry.get(Persona::MEMBER, &path).await.expect(200);
    let tasks = tasks.json()["tasks"].as_array().expect("a list").clone();
    assert_eq!(tasks.len(), 1, "it is not tried again");
    assert_eq!(tasks[0]["status"], "failure");
    assert_eq!(tasks[0]["message"], reason);
    reason.to_owned()
}
