//! Checksum files whose signatures are demanded, missing, or not good.

use serde_json::{Value, json};

use super::{DATA, assert_failed, imported, published, sums};
use crate::support::{Engine, Origin, Publisher, Registry, on_every_engine};

on_every_engine![
    a_signature_is_missed_where_somebody_demands_it,
    a_signature_that_is_not_good_fails_the_import,
    a_file_that_signs_itself_counts_as_far_as_its_key_is_known,
    only_what_is_signed_is_read,
];

/// A server of an image, with files beside it.
async fn serving(files: &[(&str, Vec<u8>)]) -> Origin {
    let mut served = vec![("/image.img".to_owned(), DATA.to_vec())];
    served.extend(
        files
            .iter()
            .map(|(path, bytes)| ((*path).to_owned(), bytes.clone())),
    );
    Origin::of_files(served).await
}

async fn a_signature_is_missed_where_somebody_demands_it(engine: Engine) {
    let publisher = Publisher::new();
    let text = sums("image.img", DATA);
    let origin = serving(&[
        ("/SUMS", text.clone().into_bytes()),
        ("/SUMS.asc", publisher.sign_in_armour(text.as_bytes())),
        ("/CHECKSUM", publisher.clear_sign(&text)),
    ])
    .await;
    let url = origin.url("SUMS");
    let strict = publisher.settings("require_signed_checksums = true");
    let strict = Registry::with(engine, &strict).await;
    let id = imported(&strict, &origin, "image.img", json!({"checksum_url": url})).await;
    let reason = assert_failed(&strict, &id, "CHECKSUM_SIGNATURE_MISSING").await;
    assert!(reason.contains("signature_url"), "{reason}");
    for more in [
        json!({"checksum_url": url, "signature_url": origin.url("SUMS.asc")}),
        json!({"checksum_url": origin.url("CHECKSUM")}),
    ] {
        let id = imported(&strict, &origin, "image.img", more).await;
        assert_eq!(strict.shown(&id).await["status"], "active");
        let found = published(&strict, &id).await;
        assert_eq!(found[0]["publication"]["publisher"], "example");
    }
    let lenient = Registry::with(engine, &publisher.settings("")).await;
    let id = imported(&lenient, &origin, "image.img", json!({"checksum_url": url})).await;
    assert_eq!(lenient.shown(&id).await["status"], "active");
    for more in [
        json!({"checksum_url": url, "publisher": "example"}),
        json!({"checksum_url": url, "signature_url": url}),
    ] {
        let id = imported(&lenient, &origin, "image.img", more).await;
        assert_failed(&lenient, &id, "CHECKSUM_SIGNATURE_MISSING").await;
    }
}

async fn a_signature_that_is_not_good_fails_the_import(engine: Engine) {
    let (publisher, stranger) = (Publisher::new(), Publisher::new());
    let text = sums("image.img", DATA);
    let origin = serving(&[
        ("/SUMS", text.clone().into_bytes()),
        ("/other.asc", publisher.sign_in_armour(b"other text")),
        ("/unknown.asc", stranger.sign_in_armour(text.as_bytes())),
        ("/none.asc", b"404 not here".to_vec()),
        (
            "/good.asc",
            [
                stranger.sign(text.as_bytes()),
                publisher.sign(text.as_bytes()),
            ]
            .concat(),
        ),
    ])
    .await;
    let registry = Registry::with(engine, &publisher.settings("")).await;
    let with =
        |name: &str| json!({"checksum_url": origin.url("SUMS"), "signature_url": origin.url(name)});
    for (name, code, told) in [
        (
            "other.asc",
            "CHECKSUM_SIGNATURE_REFUSED",
            "not one of these data",
        ),
        (
            "unknown.asc",
            "CHECKSUM_SIGNATURE_REFUSED",
            "none of the keyrings",
        ),
        ("none.asc", "CHECKSUM_SIGNATURE_REFUSED", "no signature"),
        ("missing.asc", "CHECKSUM_FILE_UNAVAILABLE", "signature"),
    ] {
        let id = imported(&registry, &origin, "image.img", with(name)).await;
        let reason = assert_failed(&registry, &id, code).await;
        assert!(reason.contains(told), "{reason}");
    }
    let id = imported(&registry, &origin, "image.img", with("good.asc")).await;
    assert_eq!(registry.shown(&id).await["status"], "active");
}

async fn a_file_that_signs_itself_counts_as_far_as_its_key_is_known(engine: Engine) {
    let (publisher, stranger) = (Publisher::new(), Publisher::new());
    let text = sums("image.img", DATA);
    let signed = publisher.clear_sign(&text);
    let changed = String::from_utf8(signed.clone()).expect("text");
    let changed = changed.replace("other.img", "another.img");
    let origin = serving(&[
        ("/known", signed),
        ("/unknown", stranger.clear_sign(&text)),
        ("/changed", changed.into_bytes()),
    ])
    .await;
    let registry = Registry::with(engine, &publisher.settings("")).await;
    for (name, publisher) in [("known", Some(&Value::from("example"))), ("unknown", None)] {
        let more = json!({"checksum_url": origin.url(name)});
        let id = imported(&registry, &origin, "image.img", more).await;
        assert_eq!(registry.shown(&id).await["status"], "active", "{name}");
        let found = published(&registry, &id).await;
        assert_eq!(found[0]["publication"].get("publisher"), publisher);
    }
    for (name, more) in [
        ("changed", json!({})),
        ("unknown", json!({"publisher": "example"})),
        ("unknown", json!({"signature_url": origin.url("unknown")})),
    ] {
        let mut more = more;
        more["checksum_url"] = origin.url(name).into();
        let id = imported(&registry, &origin, "image.img", more).await;
        assert_failed(&registry, &id, "CHECKSUM_SIGNATURE_REFUSED").await;
    }
}

async fn only_what_is_signed_is_read(engine: Engine) {
    let publisher = Publisher::new();
    let registry = Registry::with(engine, &publisher.settings("")).await;
    let signed = publisher.clear_sign(&sums("other.img", b"x"));
    let signed = String::from_utf8(signed).expect("text");
    let forged = sums("image.img", DATA);
    for file in [
        format!("{signed}{forged}"),
        format!("{forged}{signed}"),
        signed.replacen("\n\n", &format!("\n{forged}\n"), 1),
    ] {
        let origin = serving(&[("/CHECKSUM", file.into_bytes())]).await;
        let more = json!({"checksum_url": origin.url("CHECKSUM")});
        let id = imported(&registry, &origin, "image.img", more).await;
        assert_failed(&registry, &id, "CHECKSUM_FILE_INVALID").await;
    }
}
