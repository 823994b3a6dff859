//! What is inside the data of an image: found while they arrive, and held against what their
//! owner declared.

use std::process::Command;

use axum::http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Engine, Persona, Registry, on_every_engine};

on_every_engine![
    the_size_of_the_disk_is_read_from_the_data,
    data_of_another_format_than_declared_are_refused,
    data_that_name_other_files_are_refused_whatever_they_are_declared,
    an_import_of_such_data_fails_and_says_why,
    only_what_is_bare_is_looked_into,
    a_mismatch_can_be_let_pass_but_no_danger,
];

/// An image that `qemu-img create` makes.
fn made(arguments: &[&str]) -> Vec<u8> {
    let folder = TempDir::new().expect("a folder");
    let disk = folder.path().join("disk");
    let (options, size) = arguments.split_at(arguments.len() - 1);
    let status = Command::new("qemu-img")
        .args(["create", "-q"])
        .args(options)
        .arg(&disk)
        .args(size)
        .status()
        .expect("qemu-img runs");
    assert!(status.success());
    std::fs::read(&disk).expect("an image")
}

fn qcow2() -> Vec<u8> {
    made(&["-f", "qcow2", "8M"])
}

/// A qcow2 that would have its reader open a file of the reader's machine.
fn treacherous() -> Vec<u8> {
    made(&["-f", "qcow2", "-u", "-b", "/etc/passwd", "-F", "raw", "8M"])
}

async fn image(registry: &Registry, disk_format: &str) -> String {
    let more = json!({"disk_format": disk_format});
    registry.image(Persona::MEMBER, more).await
}

/// The image takes no harm from what was refused, and takes what fits.
async fn assert_refused(registry: &Registry, id: &str, told: &str) {
    let shown = registry.shown(id).await;
    assert_eq!(shown["status"], "queued", "{shown}");
    let failure = shown["os_glance_failure"].as_str().expect("a reason");
    assert!(failure.starts_with("FORMAT_REJECTED: "), "{failure}");
    assert!(failure.contains(told), "{failure}");
    assert_eq!(registry.files(), Vec::<String>::new());
}

async fn the_size_of_the_disk_is_read_from_the_data(engine: Engine) {
    let registry = Registry::open(engine).await;
    for (format, data, size) in [
        ("qcow2", qcow2(), json!(8 << 20)),
        ("vdi", made(&["-f", "vdi", "4M"]), json!(4 << 20)),
        ("raw", b"anything".to_vec(), json!(8)),
        ("ami", b"anything".to_vec(), Value::Null),
    ] {
        let id = image(&registry, format).await;
        registry
            .upload(Persona::MEMBER, &id, data)
            .await
            .expect(204);
        assert_eq!(registry.shown(&id).await["virtual_size"], size, "{format}");
    }
}

async fn data_of_another_format_than_declared_are_refused(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = image(&registry, "qcow2").await;
    for (data, found) in [
        (b"anything".to_vec(), "raw"),
        (made(&["-f", "vmdk", "1M"]), "vmdk"),
    ] {
        let refused = registry.upload(Persona::MEMBER, &id, data).await;
        let told = refused.expect(415).text();
        let told_of = format!("disk_format qcow2 does not match stream data {found}");
        assert!(told.contains(&told_of), "{told}");
        assert_refused(&registry, &id, &told_of).await;
    }
    registry
        .upload(Persona::MEMBER, &id, qcow2())
        .await
        .expect(204);
    assert_eq!(registry.shown(&id).await["status"], "active");
}

async fn data_that_name_other_files_are_refused_whatever_they_are_declared(engine: Engine) {
    let registry = Registry::open(engine).await;
    for format in ["qcow2", "raw"] {
        let id = image(&registry, format).await;
        let refused = registry.upload(Persona::MEMBER, &id, treacherous()).await;
        let told = refused.expect(415).text();
        assert!(told.contains("Image failed safety checks"), "{told}");
        assert_refused(&registry, &id, "/etc/passwd").await;
    }
}

async fn an_import_of_such_data_fails_and_says_why(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = image(&registry, "raw").await;
    let path = format!("/v2/images/{id}/stage");
    let call = registry.call(Method::PUT, &path).by(Persona::MEMBER);
    call.data(treacherous()).send().await.expect(204);
    let path = format!("/v2/images/{id}/import");
    let body = json!({"method": {"name": "glance-direct"}});
    registry
        .post(Persona::MEMBER, &path, &body)
        .await
        .expect(202);
    registry.work().await;
    assert_refused(&registry, &id, "safety checks").await;
}

async fn only_what_is_bare_is_looked_into(engine: Engine) {
    let registry = Registry::open(engine).await;
    let more = json!({"disk_format": "qcow2", "container_format": "ova"});
    let id = registry.image(Persona::MEMBER, more).await;
    registry
        .upload(Persona::MEMBER, &id, "anything")
        .await
        .expect(204);
    assert_eq!(registry.shown(&id).await["virtual_size"], Value::Null);
}

async fn a_mismatch_can_be_let_pass_but_no_danger(engine: Engine) {
    let lenient = "[image_format]\nrequire_image_format_match = false\n";
    let registry = Registry::with(engine, lenient).await;
    let id = image(&registry, "qcow2").await;
    let refused = registry.upload(Persona::MEMBER, &id, treacherous()).await;
    refused.expect(415);
    registry
        .upload(Persona::MEMBER, &id, "anything")
        .await
        .expect(204);
}
