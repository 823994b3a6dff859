//! The transcript of the README, by the real clients against the real program.

use std::{env, path::PathBuf, process::Command};

use crate::support::{Engine, Ground, on_every_engine};

on_every_engine![
    curl_creates_uploads_imports_and_downloads,
    openstackclient_creates_uploads_imports_and_downloads,
    openstacksdk_creates_uploads_imports_and_downloads,
    glanceclient_creates_uploads_imports_and_downloads,
];

/// The embedded default, but that images may be imported from this machine.
const SETTINGS: &str = r#"
[import_filtering_opts]
allowed_ports = []
[fetch]
allowed_networks = ["127.0.0.0/8"]
"#;

/// Runs a transcript of `tests/clients`, which says what is not as it should be, against a
/// registry with the usual settings and `more`, as TOML.
pub async fn transcript(engine: Engine, program: &str, more: &str) {
    let venv = env::var("HALLMARK_TEST_VENV")
        .expect("HALLMARK_TEST_VENV is not set: run the tests by tests/run");
    let ground = Ground::new(engine, &format!("{SETTINGS}{more}")).await;
    let process = ground.start().await;
    let python = PathBuf::from(venv).join("bin/python");
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/clients")
        .join(program);
    let url = process.url("");
    let run = move || Command::new(python).arg(script).arg(url).output();
    let output = tokio::task::spawn_blocking(run)
        .await
        .expect("a thread")
        .expect("the clients that tests/run installs");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(ground.files(), Vec::<String>::new());
}

async fn curl_creates_uploads_imports_and_downloads(engine: Engine) {
    transcript(engine, "with_curl.py", "").await;
}

async fn openstackclient_creates_uploads_imports_and_downloads(engine: Engine) {
    transcript(engine, "with_openstack.py", "").await;
}

async fn openstacksdk_creates_uploads_imports_and_downloads(engine: Engine) {
    transcript(engine, "with_sdk.py", "").await;
}

async fn glanceclient_creates_uploads_imports_and_downloads(engine: Engine) {
    transcript(engine, "with_glance.py", "").await;
}
