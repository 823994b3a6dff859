//! `image_conversion`.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    assert_failed, assert_holds, digest, disk, formatted, gzip, import, imported, qemu_img,
    web_download,
};
use crate::support::{Engine, Origin, Persona, Registry, on_every_engine};

on_every_engine![
    disks_of_every_format_become_raw,
    raw_disks_become_qcow2_and_vmdk,
    what_has_the_format_is_left_as_it_is,
    isos_and_kernels_are_left_as_they_are,
    dangerous_images_are_refused_before_qemu_img_sees_them,
    what_is_not_what_it_is_declared_is_refused,
    a_disk_that_holds_another_format_is_refused,
    what_cannot_be_converted_is_refused_by_name,
    a_disk_that_would_be_too_large_is_refused,
    the_quota_holds_for_what_is_stored,
    packed_disks_are_unpacked_and_converted,
    what_is_expected_is_held_against_the_bytes_as_they_came,
    a_damaged_disk_fails_and_says_why,
];

const SETTINGS: &str = r#"
[image_import_opts]
image_import_plugins = ["image_decompression", "image_conversion"]
"#;

fn to(format: &str) -> String {
    format!("{SETTINGS}\n[image_conversion]\noutput_format = \"{format}\"")
}

fn declared(format: &str) -> Value {
    json!({"disk_format": format})
}

async fn gone(registry: &Registry, id: &str) {
    let path = format!("/v2/images/{id}");
    registry.delete(Persona::MEMBER, &path).await.expect(204);
}

async fn disks_of_every_format_become_raw(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    for (format, options) in [
        ("qcow2", &["-O", "qcow2"][..]),
        ("qcow2", &["-c", "-O", "qcow2"]),
        ("vmdk", &["-o", "subformat=monolithicSparse", "-O", "vmdk"]),
        ("vmdk", &["-o", "subformat=streamOptimized", "-O", "vmdk"]),
        ("vdi", &["-O", "vdi"]),
        ("vhdx", &["-O", "vhdx"]),
        ("vhd", &["-o", "force_size=on", "-O", "vpc"]),
        ("vhd", &["-o", "force_size=on,subformat=fixed", "-O", "vpc"]),
    ] {
        let image = formatted(&disk(), options);
        let id = imported(&registry, declared(format), &image).await;
        assert_holds(&registry, &id, &disk()).await;
        let shown = registry.shown(&id).await;
        assert_eq!(shown["disk_format"], "raw", "{options:?}");
        assert_eq!(shown["container_format"], "bare");
        assert_eq!(shown["virtual_size"], 2 << 20);
        let original = registry.digests(&id).await["original"].clone();
        assert_eq!(original["forms"], json!([format]));
        assert_eq!(original["size"], image.len());
        gone(&registry, &id).await;
    }
}

async fn raw_disks_become_qcow2_and_vmdk(engine: Engine) {
    for format in ["qcow2", "vmdk"] {
        let registry = Registry::with(engine, &to(format)).await;
        let id = imported(&registry, declared("raw"), &disk()).await;
        let shown = registry.shown(&id).await;
        assert_eq!(shown["status"], "active", "{shown}");
        assert_eq!(shown["disk_format"], format);
        assert_eq!(shown["virtual_size"], 2 << 20);
        let folder = TempDir::new().expect("a folder");
        let image = registry.folder().join(format!("data/images/{id}"));
        let image = image.display().to_string();
        let raw = folder.path().join("raw").display().to_string();
        let words = ["convert", "-f", format, "-O", "raw", &image, &raw];
        qemu_img(folder.path(), &words);
        assert!(std::fs::read(&raw).expect("a disk") == disk());
        assert_eq!(registry.files(), [format!("data/images/{id}")]);
    }
}

async fn what_has_the_format_is_left_as_it_is(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let id = imported(&registry, declared("raw"), &disk()).await;
    assert_holds(&registry, &id, &disk()).await;
    assert_eq!(registry.digests(&id).await.get("original"), None);
    let registry = Registry::with(engine, &to("qcow2")).await;
    let image = formatted(&disk(), &["-O", "qcow2"]);
    let id = imported(&registry, declared("qcow2"), &image).await;
    assert_holds(&registry, &id, &image).await;
}

async fn isos_and_kernels_are_left_as_they_are(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let mut iso = vec![0; 40_000];
    iso[32_768..32_774].copy_from_slice(b"\x01CD001");
    for (format, data) in [("iso", iso), ("aki", b"a kernel".to_vec())] {
        let id = imported(&registry, declared(format), &data).await;
        assert_eq!(registry.shown(&id).await["disk_format"], format);
        assert_holds(&registry, &id, &data).await;
        gone(&registry, &id).await;
    }
}

/// What `qemu-img create` makes with `options`.
fn created(options: &[&str]) -> Vec<u8> {
    let folder = TempDir::new().expect("a folder");
    let words = [&["create", "-q"][..], options].concat();
    qemu_img(folder.path(), &words);
    std::fs::read(folder.path().join("image")).expect("an image")
}

