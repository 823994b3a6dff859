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
    each_format_is_told_from_what_was_declared,
    data_that_are_none_of_the_declared_format_are_refused,
    disks_whose_data_are_in_another_file_are_refused,
    data_that_name_other_files_are_refused_whatever_they_are_declared,
    an_import_of_such_data_fails_and_says_why,
    only_what_is_bare_is_looked_into,
    a_mismatch_can_be_let_pass_but_no_danger,
];

/// An image that `qemu-img create` makes.
fn made(arguments: &[&str]) -> Vec<u8> {
    let folder = TempDir::new().expect("a folder");
    let (options, size) = arguments.split_at(arguments.len() - 1);
    let status = Command::new("qemu-img")
        .current_dir(folder.path())
        .args(["create", "-q"])
        .args(options)
        .arg("disk")
        .args(size)
        .status()
        .expect("qemu-img runs");
    assert!(status.success());
    std::fs::read(folder.path().join("disk")).expect("an image")
}

fn qcow2() -> Vec<u8> {
    made(&["-f", "qcow2", "8M"])
}

/// A qcow2 that would have its reader open a file of the reader's machine.
fn treacherous() -> Vec<u8> {
    made(&["-f", "qcow2", "-u", "-b", "/etc/passwd", "-F", "raw", "8M"])
}

/// `image` with `bytes` written over it at `at`.
fn with(mut image: Vec<u8>, at: usize, bytes: &[u8]) -> Vec<u8> {
    image[at..at + bytes.len()].copy_from_slice(bytes);
    image
}

/// The beginning of a disc.
fn iso() -> Vec<u8> {
    let volume = 32 << 10;
    let image = with(vec![0; 40 << 10], volume, b"\x01CD001\x01");
    let image = with(image, volume + 80, &20_u32.to_le_bytes());
    let image = with(image, volume + 128, &2048_u16.to_le_bytes());
    with(image, volume + 2048, b"\xffCD001\x01")
}

/// A disk with one partition of a boot record's table, of this kind and from this sector on.
fn partitioned(kind: u8, first: u32) -> Vec<u8> {
    let image = with(
        vec![0; 64 << 10],
        446,
        &[0, 0, 2, 0, kind, 0xff, 0xff, 0xff],
    );
    let image = with(image, 454, &first.to_le_bytes());
    let image = with(image, 458, &100_u32.to_le_bytes());
    with(image, 510, &[0x55, 0xaa])
}

/// A disk with a GUID partition table, which has one entry.
fn gpt() -> Vec<u8> {
    let mut image = with(partitioned(0xee, 1), 512, b"EFI PART");
    for (at, value) in [(40, 34), (48, 100), (72, 2_u64)] {
        image = with(image, 512 + at, &value.to_le_bytes());
    }
    image = with(image, 512 + 80, &128_u32.to_le_bytes());
    image = with(image, 512 + 84, &128_u32.to_le_bytes());
    image = with(image, 1024, &[9; 16]);
    image = with(image, 1024 + 32, &34_u64.to_le_bytes());
    with(image, 1024 + 40, &100_u64.to_le_bytes())
}

/// Images without any danger, with the words of their formats.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let secret = ["--object", "secret,id=secret,data=secret"];
    let luks = [
        &secret[..],
        &["-f", "luks", "-o", "key-secret=secret,iter-time=10", "1M"],
    ];
    vec![
        ("vmdk", made(&["-f", "vmdk", "1M"])),
        (
            "vmdk",
            made(&["-f", "vmdk", "-o", "subformat=streamOptimized", "1M"]),
        ),
        ("vhd", made(&["-f", "vpc", "1M"])),
        ("vhdx", made(&["-f", "vhdx", "1M"])),
        ("vdi", made(&["-f", "vdi", "1M"])),
        ("luks", made(&luks.concat())),
        ("ploop", made(&["-f", "parallels", "1M"])),
        ("iso", iso()),
        ("gpt", gpt()),
        ("gpt", partitioned(0x83, 63)),
        ("raw", vec![7; 64 << 10]),
    ]
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

/// Uploads data that are refused with a text that has `told` in it, and then `sound` ones, which are
/// not.
async fn assert_only_sound_data_are_taken(
    registry: &Registry,
    declared: &str,
    data: Vec<u8>,
    told: &str,
    sound: Vec<u8>,
) {
    let id = image(registry, declared).await;
    let refused = registry.upload(Persona::MEMBER, &id, data).await;
    let text = refused.expect(415).text();
    assert!(text.contains(told), "{declared}: {text}");
    assert_refused(registry, &id, told).await;
    let taken = registry.upload(Persona::MEMBER, &id, sound).await;
    taken.expect(204);
    let shown = registry.shown(&id).await;
    assert_eq!(shown["status"], "active");
    assert_eq!(shown.get("os_glance_failure"), None);
    let path = format!("/v2/images/{id}");
    registry.delete(Persona::MEMBER, &path).await.expect(204);
}

async fn each_format_is_told_from_what_was_declared(engine: Engine) {
    let registry = Registry::open(engine).await;
    for (found, data) in samples() {
        let told = format!("Image disk_format qcow2 does not match stream data {found}");
        assert_only_sound_data_are_taken(&registry, "qcow2", data, &told, qcow2()).await;
    }
}

async fn data_that_are_none_of_the_declared_format_are_refused(engine: Engine) {
    let registry = Registry::open(engine).await;
    let mut tried = 0;
    for (declared, sound) in samples() {
        // Anything is raw, and these two are not among the formats that may be declared.
        if ["raw", "luks", "gpt"].contains(&declared) {
            continue;
        }
        for (data, found) in [(qcow2(), "qcow2"), (vec![7; 64 << 10], "raw")] {
            // What is bare may be ploop, too.
            if (declared, found) == ("ploop", "raw") {
                continue;
            }
            let told = format!("Image disk_format {declared} does not match stream data {found}");
            let sound = sound.clone();
            assert_only_sound_data_are_taken(&registry, declared, data, &told, sound).await;
            tried += 1;
        }
    }
    assert_eq!(tried, 13);
}

async fn disks_whose_data_are_in_another_file_are_refused(engine: Engine) {
    let registry = Registry::open(engine).await;
    let external = || {
        let options = "data_file=other.raw,data_file_raw=on";
        made(&["-f", "qcow2", "-o", options, "1M"])
    };
    let flat = || made(&["-f", "vmdk", "-o", "subformat=monolithicFlat", "1M"]);
    for (declared, data, told) in [
        ("qcow2", external(), "has an external data file"),
        ("raw", external(), "has an external data file"),
        ("vmdk", flat(), "has an extent outside of it"),
        ("raw", flat(), "has an extent outside of it"),
    ] {
        let sound = match declared {
            "vmdk" => made(&["-f", "vmdk", "1M"]),
            _ => qcow2(),
        };
        let told = format!("image {told}");
        assert_only_sound_data_are_taken(&registry, declared, data, &told, sound).await;
    }
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
