//! `image_decompression`.

use axum::http::Method;
use serde_json::json;

use super::{
    assert_failed, assert_holds, by, digest, disk, formatted, gzip, import, imported, stage,
    web_download,
};
use crate::support::{Engine, Origin, Persona, Registry, on_every_engine};

on_every_engine![
    packed_data_are_stored_unpacked,
    what_is_expected_is_held_against_the_packed_bytes,
    packed_bytes_of_another_digest_are_never_unpacked,
    a_checksum_file_is_held_against_the_packed_bytes,
    what_was_unpacked_is_inspected,
    a_compressed_container_is_left_alone,
    what_is_not_packed_is_stored_without_a_detour,
    an_upload_is_not_unpacked,
    broken_archives_fail_and_leave_nothing,
    a_bomb_is_stopped_by_its_ratio,
    a_bomb_is_stopped_by_the_size_cap,
    the_quota_holds_for_what_is_stored,
    several_stores_get_what_was_unpacked,
];

const SETTINGS: &str = r#"
[image_import_opts]
image_import_plugins = ["image_decompression"]
"#;

fn zipped(data: &[u8]) -> Vec<u8> {
    by("zip", &["-q", "-", "-"], data)
}

/// An lha archive of one member, which is stored as it is. No program that makes some is free.
fn lha(data: &[u8]) -> Vec<u8> {
    let crc = data.iter().fold(0_u16, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xa001 } else { 0 }
        })
    });
    let size = u32::try_from(data.len()).expect("a size").to_le_bytes();
    let name = b"disk";
    let mut head = [&b"-lh0-"[..], &size, &size, &[0; 4], &[0x20, 0, 4], name].concat();
    head.extend(crc.to_le_bytes());
    let sum = head.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    let length = u8::try_from(head.len()).expect("a length");
    [&[length, sum][..], &head, data, &[0]].concat()
}

async fn packed_data_are_stored_unpacked(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    for (form, packed) in [
        ("gzip", gzip(&disk())),
        ("xz", by("xz", &["-c"], &disk())),
        ("zstd", by("zstd", &["-c"], &disk())),
        ("bzip2", by("bzip2", &["-c"], &disk())),
        ("zip", zipped(&disk())),
        ("lha", lha(&disk())),
    ] {
        let id = imported(&registry, json!({}), &packed).await;
        assert_holds(&registry, &id, &disk()).await;
        let original = registry.digests(&id).await["original"].clone();
        assert_eq!(original["forms"], json!([form]));
        assert_eq!(original["size"], packed.len());
        let sha512 = json!({
            "algorithm": "sha512", "value": digest("sha512", &packed), "secure": true,
        });
        let digests = original["digests"].as_array().expect("digests");
        assert!(digests.contains(&sha512), "{original}");
        let path = format!("/v2/images/{id}");
        registry.delete(Persona::MEMBER, &path).await.expect(204);
    }
}

async fn what_is_expected_is_held_against_the_packed_bytes(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let packed = gzip(&disk());
    let origin = Origin::serving(packed.clone()).await;
    let expected = format!("sha256:{}", digest("sha256", &packed));
    let more = json!({"expected_checksum": expected});
    let id = registry.image(Persona::MEMBER, more).await;
    let method = web_download(&origin.url("disk.gz"));
    import(&registry, Persona::MEMBER, &id, method)
        .await
        .expect(202);
    registry.work().await;
    assert_holds(&registry, &id, &disk()).await;
    // What lies in the store is held against its own digests from now on.
    let verify = format!("/v2/images/{id}/actions/verify");
    let verify = registry.call(Method::POST, &verify).by(Persona::ADMIN);
    verify.send().await.expect(202);
    registry.check().await;
    assert_eq!(registry.digests(&id).await["copies"][0]["state"], "ok");
}

async fn packed_bytes_of_another_digest_are_never_unpacked(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    // A decoder that saw these would say so.
    let mut packed = gzip(&disk());
    packed.truncate(100);
    let origin = Origin::serving(packed.clone()).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let mut method = web_download(&origin.url("disk.gz"));
    method["checksum"] = format!("sha256:{}", digest("sha256", &disk())).into();
    import(&registry, Persona::MEMBER, &id, method)
        .await
        .expect(202);
    registry.work().await;
    assert_failed(
        &registry,
        &id,
        "CHECKSUM_VERIFICATION_FAILED",
        &digest("sha256", &packed),
    )
    .await;
    // The same with data that were staged.
    stage(&registry, &id, packed).await.expect(204);
    let method = json!({
        "name": "glance-direct",
        "checksum": format!("sha256:{}", digest("sha256", &disk())),
    });
    import(&registry, Persona::MEMBER, &id, method)
        .await
        .expect(202);
    registry.work().await;
    assert_failed(&registry, &id, "CHECKSUM_VERIFICATION_FAILED", "").await;
}

async fn a_checksum_file_is_held_against_the_packed_bytes(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let packed = by("xz", &["-c"], &disk());
    let sums = format!("{}  disk.xz\n", digest("sha256", &packed));
    let origin = Origin::of_files(vec![
        ("/disk.xz".into(), packed),
        ("/SHA256SUMS".into(), sums.into_bytes()),
    ])
    .await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let mut method = web_download(&origin.url("disk.xz"));
    method["checksum_url"] = origin.url("SHA256SUMS").into();
    import(&registry, Persona::MEMBER, &id, method)
        .await
        .expect(202);
    registry.work().await;
    assert_holds(&registry, &id, &disk()).await;
}

