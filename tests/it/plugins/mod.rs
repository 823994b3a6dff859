//! What plugins do with an import before its data are stored.

mod convert;
mod faults;
mod inject;
mod unpack;

use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
};

use axum::http::Method;
use hallmark::{domain::Algorithm, hash::Hashers};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Answer, Persona, Registry};

/// Asks for an import by `persona`.
async fn import(registry: &Registry, persona: Persona, id: &str, method: Value) -> Answer {
    let path = format!("/v2/images/{id}/import");
    let body = [("method".to_owned(), method)];
    let body = Value::Object(body.into_iter().collect());
    registry.post(persona, &path, &body).await
}

/// Stages `data` for the image.
async fn stage(registry: &Registry, id: &str, data: impl Into<axum::body::Body>) -> Answer {
    let call = registry.call(Method::PUT, &format!("/v2/images/{id}/stage"));
    call.by(Persona::MEMBER).data(data).send().await
}

fn glance_direct() -> Value {
    json!({"name": "glance-direct"})
}

fn web_download(uri: &str) -> Value {
    json!({"name": "web-download", "uri": uri})
}

/// Imports `data` that are staged for a new image with the attributes `more`; gives its id.
async fn imported(registry: &Registry, more: Value, data: &[u8]) -> String {
    let id = registry.image(Persona::MEMBER, more).await;
    stage(registry, &id, data.to_vec()).await.expect(204);
    import(registry, Persona::MEMBER, &id, glance_direct())
        .await
        .expect(202);
    registry.work().await;
    id
}

/// The image is as it was before its import, says why with `code` and `told`, and left nothing.
async fn assert_failed(registry: &Registry, id: &str, code: &str, told: &str) {
    let image = registry.shown(id).await;
    assert_eq!(image["status"], "queued", "{image}");
    let reason = image["os_glance_failure"].as_str().expect("a reason");
    assert!(reason.starts_with(&format!("{code}: ")), "{reason}");
    assert!(reason.contains(told), "{reason}");
    assert_eq!(image["size"], Value::Null);
    assert_eq!(registry.files(), Vec::<String>::new());
}

/// The image has these bytes, and says so.
async fn assert_holds(registry: &Registry, id: &str, data: &[u8]) {
    let image = registry.shown(id).await;
    assert_eq!(image["status"], "active", "{image}");
    assert_eq!(image["size"], data.len());
    assert_eq!(image["os_hash_value"], digest("sha512", data));
    assert_eq!(image["checksum"], digest("md5", data));
    assert_eq!(registry.files(), [format!("data/images/{id}")]);
    let kept = fs::read(registry.folder().join(format!("data/images/{id}")));
    assert!(kept.expect("a file") == data);
}

/// The digest of `data` in hexadecimal digits.
fn digest(algorithm: &str, data: &[u8]) -> String {
    let algorithm: Algorithm = algorithm.parse().expect("a name");
    let hashers = Hashers::builtin();
    let mut hasher = hashers.hasher(&algorithm).expect("an algorithm");
    hasher.update(data);
    hex::encode(hasher.finish())
}

/// What `program` makes of `input`.
fn by(program: &str, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("input");
    fs::write(&path, input).expect("a file");
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::from(File::open(&path).expect("a file")))
        .output()
        .expect("the program");
    assert!(output.status.success(), "{program} {arguments:?}");
    output.stdout
}

pub(crate) fn gzip(data: &[u8]) -> Vec<u8> {
    by("gzip", &["-c"], data)
}

/// Runs `qemu-img` in `folder`.
fn qemu_img(folder: &Path, arguments: &[&str]) {
    let status = Command::new("qemu-img")
        .current_dir(folder)
        .args(arguments)
        .stdout(Stdio::null())
        .status();
    assert!(status.expect("qemu-img").success(), "{arguments:?}");
}

/// A disk of 2 MiB that holds something here and there.
fn disk() -> Vec<u8> {
    let mut disk = vec![0; 2 << 20];
    for (at, byte) in disk.iter_mut().enumerate() {
        if at / 65_536 % 3 == 1 {
            *byte = u8::try_from(at % 251).expect("a byte");
        }
    }
    disk
}

/// The disk in a format, by `qemu-img convert` with `options` (which end with the format).
fn formatted(disk: &[u8], options: &[&str]) -> Vec<u8> {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("raw"), disk).expect("a file");
    let words = [&["convert", "-f", "raw"][..], options, &["raw", "image"]].concat();
    qemu_img(folder.path(), &words);
    fs::read(folder.path().join("image")).expect("an image")
}
