//! Keys and signatures that `gpg` makes, which must be installed.

use std::{fs, path::PathBuf, process::Command};

use super::*;

const USER: &str = "images@example.org";

/// GnuPG with keys of its own.
struct GnuPg(tempfile::TempDir);

impl GnuPg {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// As [`GnuPg::new`], with a key for signing.
    fn with_key(algorithm: &str) -> Self {
        let gpg = Self::new();
        gpg.run(&["--quick-generate-key", USER, algorithm, "sign", "never"]);
        gpg
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs `gpg`, and gives what it prints.
    fn run(&self, arguments: &[&str]) -> Vec<u8> {
        let output = Command::new("gpg")
            .args([
                "--batch",
                "--yes",
                "--quiet",
                "--passphrase",
                "",
                "--homedir",
            ])
            .arg(self.0.path())
            .args(arguments)
            .current_dir(self.0.path())
            .output()
            .expect("gpg is installed (Debian's package gnupg)");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {text}");
        output.stdout
    }

    /// Signs `data` as `arguments` say.
    fn sign(&self, data: &[u8], arguments: &[&str]) -> Vec<u8> {
        fs::write(self.path("data"), data).expect("a file");
        self.run(&[&["--output", "-"], arguments, &["data"]].concat())
    }

    fn keyrings(&self, arguments: &[&str]) -> Keyrings {
        let exported = self.run(&[arguments, &["--export"]].concat());
        let mut keyrings = Keyrings::default();
        let keyring = Keyring::read("gnupg", &exported).expect("a keyring");
        keyrings.add(keyring).expect("the first one");
        keyrings
    }

    /// The fingerprint of the first key.
    fn fingerprint(&self) -> String {
        let listed = self.run(&["--with-colons", "--list-keys"]);
        let listed = String::from_utf8(listed).expect("text");
        let line = listed.lines().find(|line| line.starts_with("fpr:"));
        let fields = line.expect("a key").split(':');
        fields
            .filter(|field| !field.is_empty())
            .nth(1)
            .expect("a fingerprint")
            .to_owned()
    }
}

impl Drop for GnuPg {
    fn drop(&mut self) {
        // The agent that gpg started would outlive the test.
        let _ = Command::new("gpgconf")
            .arg("--homedir")
            .arg(self.0.path())
            .args(["--kill", "all"])
            .status();
    }
}

#[test]
fn every_form_of_signature_of_gnupg_is_verified() {
    for algorithm in ["ed25519", "nistp256", "rsa2048", "dsa2048"] {
        let gpg = GnuPg::with_key(algorithm);
        for armour in [&[][..], &["--armor"]] {
            let keyrings = gpg.keyrings(armour);
            for form in [&["--detach-sign"][..], &["--textmode", "--detach-sign"]] {
                let signature = gpg.sign(DATA, &[armour, form].concat());
                let signed = verify(&keyrings, &signature);
                let signed = signed.unwrap_or_else(|error| panic!("{algorithm}: {error}"));
                assert_eq!(signed.key, gpg.fingerprint());
            }
        }
    }
}

#[test]
fn clear_signed_messages_of_gnupg_are_verified() {
    let gpg = GnuPg::with_key("ed25519");
    let keyrings = gpg.keyrings(&[]);
    let text = "one \t\n- two\n-----BEGIN three-----\nFrom four\n\n\tfive\n";
    for text in [
        text.to_owned(),
        text.replace('\n', "\r\n"),
        text.trim_end().to_owned(),
    ] {
        let file = gpg.sign(text.as_bytes(), &["--clear-sign"]);
        let message = ClearSigned::find(&file)
            .expect("a frame")
            .expect("a message");
        let signed = keyrings.verify_clear(&message, None, now());
        assert!(signed.is_ok(), "{text:?}: {signed:?}");
        let told = String::from_utf8_lossy(message.text());
        assert_eq!(
            told.trim_end(),
            "one\n- two\n-----BEGIN three-----\nFrom four\n\n\tfive"
        );
    }
}

#[test]
fn several_keys_of_gnupg_may_sign_one_file() {
    let gpg = GnuPg::with_key("ed25519");
    let first = gpg.fingerprint();
    gpg.run(&["--quick-generate-key", "second", "rsa2048", "sign", "never"]);
    let both = ["-u", USER, "-u", "second", "--detach-sign"];
    let signature = gpg.sign(DATA, &both);
    let exported = gpg.run(&["--export", "second"]);
    let mut keyrings = Keyrings::default();
    let keyring = Keyring::read("second", &exported).expect("a keyring");
    keyrings.add(keyring).expect("the first one");
    let signed = verify(&keyrings, &signature).expect("a good signature");
    assert_ne!(signed.key, first);
}

#[test]
fn a_subkey_of_gnupg_signs_for_its_key() {
    let gpg = GnuPg::new();
    gpg.run(&["--quick-generate-key", USER, "ed25519", "cert", "never"]);
    let key = gpg.fingerprint();
    gpg.run(&["--quick-add-key", &key, "rsa2048", "sign", "never"]);
    let signed = verify(&gpg.keyrings(&[]), &gpg.sign(DATA, &["--detach-sign"]));
    let signed = signed.expect("a good signature");
    assert_eq!(signed.key, key);
    assert_ne!(signed.signing_key, key);
}

#[test]
fn weak_keys_are_refused() {
    for algorithm in ["rsa1024", "dsa1024"] {
        let gpg = GnuPg::with_key(algorithm);
        let keyrings = gpg.keyrings(&[]);
        let signature = gpg.sign(DATA, &["--digest-algo", "SHA256", "--detach-sign"]);
        let refused = fault(verify(&keyrings, &signature));
        let SignatureFault::WeakKey(why) = &refused else {
            panic!("{algorithm}: {refused}");
        };
        assert!(why.contains("1024"), "{why}");
        assert!(!keyrings.get("gnupg").expect("it").can_sign(now()));
    }
}

#[test]
fn weak_hashes_are_refused_but_where_a_key_speaks_of_itself() {
    let gpg = GnuPg::new();
    let words = ["--cert-digest-algo", "SHA1", "--quick-generate-key"];
    gpg.run(&[&words[..], &[USER, "rsa2048", "sign", "never"]].concat());
    let keyrings = gpg.keyrings(&[]);
    for (hash, command) in [("SHA1", "--detach-sign"), ("RIPEMD160", "--detach-sign")] {
        let signature = gpg.sign(DATA, &["--digest-algo", hash, command]);
        let refused = fault(verify(&keyrings, &signature));
        assert_eq!(refused, SignatureFault::WeakHash(hash.to_owned()));
    }
    let signature = gpg.sign(DATA, &["--digest-algo", "SHA256", "--detach-sign"]);
    assert!(verify(&keyrings, &signature).is_ok());
}

#[test]
fn an_expired_key_of_gnupg_is_refused() {
    let gpg = GnuPg::new();
    let past = ["--faked-system-time", "20200101T000000"];
    gpg.run(
        &[
            &past[..],
            &["--quick-generate-key", USER, "ed25519", "sign", "1d"],
        ]
        .concat(),
    );
    let signature = gpg.sign(DATA, &[&past[..], &["--detach-sign"]].concat());
    let keyrings = gpg.keyrings(&[]);
    let refused = fault(verify(&keyrings, &signature));
    assert!(
        matches!(refused, SignatureFault::KeyExpired(_)),
        "{refused}"
    );
    let then = Timestamp::from_micros(1_577_836_860 * 1_000_000);
    assert!(
        keyrings
            .verify_detached(DATA, &signature, None, then)
            .is_ok()
    );
}

#[test]
fn a_revoked_key_of_gnupg_is_refused() {
    let gpg = GnuPg::with_key("ed25519");
    let signature = gpg.sign(DATA, &["--detach-sign"]);
    assert!(verify(&gpg.keyrings(&[]), &signature).is_ok());
    let prepared = format!("openpgp-revocs.d/{}.rev", gpg.fingerprint());
    let revocation = fs::read_to_string(gpg.path(&prepared)).expect("a revocation");
    // A colon keeps it from being used by mistake.
    let revocation = revocation.replace(":-----BEGIN", "-----BEGIN");
    fs::write(gpg.path("revocation"), revocation).expect("a file");
    gpg.run(&["--import", "revocation"]);
    let refused = fault(verify(&gpg.keyrings(&[]), &signature));
    assert_eq!(refused, SignatureFault::KeyRevoked);
}