async fn what_was_unpacked_is_inspected(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let qcow2 = formatted(&disk(), &["-O", "qcow2"]);
    let more = json!({"disk_format": "qcow2"});
    let id = imported(&registry, more.clone(), &gzip(&qcow2)).await;
    assert_holds(&registry, &id, &qcow2).await;
    assert_eq!(registry.shown(&id).await["virtual_size"], 2 << 20);
    let path = format!("/v2/images/{id}");
    registry.delete(Persona::MEMBER, &path).await.expect(204);
    let id = imported(&registry, json!({"disk_format": "vmdk"}), &gzip(&qcow2)).await;
    assert_failed(&registry, &id, "FORMAT_REJECTED", "qcow2").await;
}

async fn a_compressed_container_is_left_alone(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let packed = gzip(&disk());
    let more = json!({"container_format": "compressed"});
    let id = imported(&registry, more, &packed).await;
    assert_holds(&registry, &id, &packed).await;
    assert_eq!(registry.digests(&id).await.get("original"), None);
}

async fn what_is_not_packed_is_stored_without_a_detour(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    for data in [&b"P"[..], b"plain bytes of a disk"] {
        let expected = format!("sha256:{}", digest("sha256", data));
        let more = json!({"expected_checksum": expected});
        let id = imported(&registry, more, data).await;
        assert_holds(&registry, &id, data).await;
        assert_eq!(registry.digests(&id).await.get("original"), None);
        let path = format!("/v2/images/{id}");
        registry.delete(Persona::MEMBER, &path).await.expect(204);
    }
}

async fn an_upload_is_not_unpacked(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let packed = gzip(&disk());
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let upload = registry.upload(Persona::MEMBER, &id, packed.clone()).await;
    upload.expect(204);
    assert_holds(&registry, &id, &packed).await;
}

async fn broken_archives_fail_and_leave_nothing(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let whole = gzip(&disk());
    let cut = whole[..whole.len() / 2].to_vec();
    let followed = [&whole[..], b"more"].concat();
    let archive = zipped(&disk());
    let archive_cut = archive[..archive.len() - 3].to_vec();
    let mut altered = lha(&disk());
    altered[1000] ^= 1;
    let unknown = b"\x20\x10-lh5-\0\0\0\0\0\0\0".to_vec();
    for (data, told) in [
        (cut, "gzip data cannot be decompressed: they break off"),
        (followed, "gzip data cannot be decompressed"),
        (archive_cut, "zip data cannot be decompressed"),
        (altered, "lha data cannot be decompressed"),
        (unknown, "lha data cannot be decompressed"),
    ] {
        let id = imported(&registry, json!({}), &data).await;
        assert_failed(&registry, &id, "DECOMPRESSION_FAILED", told).await;
    }
}

async fn a_bomb_is_stopped_by_its_ratio(engine: Engine) {
    let settings = format!("{SETTINGS}\n[image_decompression]\nmax_ratio = 100");
    let registry = Registry::with(engine, &settings).await;
    let bomb = gzip(&vec![0; 80 << 20]);
    assert!(bomb.len() < 100_000);
    let id = imported(&registry, json!({}), &bomb).await;
    assert_failed(&registry, &id, "DECOMPRESSION_FAILED", "max_ratio").await;
}

async fn a_bomb_is_stopped_by_the_size_cap(engine: Engine) {
    let settings = format!("{SETTINGS}\n[DEFAULT]\nimage_size_cap = 1000000");
    let registry = Registry::with(engine, &settings).await;
    for bomb in [gzip(&vec![0; 4 << 20]), zipped(&vec![0; 4 << 20])] {
        let id = imported(&registry, json!({}), &bomb).await;
        assert_failed(&registry, &id, "DATA_TOO_LARGE", "1000000").await;
    }
}

async fn the_quota_holds_for_what_is_stored(engine: Engine) {
    let settings = format!("{SETTINGS}\n[DEFAULT]\nuser_storage_quota = \"1MB\"");
    let registry = Registry::with(engine, &settings).await;
    let packed = gzip(&disk());
    let id = imported(&registry, json!({}), &packed).await;
    assert_failed(&registry, &id, "OVER_QUOTA", "storage quota").await;
    let origin = Origin::serving(packed).await;
    let method = web_download(&origin.url("x"));
    import(&registry, Persona::MEMBER, &id, method)
        .await
        .expect(202);
    registry.work().await;
    assert_failed(&registry, &id, "OVER_QUOTA", "storage quota").await;
    let id = imported(&registry, json!({}), &gzip(&disk()[..500_000])).await;
    assert_eq!(registry.shown(&id).await["size"], 500_000);
    assert_eq!(registry.shown(&id).await["status"], "active");
}

async fn several_stores_get_what_was_unpacked(engine: Engine) {
    let (registry, _stores) = Registry::several(engine, SETTINGS).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    stage(&registry, &id, gzip(&disk())).await.expect(204);
    let body = json!({
        "method": {"name": "glance-direct"}, "all_stores": true,
        "all_stores_must_succeed": false,
    });
    let path = format!("/v2/images/{id}/import");
    registry
        .post(Persona::MEMBER, &path, &body)
        .await
        .expect(202);
    registry.work().await;
    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "active", "{image}");
    assert_eq!(image["size"], disk().len());
    assert_eq!(registry.files().len(), 3);
}
