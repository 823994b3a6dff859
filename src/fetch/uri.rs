//! The text of a URI that may be fetched.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use http::HeaderValue;
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};

use crate::fetch::Refused;

/// The longest URI that is fetched, in bytes; many servers cut a request line there.
const LONGEST: usize = 8192;

/// A URI that passed the whole filter of the [`Fetcher`](crate::fetch::Fetcher) that made it.
///
/// It shows itself without its query, which may be a signature.
#[derive(Clone, PartialEq, Eq)]
pub struct CheckedUrl {
    url: Url,
    /// The token that its server is shown, and nobody it redirects to.
    token: Option<Token>,
}

/// A token, in a header that says that it is a secret.
#[derive(Clone, PartialEq, Eq)]
struct Token(HeaderValue);

impl CheckedUrl {
    /// Takes a URI that the filter let through.
    pub(super) fn new(url: Url) -> Self {
        Self { url, token: None }
    }

    /// The same, whose server is shown `token`; none if no header can hold it.
    #[must_use]
    pub fn showing(self, token: &SecretString) -> Option<Self> {
        let mut header = HeaderValue::from_str(token.expose_secret()).ok()?;
        header.set_sensitive(true);
        Some(Self {
            token: Some(Token(header)),
            ..self
        })
    }

    /// The same, to which the server of `from` redirected: it is shown the same token if it is the
    /// same server.
    pub(super) fn after(self, from: &Self) -> Self {
        let origin = |url: &Url| {
            (
                url.scheme().to_owned(),
                host_of(url).to_owned(),
                url.port_or_known_default(),
            )
        };
        let token = (origin(&self.url) == origin(&from.url)).then(|| from.token.clone());
        Self {
            token: token.flatten(),
            ..self
        }
    }

    /// The token that its server is shown.
    pub(super) fn token(&self) -> Option<HeaderValue> {
        self.token.as_ref().map(|token| token.0.clone())
    }

    /// The host's name in lower case, or its address without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        host_of(&self.url)
    }

    /// The last part of the path, still percent-encoded; `None` if the path ends in a slash.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        let name = self.url.path().rsplit('/').next()?;
        (!name.is_empty()).then_some(name)
    }

    /// The URI to send a request to.
    pub(super) fn as_url(&self) -> &Url {
        &self.url
    }
}

impl fmt::Display for CheckedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.url.host_str().unwrap_or_default();
        write!(f, "{}://{host}", self.url.scheme())?;
        if let Some(port) = self.url.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(self.url.path())
    }
}

impl fmt::Debug for CheckedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckedUrl({self})")
    }
}

/// The host of `url`, without the brackets of an IPv6 address.
pub(super) fn host_of(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
}

/// Splits `text` into its scheme, in lower case, and what follows `://`.
///
/// Refuses what libraries would silently drop or turn into something else.
pub(super) fn split_scheme(text: &str) -> Result<(String, &str), Refused> {
    if text.len() > LONGEST {
        return Err(Refused::TooLong(LONGEST));
    }
    if text.contains(|c: char| c.is_control() || c == '\\') {
        return Err(Refused::Malformed);
    }
    match text.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => Ok((scheme.to_ascii_lowercase(), rest)),
        _ => Err(Refused::Malformed),
    }
}

/// Parses `text` if it is plainly written: `scheme://host[:port]/path?query`, no credentials, no
/// fragment, and the host in its usual spelling.
///
/// The host is judged as it is written, before any library takes `2130706433` or `0x7f.1` for an
/// address, and what the library made of it must then be the same.
pub(super) fn parse(text: &str) -> Result<Url, Refused> {
    let (_, rest) = split_scheme(text)?;
    if text.contains('#') {
        return Err(Refused::Fragment);
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(Refused::Credentials);
    }
    let (written, port) = split_port(authority)?;
    let host = usual_host(written)?;
    let url = Url::parse(text).map_err(|_| Refused::Malformed)?;
    let same_port = port.is_none() || url.port_or_known_default() == port;
    if host.is_the_host_of(&url) && same_port {
        Ok(url)
    } else {
        Err(Refused::Host)
    }
}

/// RFC 3986, 3.1.
pub(super) fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

/// Splits `host[:port]`; the host keeps the brackets of an IPv6 address.
fn split_port(authority: &str) -> Result<(&str, Option<u16>), Refused> {
    let after_host = match authority.find(']') {
        Some(bracket) => bracket + 1,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, port) = authority.split_at(after_host);
    if port.is_empty() {
        return Ok((host, None));
    }
    let digits = port.strip_prefix(':').ok_or(Refused::Malformed)?;
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refused::Malformed);
    }
    let port = digits.parse().map_err(|_| Refused::Malformed)?;
    Ok((host, Some(port)))
}

/// A host in its usual spelling.
enum UsualHost {
    Address(IpAddr),
    Name(String),
}

impl UsualHost {
    /// Tells whether the library read the same host.
    fn is_the_host_of(&self, url: &Url) -> bool {
        match self {
            Self::Address(address) => host_of(url).parse() == Ok(*address),
            Self::Name(name) => host_of(url) == name,
        }
    }
}

/// Reads a host: an address only as it is usually written, a name only in letters that cannot be
/// read in two ways.
fn usual_host(written: &str) -> Result<UsualHost, Refused> {
    if written.is_empty() {
        return Err(Refused::NoHost);
    }
    let host = written.to_ascii_lowercase();
    if let Some(inner) = host.strip_prefix('[') {
        let inner = inner.strip_suffix(']').ok_or(Refused::Malformed)?;
        return usual_v6(inner).ok_or(Refused::Host);
    }
    let last = host.rsplit('.').next().unwrap_or_default();
    if looks_like_number(last) {
        let address: Ipv4Addr = host.parse().map_err(|_| Refused::Host)?;
        return Ok(UsualHost::Address(address.into()));
    }
    if host.len() <= 253 && host.split('.').all(is_label) {
        Ok(UsualHost::Name(host))
    } else {
        Err(Refused::Host)
    }
}

/// Reads an IPv6 address that is written as RFC 5952 or the URL standard writes it; these differ
/// for addresses that carry an IPv4 address.
fn usual_v6(host: &str) -> Option<UsualHost> {
    let address: Ipv6Addr = host.parse().ok()?;
    let in_hex = Url::parse(&format!("http://[{address}]/")).ok()?;
    (address.to_string() == host || host_of(&in_hex) == host)
        .then_some(UsualHost::Address(address.into()))
}

/// A last label that makes libraries take the whole host for an IPv4 address.
fn looks_like_number(label: &str) -> bool {
    let all = |text: &str, digit: fn(&u8) -> bool| text.bytes().all(|b| digit(&b));
    match label.strip_prefix("0x") {
        Some(hex) => all(hex, u8::is_ascii_hexdigit),
        None => !label.is_empty() && all(label, u8::is_ascii_digit),
    }
}

/// A label of a host name. The underscore is no host's by RFC 952, but found in the wild; an
/// empty label is a dot too many.
fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}