async fn dangerous_images_are_refused_before_qemu_img_sees_them(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let backed = &[
        "-f",
        "qcow2",
        "-u",
        "-b",
        "/etc/passwd",
        "-F",
        "raw",
        "image",
        "1M",
    ][..];
    let data_file = &[
        "-f",
        "qcow2",
        "-o",
        "data_file=other,data_file_raw=on",
        "image",
        "1M",
    ];
    let flat = &[
        "-f",
        "vmdk",
        "-o",
        "subformat=monolithicFlat",
        "image",
        "1M",
    ];
    let mut unknown = created(&["-f", "qcow2", "image", "1M"]);
    // A bit of incompatible_features that nobody has given a meaning.
    unknown[72] |= 0x40;
    for (format, data) in [
        ("qcow2", created(backed)),
        ("qcow2", created(data_file)),
        ("vmdk", created(flat)),
        ("qcow2", unknown),
    ] {
        let id = imported(&registry, declared(format), &data).await;
        assert_failed(&registry, &id, "FORMAT_REJECTED", "").await;
    }
}

async fn what_is_not_what_it_is_declared_is_refused(engine: Engine) {
    let lenient = "[image_format]\nrequire_image_format_match = false";
    let registry = Registry::with(engine, &format!("{SETTINGS}\n{lenient}")).await;
    let qcow2 = formatted(&disk(), &["-O", "qcow2"]);
    for format in ["vmdk", "raw", "vhd"] {
        let id = imported(&registry, declared(format), &qcow2).await;
        assert_failed(&registry, &id, "FORMAT_REJECTED", "qcow2").await;
    }
    let id = imported(&registry, declared("qcow2"), &disk()).await;
    assert_failed(&registry, &id, "FORMAT_REJECTED", "raw").await;
}

/// The result is looked at, too: a raw disk that begins like a qcow2 is one for whoever guesses.
async fn a_disk_that_holds_another_format_is_refused(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let mut inner = created(&["-f", "qcow2", "image", "1M"]);
    inner.resize(1 << 20, 0);
    let outer = formatted(&inner, &["-O", "qcow2"]);
    let id = imported(&registry, declared("qcow2"), &outer).await;
    assert_failed(&registry, &id, "FORMAT_REJECTED", "qcow2").await;
}

async fn what_cannot_be_converted_is_refused_by_name(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let id = imported(&registry, declared("ploop"), b"data").await;
    let told = "disk_format ploop cannot be converted to raw; allowed: raw, qcow2";
    assert_failed(&registry, &id, "CONVERSION_FAILED", told).await;
}

async fn a_disk_that_would_be_too_large_is_refused(engine: Engine) {
    let settings = format!("{SETTINGS}\n[DEFAULT]\nimage_size_cap = 10000000");
    let registry = Registry::with(engine, &settings).await;
    let large = created(&["-f", "qcow2", "image", "1T"]);
    let id = imported(&registry, declared("qcow2"), &large).await;
    assert_failed(&registry, &id, "DATA_TOO_LARGE", "10000000").await;
}

async fn the_quota_holds_for_what_is_stored(engine: Engine) {
    let settings = format!("{SETTINGS}\n[DEFAULT]\nuser_storage_quota = \"3MB\"");
    let registry = Registry::with(engine, &settings).await;
    let large = created(&["-f", "qcow2", "image", "4M"]);
    let id = imported(&registry, declared("qcow2"), &large).await;
    assert_failed(&registry, &id, "OVER_QUOTA", "storage quota").await;
    let small = formatted(&disk(), &["-O", "qcow2"]);
    let id = imported(&registry, declared("qcow2"), &small).await;
    assert_holds(&registry, &id, &disk()).await;
}

async fn packed_disks_are_unpacked_and_converted(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let image = gzip(&formatted(&disk(), &["-O", "qcow2"]));
    let origin = Origin::serving(image.clone()).await;
    let id = registry.image(Persona::MEMBER, declared("qcow2")).await;
    let method = web_download(&origin.url("x"));
    import(&registry, Persona::MEMBER, &id, method)
        .await
        .expect(202);
    registry.work().await;
    assert_holds(&registry, &id, &disk()).await;
    let original = registry.digests(&id).await["original"].clone();
    assert_eq!(original["forms"], json!(["gzip", "qcow2"]));
    assert_eq!(original["size"], image.len());
}

async fn what_is_expected_is_held_against_the_bytes_as_they_came(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let image = formatted(&disk(), &["-O", "qcow2"]);
    let origin = Origin::serving(image.clone()).await;
    for (expected, status) in [(&image, "active"), (&disk(), "queued")] {
        let id = registry.image(Persona::MEMBER, declared("qcow2")).await;
        let mut method = web_download(&origin.url("x"));
        method["checksum"] = format!("sha1:{}", digest("sha1", expected)).into();
        import(&registry, Persona::MEMBER, &id, method)
            .await
            .expect(202);
        registry.work().await;
        assert_eq!(registry.shown(&id).await["status"], status);
    }
}

async fn a_damaged_disk_fails_and_says_why(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let mut image = formatted(&disk(), &["-O", "qcow2"]);
    // Its table points into the middle of a cluster.
    let table = usize::try_from(u64::from_be_bytes(
        image[40..48].try_into().expect("eight bytes"),
    ));
    let table = table.expect("a place");
    image[table..table + 8].copy_from_slice(&0x8000_0000_0001_0200_u64.to_be_bytes());
    let id = imported(&registry, declared("qcow2"), &image).await;
    assert_failed(
        &registry,
        &id,
        "CONVERSION_FAILED",
        "converted to raw: qemu-img",
    )
    .await;
    let reason = registry.shown(&id).await["os_glance_failure"].to_string();
    assert!(!reason.contains("staging"), "{reason}");
}
