//! The API as its reference tells it: every route with its answers, headers and refusals.

mod actions;
mod create;
mod delete;
mod denied;
mod errors;
mod filters;
mod health;
mod info;
mod list;
mod members;
mod openapi;
mod patch;
mod requests;
mod schemas;
mod show;
mod tags;
mod update;
mod versions;
mod visibility;

use std::path::Path;

use serde_json::Value;

use crate::support::{Answer, Persona};

/// Writes in a third project.
const THIRD: Persona = Persona {
    user: "gil",
    project: "gamma",
    roles: "member,reader",
};

/// An id that no image has.
const NO_IMAGE: &str = "00000000-0000-4000-8000-000000000000";

/// Settings of a registry with the stores `fast`, which is the default, and `slow`.
fn two_stores(folder: &Path) -> String {
    format!(
        r#"
[DEFAULT]
enabled_backends = {{ fast = "file", slow = "file" }}
[glance_store]
default_backend = "fast"
[fast]
filesystem_store_datadir = "{0}/fast"
store_description = "quick and small"
weight = 10
[slow]
filesystem_store_datadir = "{0}/slow"
[os_glance_staging_store]
filesystem_store_datadir = "{0}/staging"
"#,
        folder.display()
    )
}

/// The path of an image.
fn image(id: &str) -> String {
    format!("/v2/images/{id}")
}

/// The refusal has this status, and its explanation has `what` in it.
#[track_caller]
fn assert_refused(answer: Answer, status: u16, what: &str) {
    let text = answer.expect(status).text();
    assert!(text.contains(what), "{what:?} is not in: {text}");
}

/// The names of the images of a list, in their order.
#[track_caller]
fn names(list: &Value) -> Vec<&str> {
    let images = list["images"].as_array().expect("a list of images");
    images
        .iter()
        .map(|image| image["name"].as_str().unwrap_or("(none)"))
        .collect()
}
