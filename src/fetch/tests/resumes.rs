//! Broken connections are taken up where they broke.

use futures_util::TryStreamExt as _;

use super::{
    Maker, fetch,
    server::{Play, Server, hold, say, whole},
};
use crate::fetch::FetchError;

const TAGGED: &str = "200 OK\ncontent-length: 10\netag: \"v1\"";
const DATED: &str = "200 OK\ncontent-length: 10\n\
    last-modified: Sat, 01 Nov 2025 10:00:00 GMT\ndate: Sat, 01 Nov 2025 12:00:00 GMT";

/// A server that breaks off after the first bytes of `0123456789`, and then plays `rest`.
async fn broken(first: &'static str, rest: &'static str) -> (Server, Result<Vec<u8>, FetchError>) {
    let server = Server::start(move |request| match request {
        0 => say(first, "0123"),
        _ => say(rest, "456789"),
    })
    .await;
    let content = fetch(&Maker::open().make(), &server.uri("/x")).await;
    (server, content)
}

#[tokio::test]
async fn a_broken_download_goes_on_where_it_broke() {
    let rest = "206 Partial Content\ncontent-length: 6\ncontent-range: bytes 4-9/10\netag: \"v1\"";
    let (server, content) = broken(TAGGED, rest).await;
    assert_eq!(content.unwrap(), b"0123456789");
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    assert!(!asked[0].contains("range"));
    assert!(asked[1].contains("\r\nrange: bytes=4-\r\n"));
    assert!(asked[1].contains("\r\nif-range: \"v1\"\r\n"));
}

#[tokio::test]
async fn a_date_is_a_validator_if_it_is_older_than_the_answer() {
    let rest = "206 Partial Content\ncontent-length: 6\ncontent-range: bytes 4-9/10";
    let (server, content) = broken(DATED, rest).await;
    assert_eq!(content.unwrap(), b"0123456789");
    let asked = server.asked();
    assert!(asked[1].contains("\r\nif-range: sat, 01 nov 2025 10:00:00 gmt\r\n"));
}

#[tokio::test]
async fn a_download_that_breaks_again_and_again_is_byte_exact() {
    const CONTENT: &[u8] = b"0123456789";
    let server = Server::start(|request| match request {
        0 => say(TAGGED, &CONTENT[..1]),
        1 => say("503 Busy\ncontent-length: 0", ""),
        2 => say(
            "206 Partial Content\ncontent-length: 9\ncontent-range: bytes 1-9/10\netag: \"v1\"",
            &CONTENT[1..7],
        ),
        _ => say(
            "206 Partial Content\ncontent-length: 3\ncontent-range: bytes 7-9/10\netag: \"v1\"",
            &CONTENT[7..],
        ),
    })
    .await;
    let content = fetch(&Maker::open().make(), &server.uri("/x")).await;
    assert_eq!(content.unwrap(), CONTENT);
    assert!(server.asked()[3].contains("\r\nrange: bytes=7-\r\n"));
}

#[tokio::test]
async fn content_without_a_size_is_resumed_too() {
    let rest = "206 Partial Content\ncontent-length: 6\ncontent-range: bytes 4-9/10\netag: \"v1\"";
    let server = Server::start(move |request| match request {
        0 => say(
            "200 OK\ntransfer-encoding: chunked\netag: \"v1\"",
            "4\r\n0123\r\n",
        ),
        _ => say(rest, "456789"),
    })
    .await;
    let content = fetch(&Maker::open().make(), &server.uri("/x")).await;
    assert_eq!(content.unwrap(), b"0123456789");
}

#[tokio::test]
async fn a_stalled_download_goes_on_too() {
    let rest = "206 Partial Content\ncontent-length: 6\ncontent-range: bytes 4-9/10\netag: \"v1\"";
    let server = Server::start(move |request| match request {
        0 => hold(TAGGED, "0123"),
        _ => say(rest, "456789"),
    })
    .await;
    let mut maker = Maker::open();
    maker.timing.idle = std::time::Duration::from_millis(200);
    let content = fetch(&maker.make(), &server.uri("/x")).await;
    assert_eq!(content.unwrap(), b"0123456789");
}

