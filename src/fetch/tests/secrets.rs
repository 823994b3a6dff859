//! What errors and logs do not tell.

use std::{
    error::Error,
    io,
    sync::{Arc, Mutex},
};

use tracing_subscriber::fmt::MakeWriter;

use super::{
    Maker, Names, fetch, fetch_at_most,
    server::{Play, Server, redirect, say, whole},
};
use crate::fetch::FetchError;

const QUERY: &str = "?signature=s3cr3t";

/// All that an error says: its text, its causes, its insides.
fn all_of(error: &dyn Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text} {error} {error:?}");
        cause = error.source();
    }
    text
}

#[tokio::test]
async fn no_error_has_the_query_or_the_credentials() {
    for uri in [
        "http://user:s3cr3t@example.com/",
        "http://127.0.0.1/?s3cr3t",
        "http://2130706433/?s3cr3t",
        "ftp://example.com/?s3cr3t",
        "http://example.com:99999/?s3cr3t",
        "http://exa mple.com/?s3cr3t",
        "http://example.com/?a#s3cr3t",
    ] {
        let error = Maker::closed().make().check(uri).unwrap_err();
        assert!(!all_of(&error).contains("s3cr3t"), "{uri}: {error:?}");
    }
    let plays: [fn(usize) -> Play; 6] = [
        |_| say("404 Not Found\ncontent-length: 0", ""),
        |_| Play::Say(Vec::new()),
        |_| say("200 OK\ncontent-length: 9", "cont"),
        |_| redirect("http://169.254.169.254/?s3cr3t"),
        |_| redirect("https://127.0.0.1:1/?s3cr3t"),
        |_| whole("contents"),
    ];
    for (number, play) in plays.into_iter().enumerate() {
        let server = Server::start(play).await;
        let mut maker = Maker::open().retries(1);
        maker.settings.allowed_networks = vec!["127.0.0.1/32".parse().unwrap()];
        let uri = server.uri(&format!("/x{QUERY}"));
        let error = fetch_at_most(&maker.make(), &uri, 7).await.unwrap_err();
        assert!(!all_of(&error).contains("s3cr3t"), "{number}: {error:?}");
    }
}

#[tokio::test]
async fn no_error_has_the_address_of_a_name() {
    for answer in [
        &["127.0.0.1"] as &[&str],
        &["10.9.8.7"],
        &["127.0.0.1", "10.9.8.7"],
    ] {
        let names = Names::one("images.test", &[answer]);
        let fetcher = Maker::open().names(&names).retries(0).make();
        for scheme in ["http", "https"] {
            let error = fetch(&fetcher, &format!("{scheme}://images.test:1/x")).await;
            let text = all_of(&error.unwrap_err());
            assert!(
                !text.contains("127.0.0.1") && !text.contains("10.9.8.7"),
                "{text}"
            );
        }
    }
}

#[tokio::test]
async fn nobody_learns_whether_a_closed_address_would_have_answered() {
    // Nobody listens on port 1.
    let names = Names::one("images.test", &[&["127.0.0.1"]]);
    let refused = Maker::open().names(&names).retries(0).make();
    let unreachable = fetch(&refused, "http://images.test:1/").await.unwrap_err();
    assert!(
        matches!(unreachable, FetchError::Unreachable),
        "{unreachable:?}"
    );
    let closed = Maker::closed().names(&names).make();
    let forbidden = fetch(&closed, "http://images.test:1/").await.unwrap_err();
    let literal = fetch(&closed, "http://127.0.0.1:1/").await.unwrap_err();
    assert_eq!(forbidden.to_string(), unreachable.to_string());
    assert_eq!(literal.to_string(), unreachable.to_string());
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_log_line_has_the_query() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    // While there is one subscriber alone, what another thread is the first to log is taken to
    // interest nobody.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let _logging = tracing::subscriber::set_default(subscriber);
    let server = Server::start(|request| match request {
        0 => Play::Say(Vec::new()),
        1 => redirect(&format!("/y{QUERY}")),
        2 => say("200 OK\ncontent-length: 8\netag: \"1\"", "cont"),
        _ => redirect(&format!("http://127.0.0.1:1/y{QUERY}")),
    })
    .await;
    let error = fetch(&Maker::open().make(), &server.uri(&format!("/x{QUERY}"))).await;
    assert!(error.is_err());
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("/x"), "the log should tell of retries: {log}");
    assert!(!log.contains("s3cr3t"), "{log}");
}
