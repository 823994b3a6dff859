//! Jobs that name checksum files.

use std::fs;

use serde_json::{Value, json};

use super::site::{Site, refusal};
use crate::{
    jobs::support::{DATA, inspect},
    support::{Engine, Origin, Publisher, on_every_engine},
};

on_every_engine![
    a_checksum_file_beneath_the_roots_is_held,
    what_a_checksum_file_does_not_tell_is_a_failure_and_no_mismatch,
    names_in_a_checksum_file_are_compared_and_never_opened,
    a_signature_must_be_one_of_the_publisher_where_it_is_demanded,
    a_checksum_file_on_the_web_is_fetched_and_held,
    what_may_not_be_fetched_is_refused_at_once,
];

/// The digits of [`DATA`].
fn digits() -> &'static str {
    &DATA["sha256:".len()..]
}

fn job(id: &str, more: Value) -> Value {
    let mut image = json!({"path": "data"});
    let Value::Object(more) = more else {
        panic!("fields")
    };
    image.as_object_mut().expect("an object").extend(more);
    inspect(id, &image)
}

async fn a_checksum_file_beneath_the_roots_is_held(engine: Engine) {
    let site = Site::open(engine).await;
    let line = format!("{} *data", digits());
    fs::write(site.image("SHA256SUMS"), format!("# of today\n{line}\n")).expect("a file");
    let result = site
        .done(&job("job-0001", json!({"checksum_file": "SHA256SUMS"})))
        .await;
    assert_eq!(result["status"], "completed", "{result:#}");
    let image = &result["data"]["images"][0];
    assert_eq!(image["checksum_verification"], "success");
    assert_eq!(
        image["checksum_file"],
        json!({"place": "SHA256SUMS", "lines": [line]})
    );
    // Under another name, and by its absolute path.
    let sums = format!("SHA256 (disk.img) = {}\n", digits());
    fs::write(site.image("CHECKSUM"), sums).expect("a file");
    let path = site.image("CHECKSUM");
    let named = json!({"checksum_file": path, "checksum_name": "disk.img"});
    assert_eq!(
        site.done(&job("job-0002", named)).await["status"],
        "completed"
    );
    let wrong = format!("{}  data\n", "00".repeat(32));
    fs::write(site.image("SHA256SUMS"), wrong).expect("a file");
    let result = site
        .done(&job("job-0003", json!({"checksum_file": "SHA256SUMS"})))
        .await;
    assert_eq!(result["error"]["code"], "CHECKSUM_VERIFICATION_FAILED");
    assert_eq!(result["error"]["details"]["actual"], DATA);
}

async fn what_a_checksum_file_does_not_tell_is_a_failure_and_no_mismatch(engine: Engine) {
    let site = Site::open(engine).await;
    let put = |name: &str, text: String| fs::write(site.image(name), text).expect("a file");
    put("other", format!("{}  other.img\n", digits()));
    put(
        "twice",
        format!("{}  data\n{}  data\n", digits(), "00".repeat(32)),
    );
    put("prose", "There are no digests here.\n".to_owned());
    for (number, (sums, code)) in [
        ("other", "CHECKSUM_NOT_LISTED"),
        ("twice", "CHECKSUM_CONTRADICTION"),
        ("prose", "CHECKSUM_FILE_INVALID"),
        ("missing", "CHECKSUM_FILE_UNAVAILABLE"),
        ("../SHA256SUMS", "PATH_NOT_ALLOWED"),
        ("/etc/passwd", "PATH_NOT_ALLOWED"),
        (".", "IMAGE_NOT_A_FILE"),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("job-{number:04}");
        let result = site.done(&job(&id, json!({"checksum_file": sums}))).await;
        assert_eq!(result["error"]["code"], code, "{sums}: {result:#}");
        let image = &result["data"]["images"][0];
        assert_eq!(image["checksum_verification"], "failure", "{sums}");
        assert_eq!(
            result["metrics"],
            json!(null),
            "{sums}: the image was not read"
        );
    }
    put("good", format!("{}  data\n", digits()));
    let both = json!({"checksum_file": "good", "checksum": format!("sha256:{}", "00".repeat(32))});
    let result = site.done(&job("job-1000", both)).await;
    assert_eq!(result["error"]["code"], "CHECKSUM_CONTRADICTION");
}

