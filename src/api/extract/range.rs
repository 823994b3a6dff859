//! The part of an image's bytes that a request asks for, and the stores it prefers.

use axum::extract::FromRequestParts;
use http::{HeaderMap, Uri, header, request::Parts};

use super::query::parameters;
use crate::{
    api::{ApiState, error::ApiError},
    domain::ByteRange,
    service::DownloadCall,
};

/// What of an image's data is asked for, and where it is to come from.
pub(crate) struct Wanted(pub(crate) DownloadCall);

impl FromRequestParts<ApiState> for Wanted {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _api: &ApiState) -> Result<Self, ApiError> {
        Ok(Self(DownloadCall {
            range: range(&parts.headers)?,
            preferred: preferred(&parts.uri)?,
        }))
    }
}

/// The stores that `prefer` names, each once.
fn preferred(uri: &Uri) -> Result<Vec<String>, ApiError> {
    let mut stores = Vec::new();
    for (name, value) in parameters(uri)? {
        if name != "prefer" {
            continue;
        }
        let named = value.split(',').map(str::trim);
        for store in named.filter(|store| !store.is_empty()) {
            if !stores.iter().any(|known| known == store) {
                stores.push(store.to_owned());
            }
        }
    }
    Ok(stores)
}

/// The range, if one is asked for: by `Range`, or by `Content-Range` as old clients do.
fn range(headers: &HeaderMap) -> Result<Option<ByteRange>, ApiError> {
    let text = |name| {
        headers
            .get(name)
            .map(|value| value.to_str().map_err(|_| ApiError::MalformedRange))
            .transpose()
    };
    if let Some(range) = text(header::RANGE)? {
        if range.contains(',') {
            return Err(ApiError::Invalid(
                "Range may ask for one range only, not for several".into(),
            ));
        }
        return requested(range).map(Some).ok_or(ApiError::MalformedRange);
    }
    text(header::CONTENT_RANGE)?
        .map(|range| described(range).ok_or(ApiError::MalformedRange))
        .transpose()
}

/// `bytes=a-b`, `bytes=a-`, `bytes=-n`
fn requested(range: &str) -> Option<ByteRange> {
    let (unit, range) = range.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    match range.trim().split_once('-')? {
        ("", count) => number(count).map(ByteRange::Last),
        (first, "") => number(first).map(ByteRange::From),
        (first, last) => between(first, last),
    }
}

/// `bytes a-b/size`, `bytes a-b/*`
fn described(range: &str) -> Option<ByteRange> {
    let (range, size) = range.strip_prefix("bytes ")?.trim().split_once('/')?;
    if size != "*" {
        number(size)?;
    }
    let (first, last) = range.split_once('-')?;
    between(first, last)
}

fn between(first: &str, last: &str) -> Option<ByteRange> {
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then_some(ByteRange::Between(first, last))
}

/// Digits only; a number beyond all sizes is as good as the greatest.
fn number(digits: &str) -> Option<u64> {
    let digits = digits.trim();
    let well_formed = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    well_formed.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn of(name: HeaderName, value: &'static str) -> Result<Option<ByteRange>, ApiError> {
        let value = HeaderValue::from_static(value);
        range(&HeaderMap::from_iter([(name, value)]))
    }

    #[test]
    fn one_range_is_understood() {
        for (text, expected) in [
            ("bytes=0-99", ByteRange::Between(0, 99)),
            ("bytes=5-", ByteRange::From(5)),
            ("bytes=-7", ByteRange::Last(7)),
            (
                "bytes=0-99999999999999999999",
                ByteRange::Between(0, u64::MAX),
            ),
        ] {
            let range = of(header::RANGE, text).expect("a range");
            assert_eq!(range, Some(expected), "{text}");
        }
        assert!(matches!(range(&HeaderMap::new()), Ok(None)));
    }

    #[test]
    fn the_range_of_old_clients_is_understood() {
        for text in ["bytes 1-5/10", "bytes 1-5/*"] {
            let range = of(header::CONTENT_RANGE, text).expect("a range");
            assert_eq!(range, Some(ByteRange::Between(1, 5)), "{text}");
        }
        assert!(matches!(
            of(header::CONTENT_RANGE, "bytes */10"),
            Err(ApiError::MalformedRange)
        ));
    }

    #[test]
    fn several_ranges_are_refused_as_such() {
        assert!(matches!(
            of(header::RANGE, "bytes=0-1,4-5"),
            Err(ApiError::Invalid(_))
        ));
    }

    #[test]
    fn what_is_no_range_of_bytes_is_refused() {
        for text in [
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=5-2",
            "items=0-5",
            "0-5",
            "bytes=+1-5",
            "bytes=1--5",
        ] {
            assert!(
                matches!(of(header::RANGE, text), Err(ApiError::MalformedRange)),
                "{text}"
            );
        }
    }
}
