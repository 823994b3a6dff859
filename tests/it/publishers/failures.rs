//! Checksum files that cannot be used, and requests that make no sense.

use serde_json::{Value, json};

use super::{DATA, assert_failed, import, imported, sha256, sums};
use crate::support::{Engine, Origin, Persona, Publisher, Registry, on_every_engine};

on_every_engine![
    a_checksum_file_that_cannot_be_used_fails_the_import_for_good,
    what_could_not_be_asked_for_or_believed_is_refused_at_once,
    a_publisher_and_the_client_cannot_contradict_each_other,
    a_broken_algorithm_alone_is_told_to_be_no_proof,
];

async fn a_checksum_file_that_cannot_be_used_fails_the_import_for_good(engine: Engine) {
    let registry = Registry::open(engine).await;
    let good = sha256(DATA);
    for (text, code, told) in [
        (None, "CHECKSUM_FILE_UNAVAILABLE", "404"),
        (
            Some("<html>".to_owned()),
            "CHECKSUM_FILE_INVALID",
            "no line",
        ),
        (
            Some(format!("{good}  a\0b")),
            "CHECKSUM_FILE_INVALID",
            "line 1",
        ),
        (
            Some(format!("{good}  image.img.xz\n")),
            "CHECKSUM_NOT_LISTED",
            "image.img",
        ),
        (
            Some(format!("RMD160 (image.img) = {}\n", &good[..40])),
            "CHECKSUM_NOT_LISTED",
            "RMD160",
        ),
        (
            Some(format!(
                "{good}  a/image.img\n{}  b/image.img\n",
                sha256(b"")
            )),
            "CHECKSUM_CONTRADICTION",
            "sha256",
        ),
        (
            Some(format!("{good}  image.img\n{}  image.img\n", &good[1..])),
            "CHECKSUM_CONTRADICTION",
            "line 2",
        ),
    ] {
        let mut files = vec![("/image.img".to_owned(), DATA.to_vec())];
        files.extend(text.map(|text| ("/SUMS".to_owned(), text.into_bytes())));
        let origin = Origin::of_files(files).await;
        // What is secret in an address is told to nobody.
        let more = json!({"checksum_url": origin.url("SUMS?token=secret")});
        let id = imported(&registry, &origin, "image.img", more).await;
        let reason = assert_failed(&registry, &id, code).await;
        assert!(
            reason.contains(told) && !reason.contains("secret"),
            "{reason}"
        );
        assert_eq!(registry.files(), Vec::<String>::new());
    }
}

async fn what_could_not_be_asked_for_or_believed_is_refused_at_once(engine: Engine) {
    let publisher = Publisher::new();
    let trusting = Registry::with(engine, &publisher.settings("")).await;
    let trusting_nobody = Registry::open(engine).await;
    let sums = "http://127.0.0.1:1/SUMS";
    let refused = async |registry: &Registry, more: Value, told: &str| {
        let id = registry.image(Persona::MEMBER, json!({})).await;
        let mut method = json!({"name": "web-download", "uri": "http://127.0.0.1:1/image"});
        let Value::Object(keys) = more.clone() else {
            panic!("keys")
        };
        method.as_object_mut().expect("an object").extend(keys);
        let answer = import(registry, &id, &method).await.expect(400).text();
        assert!(answer.contains(told), "{more}: {answer}");
        assert_eq!(registry.shown(&id).await["status"], "queued");
    };
    for (more, told) in [
        (json!({"checksum_url": "nonsense"}), "checksum_url"),
        (
            json!({"checksum_url": "ftp://127.0.0.1/SUMS"}),
            "checksum_url",
        ),
        (
            json!({"checksum_url": "http://10.0.0.1/SUMS"}),
            "checksum_url",
        ),
        (
            json!({"checksum_url": "http://u:p@127.0.0.1/"}),
            "checksum_url",
        ),
        (
            json!({"checksum_url": sums, "signature_url": "http://192.168.1.1/"}),
            "signature_url",
        ),
        (json!({"signature_url": sums}), "checksum_url"),
        (json!({"checksum_name": "a"}), "checksum_url"),
        (
            json!({"checksum_url": sums, "publisher": "nobody"}),
            "example",
        ),
        (json!({"checksum_url": sums, "publisher": 5}), "publisher"),
    ] {
        refused(&trusting, more, told).await;
    }
    for more in [
        json!({"checksum_url": sums, "signature_url": sums}),
        json!({"checksum_url": sums, "publisher": "example"}),
    ] {
        refused(&trusting_nobody, more, "keyrings").await;
    }
}

async fn a_publisher_and_the_client_cannot_contradict_each_other(engine: Engine) {
    let registry = Registry::open(engine).await;
    let origin = Origin::of_files(vec![
        ("/image.img".to_owned(), DATA.to_vec()),
        ("/SUMS".to_owned(), sums("image.img", DATA).into_bytes()),
    ])
    .await;
    let other = format!("sha256:{}", sha256(b"other"));
    let more = json!({"checksum_url": origin.url("SUMS"), "checksum": other});
    let id = imported(&registry, &origin, "image.img", more).await;
    assert_failed(&registry, &id, "CHECKSUM_CONTRADICTION").await;
    let md5 = super::digest("md5", DATA);
    let more = json!({"checksum_url": origin.url("SUMS"), "checksum": format!("md5:{md5}")});
    let id = imported(&registry, &origin, "image.img", more).await;
    assert_eq!(registry.shown(&id).await["status"], "active");
    // What an earlier import was held against is not said of other bytes.
    let more = json!({"checksum_url": origin.url("SUMS"), "checksum_name": "other.img"});
    let id = imported(&registry, &origin, "image.img", more).await;
    assert_failed(&registry, &id, "CHECKSUM_VERIFICATION_FAILED").await;
    registry
        .upload(Persona::MEMBER, &id, "other")
        .await
        .expect(204);
    assert_eq!(super::published(&registry, &id).await, Vec::<Value>::new());
}

async fn a_broken_algorithm_alone_is_told_to_be_no_proof(engine: Engine) {
    let registry = Registry::open(engine).await;
    let md5 = super::digest("md5", DATA);
    let origin = Origin::of_files(vec![
        ("/image.img".to_owned(), DATA.to_vec()),
        (
            "/MD5SUMS".to_owned(),
            format!("{md5}  image.img\n").into_bytes(),
        ),
    ])
    .await;
    let more = json!({"checksum_url": origin.url("MD5SUMS")});
    let id = imported(&registry, &origin, "image.img", more).await;
    assert_eq!(registry.shown(&id).await["status"], "active");
    let found = super::published(&registry, &id).await;
    assert_eq!(found[0]["algorithm"], "md5");
    assert_eq!(found[0]["secure"], false);
}
