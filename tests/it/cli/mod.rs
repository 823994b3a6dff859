//! The command line, as a user types it.

mod confined;
mod hash;
mod signed;
mod verify;

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

fn hallmark(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hallmark"));
    command.args(words).current_dir(folder);
    command
}

fn run(folder: &Path, words: &[&str]) -> Output {
    hallmark(folder, words).output().expect("a process")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

#[track_caller]
fn assert_status(output: &Output, status: i32) {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{said}");
}

/// A folder with two files, of which one has a name that must be escaped.
fn files() -> (TempDir, [&'static str; 2]) {
    let folder = TempDir::new().expect("a folder");
    let names = ["plain", "a\\b\nc"];
    for name in names {
        let content = name.repeat(100_000);
        fs::write(folder.path().join(name), content).expect("a file");
    }
    (folder, names)
}

#[test]
fn a_wrong_setting_stops_the_start_and_names_itself() {
    let folder = TempDir::new().expect("a folder");
    for (line, named) in [
        ("bind_port = \"many\"", "bind_port"),
        (
            "default_hashing_algorithm = \"crc32\"",
            "default_hashing_algorithm",
        ),
        ("allowed_hashing_algorithms = [\"shake_128\"]", "shake_128"),
        ("enabled_import_methods = [\"teleport\"]", "teleport"),
        ("bind_host = \"0.0.0.0\"", "bind_host"),
        ("nonsense = 1", "nonsense"),
    ] {
        let file = folder.path().join("hallmark.toml");
        fs::write(&file, format!("[DEFAULT]\n{line}\n")).expect("a file");
        for command in [["serve"].as_slice(), &["config", "check"]] {
            let words = [command, &["--config-file", "hallmark.toml"]].concat();
            let output = run(folder.path(), &words);
            assert_status(&output, 2);
            let said = text(&output.stderr);
            assert!(said.contains(named), "{words:?}: {said}");
            assert!(said.contains("hallmark.toml"), "{words:?}: {said}");
        }
    }
}

#[test]
fn a_database_of_another_kind_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let output = hallmark(folder.path(), &["db", "sync"])
        .env(
            "HALLMARK__DATABASE__CONNECTION",
            "mysql+pymysql://glance:secret@db/glance",
        )
        .output()
        .expect("a process");
    assert!(!output.status.success());
    let said = text(&output.stderr);
    assert!(
        said.contains("PostgreSQL") && !said.contains("secret"),
        "{said}"
    );
}

#[test]
fn the_schema_tells_its_version() {
    let folder = TempDir::new().expect("a folder");
    let before = run(folder.path(), &["db", "version"]);
    assert_status(&before, 0);
    assert_eq!(text(&before.stdout), "no schema\n");
    let synced = run(folder.path(), &["db", "sync"]);
    assert_status(&synced, 0);
    let version = run(folder.path(), &["db", "version"]);
    assert_eq!(text(&version.stdout), text(&synced.stdout));
    assert!(
        text(&version.stdout).starts_with("20"),
        "{}",
        text(&version.stdout)
    );
}

#[test]
fn the_openapi_document_is_the_one_that_is_kept() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = run(root, &["openapi"]);
    assert_status(&output, 0);
    let kept = fs::read_to_string(root.join("openapi/hallmark.json")).expect("the document");
    assert!(
        text(&output.stdout) == kept,
        "openapi/hallmark.json is out of date: cargo run -- openapi > openapi/hallmark.json"
    );
}
