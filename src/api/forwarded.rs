//! What a proxy in front tells about a request as the client sent it.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, header, uri::Authority};

/// What a proxy tells: `Forwarded` (RFC 7239) if it sends that, else `X-Forwarded-*`; of several
/// proxies, the one nearest to the client. What makes no sense is not told.
///
/// Anybody can send these headers: they are for links and for the log, never for identity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Forwarded {
    /// `http` or `https`.
    pub(crate) scheme: Option<String>,
    /// The host, and the port if it is not the usual one.
    pub(crate) host: Option<String>,
    /// The address of the client.
    pub(crate) client: Option<IpAddr>,
    /// The path in front of ours, without a slash at its end (`X-Forwarded-Prefix` only).
    pub(crate) prefix: Option<String>,
}

impl Forwarded {
    /// What `headers` tell.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let told = match headers.get(header::FORWARDED) {
            Some(value) => {
                let pairs = value.to_str().ok().and_then(first_element);
                let pairs = pairs.unwrap_or_default();
                let of = |name| find(&pairs, name);
                [of("proto"), of("host"), of("for")]
            }
            None => ["proto", "host", "for"].map(|name| first(headers, name)),
        };
        let [proto, host, client] = told;
        Self {
            scheme: proto
                .map(|scheme| scheme.to_ascii_lowercase())
                .filter(|scheme| matches!(scheme.as_str(), "http" | "https")),
            host: host.filter(|host| is_host(host)),
            client: client.and_then(|text| address(&text)),
            prefix: first(headers, "prefix").and_then(|text| prefix(&text)),
        }
    }
}

/// Whether `text` is a host, perhaps with a port, and nothing else.
pub(crate) fn is_host(text: &str) -> bool {
    text.parse::<Authority>()
        .is_ok_and(|host| !host.host().is_empty() && !text.contains('@'))
}

/// The first of the values that proxies append to each other in `X-Forwarded-NAME`.
fn first(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(format!("x-forwarded-{name}"))?.to_str().ok()?;
    let first = text.split(',').next()?.trim();
    (!first.is_empty()).then(|| first.to_owned())
}

type Pair = (String, String);

fn find(pairs: &[Pair], name: &str) -> Option<String> {
    let (_, value) = pairs.iter().find(|(own, _)| own == name)?;
    Some(value.clone())
}

/// The parameters of the first element of `Forwarded`, their names in lower case; `None` if that
/// element is malformed.
fn first_element(text: &str) -> Option<Vec<Pair>> {
    let mut pairs = Vec::new();
    let mut rest = text;
    loop {
        let (name, value) = rest.split_once('=')?;
        let name = name.trim().to_ascii_lowercase();
        if name.is_empty() || !name.bytes().all(|sign| sign.is_ascii_alphanumeric()) {
            return None;
        }
        let (value, after) = if let Some(quoted) = value.strip_prefix('"') {
            unquoted(quoted)?
        } else {
            let (value, after) = value.split_at(value.find([';', ',']).unwrap_or(value.len()));
            (value.trim().to_owned(), after)
        };
        pairs.push((name, value));
        let after = after.trim_start();
        match after.strip_prefix(';') {
            Some(more) => rest = more,
            None => return (after.is_empty() || after.starts_with(',')).then_some(pairs),
        }
    }
}

/// The text up to the quotation mark that ends it, and what comes behind the mark.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut signs = text.char_indices();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(signs.next()?.1),
            sign => value.push(sign),
        }
    }
    None
}

/// An address, perhaps with a port; one of version 6 may stand in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(text)
        .parse()
        .or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()))
        .ok()
}

/// A path that can stand in front of another in a link without changing its meaning.
fn prefix(text: &str) -> Option<String> {
    let is_plain = |sign: u8| sign.is_ascii_alphanumeric() || b"/-._~%".contains(&sign);
    let is_path = text.starts_with('/') && text.bytes().all(is_plain);
    let leads_back = text.split('/').any(|segment| segment == "..");
    let path = text.strip_suffix('/').unwrap_or(text);
    let is_usable = is_path && !leads_back && !text.contains("//") && !path.is_empty();
    is_usable.then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn told(headers: &[(&'static str, &'static str)]) -> Forwarded {
        let headers = headers.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        Forwarded::of(&headers.collect())
    }

    #[test]
    fn the_standard_header_is_read_with_its_quotes_and_in_any_letter_case() {
        let forwarded = told(&[(
            "forwarded",
            r#"For="[2001:db8::1]:4711";Proto=HTTPS; host="images.ex\ample:8443";by=_x, for=10.0.0.1;proto=http"#,
        )]);
        assert_eq!(forwarded.scheme.as_deref(), Some("https"));
        assert_eq!(forwarded.host.as_deref(), Some("images.example:8443"));
        assert_eq!(forwarded.client, "2001:db8::1".parse().ok());
    }

    #[test]
    fn the_standard_header_wins_over_the_others_whatever_it_lacks() {
        let others = [
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "images.example, inner.example"),
            ("x-forwarded-for", "192.0.2.1, 10.0.0.1"),
        ];
        let forwarded = told(&others);
        assert_eq!(forwarded.scheme.as_deref(), Some("https"));
        assert_eq!(forwarded.host.as_deref(), Some("images.example"));
        assert_eq!(forwarded.client, "192.0.2.1".parse().ok());
        let [proto, host, client] = others;
        for standard in ["for=unknown", "malformed", r#"proto="https"#, "a b=c"] {
            let forwarded = told(&[("forwarded", standard), proto, host, client]);
            assert_eq!(forwarded, Forwarded::default(), "{standard}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_not_told() {
        for nonsense in [
            ("x-forwarded-proto", "ftp"),
            ("x-forwarded-host", "user@images.example"),
            ("x-forwarded-host", "images.example/evil"),
            ("x-forwarded-host", "a b"),
            ("x-forwarded-for", "_hidden"),
            ("forwarded", "host=\"a/b\";proto=gopher;for=\"1.2.3\""),
        ] {
            assert_eq!(told(&[nonsense]), Forwarded::default(), "{nonsense:?}");
        }
    }

    #[test]
    fn a_prefix_is_a_path_and_nothing_else() {
        let of = |value| told(&[("x-forwarded-prefix", value)]).prefix;
        for (text, path) in [("/image", "/image"), ("/a/b-1.x/", "/a/b-1.x")] {
            assert_eq!(of(text).as_deref(), Some(path), "{text}");
        }
        for text in [
            "/",
            "//evil.example",
            "/a//b",
            "image",
            "/a?b",
            "/a#b",
            "/a b",
            "/a\tb",
            "/../a",
            "/a\\b",
            "http://evil.example",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn an_address_may_have_a_port_and_brackets() {
        for text in ["192.0.2.1", "192.0.2.1:80"] {
            assert_eq!(address(text), "192.0.2.1".parse().ok(), "{text}");
        }
        for text in ["2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80"] {
            assert_eq!(address(text), "2001:db8::1".parse().ok(), "{text}");
        }
        assert_eq!(address("unknown"), None);
    }
}
