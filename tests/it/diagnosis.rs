//! Why bytes are not what was expected, where that can be told; and nothing that the caller could
//! not find out otherwise.

use async_compression::tokio::write::{BzEncoder, GzipEncoder, XzEncoder, ZstdEncoder};
use axum::http::Method;
use hallmark::{
    domain::{Algorithm, Digest},
    hash::Hashers,
};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use crate::support::{Answer, Engine, Origin, Persona, Registry, on_every_engine};

const DATA: &[u8] = b"every image carries the hash its owner chose";

on_every_engine![
    the_cause_of_a_mismatch_is_told_to_who_uploads,
    the_cause_of_a_mismatch_is_told_to_who_stages,
    the_cause_of_a_mismatch_is_told_to_who_imports,
    too_few_bytes_are_told_as_a_part,
    another_image_with_the_expected_digest_is_named_to_who_may_see_it,
    an_import_is_told_of_the_images_of_its_project,
    an_expectation_in_another_spelling_is_refused_with_the_right_one,
];

/// The digest of `data` under `algorithm`, in hexadecimal digits.
fn digest(algorithm: &str, data: &[u8]) -> String {
    let algorithm: Algorithm = algorithm.parse().expect("a name");
    let hasher = Hashers::builtin().hasher(&algorithm);
    let mut hasher = hasher.expect("an algorithm");
    hasher.update(data);
    Digest::new(algorithm, &hasher.finish()).value().to_owned()
}

fn sha256(data: &[u8]) -> String {
    format!("sha256:{}", digest("sha256", data))
}

/// What comes of writing [`DATA`] into an encoder.
async fn encoded<E>(encode: impl FnOnce(Vec<u8>) -> E, into: impl FnOnce(E) -> Vec<u8>) -> Vec<u8>
where
    E: tokio::io::AsyncWrite + Unpin,
{
    let mut encoder = encode(Vec::new());
    encoder.write_all(DATA).await.expect("a vector");
    encoder.shutdown().await.expect("a vector");
    into(encoder)
}

/// Bytes, what is expected of them, and what is told then.
struct Case {
    bytes: Vec<u8>,
    expected: String,
    told: String,
}

fn case(bytes: impl Into<Vec<u8>>, expected: impl Into<String>, told: impl Into<String>) -> Case {
    Case {
        bytes: bytes.into(),
        expected: expected.into(),
        told: told.into(),
    }
}

/// Every cause that the bytes themselves tell.
async fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (asked, meant) in [
        ("sha256", "sha3_256"),
        ("sha256", "blake2s"),
        ("sha256", "blake3"),
        ("sha512", "blake2b"),
        ("sha224", "sha3_224"),
        ("sha3_384", "sha384"),
    ] {
        cases.push(case(
            DATA,
            format!("{asked}:{}", digest(meant, DATA)),
            format!("the expected value is the {meant} digest of the data"),
        ));
    }
    let gzip = encoded(GzipEncoder::new, GzipEncoder::into_inner).await;
    for (form, bytes) in [
        ("gzip", gzip.clone()),
        ("gzip", [&gzip[..], &gzip].concat()),
        ("xz", encoded(XzEncoder::new, XzEncoder::into_inner).await),
        (
            "zstd",
            encoded(ZstdEncoder::new, ZstdEncoder::into_inner).await,
        ),
        (
            "bzip2",
            encoded(BzEncoder::new, BzEncoder::into_inner).await,
        ),
    ] {
        let content = DATA.repeat(if bytes.len() > gzip.len() && form == "gzip" {
            2
        } else {
            1
        });
        cases.push(case(
            bytes,
            sha256(&content),
            format!("the expected digest is that of the decompressed data, and {form} data came"),
        ));
    }
    cases.extend(oddities(&gzip));
    cases
}

/// What is told of data that are no image, of which some are the beginning of `gzip`.
fn oddities(gzip: &[u8]) -> Vec<Case> {
    vec![
        case(
            &gzip[..gzip.len() - 9],
            sha256(DATA),
            "the data are gzip data without their end: they were cut off",
        ),
        case(
            "<!DOCTYPE html><html>Sign in</html>",
            sha256(DATA),
            "the data are an HTML page, not an image",
        ),
        case(
            "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>",
            sha256(DATA),
            "the data are an XML document that tells of the error NoSuchKey, not an image",
        ),
        case(
            DATA,
            sha256(b""),
            "the expected digest is that of no data at all",
        ),
    ]
}

