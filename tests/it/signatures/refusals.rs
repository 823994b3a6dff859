//! Signatures that cannot be checked, each refused before the first byte.

use std::{fs, os::unix::fs::symlink, process::Command};

use hallmark::signature::KeyType;
use serde_json::{Value, json};

use super::{DATA, Ground, ID, OTHER_ID, signed, signer};
use crate::support::{Engine, Persona, Registry, Signer, on_every_engine};

on_every_engine![
    a_value_that_cannot_be_checked_is_refused_by_name,
    a_signature_of_which_a_part_is_missing_is_refused,
    a_key_of_another_kind_than_declared_is_refused,
    what_is_no_certificate_is_refused,
    nothing_outside_of_the_folder_is_read,
    without_anything_that_keeps_certificates_signed_images_take_no_data,
    a_stranger_does_not_learn_of_a_signature,
];

/// Neither an upload nor an import is begun, and the answers hold `words`.
async fn refused(ground: &Ground, properties: Value, words: &[&str]) {
    let id = ground.image(properties.clone()).await;
    let uploaded = ground.upload(&id, DATA).await.expect(400).text();
    let method = json!({"name": "web-download", "uri": "http://127.0.0.1:9/"});
    let imported = ground.import(&id, method).await.expect(400).text();
    let begins = format!("Signature verification failed for image {id}: ");
    for told in [uploaded, imported] {
        assert!(told.contains(&begins), "{properties}: {told}");
        for word in words {
            assert!(told.contains(word), "{properties}: {told}");
        }
    }
    ground.untouched(&id).await;
}

fn with(properties: &Value, name: &str, value: &str) -> Value {
    let mut changed = properties.clone();
    changed[name] = value.into();
    changed
}

async fn a_value_that_cannot_be_checked_is_refused_by_name(engine: Engine) {
    let ground = Ground::open(engine).await;
    let good = signed(&signer(&ground));
    let long = "A".repeat(2732);
    for (name, value, word) in [
        ("img_signature", "", "Base64"),
        ("img_signature", "not base64!", "Base64"),
        ("img_signature", "QUJD=", "Base64"),
        ("img_signature", &long, "2048 bytes"),
        ("img_signature_hash_method", "MD5", "SHA-224, SHA-256"),
        ("img_signature_hash_method", "sha-256", "SHA-224, SHA-256"),
        ("img_signature_hash_method", "SHA-1", "SHA-224, SHA-256"),
        ("img_signature_key_type", "RSA", "RSA-PSS, DSA"),
        ("img_signature_key_type", "ECC_SECP256R1", "ECC_SECP384R1"),
        ("img_signature_certificate_uuid", "", "UUID"),
        ("img_signature_certificate_uuid", "../../etc/passwd", "UUID"),
        ("img_signature_certificate_uuid", OTHER_ID, OTHER_ID),
    ] {
        refused(&ground, with(&good, name, value), &[name, word]).await;
    }
}

async fn a_signature_of_which_a_part_is_missing_is_refused(engine: Engine) {
    let ground = Ground::open(engine).await;
    let good = signed(&signer(&ground));
    let names: Vec<String> = good
        .as_object()
        .expect("an object")
        .keys()
        .cloned()
        .collect();
    for missing in &names {
        let mut three = good.clone();
        three.as_object_mut().expect("an object").remove(missing);
        refused(&ground, three, &[&format!(": {missing} is missing")]).await;
        let one = json!({missing: good[missing]});
        refused(&ground, one, &["are missing"]).await;
    }
}

async fn a_key_of_another_kind_than_declared_is_refused(engine: Engine) {
    let ground = Ground::open(engine).await;
    let good = signed(&signer(&ground));
    for (declared, found) in [
        ("RSA-PSS", "secp384r1"),
        ("DSA", "secp384r1"),
        ("ECC_SECP521R1", "secp384r1"),
        ("ECC_SECT571K1", "secp384r1"),
    ] {
        let properties = with(&good, "img_signature_key_type", declared);
        let words = ["img_signature_key_type", declared, found];
        refused(&ground, properties, &words).await;
    }
    let rsa = Signer::new(KeyType::RsaPss);
    ground.keep(&format!("{ID}.pem"), rsa.pem());
    refused(&ground, good, &["ECC_SECP384R1", "RSA"]).await;
}

async fn what_is_no_certificate_is_refused(engine: Engine) {
    let ground = Ground::open(engine).await;
    let good = signed(&signer(&ground));
    let pem = Signer::new(KeyType::EccSecp384r1).pem();
    let many = pem.repeat(9);
    let cut = &pem[..pem.len() / 2];
    let long = format!("{pem}{}", "\n".repeat(64 * 1024));
    for content in ["", "no certificate", cut, &many, &long] {
        ground.keep(&format!("{ID}.pem"), content);
        let words = ["img_signature_certificate_uuid", "X.509"];
        refused(&ground, good.clone(), &words).await;
    }
}

async fn nothing_outside_of_the_folder_is_read(engine: Engine) {
    let ground = Ground::open(engine).await;
    let owner = signer(&ground);
    let good = signed(&owner);
    let folder = ground.certificates.path();
    let name = folder.join(format!("{ID}.pem"));
    let outside = tempfile::NamedTempFile::new().expect("a file");
    fs::write(outside.path(), owner.pem()).expect("a file");
    let id = ground.image(good.clone()).await;
    fs::remove_file(&name).expect("a file");
    symlink(outside.path(), &name).expect("a link");
    let answer = ground.upload(&id, DATA).await.expect(503);
    assert_eq!(answer.header("retry-after"), "5");
    ground.untouched(&id).await;
    // What is no file does not hold anybody up.
    fs::remove_file(&name).expect("a file");
    let made = Command::new("mkfifo").arg(&name).status();
    assert!(made.expect("a program").success());
    ground.upload(&id, DATA).await.expect(503);
    // A link that stays inside is how many deployments keep such files.
    fs::remove_file(&name).expect("a file");
    ground.keep("certificate", owner.pem());
    symlink("certificate", &name).expect("a link");
    ground.upload(&id, DATA).await.expect(204);
}

async fn without_anything_that_keeps_certificates_signed_images_take_no_data(engine: Engine) {
    let registry = Registry::open(engine).await;
    let signer = Signer::new(KeyType::EccSecp384r1);
    let id = registry.image(Persona::MEMBER, signed(&signer)).await;
    let told = registry.upload(Persona::MEMBER, &id, DATA).await;
    let told = told.expect(400).text();
    assert!(told.contains("no key manager"), "{told}");
    assert_eq!(registry.shown(&id).await["status"], "queued");
}

async fn a_stranger_does_not_learn_of_a_signature(engine: Engine) {
    let ground = Ground::open(engine).await;
    let properties = with(&signed(&signer(&ground)), "img_signature", "");
    let id = ground.image(properties).await;
    let upload = ground.registry.upload(Persona::STRANGER, &id, DATA).await;
    upload.expect(404);
    let upload = ground.registry.upload(Persona::READER, &id, DATA).await;
    upload.expect(403);
}
