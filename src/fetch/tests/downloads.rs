//! Answers, sizes and times.

use std::time::Duration;

use super::{
    Maker, fetch, fetch_at_most,
    server::{Play, Server, hold, say, whole},
};
use crate::fetch::FetchError;

async fn fetched(play: fn(usize) -> Play) -> Result<Vec<u8>, FetchError> {
    let server = Server::start(play).await;
    fetch(&Maker::open().retries(0).make(), &server.uri("/x")).await
}

#[tokio::test]
async fn a_request_names_us_and_tells_nothing_else() {
    let server = Server::start(|_| whole("content")).await;
    fetch(&Maker::open().make(), &server.uri("/x?y=1"))
        .await
        .unwrap();
    let asked = server.asked().remove(0);
    let mut lines: Vec<_> = asked.trim_end().lines().collect();
    lines[1..].sort_unstable();
    let agent = concat!("user-agent: hallmark/", env!("CARGO_PKG_VERSION"));
    let host = server.uri("").replace("http://", "host: ");
    assert_eq!(
        lines,
        [
            "get /x?y=1 http/1.1",
            "accept-encoding: identity",
            "accept: */*",
            &host,
            agent
        ]
    );
}

#[tokio::test]
async fn content_without_a_size_is_read_to_its_end() {
    let closed = fetched(|_| say("200 OK", "content")).await;
    assert_eq!(closed.unwrap(), b"content");
    let chunked = "200 OK\ntransfer-encoding: chunked";
    let server = Server::start(move |_| say(chunked, "3\r\ncon\r\n4\r\ntent\r\n0\r\n\r\n")).await;
    let content = fetch(&Maker::open().make(), &server.uri("/x")).await;
    assert_eq!(content.unwrap(), b"content");
}

#[tokio::test]
async fn empty_content_is_content() {
    assert_eq!(fetched(|_| whole("")).await.unwrap(), b"");
}

#[tokio::test]
async fn content_that_is_too_short_is_refused() {
    let error = fetched(|_| say("200 OK\ncontent-length: 8", "content")).await;
    assert!(matches!(error, Err(FetchError::Broken(_))), "{error:?}");
}

#[tokio::test]
async fn content_of_another_size_than_promised_is_refused() {
    let short = "200 OK\ntransfer-encoding: chunked\ncontent-length: 8";
    let server = Server::start(move |_| say(short, "7\r\ncontent\r\n0\r\n\r\n")).await;
    let error = fetch(&Maker::open().make(), &server.uri("/x")).await;
    let sizes = FetchError::Size {
        promised: 8,
        sent: 7,
    };
    assert_eq!(error.unwrap_err().to_string(), sizes.to_string());

    let long = "200 OK\ntransfer-encoding: chunked\ncontent-length: 6";
    let server = Server::start(move |_| say(long, "7\r\ncontent\r\n0\r\n\r\n")).await;
    let error = fetch(&Maker::open().make(), &server.uri("/x")).await;
    let sizes = FetchError::Size {
        promised: 6,
        sent: 7,
    };
    assert_eq!(error.unwrap_err().to_string(), sizes.to_string());
}

#[tokio::test]
async fn what_comes_after_the_promised_size_is_not_read() {
    let content = fetched(|_| say("200 OK\ncontent-length: 7", "content and more")).await;
    assert_eq!(content.unwrap(), b"content");
}

#[tokio::test]
async fn too_much_is_refused_at_once_if_the_server_tells_it() {
    let server = Server::start(|_| hold("200 OK\ncontent-length: 8", "")).await;
    let fetcher = Maker::open().make();
    let url = fetcher.check(&server.uri("/x")).unwrap();
    let error = fetcher.open(url, 7).await;
    assert!(matches!(error, Err(FetchError::TooLarge(7))), "{error:?}");
}