async fn send(registry: &Registry, id: &str, place: &str, case: &Case) -> Answer {
    let call = registry.call(Method::PUT, &format!("/v2/images/{id}/{place}"));
    let call = call
        .by(Persona::MEMBER)
        .header("x-image-checksum", &case.expected);
    call.data(case.bytes.clone()).send().await
}

/// The image is queued without data, and says `told` behind what was expected and found.
async fn assert_told(registry: &Registry, id: &str, case: &Case) {
    let image = registry.shown(id).await;
    assert_eq!(image["status"], "queued");
    let failure = image["os_glance_failure"].as_str().expect("a reason");
    assert!(
        failure.starts_with("CHECKSUM_VERIFICATION_FAILED: expected "),
        "{failure}"
    );
    let (_, told) = failure
        .split_once("; ")
        .unwrap_or_else(|| panic!("no cause: {failure}"));
    assert_eq!(told, case.told);
    assert_eq!(registry.files(), Vec::<String>::new());
}

async fn told_to_sender(engine: Engine, place: &str) {
    let registry = Registry::open(engine).await;
    for case in cases().await {
        let id = registry.image(Persona::MEMBER, json!({})).await;
        let answer = send(&registry, &id, place, &case).await.expect(400);
        assert!(answer.text().contains(&case.told), "{}", answer.text());
        assert_told(&registry, &id, &case).await;
    }
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let nothing = case("", sha256(DATA), "no data came");
    send(&registry, &id, place, &nothing).await.expect(400);
    assert_told(&registry, &id, &nothing).await;
    // What is told of nothing is nothing.
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let strange = case(DATA, sha256(b"something else"), "");
    let answer = send(&registry, &id, place, &strange).await.expect(400);
    assert!(!answer.text().contains("; "), "{}", answer.text());
}

async fn the_cause_of_a_mismatch_is_told_to_who_uploads(engine: Engine) {
    told_to_sender(engine, "file").await;
}

async fn the_cause_of_a_mismatch_is_told_to_who_stages(engine: Engine) {
    told_to_sender(engine, "stage").await;
}

/// Imports from `origin`, and gives the message of the task.
async fn import(registry: &Registry, id: &str, uri: &str, expected: &str) -> String {
    let body = json!({
        "method": {"name": "web-download", "uri": uri, "checksum": expected},
    });
    let path = format!("/v2/images/{id}/import");
    registry
        .post(Persona::MEMBER, &path, &body)
        .await
        .expect(202);
    registry.work().await;
    let path = format!("/v2/images/{id}/tasks");
    let tasks = registry
        .get(Persona::MEMBER, &path)
        .await
        .expect(200)
        .json();
    tasks["tasks"][0]["message"]
        .as_str()
        .expect("a message")
        .to_owned()
}

async fn the_cause_of_a_mismatch_is_told_to_who_imports(engine: Engine) {
    let registry = Registry::open(engine).await;
    let mut cases = cases().await;
    cases.push(case(
        DATA,
        sha256(b"compressed"),
        "the name says that the data are compressed by xz, and they are not: the expected digest \
         may be that of the compressed data",
    ));
    for case in cases {
        let origin = Origin::serving(case.bytes.clone()).await;
        let name = if case.told.contains("name") {
            "image.raw.xz?a=b.gz"
        } else {
            "image"
        };
        let id = registry.image(Persona::MEMBER, json!({})).await;
        let message = import(&registry, &id, &origin.url(name), &case.expected).await;
        assert!(message.ends_with(&format!("; {}", case.told)), "{message}");
        assert_told(&registry, &id, &case).await;
    }
}

async fn too_few_bytes_are_told_as_a_part(engine: Engine) {
    let registry = Registry::open(engine).await;
    for (data, told) in [
        (DATA, "only 4 % of the data came"),
        (
            b"<html>no</html>",
            "the data are an HTML page, not an image",
        ),
        (b"", "no data came"),
    ] {
        let id = registry.image(Persona::MEMBER, json!({})).await;
        let call = registry.call(Method::PUT, &format!("/v2/images/{id}/file"));
        let call = call
            .by(Persona::MEMBER)
            .header("x-openstack-image-size", "1000");
        let answer = call.data(data).send().await.expect(400);
        assert!(answer.text().contains("SIZE_MISMATCH"), "{}", answer.text());
        assert!(answer.text().contains(told), "{}", answer.text());
    }
}

