//! Metadata definitions: every route with its answers, refusals, and who may see what.

mod load;
mod namespaces;
mod objects;
mod properties;
mod resource_types;
mod schemas;
mod tags;
mod visibility;

use serde_json::{Value, json};

use crate::support::{Answer, Persona, Registry};

const ADMIN: Persona = Persona::ADMIN;
const NAMESPACES: &str = "/v2/metadefs/namespaces";

/// The path of a namespace, or of what is in it.
fn at(rest: &str) -> String {
    format!("{NAMESPACES}/{rest}")
}

/// Creates the namespace `name` with what `more` says.
async fn create(registry: &Registry, name: &str, more: Value) -> Value {
    let mut body = json!({"namespace": name});
    let Value::Object(more) = more else {
        panic!("fields")
    };
    body.as_object_mut().expect("an object").extend(more);
    let created = registry.post(ADMIN, NAMESPACES, &body).await.expect(201);
    created.json()
}

/// A registry's namespace as an administrator sees it.
async fn shown(registry: &Registry, name: &str) -> Value {
    registry.get(ADMIN, &at(name)).await.expect(200).json()
}

/// The values under `key` of the things of a list.
#[track_caller]
fn names(list: &Value, key: &str) -> Vec<String> {
    let things = list.as_array().expect("a list").iter();
    things
        .map(|thing| thing[key].as_str().expect("a name").to_owned())
        .collect()
}

/// The refusal has this status, and its explanation has `what` in it.
#[track_caller]
fn assert_refused(answer: Answer, status: u16, what: &str) {
    let text = answer.expect(status).text();
    assert!(text.contains(what), "{what:?} is not in: {text}");
}

/// A namespace with something of each kind, as it is sent.
fn full() -> Value {
    json!({
        "display_name": "Test", "description": "For tests", "visibility": "public",
        "resource_type_associations": [
            {"name": "OS::Glance::Image", "prefix": "hw_"},
            {"name": "OS::Cinder::Volume", "properties_target": "image"},
        ],
        "properties": {
            "cores": {"title": "Cores", "type": "integer", "minimum": 1, "default": 2},
        },
        "objects": [{
            "name": "limits", "description": "What is allowed", "required": ["quota"],
            "properties": {"quota": {"title": "Quota", "type": "integer"}},
        }],
        "tags": [{"name": "fast"}, {"name": "slow"}],
    })
}