#[tokio::test]
async fn too_much_is_refused_as_soon_as_it_comes() {
    let server = Server::start(|_| hold("200 OK\nconnection: close", "contents")).await;
    let fetcher = Maker::open().make();
    let error = fetch_at_most(&fetcher, &server.uri("/x"), 7).await;
    assert!(matches!(error, Err(FetchError::TooLarge(7))), "{error:?}");
    let server = Server::start(|_| say("200 OK", "content")).await;
    let content = fetch_at_most(&fetcher, &server.uri("/x"), 7).await;
    assert_eq!(content.unwrap(), b"content");
}

#[tokio::test]
async fn a_status_other_than_200_is_an_error() {
    for status in [
        "404 Not Found",
        "403 Forbidden",
        "204 No Content",
        "206 Partial Content",
    ] {
        let server = Server::start(move |_| say(&format!("{status}\ncontent-length: 0"), "")).await;
        let error = fetch(&Maker::open().make(), &server.uri("/x")).await;
        let code = status[..3].parse().unwrap();
        assert_eq!(
            error.unwrap_err().to_string(),
            FetchError::Status(code).to_string()
        );
        assert_eq!(server.asked().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_status_that_may_pass_is_asked_again() {
    for status in ["500 Oops", "503 Busy", "429 Slow", "408 Late"] {
        let server = Server::start(move |request| match request {
            0..3 => say(&format!("{status}\ncontent-length: 0"), ""),
            _ => whole("content"),
        })
        .await;
        let content = fetch(&Maker::open().retries(3).make(), &server.uri("/x")).await;
        assert_eq!(content.unwrap(), b"content", "{status}");
        let error = fetch(&Maker::open().retries(2).make(), &server.uri("/x")).await;
        assert_eq!(error.unwrap(), b"content", "the server is well now");
    }
}

#[tokio::test]
async fn retries_are_bounded() {
    let server = Server::start(|_| say("503 Busy\ncontent-length: 0", "")).await;
    let error = fetch(&Maker::open().retries(2).make(), &server.uri("/x")).await;
    assert!(matches!(error, Err(FetchError::Status(503))), "{error:?}");
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn a_server_that_hangs_up_is_asked_again() {
    let server = Server::start(|request| match request {
        0 => Play::Say(Vec::new()),
        1 => Play::Say(b"220 no HTTP here\r\n".to_vec()),
        _ => whole("content"),
    })
    .await;
    let content = fetch(&Maker::open().make(), &server.uri("/x")).await;
    assert_eq!(content.unwrap(), b"content");
}

fn with_times(idle: u64, total: u64) -> Maker {
    let mut maker = Maker::open().retries(0);
    maker.timing.connect = Duration::from_secs(1);
    maker.timing.idle = Duration::from_millis(idle);
    maker.timing.total = Duration::from_millis(total);
    maker
}

#[tokio::test]
async fn a_body_that_stalls_is_given_up() {
    let server = Server::start(|_| hold("200 OK\ncontent-length: 9", "cont")).await;
    let error = fetch(&with_times(100, 60_000).make(), &server.uri("/x")).await;
    assert!(matches!(error, Err(FetchError::Stalled(_))), "{error:?}");
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let server = Server::start(|_| Play::Hold(Vec::new())).await;
    let error = fetch(&with_times(100, 60_000).make(), &server.uri("/x")).await;
    assert!(matches!(error, Err(FetchError::Stalled(_))), "{error:?}");
}

#[tokio::test]
async fn the_whole_download_has_an_end() {
    let fetcher = with_times(60_000, 200).make();
    let server = Server::start(|_| hold("200 OK\ncontent-length: 9", "cont")).await;
    let error = fetch(&fetcher, &server.uri("/x")).await;
    assert!(matches!(error, Err(FetchError::TimedOut(_))), "{error:?}");
    let server = Server::start(|_| Play::Hold(Vec::new())).await;
    let error = fetch(&fetcher, &server.uri("/x")).await;
    assert!(matches!(error, Err(FetchError::TimedOut(_))), "{error:?}");
}