async fn another_image_with_the_expected_digest_is_named_to_who_may_see_it(engine: Engine) {
    let registry = Registry::open(engine).await;
    let own = registry
        .active_image(Persona::MEMBER, json!({}), "the right bytes")
        .await;
    let hidden = json!({"visibility": "private", "os_hash_algo": "sha256"});
    let hidden = registry
        .active_image(Persona::STRANGER, hidden, "hidden bytes")
        .await;
    let public = json!({"visibility": "public", "os_hash_algo": "sha256"});
    let public = registry
        .active_image(Persona::ADMIN, public, "public bytes")
        .await;
    let upload = async |bytes: &str, expected: String| {
        let id = registry
            .image(Persona::MEMBER, json!({"os_hash_algo": "sha256"}))
            .await;
        let answer = send(&registry, &id, "file", &case(bytes, expected, "")).await;
        answer.expect(400).text()
    };
    let sha512 = format!("sha512:{}", digest("sha512", b"the right bytes"));
    let told = upload("other bytes", sha512).await;
    assert!(
        told.contains(&format!("the expected digest is that of image {own}")),
        "{told}"
    );
    let told = upload("other bytes", sha256(b"public bytes")).await;
    assert!(
        told.contains(&format!("the expected digest is that of image {public}")),
        "{told}"
    );
    let told = upload("public bytes", sha256(b"what nobody has")).await;
    assert!(
        told.contains(&format!("the data are those of image {public}")),
        "{told}"
    );
    for (bytes, expected) in [
        ("other bytes", sha256(b"hidden bytes")),
        ("hidden bytes", sha256(b"what nobody has")),
    ] {
        let told = upload(bytes, expected).await;
        assert!(!told.contains(&hidden) && !told.contains("; "), "{told}");
    }
}

async fn an_import_is_told_of_the_images_of_its_project(engine: Engine) {
    let registry = Registry::open(engine).await;
    let chosen = json!({"os_hash_algo": "sha256"});
    let own = registry
        .active_image(Persona::MEMBER, chosen.clone(), "the right bytes")
        .await;
    let hidden = registry
        .active_image(Persona::STRANGER, chosen, "hidden bytes")
        .await;
    let origin = Origin::serving("other bytes").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let told = import(
        &registry,
        &id,
        &origin.url("x"),
        &sha256(b"the right bytes"),
    )
    .await;
    assert!(
        told.contains(&format!("the expected digest is that of image {own}")),
        "{told}"
    );
    let told = import(&registry, &id, &origin.url("x"), &sha256(b"hidden bytes")).await;
    assert!(!told.contains(&hidden) && !told.contains("; "), "{told}");
}

async fn an_expectation_in_another_spelling_is_refused_with_the_right_one(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let sha512 = digest("sha512", DATA);
    let md5 = digest("md5", DATA);
    for (value, told) in [
        (
            "sha256:ff+nKOd24hFXJRpqGXfw4SkKyU1/vmmKg4rAhivo2MI=".to_owned(),
            format!("it is Base64; write \"{}\"", sha256(DATA)),
        ),
        (
            "ff-nKOd24hFXJRpqGXfw4SkKyU1_vmmKg4rAhivo2MI".to_owned(),
            format!("it is Base64; write \"{}\"", sha256(DATA)),
        ),
        (
            format!("md5:0x{md5}"),
            format!("it begins with 0x; write \"md5:{md5}\""),
        ),
        (
            sha512.clone(),
            format!("write \"sha512:{sha512}\" if it is one"),
        ),
        (
            format!("sha256:{sha512}"),
            "has 64 hexadecimal digits, not 128; so many has one of".to_owned(),
        ),
    ] {
        let call = registry.call(Method::PUT, &format!("/v2/images/{id}/file"));
        let call = call.by(Persona::MEMBER).header("x-image-checksum", &value);
        let call = call.header("accept", "application/json");
        let refused = call.data(DATA).send().await.expect(400);
        let json: Value = refused.json();
        let message = json["message"].as_str().expect("a message");
        assert!(message.contains(&told), "{value}: {message}");
    }
    let call = registry.call(Method::PUT, &format!("/v2/images/{id}/file"));
    let call = call.by(Persona::MEMBER).header("content-md5", &md5);
    let refused = call.data(DATA).send().await.expect(400);
    assert!(
        refused.text().contains("nWZUfFAPfaIeiJhSjB4GtA=="),
        "{}",
        refused.text()
    );
}
