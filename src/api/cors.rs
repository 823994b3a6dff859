//! Which web pages of other origins may use the API (CORS), by the rules of oslo.middleware.
//!
//! `tower_http::cors` gives other answers: it takes every OPTIONS for a preflight, tells what is
//! allowed to origins and for methods that are not, and panics on `*` with credentials.

use std::{collections::HashSet, sync::Arc};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};

/// The value that stands for every origin.
const ANY: &str = "*";

/// The headers that every page may send.
const SIMPLE_HEADERS: [HeaderName; 8] = [
    header::ACCEPT,
    header::ACCEPT_LANGUAGE,
    header::CONTENT_TYPE,
    header::CACHE_CONTROL,
    header::CONTENT_LANGUAGE,
    header::EXPIRES,
    header::LAST_MODIFIED,
    header::PRAGMA,
];

/// What pages of other origins may do. Every part is as a browser compares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cors {
    /// The origins that are named, and perhaps `*`; never empty.
    origins: Vec<HeaderValue>,
    methods: Vec<Method>,
    headers: HashSet<HeaderName>,
    /// The names of the headers that pages may read; none: the simple ones.
    exposed: Option<HeaderValue>,
    /// How many seconds a browser may remember a preflight; none: it decides.
    max_age: Option<HeaderValue>,
    credentials: Credentials,
}

/// Whether pages may let the browser identify the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credentials {
    /// They may.
    Allowed,
    /// They may not.
    Refused,
}

/// What pages of other origins may do, as it is written.
#[derive(Debug, Clone, Copy)]
pub struct Sharing<'a> {
    /// `*`, or `scheme://host[:port]`.
    pub origins: &'a [String],
    /// Methods.
    pub methods: &'a [String],
    /// Names of headers that pages may send, besides the simple ones.
    pub headers: &'a [String],
    /// Names of headers that pages may read.
    pub exposed: &'a [String],
    /// For how many seconds a browser may remember that; 0: it decides.
    pub max_age: u32,
    /// Whether pages may let the browser identify the user.
    pub credentials: Credentials,
}

/// A part of [`Sharing`] that is not what it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CorsError {
    /// No browser sends such an origin.
    #[error("* or origins as https://horizon.example.org, with no path and no slash at the end")]
    Origin,
    /// That is no method.
    #[error("methods in capitals, as GET, PUT")]
    Method,
    /// That cannot be sent.
    #[error("names of headers")]
    Header,
    /// That cannot be read.
    #[error("names of headers")]
    Exposed,
}

impl Cors {
    /// What `sharing` says; `None` if it names no origin, so that nothing is shared.
    ///
    /// # Errors
    ///
    /// [`CorsError`] for the first part that is not what it may be.
    pub fn new(sharing: &Sharing<'_>) -> Result<Option<Self>, CorsError> {
        let origins: Vec<HeaderValue> = all(sharing.origins, origin).ok_or(CorsError::Origin)?;
        let methods = all(sharing.methods, method).ok_or(CorsError::Method)?;
        let headers: HashSet<_> = all(sharing.headers, name).ok_or(CorsError::Header)?;
        let exposed: Vec<_> = all(sharing.exposed, name).ok_or(CorsError::Exposed)?;
        let exposed = Some(exposed).filter(|names| !names.is_empty());
        Ok((!origins.is_empty()).then(|| Self {
            origins,
            methods,
            headers: headers.into_iter().chain(SIMPLE_HEADERS).collect(),
            exposed: exposed.and_then(|names| joined(&names)),
            max_age: (sharing.max_age > 0).then(|| sharing.max_age.into()),
            credentials: sharing.credentials,
        }))
    }