#[tokio::test]
async fn an_answer_with_other_content_is_refused() {
    for rest in [
        // The content changed, or the server knows no ranges.
        "200 OK\ncontent-length: 10\netag: \"v2\"",
        "200 OK\ncontent-length: 10\netag: \"v1\"",
        // If-Range was not understood.
        "206 Partial Content\ncontent-length: 6\ncontent-range: bytes 4-9/10\netag: \"v2\"",
        "206 Partial Content\ncontent-length: 6\ncontent-range: bytes 4-9/11\netag: \"v1\"",
        "206 Partial Content\ncontent-length: 6\ncontent-range: bytes 3-9/10\netag: \"v1\"",
        "206 Partial Content\ncontent-length: 6\ncontent-range: bytes 5-9/10\netag: \"v1\"",
        "206 Partial Content\ncontent-length: 6\ncontent-range: bytes 4-9/*\netag: \"v1\"",
        "206 Partial Content\ncontent-length: 6\ncontent-range: bytes 9-4/10\netag: \"v1\"",
        "206 Partial Content\ncontent-length: 6\ncontent-range: items 4-9/10\netag: \"v1\"",
        "206 Partial Content\ncontent-length: 6\netag: \"v1\"",
        "416 Range Not Satisfiable\ncontent-length: 6\ncontent-range: bytes */3",
    ] {
        let (server, content) = broken(TAGGED, rest).await;
        assert!(
            matches!(content, Err(FetchError::Changed)),
            "{rest}: {content:?}"
        );
        assert_eq!(server.asked().len(), 2, "{rest}");
    }
}

#[tokio::test]
async fn a_download_that_is_gone_tells_its_status() {
    let (_, content) = broken(TAGGED, "404 Not Found\ncontent-length: 6").await;
    assert!(
        matches!(content, Err(FetchError::Status(404))),
        "{content:?}"
    );
}

#[tokio::test]
async fn without_a_strong_validator_nothing_is_resumed() {
    let same = "Sat, 01 Nov 2025 10:00:00 GMT";
    for head in [
        "200 OK\ncontent-length: 10".into(),
        "200 OK\ncontent-length: 10\netag: W/\"v1\"".into(),
        format!("200 OK\ncontent-length: 10\nlast-modified: {same}\ndate: {same}"),
        format!("200 OK\ncontent-length: 10\nlast-modified: {same}"),
    ] {
        let (server, content) = broken(head.clone().leak(), "200 OK").await;
        assert!(
            matches!(content, Err(FetchError::Broken(_))),
            "{head}: {content:?}"
        );
        assert_eq!(server.asked().len(), 1, "{head}");
    }
}

#[tokio::test]
async fn before_the_first_byte_a_download_starts_anew() {
    let server = Server::start(|request| match request {
        0 => say("200 OK\ncontent-length: 7", ""),
        _ => whole("content"),
    })
    .await;
    let content = fetch(&Maker::open().make(), &server.uri("/x")).await;
    assert_eq!(content.unwrap(), b"content");
    assert!(!server.asked()[1].contains("range"));
}

#[tokio::test]
async fn a_new_start_with_another_size_is_refused() {
    let server = Server::start(|request| match request {
        0 => say("200 OK\ncontent-length: 8", ""),
        _ => whole("content"),
    })
    .await;
    let content = fetch(&Maker::open().make(), &server.uri("/x")).await;
    assert!(matches!(content, Err(FetchError::Changed)), "{content:?}");
}

#[tokio::test]
async fn resumptions_are_bounded() {
    let server = Server::start(|request| match request {
        0 => say(TAGGED, "0123"),
        _ => Play::Say(Vec::new()),
    })
    .await;
    let content = fetch(&Maker::open().retries(2).make(), &server.uri("/x")).await;
    assert!(matches!(content, Err(FetchError::Broken(_))), "{content:?}");
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn a_part_is_given_only_of_content_of_the_size_that_is_known() {
    const WHOLE: &str = "200 OK\ncontent-length: 10";
    const OTHER: &str = "206 Partial Content\ncontent-length: 6\ncontent-range: bytes 4-9/11";
    const EARLIER: &str = "206 Partial Content\ncontent-length: 6\ncontent-range: bytes 3-8/10";
    const PART: &str = "206 Partial Content\ncontent-length: 6\ncontent-range: bytes 4-9/10";
    for head in [WHOLE, OTHER, EARLIER, PART] {
        let server = Server::start(move |_| say(head, "456789")).await;
        let fetcher = Maker::open().make();
        let url = fetcher.check(&server.uri("/x")).unwrap();
        let part = fetcher.open_part(url, 4, 10).await;
        assert!(server.asked()[0].contains("\r\nrange: bytes=4-\r\n"));
        assert!(!server.asked()[0].contains("if-range"));
        match part {
            Ok(part) => {
                assert_eq!(head, PART);
                let frames: Vec<bytes::Bytes> = part.into_incoming().try_collect().await.unwrap();
                assert_eq!(frames.concat(), b"456789");
            }
            Err(error) => {
                assert_ne!(head, PART);
                assert!(matches!(error, FetchError::Changed), "{error}");
            }
        }
    }
}
