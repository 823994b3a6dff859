//! A token in a header, refused here if it cannot be one.

use http::HeaderMap;

use crate::auth::Unauthenticated;

/// The longest token that is asked about, in bytes. Keystone's own limit is 255 unless its
/// operator raises it (`max_token_size`); a signed token (JWS) has less than 1024.
const MAX_LENGTH: usize = 2048;

/// The name of a header that holds a token.
#[derive(Debug, Clone, Copy)]
pub(in crate::auth) struct Header(pub(in crate::auth) &'static str);

impl Header {
    /// The token in the header, without blanks around it; an empty one is none.
    ///
    /// # Errors
    ///
    /// [`Unauthenticated`] if the header is there twice, or holds what no token is: something too
    /// long, or with other signs than bearer tokens have (RFC 6750's `b64token`).
    pub(in crate::auth) fn one(self, headers: &HeaderMap) -> Result<Option<&str>, Unauthenticated> {
        let mut values = headers.get_all(self.0).iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(Unauthenticated::Ambiguous(self.0));
        }
        let malformed = Unauthenticated::Malformed(self.0);
        let token = value.to_str().map_err(|_| malformed)?.trim();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        if token.len() > MAX_LENGTH || !token.bytes().all(fits) {
            return Err(malformed);
        }
        Ok((!token.is_empty()).then_some(token))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const TOKEN: Header = Header("x-auth-token");

    fn read(values: &[&[u8]]) -> Result<Option<String>, Unauthenticated> {
        let mut headers = HeaderMap::new();
        for value in values {
            let value = HeaderValue::from_bytes(value).expect("a value");
            headers.append(TOKEN.0, value);
        }
        TOKEN.one(&headers).map(|token| token.map(str::to_owned))
    }

    #[test]
    fn a_token_loses_the_blanks_around_it() {
        assert_eq!(read(&[b" gAAA-_=.x "]), Ok(Some("gAAA-_=.x".into())));
        assert_eq!(read(&[b"  "]), Ok(None));
        assert_eq!(read(&[]), Ok(None));
    }

    #[test]
    fn what_cannot_be_a_token_is_refused() {
        let malformed = Err(Unauthenticated::Malformed(TOKEN.0));
        for junk in [
            &b"a b"[..],
            b"a\tb",
            b"\"a\"",
            b"<a>",
            b"a\xff",
            b"a;b",
            b"a%00",
        ] {
            assert_eq!(read(&[junk]), malformed, "{junk:?}");
        }
        assert!(read(&[&[b'a'; MAX_LENGTH]]).is_ok());
        assert_eq!(read(&[&[b'a'; MAX_LENGTH + 1]]), malformed);
        assert_eq!(
            read(&[b"a", b"a"]),
            Err(Unauthenticated::Ambiguous(TOKEN.0))
        );
    }
}
