//! Redirects pass the filter again.

use super::{
    Maker, Names, fetch,
    server::{Server, redirect, say, whole},
};
use crate::fetch::{FetchError, Refused};

/// Fetches from a server that redirects to `location`; only its own address is open.
async fn redirected_to(location: &'static str) -> FetchError {
    let server = Server::start(move |_| redirect(location)).await;
    let names = Names::one("internal.test", &[&["127.0.0.2"]]);
    let mut maker = Maker::open().names(&names);
    maker.settings.allowed_networks = vec!["127.0.0.1/32".parse().unwrap()];
    let error = fetch(&maker.make(), &server.uri("/x")).await.unwrap_err();
    assert_eq!(server.asked().len(), 1, "{location}");
    error
}

#[tokio::test]
async fn a_redirect_to_a_closed_address_is_refused() {
    for location in [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.2/",
        "//127.0.0.2/",
        "/\\127.0.0.2/",
        "http://[::ffff:169.254.169.254]/",
        "http://[::1]/",
    ] {
        let error = redirected_to(location).await;
        assert!(
            matches!(error, FetchError::Refused(Refused::Closed)),
            "{location}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_redirect_to_a_name_with_a_closed_address_is_refused() {
    let error = redirected_to("http://internal.test/").await;
    assert!(matches!(error, FetchError::Forbidden), "{error:?}");
}

#[tokio::test]
async fn a_redirect_to_an_address_in_another_spelling_is_refused() {
    for location in [
        "http://2130706434/",
        "//0x7f.2/",
        "http://127.2/x",
        "HTTP://0177.0.0.2",
    ] {
        let error = redirected_to(location).await;
        assert!(
            matches!(error, FetchError::Refused(Refused::Host)),
            "{location}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_redirect_out_of_http_is_refused() {
    for location in ["file://localhost/etc/passwd", "gopher://example.com/"] {
        let error = redirected_to(location).await;
        assert!(
            matches!(error, FetchError::Refused(Refused::Scheme(_))),
            "{location}: {error:?}"
        );
    }
    let error = redirected_to("data:text/plain,x").await;
    assert!(
        matches!(error, FetchError::Refused(Refused::Malformed)),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_redirect_with_credentials_is_refused() {
    let error = redirected_to("http://user:pass@127.0.0.1/").await;
    assert!(
        matches!(error, FetchError::Refused(Refused::Credentials)),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_told_as_such() {
    let server = Server::start(|_| say("302 Found\ncontent-length: 0", "")).await;
    let error = fetch(&Maker::open().make(), &server.uri("/x")).await;
    assert!(matches!(error, Err(FetchError::Redirect)), "{error:?}");
}

#[tokio::test]
async fn every_kind_of_redirect_is_followed() {
    for status in [301, 302, 303, 307, 308] {
        let server = Server::start(move |request| match request {
            0 => say(
                &format!("{status} Moved\ncontent-length: 0\nlocation: ../b?c=1#d"),
                "",
            ),
            _ => whole("content"),
        })
        .await;
        let fetcher = Maker::open().make();
        let content = fetch(&fetcher, &server.uri("/a/a/a")).await;
        assert_eq!(content.unwrap(), b"content", "{status}");
        assert!(
            server.asked()[1].starts_with("get /a/b?c=1 http/1.1\r\n"),
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_redirect_loop_ends() {
    let server = Server::start(|_| redirect("/again")).await;
    let mut maker = Maker::open();
    maker.settings.max_redirects = 3;
    let error = fetch(&maker.make(), &server.uri("/x")).await;
    assert!(
        matches!(error, Err(FetchError::TooManyRedirects(3))),
        "{error:?}"
    );
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn the_source_of_a_download_is_where_the_redirects_end() {
    let server = Server::start(|request| match request {
        0 => redirect("/mirror/debian.qcow2?signature=1"),
        _ => whole("content"),
    })
    .await;
    let fetcher = Maker::open().make();
    let url = fetcher.check(&server.uri("/latest")).unwrap();
    let download = fetcher.open(url, u64::MAX).await.unwrap();
    assert_eq!(download.source().host(), "127.0.0.1");
    assert_eq!(download.source().file_name(), Some("debian.qcow2"));
    assert_eq!(download.size(), Some(7));
}
