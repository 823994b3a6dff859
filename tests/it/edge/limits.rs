//! A request has a size that it may not go beyond, whatever its client says.

use super::{rest, send};
use crate::support::{Engine, Ground, Process};

const KIB: usize = 1024;

async fn process() -> (Ground, Process) {
    let ground = Ground::new(Engine::Sqlite, "").await;
    let process = ground.start().await;
    (ground, process)
}

/// The status and everything behind it.
async fn answer(process: &Process, request: &[u8]) -> (u16, String) {
    let text = rest(send(process, request).await).await;
    let status = text.get("HTTP/1.1 ".len()..).and_then(|rest| rest.get(..3));
    let status = status.and_then(|digits| digits.parse().ok());
    (status.unwrap_or_else(|| panic!("no answer: {text}")), text)
}

/// A request for the versions with these headers.
fn versions(headers: &str) -> Vec<u8> {
    format!("GET /versions HTTP/1.1\r\nHost: here\r\nConnection: close\r\n{headers}\r\n").into()
}

#[tokio::test]
async fn the_head_of_a_request_has_a_size() {
    let (_ground, process) = process().await;
    let fits = versions(&format!("X-Auth-Token: {}\r\n", "x".repeat(100 * KIB)));
    assert_eq!(answer(&process, &fits).await.0, 200);
    let mut large = versions(&format!("X-Auth-Token: {}\r\n", "x".repeat(128 * KIB)));
    // Nothing is left unread when the server closes, so that its answer arrives.
    large.truncate(128 * KIB);
    assert_eq!(answer(&process, &large).await.0, 431);
}

#[tokio::test]
async fn a_request_has_a_number_of_headers() {
    let (_ground, process) = process().await;
    let headers = |count| versions(&"X-Odd: 1\r\n".repeat(count));
    assert_eq!(answer(&process, &headers(98)).await.0, 200);
    assert_eq!(answer(&process, &headers(99)).await.0, 431);
}

#[tokio::test]
async fn an_address_has_a_length_with_its_query() {
    let (_ground, process) = process().await;
    let request = |length: usize| {
        let query = "x".repeat(length - "/versions?".len());
        let text =
            format!("GET /versions?{query} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
        text.into_bytes()
    };
    assert_eq!(answer(&process, &request(64 * KIB - 2)).await.0, 200);
    assert_eq!(answer(&process, &request(64 * KIB)).await.0, 414);
}

#[tokio::test]
async fn json_has_a_size_whether_it_is_announced_or_comes_in_chunks() {
    let (_ground, process) = process().await;
    let head = "POST /v2/images HTTP/1.1\r\nHost: here\r\nConnection: close\r\n";
    let body = |size: usize| {
        let name = "x".repeat(size - "{\"name\":\"\"}".len());
        format!("{{\"name\":\"{name}\"}}")
    };
    let announced = |size| format!("{head}Content-Length: {size}\r\n\r\n{}", body(size));
    let chunked = |size| {
        let body = body(size);
        format!("{head}Transfer-Encoding: chunked\r\n\r\n{size:x}\r\n{body}\r\n0\r\n\r\n")
    };
    let most = KIB * KIB;
    for request in [announced(most + 1), chunked(most + 1)] {
        let (status, text) = answer(&process, request.as_bytes()).await;
        assert_eq!(status, 413);
        assert!(text.contains("1048576 bytes at most"), "{text}");
        assert!(text.contains("\r\nx-openstack-request-id: req-"), "{text}");
    }
    // It is read to its end: what is wrong with it is that a name has 255 characters at most.
    for request in [announced(most), chunked(most)] {
        let (status, text) = answer(&process, request.as_bytes()).await;
        assert_eq!(status, 400, "{text}");
    }
}

#[tokio::test]
async fn an_answer_says_nothing_about_the_server_and_is_never_taken_for_a_page() {
    let (_ground, process) = process().await;
    for path in ["/", "/v2/images", "/v2/nothing", "/healthcheck"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
        let (_, text) = answer(&process, request.as_bytes()).await;
        let text = text.to_ascii_lowercase();
        assert!(!text.contains("\r\nserver:"), "{text}");
        assert!(
            text.contains("\r\nx-content-type-options: nosniff\r\n"),
            "{text}"
        );
    }
}
