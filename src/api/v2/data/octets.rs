//! Image data in the body of a request.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    extract::{FromRequest, Request},
};
use futures_util::{StreamExt as _, stream};
use http::{HeaderMap, HeaderName, header};
use http_body::Body as _;

use crate::{
    api::{ApiState, error::ApiError, extract::store_header, v2::data::expected::expected_digests},
    service::Upload,
    stream::{Incoming, Interrupted},
};

const MEDIA_TYPE: &str = "application/octet-stream";
const SIZE: HeaderName = HeaderName::from_static("x-openstack-image-size");

/// Image data, still to be read.
pub(super) struct Octets(pub(super) Upload);

impl FromRequest<ApiState> for Octets {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &ApiState) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        check_media_type(&parts.headers)?;
        let announced = announced_size(&parts.headers)?;
        Ok(Self(Upload {
            store: store_header(&parts.headers)?,
            expected: expected_digests(&parts.headers)?,
            size: announced.or_else(|| body.size_hint().exact()),
            body: incoming(body, api.settings.client_socket_timeout),
        }))
    }
}

/// Accepts the media type of image data, whatever its parameters.
fn check_media_type(headers: &HeaderMap) -> Result<(), ApiError> {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .filter(|media_type| media_type.trim().eq_ignore_ascii_case(MEDIA_TYPE))
        .map(|_| ())
        .ok_or(ApiError::NotOctets)
}

/// The number of bytes that the client announces; 0 says that it does not know.
fn announced_size(headers: &HeaderMap) -> Result<Option<u64>, ApiError> {
    let Some(value) = headers.get(SIZE) else {
        return Ok(None);
    };
    let size: Option<u64> = value
        .to_str()
        .ok()
        .and_then(|text| text.trim().parse().ok());
    match size {
        Some(0) => Ok(None),
        Some(size) => Ok(Some(size)),
        None => Err(ApiError::Invalid(format!(
            "the header {SIZE} must be a number of bytes"
        ))),
    }
}

/// The bytes of `body`, which may make a pause of `patience` at most.
fn incoming(body: Body, patience: Option<Duration>) -> Incoming {
    let data = body.into_data_stream();
    Box::pin(stream::unfold(Some(data), move |data| async move {
        let mut data = data?;
        let next = next(&mut data, patience).await?;
        // Nothing is read behind a fault.
        let rest = next.is_ok().then_some(data);
        Some((next, rest))
    }))
}

async fn next(
    data: &mut BodyDataStream,
    patience: Option<Duration>,
) -> Option<Result<bytes::Bytes, Interrupted>> {
    let next = match patience {
        Some(patience) => match tokio::time::timeout(patience, data.next()).await {
            Ok(next) => next,
            Err(_) => return Some(Err(Interrupted::Stalled(patience))),
        },
        None => data.next().await,
    };
    next.map(|bytes| bytes.map_err(|error| Interrupted::BrokenOff(error.into_inner())))
}

#[cfg(test)]
mod tests {
    use std::io;

    use bytes::Bytes;
    use http::HeaderValue;

    use super::*;

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn image_data_says_that_it_is_octets() {
        for value in ["application/octet-stream", "Application/Octet-Stream; a=b"] {
            assert!(
                check_media_type(&headers(header::CONTENT_TYPE, value)).is_ok(),
                "{value}"
            );
        }
        for value in ["", "application/json", "application/octet-stream2"] {
            assert!(
                check_media_type(&headers(header::CONTENT_TYPE, value)).is_err(),
                "{value}"
            );
        }
        assert!(check_media_type(&HeaderMap::new()).is_err());
    }

    #[test]
    fn a_size_of_zero_is_no_announcement() {
        let size = |value| announced_size(&headers(SIZE, value));
        assert!(matches!(size("0"), Ok(None)));
        assert!(matches!(size("17"), Ok(Some(17))));
        assert!(size("many").is_err());
        assert!(size("-1").is_err());
    }

    #[tokio::test]
    async fn a_silent_client_is_not_waited_for() {
        let first = stream::iter([io::Result::Ok(Bytes::from_static(b"a"))]);
        let body = Body::from_stream(first.chain(stream::pending()));
        let patience = Duration::from_millis(1);
        let read: Vec<_> = incoming(body, Some(patience)).collect().await;
        assert!(
            matches!(&read[..], [Ok(_), Err(Interrupted::Stalled(waited))] if *waited == patience)
        );
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_says_so() {
        let broken = stream::iter([
            Ok(Bytes::from_static(b"a")),
            Err(io::Error::from(io::ErrorKind::ConnectionReset)),
        ]);
        let read: Vec<_> = incoming(Body::from_stream(broken), None).collect().await;
        assert!(matches!(&read[..], [Ok(_), Err(Interrupted::BrokenOff(_))]));
    }
}
