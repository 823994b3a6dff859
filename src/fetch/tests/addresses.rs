//! Which addresses are connected to.

use std::sync::Arc;

use super::{
    Maker, Names, fetch,
    server::{Server, say, whole},
};
use crate::fetch::{FetchError, Fetcher, FilterSettings, Refused, Settings, guard::Guard};

/// One or two of every closed network, its edges where a neighbour is open.
const CLOSED: &[&str] = &[
    "0.0.0.0",
    "0.255.255.255",
    "10.0.0.0",
    "10.255.255.255",
    "100.64.0.0",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.0.0",
    "169.254.169.254",
    "172.16.0.0",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.0",
    "192.168.255.255",
    "198.18.0.0",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::808:808",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:808:808",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::a9fe:a9fe",
    "100::1",
    "2001::1",
    "2001:2::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "ff02::1",
];

const OPEN: &[&str] = &[
    "1.0.0.0",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:4860:4860::8888",
    "2003::1",
    "2606:4700::1111",
];

fn guard(opened: &[&str], denied: &[&str]) -> Guard {
    Guard::new(
        opened.iter().map(|net| net.parse().unwrap()).collect(),
        denied.iter().map(|ip| ip.parse().unwrap()),
    )
}

#[test]
fn what_is_not_the_public_internet_is_closed() {
    let guard = guard(&[], &[]);
    for address in CLOSED {
        assert!(!guard.permits(address.parse().unwrap()), "{address}");
    }
    for address in OPEN {
        assert!(guard.permits(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn an_allowed_network_opens_itself_alone() {
    let guard = guard(&["10.1.0.0/16", "::1/128"], &[]);
    for (address, permitted) in [
        ("10.1.2.3", true),
        ("10.2.0.1", false),
        ("::1", true),
        ("::2", false),
        ("::ffff:10.1.2.3", false),
    ] {
        assert_eq!(
            guard.permits(address.parse().unwrap()),
            permitted,
            "{address}"
        );
    }
}

#[test]
fn behind_an_opened_translator_the_inner_address_still_counts() {
    let tunnels = ["64:ff9b::/32", "2002::/16", "2001::/32", "::/64"];
    let guard = guard(&tunnels, &[]);
    for (address, permitted) in [
        ("64:ff9b::808:808", true),
        ("64:ff9b::7f00:1", false),
        ("64:ff9b:1::808:808", true),
        ("64:ff9b:1::a9fe:a9fe", false),
        ("2002:808:808::1", true),
        ("2002:a00:1::1", false),
        ("::ffff:8.8.8.8", true),
        ("::ffff:169.254.169.254", false),
        // Teredo keeps the client's address with its bits turned round.
        ("2001:0:808:808::f7f7:f7f7", true),
        ("2001:0:808:808::80ff:fffe", false),
        ("2001:0:7f00:1::f7f7:f7f7", false),
    ] {
        assert_eq!(
            guard.permits(address.parse().unwrap()),
            permitted,
            "{address}"
        );
    }
}

#[test]
fn a_denied_address_is_refused_in_every_form() {
    let guard = guard(&["::/0"], &["8.8.8.8", "::ffff:9.9.9.9"]);
    for address in ["8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::808:808", "9.9.9.9"] {
        assert!(!guard.permits(address.parse().unwrap()), "{address}");
    }
    assert!(guard.permits("8.8.4.4".parse().unwrap()));
}

#[test]
fn a_closed_address_is_refused_by_its_text() {
    let fetcher = Maker::closed().make();
    for address in CLOSED.iter().filter(|address| **address != "::7f00:1") {
        let host = if address.contains(':') {
            format!("[{address}]")
        } else {
            (*address).into()
        };
        let refused = fetcher.check(&format!("http://{host}/x"));
        assert_eq!(refused, Err(Refused::Closed), "{address}");
    }
    let in_hex = fetcher.check("http://[::ffff:7f00:1]/x");
    assert_eq!(in_hex, Err(Refused::Closed));
}

#[tokio::test]
async fn a_name_with_a_closed_address_is_refused() {
    // Each address is looked up twice: early and late.
    let answers: Vec<_> = CLOSED.chunks(1).flat_map(|answer| [answer; 2]).collect();
    let names = Names::one("images.test", &answers);
    let fetcher = Maker::closed().names(&names).make();
    for address in CLOSED {
        let url = fetcher.check("http://images.test/x").unwrap();
        let early = fetcher.check_resolves(&url).await;
        assert!(matches!(early, Err(FetchError::Forbidden)), "{address}");
        let late = fetcher.open(url, u64::MAX).await;
        assert!(matches!(late, Err(FetchError::Forbidden)), "{address}");
    }
    assert_eq!(names.lookups(), 2 * CLOSED.len());
}

#[tokio::test]
async fn the_name_of_this_machine_is_refused() {
    let lists = FilterSettings::default();
    let fetcher = Fetcher::new(&Settings::default(), &lists).unwrap();
    let url = fetcher.check("http://localhost/").unwrap();
    let refused = fetcher.open(url, u64::MAX).await;
    assert!(matches!(refused, Err(FetchError::Forbidden)), "{refused:?}");
}

#[tokio::test]
async fn an_unknown_name_is_refused() {
    let fetcher = Maker::closed().retries(0).make();
    let url = fetcher.check("http://nowhere.test/x").unwrap();
    let early = fetcher.check_resolves(&url).await;
    assert!(matches!(early, Err(FetchError::UnknownHost)));
    let late = fetcher.open(url, u64::MAX).await;
    assert!(matches!(late, Err(FetchError::UnknownHost)));
}

#[tokio::test]
async fn a_host_named_in_allowed_hosts_is_open_whatever_its_address() {
    let server = Server::start(|_| whole("content")).await;
    let names = Names::one("images.test", &[&["127.0.0.1"]]);
    let mut maker = Maker::closed().names(&names);
    maker.lists.allowed_hosts = vec!["127.0.0.1".into(), "images.test".into()];
    let fetcher = maker.make();
    for host in ["127.0.0.1", "images.test"] {
        let content = fetch(&fetcher, &server.uri_at("http", host, "/x")).await;
        assert_eq!(content.unwrap(), b"content", "{host}");
    }
    let other = fetcher.check("http://127.0.0.2/x");
    assert_eq!(other, Err(Refused::HostDenied("127.0.0.2".into())));
}

#[tokio::test]
async fn a_name_does_not_reach_a_disallowed_address() {
    let server = Server::start(|_| whole("content")).await;
    let names = Names::one("images.test", &[&["127.0.0.1"]]);
    let mut maker = Maker::open().names(&names);
    maker.lists.disallowed_hosts = vec!["127.0.0.1".into()];
    let refused = fetch(&maker.make(), &server.uri_at("http", "images.test", "/x")).await;
    assert!(matches!(refused, Err(FetchError::Forbidden)));
    assert_eq!(server.asked().len(), 0);
}

#[tokio::test]
async fn the_address_that_was_judged_is_the_one_connected_to() {
    let server = Server::start(|_| whole("content")).await;
    let names = Names::one("images.test", &[&["127.0.0.1"], &["169.254.169.254"]]);
    let fetcher = Maker::open().names(&names).make();
    let uri = server.uri_at("http", "images.test", "/x");
    assert_eq!(fetch(&fetcher, &uri).await.unwrap(), b"content");
    assert_eq!(names.lookups(), 1);
}

#[tokio::test]
async fn a_name_that_changes_after_the_early_check_is_refused() {
    let server = Server::start(|_| whole("secret")).await;
    let names = Names::one("images.test", &[&["8.8.8.8"], &["127.0.0.1"]]);
    let fetcher = Maker::closed().names(&names).make();
    let uri = server.uri_at("http", "images.test", "/x");
    let url = fetcher.check(&uri).unwrap();
    fetcher.check_resolves(&url).await.unwrap();
    let late = fetcher.open(url, u64::MAX).await;
    assert!(matches!(late, Err(FetchError::Forbidden)));
    assert_eq!(server.asked().len(), 0);
}

#[tokio::test]
async fn a_name_that_changes_before_a_resumption_is_refused() {
    let server = Server::start(|_| say("200 OK\ncontent-length: 9\netag: \"1\"", "cont")).await;
    let names = Names::one("images.test", &[&["127.0.0.1"], &["169.254.169.254"]]);
    let fetcher = Maker::open().names(&names).make();
    let refused = fetch(&fetcher, &server.uri_at("http", "images.test", "/x")).await;
    assert!(matches!(refused, Err(FetchError::Forbidden)), "{refused:?}");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_closed_family_leaves_the_other_usable() {
    let server = Server::start(|_| whole("content")).await;
    for answer in [
        &["fe80::1", "127.0.0.1"] as &'static [&'static str],
        &["127.0.0.1", "fd00::1", "10.0.0.1"],
        // Open, but nobody listens there.
        &["::1", "127.0.0.1"],
        &["127.0.0.2", "127.0.0.1"],
    ] {
        let names: Arc<_> = Names::one("images.test", &[answer]);
        let fetcher = Maker::open().names(&names).make();
        let content = fetch(&fetcher, &server.uri_at("http", "images.test", "/x")).await;
        assert_eq!(content.unwrap(), b"content", "{answer:?}");
    }
}