    /// What the page that sent a request is told; nothing if it is not allowed what it wants.
    fn told(&self, method: &Method, headers: &HeaderMap) -> HeaderMap {
        let told = self.told_origin(headers.get(header::ORIGIN));
        match told {
            Some(told) if method == Method::OPTIONS => self.told_before(headers, told),
            Some(mut told) => {
                if let Some(exposed) = &self.exposed {
                    told.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed.clone());
                }
                Some(told)
            }
            None => None,
        }
        .unwrap_or_default()
    }

    /// What is told to every page of an allowed origin. One that is allowed only as any other is
    /// told `*`, with which no browser sends credentials.
    fn told_origin(&self, origin: Option<&HeaderValue>) -> Option<HeaderMap> {
        let origin = origin?;
        let named = self.origins.iter().find(|named| *named == origin);
        let allowed = named.or_else(|| self.origins.iter().find(|named| *named == ANY))?;
        let mut told = HeaderMap::new();
        told.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed.clone());
        if self.credentials == Credentials::Allowed {
            let name = header::ACCESS_CONTROL_ALLOW_CREDENTIALS;
            told.insert(name, HeaderValue::from_static("true"));
        }
        Some(told)
    }

    /// What a page is `told` before it sends what it asks for; nothing unless it may send it.
    fn told_before(&self, asked: &HeaderMap, mut told: HeaderMap) -> Option<HeaderMap> {
        let method = asked.get(header::ACCESS_CONTROL_REQUEST_METHOD)?;
        let may = |allowed: &Method| allowed.as_str().as_bytes() == method.as_bytes();
        self.methods.iter().find(|allowed| may(allowed))?;
        let names = requested(asked)?;
        if !names.iter().all(|name| self.headers.contains(name)) {
            return None;
        }
        told.insert(header::ACCESS_CONTROL_ALLOW_METHODS, method.clone());
        if !names.is_empty() {
            told.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, joined(&names)?);
        }
        if let Some(max_age) = &self.max_age {
            told.insert(header::ACCESS_CONTROL_MAX_AGE, max_age.clone());
        }
        Some(told)
    }
}

/// Answers a request so that the page which sent it may see the answer, if it may.
pub(crate) async fn share(State(cors): State<Arc<Cors>>, request: Request, next: Next) -> Response {
    let told = cors.told(request.method(), request.headers());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    headers.extend(told);
    response
}

/// The headers that a page wants to send; `None` if one of them is none.
fn requested(asked: &HeaderMap) -> Option<Vec<HeaderName>> {
    let Some(names) = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS) else {
        return Some(Vec::new());
    };
    let names = names.to_str().ok()?.split(',').map(str::trim);
    names
        .filter(|text| !text.is_empty())
        .map(|text| text.parse().ok())
        .collect()
}

fn all<T, C: FromIterator<T>>(texts: &[String], parse: fn(&str) -> Option<T>) -> Option<C> {
    texts.iter().map(|text| parse(text)).collect()
}

fn origin(text: &str) -> Option<HeaderValue> {
    if text != ANY {
        let uri: Uri = text.parse().ok()?;
        let (scheme, authority) = (uri.scheme_str()?, uri.authority()?.as_str());
        if text != format!("{scheme}://{authority}") || authority.contains('@') {
            return None;
        }
    }
    text.parse().ok()
}

fn method(text: &str) -> Option<Method> {
    let is_written_so = text.bytes().all(|sign| sign.is_ascii_uppercase());
    text.parse().ok().filter(|_| is_written_so)
}

fn name(text: &str) -> Option<HeaderName> {
    text.parse().ok()
}