async fn names_in_a_checksum_file_are_compared_and_never_opened(engine: Engine) {
    let site = Site::open(engine).await;
    let sums = format!(
        "{0}  ../../../etc/passwd\n{0}  /etc/shadow\n{1}  ../elsewhere/data\n{0}  a\u{1b}b\n",
        "00".repeat(32),
        digits()
    );
    fs::write(site.image("SHA256SUMS"), &sums).expect("a file");
    let result = site
        .done(&job("job-0001", json!({"checksum_file": "SHA256SUMS"})))
        .await;
    assert_eq!(
        result["error"]["code"], "CHECKSUM_FILE_INVALID",
        "control characters"
    );
    fs::write(site.image("SHA256SUMS"), sums.replace('\u{1b}', "")).expect("a file");
    let result = site
        .done(&job("job-0002", json!({"checksum_file": "SHA256SUMS"})))
        .await;
    assert_eq!(
        result["status"], "completed",
        "by the last part of its path: {result:#}"
    );
    let asked = json!({"checksum_file": "SHA256SUMS", "checksum_name": "../../../etc/passwd"});
    let result = site.done(&job("job-0003", asked)).await;
    assert_eq!(result["error"]["code"], "CHECKSUM_VERIFICATION_FAILED");
    assert_eq!(
        result["error"]["details"]["actual"], DATA,
        "of the image itself"
    );
}

/// The status of a job that came to a good end.
const SIGNED: &str = "completed";

