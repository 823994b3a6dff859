//! The id by which a request is found again in logs and tasks.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::domain::Ids;

/// The header that carries the id, both ways.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-openstack-request-id");

const PREFIX: &str = "req-";

/// The id of a request: visible ASCII that begins with `req-`.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(HeaderValue);

/// The client's own id is longer than it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

impl RequestId {
    /// A new id.
    pub(crate) fn new(ids: &dyn Ids) -> Self {
        let text = format!("{PREFIX}{}", ids.next().hyphenated());
        Self(HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(PREFIX)))
    }

    /// The id that the client gave; a new one if it gave none, or one that would spoil a log.
    pub(crate) fn of(
        headers: &HeaderMap,
        max_length: usize,
        ids: &dyn Ids,
    ) -> Result<Self, TooLong> {
        let Some(given) = headers.get(HEADER) else {
            return Ok(Self::new(ids));
        };
        if given.len() > max_length {
            return Err(TooLong);
        }
        let printable = !given.is_empty() && given.as_bytes().iter().all(u8::is_ascii_graphic);
        Ok(match given.to_str() {
            Ok(text) if printable && text.starts_with(PREFIX) => Self(given.clone()),
            Ok(text) if printable => HeaderValue::try_from(format!("{PREFIX}{text}"))
                .map_or_else(|_| Self::new(ids), Self),
            _ => Self::new(ids),
        })
    }

    /// What the client gave as its id, if this is another one: as much of it as an id may have,
    /// escaped, so that it does not spoil a log.
    pub(crate) fn given_otherwise(&self, headers: &HeaderMap, max_length: usize) -> Option<String> {
        let given = headers.get(HEADER)?.as_bytes();
        let kept = given.get(..max_length).unwrap_or(given);
        (given != self.0.as_bytes()).then(|| kept.escape_ascii().to_string())
    }

    /// The id as text.
    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or(PREFIX)
    }

    /// The id as the value of [`HEADER`].
    pub(crate) fn into_header(self) -> HeaderValue {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    struct Always;

    impl Ids for Always {
        fn next(&self) -> Uuid {
            Uuid::nil()
        }
    }

    const OWN: &str = "req-00000000-0000-0000-0000-000000000000";

    fn of(given: &[u8]) -> Result<String, TooLong> {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_bytes(given).expect("a value"));
        RequestId::of(&headers, 16, &Always).map(|id| id.as_str().to_owned())
    }

    #[test]
    fn the_id_of_the_client_is_taken_over() {
        assert_eq!(of(b"req-abc").as_deref(), Ok("req-abc"));
        assert_eq!(of(b"abc").as_deref(), Ok("req-abc"));
    }

    #[test]
    fn an_id_that_would_spoil_a_log_is_replaced() {
        for given in [&b""[..], b"a b", b"a\tb", b"\xc3\xa9"] {
            assert_eq!(of(given).as_deref(), Ok(OWN), "{given:?}");
        }
    }

    #[test]
    fn a_log_can_tell_what_the_client_called_the_request() {
        let otherwise = |given: &'static [u8]| {
            let value = HeaderValue::from_bytes(given).expect("a value");
            let headers = HeaderMap::from_iter([(HEADER, value)]);
            let id = RequestId::of(&headers, 16, &Always);
            let id = id.unwrap_or_else(|TooLong| RequestId::new(&Always));
            id.given_otherwise(&headers, 16)
        };
        assert_eq!(otherwise(b"req-abc"), None);
        assert_eq!(otherwise(b"abc").as_deref(), Some("abc"));
        assert_eq!(otherwise(b"a\tb\xff").as_deref(), Some("a\\tb\\xff"));
        assert_eq!(otherwise(&[b'x'; 17]), Some("x".repeat(16)));
        assert_eq!(
            RequestId::new(&Always).given_otherwise(&HeaderMap::new(), 16),
            None
        );
    }

    #[test]
    fn an_id_beyond_the_limit_is_refused() {
        assert!(of(&[b'a'; 16]).is_ok());
        assert_eq!(of(&[b'a'; 17]), Err(TooLong));
    }
}
