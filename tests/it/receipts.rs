//! Receipts: each verification leaves one that anybody can check who has the operator's public key.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use futures_util::future::join;
use openssl::pkey::{PKey, Private};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Engine, Persona, Registry, on_every_engine};

const DATA: &str = "every image carries the hash its owner chose";

on_every_engine![
    a_verification_leaves_a_receipt_that_others_can_check,
    several_processes_keep_one_chain,
    data_that_were_not_verified_leave_no_receipt,
    without_a_key_there_are_no_receipts,
    receipts_outlive_their_image_in_the_chain_alone,
];

/// A registry with a key, and a folder with its public half (`key.pub`).
struct Operator {
    registry: Registry,
    folder: TempDir,
}

fn pem(key: &PKey<Private>) -> String {
    let pem = key.private_key_to_pem_pkcs8().expect("PEM");
    String::from_utf8(pem).expect("PEM")
}

impl Operator {
    async fn open(engine: Engine) -> Self {
        let folder = TempDir::new().expect("a folder");
        let key = PKey::generate_ed25519().expect("a key");
        fs::write(folder.path().join("key.pem"), pem(&key)).expect("room");
        let public = key.public_key_to_pem().expect("PEM");
        fs::write(folder.path().join("key.pub"), public).expect("room");
        let settings = format!(
            "[verification]\nreceipt_key = \"{}/key.pem\"",
            folder.path().display()
        );
        let registry = Registry::with(engine, &settings).await;
        Self { registry, folder }
    }

    async fn sign(&self) -> usize {
        let worker = self.registry.app().worker();
        worker.sign_receipts().await.expect("a database")
    }

    async fn active_image(&self) -> String {
        let registry = &self.registry;
        registry
            .active_image(Persona::MEMBER, json!({}), DATA)
            .await
    }

    /// The receipts of an image as the API tells them.
    async fn receipts(&self, id: &str) -> Value {
        let path = format!("/v2/images/{id}/receipts");
        let answer = self.registry.get(Persona::MEMBER, &path).await;
        answer.expect(200).json()
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, content).expect("room");
        path
    }

    /// Runs `hallmark verify` on a file of receipts, and perhaps on what they are about.
    fn verify(&self, receipts: &Path, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_hallmark"))
            .args(["verify", "--key", "key.pub", "--receipt"])
            .arg(receipts)
            .args(words)
            .current_dir(self.folder.path())
            .output()
            .expect("a process")
    }

    /// The whole chain, as an operator gets it.
    fn chain(&self) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_hallmark"))
            .args(["db", "export-receipts"])
            .current_dir(self.folder.path())
            .env("HALLMARK_DATA_DIR", self.folder.path())
            .env("HALLMARK__DATABASE__CONNECTION", self.registry.connection())
            .output()
            .expect("a process");
        assert!(output.status.success(), "{}", said(&output.stderr));
        said(&output.stdout).to_owned()
    }
}

fn said(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

#[track_caller]
fn assert_status(output: &Output, status: i32) {
    let told = (said(&output.stdout), said(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{told:?}");
}

async fn a_verification_leaves_a_receipt_that_others_can_check(engine: Engine) {
    let operator = Operator::open(engine).await;
    let id = operator.active_image().await;
    assert_eq!(operator.receipts(&id).await, json!({"receipts": []}));
    assert_eq!(operator.sign().await, 1);
    let receipts = operator.receipts(&id).await;
    assert_eq!(receipts["receipts"].as_array().map(Vec::len), Some(1));

    // As the API gives them, and printed in another way.
    let plain = operator.write("plain", receipts.to_string());
    let pretty = serde_json::to_string_pretty(&receipts["receipts"][0]).expect("JSON");
    let pretty = operator.write("pretty", pretty);
    operator.write("disk", DATA);
    for file in [&plain, &pretty] {
        let output = operator.verify(file, &["disk"]);
        assert_status(&output, 0);
        let told = said(&output.stdout);
        assert!(told.contains(&id) && told.contains("upload"), "{told}");
        assert!(told.ends_with("\ndisk: OK\n"), "{told}");
    }
    operator.write("other", "other data");
    let output = operator.verify(&plain, &["disk", "other"]);
    assert_status(&output, 1);
    assert!(said(&output.stdout).contains("disk: OK\nother: FAILED\n"));

    let mut forged = receipts.clone();
    forged["receipts"][0]["signatures"][0]["sig"] = json!("A".repeat(86) + "==");
    let forged = operator.write("forged", forged.to_string());
    assert_status(&operator.verify(&forged, &[]), 1);
    let stranger = PKey::generate_ed25519().expect("a key");
    operator.write("key.pub", stranger.public_key_to_pem().expect("PEM"));
    assert_status(&operator.verify(&plain, &[]), 1);
}

async fn several_processes_keep_one_chain(engine: Engine) {
    let operator = Operator::open(engine).await;
    let twin = operator.registry.twin().await;
    let mut signed = 0;
    for _ in 0..4 {
        for _ in 0..3 {
            operator.active_image().await;
        }
        let (own, other) = join(operator.sign(), twin.worker().sign_receipts()).await;
        signed += own + other.expect("a database");
    }
    assert_eq!(signed, 12);
    let chain = operator.chain();
    let lines: Vec<_> = chain.lines().collect();
    assert_eq!(lines.len(), 12);
    let output = operator.verify(&operator.write("chain", &chain), &[]);
    assert_status(&output, 0);
    assert_eq!(said(&output.stdout).lines().count(), 12);
    assert_eq!(said(&output.stderr), "");

    // A missing receipt shows; a first one that is not the first is no fault.
    let missing = [&lines[2..5], &lines[7..]].concat().join("\n");
    let output = operator.verify(&operator.write("missing", missing), &[]);
    assert_status(&output, 0);
    let told = said(&output.stderr);
    assert!(told.contains("the receipts 6 to 7 are not here"), "{told}");
    let twice = [&lines[..], &lines[4..5]].concat().join("\n");
    assert_status(&operator.verify(&operator.write("twice", twice), &[]), 1);
    // They are of several images.
    operator.write("disk", DATA);
    let output = operator.verify(&operator.write("chain", &chain), &["disk"]);
    assert_status(&output, 1);
}

async fn data_that_were_not_verified_leave_no_receipt(engine: Engine) {
    let operator = Operator::open(engine).await;
    let expected = json!({"expected_checksum": format!("sha256:{}", "0".repeat(64))});
    let id = operator.registry.image(Persona::MEMBER, expected).await;
    let answer = operator.registry.upload(Persona::MEMBER, &id, DATA).await;
    answer.expect(400);
    assert_eq!(operator.sign().await, 0);
    assert_eq!(operator.chain(), "");
}

async fn without_a_key_there_are_no_receipts(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    let signed = registry.app().worker().sign_receipts().await;
    assert_eq!(signed.expect("a database"), 0);
    let path = format!("/v2/images/{id}/receipts");
    let answer = registry.get(Persona::MEMBER, &path).await.expect(200);
    assert_eq!(answer.json(), json!({"receipts": []}));
}

async fn receipts_outlive_their_image_in_the_chain_alone(engine: Engine) {
    let operator = Operator::open(engine).await;
    let id = operator.active_image().await;
    operator.sign().await;
    let path = format!("/v2/images/{id}");
    let answer = operator.registry.delete(Persona::MEMBER, &path).await;
    answer.expect(204);
    let path = format!("{path}/receipts");
    let answer = operator.registry.get(Persona::MEMBER, &path).await;
    answer.expect(404);
    assert_eq!(operator.chain().lines().count(), 1);
}
