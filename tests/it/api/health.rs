//! Whether this process should get requests.

use std::fs;

use axum::http::Method;
use serde_json::json;

use crate::support::{Answer, Engine, Registry};

async fn asked(registry: &Registry, accept: Option<&str>) -> Answer {
    let call = registry.call(Method::GET, "/healthcheck");
    let call = match accept {
        Some(accept) => call.header("accept", accept),
        None => call,
    };
    call.send().await
}

#[tokio::test]
async fn a_healthy_process_says_so_to_anybody() {
    let registry = Registry::open(Engine::Sqlite).await;
    for accept in [None, Some("*/*"), Some("text/plain")] {
        let answer = asked(&registry, accept).await.expect(200);
        assert_eq!(answer.text(), "OK");
        let media_type = answer.header("content-type");
        assert!(media_type.starts_with("text/plain"), "{media_type}");
    }
    let answer = asked(&registry, Some("application/json")).await.expect(200);
    assert_eq!(answer.json(), json!({"detailed": false, "reasons": ["OK"]}));
    let answer = asked(&registry, Some("text/html")).await.expect(200);
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.text().contains("OK"));
}

#[tokio::test]
async fn any_method_is_answered_and_head_without_a_body() {
    let registry = Registry::open(Engine::Sqlite).await;
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let answer = registry.call(method, "/healthcheck").send().await;
        assert_eq!(answer.expect(200).text(), "OK");
    }
    let answer = registry.call(Method::HEAD, "/healthcheck").send().await;
    assert!(answer.expect(204).body.is_empty());
}

#[tokio::test]
async fn a_file_takes_the_process_out_of_service() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("disable");
    let settings = format!(
        "[healthcheck]\ndisable_by_file_path = \"{}\"",
        file.display()
    );
    let registry = Registry::with(Engine::Sqlite, &settings).await;
    asked(&registry, None).await.expect(200);

    fs::write(&file, "").expect("a file");
    let answer = asked(&registry, None).await.expect(503);
    assert_eq!(answer.text(), "DISABLED BY FILE");
    let answer = asked(&registry, Some("application/json")).await.expect(503);
    let reasons = json!({"detailed": false, "reasons": ["DISABLED BY FILE"]});
    assert_eq!(answer.json(), reasons);
    let head = registry.call(Method::HEAD, "/healthcheck").send().await;
    head.expect(503);

    fs::remove_file(&file).expect("the file");
    asked(&registry, None).await.expect(200);
}

#[tokio::test]
async fn the_file_for_the_port_that_is_listened_on_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name| folder.path().join(name);
    let settings = format!(
        "[DEFAULT]\nbind_port = 9300\n[healthcheck]\nbackends = [\"disable_by_files_ports\"]\n\
         disable_by_file_paths = [\"9299:{}\", \"9300:{}\"]",
        file("other").display(),
        file("own").display()
    );
    let registry = Registry::with(Engine::Sqlite, &settings).await;
    fs::write(file("other"), "").expect("a file");
    asked(&registry, None).await.expect(200);
    fs::write(file("own"), "").expect("a file");
    let answer = asked(&registry, None).await.expect(503);
    assert_eq!(answer.text(), "DISABLED BY FILE");
}

#[tokio::test]
async fn details_are_told_if_the_operator_wants_them_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let marker = folder.path().join("a<b");
    let settings = format!(
        "[healthcheck]\ndetailed = true\n\
         backends = [\"enable_by_files\", \"disable_by_files_ports\"]\n\
         enable_by_file_paths = [\"{}\"]",
        marker.display()
    );
    let registry = Registry::with(Engine::Sqlite, &settings).await;
    let answer = asked(&registry, Some("application/json")).await.expect(503);
    let missing = format!("{} is not there", marker.display());
    assert_eq!(
        answer.json(),
        json!({"detailed": true, "reasons": [
            {"class": "enable_by_files", "reason": "FILE PATH MISSING", "details": missing},
            {"class": "disable_by_files_ports", "reason": "OK", "details": "no file is named"},
        ]})
    );
    let page = asked(&registry, Some("text/html")).await.expect(503);
    assert!(
        page.text().contains("a&lt;b is not there"),
        "{}",
        page.text()
    );
    let text = asked(&registry, None).await.expect(503);
    assert_eq!(text.text(), "FILE PATH MISSING\nOK");

    fs::write(&marker, "").expect("a file");
    assert_eq!(asked(&registry, None).await.expect(200).text(), "OK\nOK");
}

#[tokio::test]
async fn who_is_not_to_be_told_finds_nothing() {
    let settings = "[healthcheck]\nallowed_source_ranges = [\"192.0.2.0/24\"]";
    let registry = Registry::with(Engine::Sqlite, settings).await;
    let call = registry.call(Method::GET, "/healthcheck");
    // The word of a proxy does not count here, whether it is believed elsewhere or not.
    let call = call.header("x-forwarded-for", "192.0.2.1");
    call.send().await.expect(404);

    let settings = "[healthcheck]\nignore_proxied_requests = true";
    let registry = Registry::with(Engine::Sqlite, settings).await;
    asked(&registry, None).await.expect(200);
    let call = registry.call(Method::GET, "/healthcheck");
    call.header("x-forwarded-proto", "https")
        .send()
        .await
        .expect(404);
}