/// What a job says of its checksum file, and what becomes of it.
fn signed_or_not() -> [(Value, &'static str); 8] {
    [
        (
            json!({"checksum_file": "SUMS", "signature_file": "SUMS.gpg"}),
            SIGNED,
        ),
        (
            json!({"checksum_file": "SUMS", "signature_file": "SUMS.asc", "publisher": "example"}),
            SIGNED,
        ),
        (
            json!({"checksum_file": "SUMS.clear", "publisher": "example"}),
            SIGNED,
        ),
        (
            json!({"checksum_file": "SUMS", "signature_file": "SUMS.other"}),
            "CHECKSUM_SIGNATURE_REFUSED",
        ),
        (
            json!({"checksum_file": "SUMS.clear-other", "publisher": "example"}),
            "CHECKSUM_SIGNATURE_REFUSED",
        ),
        (
            json!({"checksum_file": "SUMS", "publisher": "example"}),
            "CHECKSUM_SIGNATURE_MISSING",
        ),
        (
            json!({"checksum_file": "SUMS", "signature_file": "SUMS.gpg", "publisher": "nobody"}),
            "CHECKSUM_SIGNATURE_REFUSED",
        ),
        (
            json!({"checksum_file": "SUMS", "signature_file": "missing"}),
            "CHECKSUM_FILE_UNAVAILABLE",
        ),
    ]
}

async fn a_signature_must_be_one_of_the_publisher_where_it_is_demanded(engine: Engine) {
    let (publisher, stranger) = (Publisher::new(), Publisher::new());
    let site = Site::with(engine, &publisher.settings("")).await;
    let sums = format!("{}  data\n", digits());
    let put = |name: &str, bytes: &[u8]| fs::write(site.image(name), bytes).expect("a file");
    put("SUMS", sums.as_bytes());
    put("SUMS.gpg", &publisher.sign(sums.as_bytes()));
    put("SUMS.asc", &publisher.sign_in_armour(sums.as_bytes()));
    put("SUMS.other", &stranger.sign(sums.as_bytes()));
    put("SUMS.clear", &publisher.clear_sign(&sums));
    put("SUMS.clear-other", &stranger.clear_sign(&sums));
    for (number, (fields, expected)) in signed_or_not().into_iter().enumerate() {
        let id = format!("job-{number:04}");
        let result = site.done(&job(&id, fields.clone())).await;
        if expected == SIGNED {
            assert_eq!(result["status"], SIGNED, "{fields}: {result:#}");
            let signature = &result["data"]["images"][0]["checksum_file"]["signature"];
            assert_eq!(signature["publisher"], "example");
            assert_eq!(signature["key"], publisher.fingerprint());
        } else {
            assert_eq!(result["error"]["code"], expected, "{fields}: {result:#}");
        }
    }
}

async fn a_checksum_file_on_the_web_is_fetched_and_held(engine: Engine) {
    let publisher = Publisher::new();
    let sums = format!("{}  data\n", digits());
    let origin = Origin::of_files(vec![
        ("/SHA256SUMS".to_owned(), sums.clone().into_bytes()),
        (
            "/SHA256SUMS.gpg".to_owned(),
            publisher.sign(sums.as_bytes()),
        ),
        (
            "/other".to_owned(),
            format!("{}  x\n", digits()).into_bytes(),
        ),
    ])
    .await;
    let site = Site::with(engine, &publisher.settings("")).await;
    let url = |name: &str| origin.url(name);
    let plain = json!({"checksum_url": url("SHA256SUMS")});
    let result = site.done(&job("job-0001", plain)).await;
    assert_eq!(result["status"], "completed", "{result:#}");
    let told = &result["data"]["images"][0]["checksum_file"];
    assert_eq!(told["place"], url("SHA256SUMS"));
    let signed = json!({
        "checksum_url": url("SHA256SUMS"), "signature_url": url("SHA256SUMS.gpg"),
        "publisher": "example",
    });
    let result = site.done(&job("job-0002", signed)).await;
    let told = &result["data"]["images"][0]["checksum_file"];
    assert_eq!(
        told["signature"]["key"],
        publisher.fingerprint(),
        "{result:#}"
    );
    for (id, more, code) in [
        (
            "job-0003",
            json!({"checksum_url": url("missing")}),
            "CHECKSUM_FILE_UNAVAILABLE",
        ),
        (
            "job-0004",
            json!({"checksum_url": url("other")}),
            "CHECKSUM_NOT_LISTED",
        ),
        (
            "job-0005",
            json!({"checksum_url": url("SHA256SUMS"), "publisher": "example"}),
            "CHECKSUM_SIGNATURE_MISSING",
        ),
    ] {
        let result = site.done(&job(id, more)).await;
        assert_eq!(result["error"]["code"], code, "{result:#}");
    }
}

async fn what_may_not_be_fetched_is_refused_at_once(engine: Engine) {
    let site = Site::open(engine).await;
    for url in [
        "file:///etc/passwd",
        "ftp://example.org/SUMS",
        "SHA256SUMS",
        "",
    ] {
        let answer = site
            .submit(&job("job-0001", json!({"checksum_url": url})))
            .await;
        refusal(&answer, 400, "BAD_REQUEST");
    }
    for (fields, field) in [
        (
            json!({"checksum_file": "a", "checksum_url": "http://x/"}),
            "checksum_url",
        ),
        (json!({"signature_file": "a"}), "signature_file"),
        (json!({"signature_url": "http://x/"}), "signature_url"),
        (json!({"publisher": "example"}), "publisher"),
        (json!({"checksum_name": "x"}), "checksum_name"),
        (json!({"signature": "x"}), "signature"),
        (json!({"checksum_file": 7}), "checksum_file"),
    ] {
        let answer = site.submit(&job("job-0001", fields)).await;
        let body = refusal(&answer, 400, "VALIDATION_ERROR");
        let message = body["message"].as_str().expect("a text");
        assert!(message.contains(&format!("image.{field} ")), "{message}");
    }
}
