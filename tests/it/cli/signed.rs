//! Signed checksum files, made by GnuPG.

use std::{
    fs,
    process::{Command, Stdio},
};

use tempfile::TempDir;

use super::{assert_status, run, text};

const ABC_SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// A publisher with a key of its own, in whose folder everything happens.
struct Publisher(TempDir);

impl Publisher {
    /// Has a checksum file, signed in both ways, for a file `abc`; and its keyring.
    fn new() -> Self {
        let publisher = Self(TempDir::new().expect("a folder"));
        fs::create_dir(publisher.0.path().join("gnupg")).expect("a folder");
        let words = ["--quick-gen-key", "Publisher <sums@example.org>", "ed25519"];
        publisher.gpg(&[&["--passphrase", ""], &words[..], &["sign", "never"]].concat());
        publisher.gpg(&["--export", "--output", "publisher.gpg"]);
        publisher.write("abc", "abc");
        publisher.write("SUMS", &format!("{ABC_SHA256}  abc\n"));
        publisher.gpg(&["--detach-sign", "--output", "SUMS.gpg", "SUMS"]);
        publisher.gpg(&["--detach-sign", "--armor", "--output", "SUMS.asc", "SUMS"]);
        publisher.gpg(&["--clear-sign", "--output", "CLEAR", "SUMS"]);
        publisher
    }

    fn gpg(&self, words: &[&str]) {
        let output = Command::new("gpg")
            .args([
                "--batch",
                "--quiet",
                "--homedir",
                "gnupg",
                "--pinentry-mode",
                "loopback",
            ])
            .args(words)
            .current_dir(self.0.path())
            .stdin(Stdio::null())
            .output()
            .expect("gpg");
        assert!(output.status.success(), "{}", text(&output.stderr));
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.0.path().join(name), content).expect("room");
    }

    fn change(&self, name: &str, from: &str, to: &str) {
        let path = self.0.path().join(name);
        let content = fs::read_to_string(&path).expect("a text");
        assert!(content.contains(from), "{content}");
        self.write(name, &content.replace(from, to));
    }

    #[track_caller]
    fn verify(&self, words: &[&str], status: i32) -> (String, String) {
        let output = run(self.0.path(), &[&["verify"], words].concat());
        assert_status(&output, status);
        (
            text(&output.stdout).to_owned(),
            text(&output.stderr).to_owned(),
        )
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        // The agent that gpg has started.
        let _ = Command::new("gpgconf")
            .args(["--homedir", "gnupg", "--kill", "all"])
            .current_dir(self.0.path())
            .status();
    }
}

#[test]
fn a_checksum_file_counts_if_its_publisher_has_signed_it() {
    let publisher = Publisher::new();
    let keyring = ["--keyring", "publisher.gpg"];
    for words in [
        &["-c", "SUMS", "--signature", "SUMS.gpg"][..],
        &["-c", "SUMS", "--signature", "SUMS.asc"],
        &["-c", "CLEAR"],
        &["-c", "CLEAR", "abc"],
    ] {
        let (printed, told) = publisher.verify(&[words, &keyring].concat(), 0);
        assert_eq!(printed, "abc: OK\n");
        assert!(told.contains("signed at"), "{told}");
    }
    let (_, told) = publisher.verify(&["-c", "CLEAR"], 0);
    assert!(told.contains("not checked"), "{told}");
}

#[test]
fn a_checksum_file_that_somebody_else_wrote_is_not_used() {
    let (publisher, stranger) = (Publisher::new(), Publisher::new());
    let foreign = fs::read(stranger.0.path().join("publisher.gpg")).expect("a keyring");
    fs::write(publisher.0.path().join("stranger.gpg"), foreign).expect("room");
    let detached = ["-c", "SUMS", "--signature", "SUMS.gpg", "--keyring"];
    let clear = ["-c", "CLEAR", "--keyring"];
    for words in [&detached[..], &clear] {
        let (printed, told) = publisher.verify(&[words, &["stranger.gpg"]].concat(), 1);
        assert_eq!(printed, "");
        assert!(told.contains("none of the keyrings"), "{told}");
    }
    for file in ["SUMS", "CLEAR"] {
        publisher.change(file, "  abc", "  abd");
    }
    for words in [&detached[..], &clear] {
        let (printed, _) = publisher.verify(&[words, &["publisher.gpg"]].concat(), 1);
        assert_eq!(printed, "");
    }
    let (_, told) = publisher.verify(&["-c", "SUMS", "--keyring", "publisher.gpg"], 1);
    assert!(told.contains("not clear-signed"), "{told}");
    publisher.verify(&["-c", "SUMS", "--signature", "SUMS.gpg"], 2);
    publisher.verify(&["abc", "--keyring", "publisher.gpg"], 2);
}
