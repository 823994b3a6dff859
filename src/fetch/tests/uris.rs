//! Which texts pass `check`.

use proptest::prelude::*;

use crate::fetch::{FilterSettings, Refused, Settings, filter::Filter};

fn checked(lists: &FilterSettings, uri: &str) -> Result<String, Refused> {
    let filter = Filter::new(&Settings::default(), lists);
    filter.check(uri).map(|url| url.to_string())
}

fn by_default(uri: &str) -> Result<String, Refused> {
    checked(&FilterSettings::default(), uri)
}

fn list(items: &[&str]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

#[test]
fn plainly_written_uris_pass() {
    for uri in [
        "http://images.example.com/debian.qcow2",
        "https://images.example.com/a/b%20c?x=1&y=http://other",
        "HTTPS://Images.Example.COM:443/",
        "http://my_mirror-1.example.com",
        "http://xn--bcher-kva.example/",
        "http://8.8.8.8/",
        "http://[2606:4700::1111]:80/",
        "http://[2606:4700::ABCD]/",
    ] {
        assert!(by_default(uri).is_ok(), "{uri}: {:?}", by_default(uri));
    }
}

#[test]
fn an_address_in_another_spelling_is_refused() {
    for host in [
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "127.0.0.0x1",
        "0X7F.1",
        "127.1",
        "127.0.1",
        "0177.0.0.1",
        "127.0.0.01",
        "8.8.8.08",
        "256.1.1.1",
        "1.2.3.4.5",
        "1.2.3.4.",
        "017700000001",
        "0x",
        "0",
        "example.0x1f",
        "[0:0:0:0:0:0:0:1]",
        "[2606:4700:0:0::1111]",
        "[::127.0.0.1]",
        "[fe80::1%25eth0]",
        "[1.2.3.4]",
    ] {
        let uri = format!("http://{host}/x");
        assert_eq!(by_default(&uri), Err(Refused::Host), "{uri}");
    }
}

#[test]
fn a_host_that_can_be_read_in_two_ways_is_refused() {
    for host in [
        "localhost.",
        "example.com.",
        ".example.com",
        "a..b",
        "bücher.example",
        "１２７.０.０.１",
        "①②⑦.0.0.1",
        "%31%32%37.0.0.1",
        "exa mple.com",
        "example.com,evil.example",
        "a\u{ad}b.example",
        &"a".repeat(64),
        &"a.".repeat(127),
    ] {
        let uri = format!("http://{host}/x");
        assert_eq!(by_default(&uri), Err(Refused::Host), "{uri}");
    }
}

#[test]
fn each_fault_of_a_uri_has_its_name() {
    let long = format!("http://example.com/{}", "a".repeat(8192));
    for (uri, fault) in [
        (long.as_str(), Refused::TooLong(8192)),
        ("", Refused::Malformed),
        ("example.com/x", Refused::Malformed),
        ("http:example.com/x", Refused::Malformed),
        ("http:/example.com/x", Refused::Malformed),
        (" http://example.com/x", Refused::Malformed),
        ("://example.com", Refused::Malformed),
        ("ht\ttp://example.com/", Refused::Malformed),
        ("http://exam\nple.com/", Refused::Malformed),
        ("http://example.com\\@evil.example/", Refused::Malformed),
        ("http://example.com:80x/", Refused::Malformed),
        ("http://example.com:/", Refused::Malformed),
        ("http://example.com:65536/", Refused::Malformed),
        ("http://[::1/", Refused::Malformed),
        ("http://[::1]x/", Refused::Malformed),
        ("http:///x", Refused::NoHost),
        ("http://:80/x", Refused::NoHost),
        ("http://user:pass@example.com/", Refused::Credentials),
        ("http://@example.com/", Refused::Credentials),
        ("http://8.8.8.8@127.0.0.1/", Refused::Credentials),
        ("http://example.com/x#y", Refused::Fragment),
        ("http://example.com#@8.8.8.8/", Refused::Fragment),
        ("ftp://example.com/x", Refused::Scheme("ftp".into())),
        ("file:///etc/passwd", Refused::Scheme("file".into())),
        ("http://example.com:8080/", Refused::Port(8080)),
        ("http://example.com:0/", Refused::Port(0)),
    ] {
        assert_eq!(by_default(uri), Err(fault), "{uri}");
    }
}

#[test]
fn an_allow_list_wins_over_the_deny_list() {
    let lists = FilterSettings {
        allowed_schemes: list(&["HTTPS"]),
        disallowed_schemes: list(&["https"]),
        allowed_hosts: list(&["Images.example.com"]),
        disallowed_hosts: list(&["images.example.com"]),
        allowed_ports: vec![8443],
        disallowed_ports: vec![8443],
    };
    let check = |uri: &str| checked(&lists, uri);
    assert!(check("https://images.EXAMPLE.com:8443/").is_ok());
    assert_eq!(
        check("http://images.example.com:8443/"),
        Err(Refused::Scheme("http".into()))
    );
    assert_eq!(
        check("https://evil.example:8443/"),
        Err(Refused::HostDenied("evil.example".into()))
    );
    assert_eq!(
        check("https://images.example.com/"),
        Err(Refused::Port(443))
    );
}

#[test]
fn without_an_allow_list_only_the_deny_list_counts() {
    let lists = FilterSettings {
        allowed_schemes: Vec::new(),
        disallowed_schemes: list(&["http"]),
        allowed_hosts: Vec::new(),
        disallowed_hosts: list(&["evil.example", "[2606:4700:0::1]", "8.8.4.4"]),
        allowed_ports: Vec::new(),
        disallowed_ports: vec![22],
    };
    let check = |uri: &str| checked(&lists, uri);
    assert!(check("https://example.com:12345/").is_ok());
    assert_eq!(
        check("http://example.com/"),
        Err(Refused::Scheme("http".into()))
    );
    assert_eq!(check("https://example.com:22/"), Err(Refused::Port(22)));
    for host in ["EVIL.example", "[2606:4700::1]", "8.8.4.4"] {
        let uri = format!("https://{host}/");
        assert!(matches!(check(&uri), Err(Refused::HostDenied(_))), "{uri}");
    }
}

#[test]
fn a_scheme_that_we_do_not_speak_cannot_be_allowed() {
    let lists = FilterSettings {
        allowed_schemes: list(&["ftp"]),
        ..FilterSettings::default()
    };
    assert_eq!(
        checked(&lists, "ftp://example.com/"),
        Err(Refused::Scheme("ftp".into()))
    );
}

#[test]
fn the_file_name_is_the_end_of_the_path() {
    let filter = Filter::new(&Settings::default(), &FilterSettings::default());
    let name = |uri: &str| filter.check(uri).unwrap().file_name().map(String::from);
    assert_eq!(
        name("http://e.com/a/debian-13.qcow2?x=/y"),
        Some("debian-13.qcow2".into())
    );
    assert_eq!(name("http://e.com/a/"), None);
    assert_eq!(name("http://e.com"), None);
}

proptest! {
    #[test]
    fn no_text_makes_check_panic(text in any::<String>()) {
        let _ = by_default(&text);
        let _ = by_default(&format!("http://{text}"));
    }

    #[test]
    fn what_passes_has_the_host_that_was_written(
        host in "[a-zA-Z0-9.:\\[\\]@%x-]{0,24}",
        rest in "[/?:@.a-z0-9]{0,12}",
    ) {
        let lists = FilterSettings { allowed_ports: Vec::new(), ..FilterSettings::default() };
        let filter = Filter::new(&Settings::default(), &lists);
        let uri = format!("http://{host}/{rest}");
        if let Ok(url) = filter.check(&uri) {
            prop_assert!(uri.to_lowercase()[7..].trim_start_matches('[').starts_with(url.host()));
        }
    }
}
