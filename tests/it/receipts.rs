//! Receipts: each verification leaves one that anybody can check who has the operator's public key.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use axum::http::Method;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::future::join;
use openssl::pkey::{PKey, Private};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Engine, Persona, Registry, on_every_engine};

const DATA: &str = "every image carries the hash its owner chose";

/// As many bytes as [`DATA`], some of them others.
const DAMAGED: &str = "every image carries the hash its owner CHOSE";

/// The SHA-512 digests of both, as coreutils give them.
const GOOD_SHA512: &str = "833c450619ae15def78b1ad47cf9e831e15e4d8c4a33817b70b79c1666179ed4e6bdc588020e337496f5b455f9a613e895e674048df15e0081ca92af028601ca";
const BAD_SHA512: &str = "d0867fbb444e5020d9b9a8ff4cbb1b9093f9550d406314f8f8a5698cb3124861061d4ee62981ea1017aa614743c31195e2f80232a037ca0e3b2c1772e1367173";

on_every_engine![
    a_verification_leaves_a_receipt_that_others_can_check,
    several_processes_keep_one_chain,
    data_that_were_not_verified_leave_no_receipt,
    without_a_key_there_are_no_receipts,
    receipts_outlive_their_image_in_the_chain_alone,
    a_copy_that_is_read_again_leaves_a_receipt,
    a_damaged_copy_leaves_a_receipt_that_says_so,
    a_missing_copy_leaves_a_receipt_that_says_so,
    a_copy_that_was_made_anew_leaves_a_receipt,
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
        Self::with(engine, |_| String::new()).await
    }

    /// With what `more` makes of the folder, which goes on in the section `verification`.
    async fn with(engine: Engine, more: impl FnOnce(&Path) -> String) -> Self {
        let folder = TempDir::new().expect("a folder");
        let key = PKey::generate_ed25519().expect("a key");
        fs::write(folder.path().join("key.pem"), pem(&key)).expect("room");
        let public = key.public_key_to_pem().expect("PEM");
        fs::write(folder.path().join("key.pub"), public).expect("room");
        let settings = format!(
            "[verification]\nreceipt_key = \"{}/key.pem\"\n{}",
            folder.path().display(),
            more(folder.path())
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

    /// Has the copies of an image read again, and what came of it signed.
    async fn check(&self, id: &str) {
        let path = format!("/v2/images/{id}/actions/verify");
        let call = self.registry.call(Method::POST, &path);
        call.by(Persona::MEMBER).send().await.expect(202);
        self.registry.check().await;
        self.sign().await;
    }

    /// What the receipts of an image say.
    async fn statements(&self, id: &str) -> Vec<Value> {
        let receipts = self.receipts(id).await;
        let payload = |receipt: &Value| {
            let payload = receipt["payload"].as_str().expect("a payload");
            let payload = STANDARD.decode(payload).expect("Base64");
            serde_json::from_slice(&payload).expect("JSON")
        };
        let receipts = receipts["receipts"].as_array().expect("a list");
        receipts.iter().map(payload).collect()
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

async fn a_copy_that_is_read_again_leaves_a_receipt(engine: Engine) {
    let operator = Operator::open(engine).await;
    let id = operator.active_image().await;
    operator.check(&id).await;
    let statements = operator.statements(&id).await;
    let said: Vec<_> = statements
        .iter()
        .map(|statement| &statement["predicate"]["occasion"])
        .collect();
    assert_eq!(said, ["upload", "scrub"]);
    let chain = operator.write("chain", operator.chain());
    assert_status(&operator.verify(&chain, &[]), 0);
}

async fn a_damaged_copy_leaves_a_receipt_that_says_so(engine: Engine) {
    let operator = Operator::open(engine).await;
    let id = operator.active_image().await;
    let copy = operator.registry.folder().join("data/images").join(&id);
    fs::write(&copy, DAMAGED).expect("a file");
    operator.check(&id).await;
    let statements = operator.statements(&id).await;
    assert_eq!(statements.len(), 2, "{statements:?}");
    let (good, bad) = (&statements[0], &statements[1]);
    assert_ne!(good["predicateType"], bad["predicateType"]);
    let predicate = &bad["predicate"];
    assert_eq!(
        (
            &predicate["result"],
            &predicate["state"],
            &predicate["occasion"]
        ),
        (&json!("failed"), &json!("damaged"), &json!("scrub"))
    );
    assert_eq!(predicate["expected"]["sha512"], GOOD_SHA512);
    assert_eq!(predicate["actual"]["sha512"], BAD_SHA512);
    assert_eq!(bad["subject"], good["subject"]);

    let receipts = operator.receipts(&id).await.to_string();
    let receipts = operator.write("receipts", receipts);
    operator.write("disk", DATA);
    for words in [
        &[][..],
        &["disk"],
        &["--quiet"],
        &["--json", "disk"],
        &["--status", "disk"],
    ] {
        assert_status(&operator.verify(&receipts, words), 1);
    }
    let output = operator.verify(&receipts, &["disk"]);
    let told = said(&output.stdout);
    assert!(told.contains("upload") && told.contains(": OK\n"), "{told}");
    assert!(told.contains(": FAILED (damaged)\n"), "{told}");
    // The file itself is the image.
    assert!(told.ends_with("\ndisk: OK\n"), "{told}");
    let quiet = operator.verify(&receipts, &["--quiet"]);
    assert_eq!(said(&quiet.stdout).lines().count(), 1);
    let objects = operator.verify(&receipts, &["--json"]);
    let last = said(&objects.stdout).lines().last().expect("a line");
    let last: Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(
        (&last["result"], &last["state"]),
        (&json!("failed"), &json!("damaged"))
    );
    assert_eq!(last["actual"]["sha512"], BAD_SHA512);

    // Once the same copy was found to be sound, the failure is history.
    fs::write(&copy, DATA).expect("a file");
    operator.check(&id).await;
    let chain = operator.write("chain", operator.chain());
    let output = operator.verify(&chain, &["disk"]);
    assert_status(&output, 0);
    let told = said(&output.stdout);
    assert_eq!(told.matches("FAILED").count(), 1, "{told}");
}

async fn a_missing_copy_leaves_a_receipt_that_says_so(engine: Engine) {
    let operator = Operator::open(engine).await;
    // A store that holds nothing at all would not be believed.
    operator.active_image().await;
    let id = operator.active_image().await;
    let copy = operator.registry.folder().join("data/images").join(&id);
    fs::remove_file(copy).expect("a file");
    operator.check(&id).await;
    let statements = operator.statements(&id).await;
    let predicate = &statements[1]["predicate"];
    assert_eq!(
        (
            &predicate["result"],
            &predicate["state"],
            &predicate["actual"]
        ),
        (&json!("failed"), &json!("missing"), &json!({}))
    );
    assert_eq!(predicate["expected"]["sha512"], GOOD_SHA512);
    let chain = operator.write("chain", operator.chain());
    let output = operator.verify(&chain, &[]);
    assert_status(&output, 1);
    assert!(said(&output.stdout).ends_with(": FAILED (missing)\n"));
}

async fn a_copy_that_was_made_anew_leaves_a_receipt(engine: Engine) {
    let operator = Operator::with(engine, |folder| {
        format!(
            r#"on_damage = "heal"
[DEFAULT]
enabled_backends = {{ fast = "file", slow = "file" }}
[glance_store]
default_backend = "fast"
[fast]
filesystem_store_datadir = "{0}/fast"
[slow]
filesystem_store_datadir = "{0}/slow"
[os_glance_staging_store]
filesystem_store_datadir = "{0}/staging"
"#,
            folder.display()
        )
    })
    .await;
    let registry = &operator.registry;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let call = registry.call(Method::PUT, &format!("/v2/images/{id}/stage"));
    call.by(Persona::MEMBER).data(DATA).send().await.expect(204);
    let body = json!({"method": {"name": "glance-direct"}, "all_stores": true});
    let path = format!("/v2/images/{id}/import");
    let asked = registry.post(Persona::MEMBER, &path, &body).await;
    asked.expect(202);
    registry.work().await;
    fs::write(operator.folder.path().join("fast").join(&id), DAMAGED).expect("a file");
    operator.check(&id).await;

    let statements = operator.statements(&id).await;
    let told: Vec<_> = statements
        .iter()
        .map(|statement| {
            let predicate = &statement["predicate"];
            let word = |name: &str| predicate[name].as_str().unwrap_or_default().to_owned();
            (word("store"), word("occasion"), word("result"))
        })
        .filter(|(store, _, _)| store == "fast")
        .map(|(_, occasion, result)| (occasion, result))
        .collect();
    let expected = [("import", ""), ("scrub", "failed"), ("heal", "")];
    let expected = expected.map(|(occasion, result)| (occasion.to_owned(), result.to_owned()));
    assert_eq!(told, expected);
    let chain = operator.write("chain", operator.chain());
    operator.write("disk", DATA);
    let output = operator.verify(&chain, &["disk"]);
    assert_status(&output, 0);
    assert!(said(&output.stdout).contains(", heal, store fast, "));
}