fn joined(names: &[HeaderName]) -> Option<HeaderValue> {
    let texts: Vec<&str> = names.iter().map(HeaderName::as_str).collect();
    texts.join(",").try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "https://horizon.example";

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn cors(origins: &[&str]) -> Cors {
        Cors::new(&Sharing {
            origins: &words(origins),
            methods: &words(&["GET", "PATCH"]),
            headers: &words(&["X-Auth-Token"]),
            exposed: &words(&["X-Subject-Token"]),
            max_age: 60,
            credentials: Credentials::Allowed,
        })
        .expect("what it may be")
        .expect("an origin")
    }

    fn told(cors: &Cors, method: &str, headers: &[(&'static str, &str)]) -> Vec<String> {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().expect("one")))
            .collect();
        let told = cors.told(&method.parse().expect("a method"), &headers);
        let mut told: Vec<_> = told
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().expect("text")))
            .collect();
        told.sort();
        told
    }

    #[test]
    fn a_page_of_an_allowed_origin_may_read_the_answer() {
        let expected = [
            "access-control-allow-credentials: true",
            "access-control-allow-origin: https://horizon.example",
            "access-control-expose-headers: x-subject-token",
        ];
        let cors = cors(&[PAGE]);
        assert_eq!(told(&cors, "GET", &[("origin", PAGE)]), expected);
        for other in [
            "https://horizon.example.org",
            "http://horizon.example",
            "null",
        ] {
            assert_eq!(told(&cors, "GET", &[("origin", other)]), [""; 0], "{other}");
        }
        assert_eq!(told(&cors, "GET", &[]), [""; 0]);
    }

    #[test]
    fn a_page_learns_beforehand_that_it_may_send_what_it_asks_for() {
        let asked = [
            ("origin", PAGE),
            ("access-control-request-method", "PATCH"),
            (
                "access-control-request-headers",
                "content-type, x-auth-token,",
            ),
        ];
        assert_eq!(
            told(&cors(&[PAGE]), "OPTIONS", &asked),
            [
                "access-control-allow-credentials: true",
                "access-control-allow-headers: content-type,x-auth-token",
                "access-control-allow-methods: PATCH",
                "access-control-allow-origin: https://horizon.example",
                "access-control-max-age: 60",
            ]
        );
    }

    #[test]
    fn a_page_that_asks_for_more_than_it_may_is_told_nothing() {
        let cors = cors(&[PAGE]);
        let method = ("access-control-request-method", "GET");
        let headers = |names| ("access-control-request-headers", names);
        for asked in [
            &[("origin", PAGE)][..],
            &[("origin", PAGE), ("access-control-request-method", "PUT")],
            &[("origin", PAGE), ("access-control-request-method", "get")],
            &[("origin", PAGE), method, headers("x-auth-token, x-other")],
            &[("origin", PAGE), method, headers("a b")],
            &[("origin", "https://other.example"), method],
            &[method],
        ] {
            assert_eq!(told(&cors, "OPTIONS", asked), [""; 0], "{asked:?}");
        }
    }

    #[test]
    fn an_origin_that_is_not_named_is_told_that_any_is_allowed_not_itself() {
        let cors = cors(&["*", PAGE]);
        let allowed = |origin| told(&cors, "GET", &[("origin", origin)]).remove(1);
        assert_eq!(
            allowed(PAGE),
            "access-control-allow-origin: https://horizon.example"
        );
        assert_eq!(
            allowed("https://evil.example"),
            "access-control-allow-origin: *"
        );
    }

    #[test]
    fn without_an_origin_nothing_is_shared_and_what_cannot_match_is_refused() {
        let of = |origins: &[&str], methods: &[&str], headers: &[&str], exposed: &[&str]| {
            Cors::new(&Sharing {
                origins: &words(origins),
                methods: &words(methods),
                headers: &words(headers),
                exposed: &words(exposed),
                max_age: 0,
                credentials: Credentials::Refused,
            })
        };
        assert_eq!(of(&[], &["GET"], &[], &[]), Ok(None));
        for origin in [
            "",
            "null",
            "horizon.example",
            "https://a/",
            "https://a/b",
            "https://u@a",
        ] {
            assert_eq!(
                of(&[origin], &[], &[], &[]),
                Err(CorsError::Origin),
                "{origin}"
            );
        }
        assert_eq!(of(&["*"], &["get"], &[], &[]), Err(CorsError::Method));
        assert_eq!(of(&["*"], &[], &["a b"], &[]), Err(CorsError::Header));
        assert_eq!(of(&["*"], &[], &[], &[""]), Err(CorsError::Exposed));
    }
}
