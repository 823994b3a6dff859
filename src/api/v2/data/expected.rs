//! Headers by which a client says what digests its data have.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName};
use sfv::{BareItem, Dictionary, ListEntry, Parser};

use crate::{
    api::error::ApiError,
    domain::{Digest, ExpectedDigests},
};

/// Our own: `alg:hex`, several separated by commas.
const CHECKSUM: HeaderName = HeaderName::from_static("x-image-checksum");
/// Of RFC 9530. What a client uploads has no content coding, so both mean the same bytes.
const DIGESTS: [HeaderName; 2] = [
    HeaderName::from_static("repr-digest"),
    HeaderName::from_static("content-digest"),
];
/// Of RFC 1864.
const MD5: HeaderName = HeaderName::from_static("content-md5");

/// The names of RFC 9530's registry, and ours.
const ALGORITHMS: [(&str, &str); 4] = [
    ("sha-256", "sha256"),
    ("sha-512", "sha512"),
    ("md5", "md5"),
    ("sha", "sha1"),
];

/// Reads what all the headers together expect.
///
/// # Errors
///
/// [`ApiError::Invalid`] with the header and what is allowed. What cannot be understood is never
/// passed over.
pub(super) fn expected_digests(headers: &HeaderMap) -> Result<ExpectedDigests, ApiError> {
    let mut expected = ExpectedDigests::default();
    for text in texts(headers, &CHECKSUM) {
        merge(
            &mut expected,
            &CHECKSUM,
            text?.parse().map_err(refused(&CHECKSUM))?,
        )?;
    }
    for name in &DIGESTS {
        for text in texts(headers, name) {
            merge(&mut expected, name, dictionary(name, text?)?)?;
        }
    }
    for text in texts(headers, &MD5) {
        let text = text?.trim();
        let bytes = STANDARD.decode(text).ok();
        let bytes = bytes.filter(|bytes| bytes.len() == 16);
        let bytes = bytes.ok_or_else(|| no_md5(text))?;
        let mut digest = ExpectedDigests::default();
        add(&mut digest, &MD5, "md5", &bytes)?;
        merge(&mut expected, &MD5, digest)?;
    }
    Ok(expected)
}

/// Why `text` is no value of `Content-MD5`.
fn no_md5(text: &str) -> ApiError {
    let digits = hex::decode(text).ok().filter(|bytes| bytes.len() == 16);
    let mut allowed = "the Base64 form of 16 bytes".to_owned();
    if let Some(bytes) = digits {
        allowed = format!("{allowed}: {} for these digits", STANDARD.encode(bytes));
    }
    invalid(&MD5, &allowed)
}

/// The values of a header, which may stand in several lines.
fn texts<'a>(
    headers: &'a HeaderMap,
    name: &'a HeaderName,
) -> impl Iterator<Item = Result<&'a str, ApiError>> {
    let values = headers.get_all(name).into_iter();
    values.map(|value| value.to_str().map_err(|_| invalid(name, "visible ASCII")))
}

fn dictionary(name: &HeaderName, text: &str) -> Result<ExpectedDigests, ApiError> {
    let form = "a dictionary such as sha-256=:<Base64>:, with each algorithm once";
    let entries: Dictionary = Parser::new(text).parse().map_err(|_| invalid(name, form))?;
    // Of an algorithm that stands there twice, the parser gives the last value only. Base64 has
    // no commas.
    if entries.is_empty() || entries.len() != text.split(',').count() {
        return Err(invalid(name, form));
    }
    let mut expected = ExpectedDigests::default();
    for (key, entry) in &entries {
        let known = ALGORITHMS.iter().find(|(known, _)| *known == key.as_str());
        let Some((_, algorithm)) = known else {
            let known = ALGORITHMS.map(|(known, _)| known).join(", ");
            return Err(invalid(name, &format!("digests of {known}, not of {key}")));
        };
        match entry {
            ListEntry::Item(item) => match &item.bare_item {
                BareItem::ByteSequence(bytes) => add(&mut expected, name, algorithm, bytes)?,
                _ => return Err(invalid(name, form)),
            },
            ListEntry::InnerList(_) => return Err(invalid(name, form)),
        }
    }
    Ok(expected)
}

fn add(
    expected: &mut ExpectedDigests,
    name: &HeaderName,
    algorithm: &str,
    bytes: &[u8],
) -> Result<(), ApiError> {
    let algorithm = algorithm.parse().map_err(refused(name))?;
    expected
        .add(Digest::new(algorithm, bytes))
        .map_err(refused(name))
}

fn merge(
    expected: &mut ExpectedDigests,
    name: &HeaderName,
    more: ExpectedDigests,
) -> Result<(), ApiError> {
    expected.merge(more).map_err(refused(name))
}

fn refused<E: std::fmt::Display>(name: &HeaderName) -> impl Fn(E) -> ApiError {
    move |error| ApiError::Invalid(format!("the header {name}: {error}"))
}

fn invalid(name: &HeaderName, allowed: &str) -> ApiError {
    ApiError::Invalid(format!("the header {name} must be {allowed}"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// The SHA-256 digest of nothing.
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const EMPTY_BASE64: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    fn read(lines: &[(&'static str, &str)]) -> Result<String, ApiError> {
        let lines = lines.iter().map(|(name, value)| {
            let value = HeaderValue::from_str(value).expect("a value");
            (HeaderName::from_static(name), value)
        });
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, value);
        }
        expected_digests(&headers).map(|expected| expected.to_string())
    }

    #[test]
    fn without_a_header_nothing_is_expected() {
        assert_eq!(read(&[]).ok().as_deref(), Some(""));
    }

    #[test]
    fn all_headers_say_the_same_in_their_own_ways() {
        let standard = format!("sha-256=:{EMPTY_BASE64}:");
        let upper = format!("SHA256:{}", EMPTY.to_uppercase());
        let read = read(&[
            ("x-image-checksum", EMPTY),
            ("x-image-checksum", &upper),
            ("repr-digest", &standard),
            ("content-digest", &standard),
            ("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg=="),
        ]);
        assert_eq!(
            read.expect("digests"),
            format!("sha256:{EMPTY},md5:d41d8cd98f00b204e9800998ecf8427e")
        );
    }

    #[test]
    fn headers_that_contradict_each_other_are_refused() {
        let standard = format!("sha-256=:{EMPTY_BASE64}:");
        let other = format!("sha256:{}", "0".repeat(64));
        let twice = format!("{standard}, sha-256=:AAAA:");
        for lines in [
            &[("x-image-checksum", &*other), ("repr-digest", &standard)][..],
            &[("repr-digest", &*twice)],
        ] {
            assert!(
                matches!(read(lines), Err(ApiError::Invalid(_))),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn what_cannot_be_checked_is_refused_with_the_name_of_its_header() {
        for (name, value) in [
            ("x-image-checksum", ""),
            ("x-image-checksum", "sha256:"),
            ("x-image-checksum", "0123"),
            ("repr-digest", ""),
            ("repr-digest", "crc32c=:AAAA:"),
            ("repr-digest", "sha-256=e3b0"),
            ("repr-digest", "sha-256"),
            ("repr-digest", "sha-256=(:AAAA:)"),
            ("content-digest", "sha-256=:no base64:"),
            ("content-md5", "d41d8cd98f00b204e9800998ecf8427e"),
            ("content-md5", ""),
        ] {
            match read(&[(name, value)]) {
                Err(ApiError::Invalid(told)) => assert!(told.contains(name), "{told}"),
                other => panic!("{name}: {value:?} gave {other:?}"),
            }
        }
    }
}
