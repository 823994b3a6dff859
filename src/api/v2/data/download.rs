//! `GET /v2/images/{image_id}/file`

use std::ops::Range;

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse as _, Response},
};
use futures_util::TryStreamExt as _;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::{
    api::{
        ApiState,
        docs::OnImage,
        error::ApiError,
        extract::{Authenticated, ImagePath, NoBody, Wanted},
        refusal::ErrorBody,
    },
    domain::ImageId,
    service::Download,
    stream::Outgoing,
};

const CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");

/// Download the data of an image, or a part of it.
#[utoipa::path(
    get, path = "/v2/images/{image_id}/file", tag = "data", operation_id = "download_image",
    params(
        ("image_id" = String, Path, description = "The image"),
        ("Range" = Option<String>, Header, description = "One range of bytes"),
        (
            "prefer" = Option<String>, Query,
            description = "Stores to read from rather than from others, behind commas, the first of \
                           them first"
        ),
    ),
    responses(
        (status = OK, description = "All bytes", content_type = "application/octet-stream", headers(
            (
                "Content-MD5" = String,
                description = "The MD5 digest of the image, in hexadecimal digits"
            ),
        )),
        (status = PARTIAL_CONTENT, description = "The bytes of the range", content_type = "application/octet-stream", headers(
            (
                "Content-MD5" = String,
                description = "The MD5 digest of the whole image, in hexadecimal digits"
            ),
            ("Content-Range" = String, description = "Which bytes they are"),
        )),
        (status = NO_CONTENT, description = "The image has no data yet"),
        (
            status = BAD_REQUEST, body = ErrorBody,
            description = "Several ranges are asked for, or a store that is not there, or there is a \
                           body",
        ),
        (
            status = RANGE_NOT_SATISFIABLE, body = ErrorBody,
            description = "The range is malformed, or beyond the data",
        ),
        (
            status = SERVICE_UNAVAILABLE, body = ErrorBody,
            description = "The store cannot be reached",
        ),
        OnImage,
    ),
)]
pub(super) async fn download(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
    Wanted(call): Wanted,
    _: NoBody,
) -> Result<Response, ApiError> {
    match api.data.download(&caller, id, call).await? {
        Download::NoData => Ok(StatusCode::NO_CONTENT.into_response()),
        Download::Data {
            size,
            range,
            checksum,
            body,
        } => {
            let body = outgoing(id, body);
            Ok(response(size, range.as_ref(), checksum, body))
        }
    }
}

fn response(
    size: u64,
    range: Option<&Range<u64>>,
    checksum: Option<String>,
    body: Body,
) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    if let Some(checksum) = checksum.and_then(|digits| HeaderValue::try_from(digits).ok()) {
        headers.insert(CONTENT_MD5, checksum);
    }
    let (status, length) = match range {
        Some(&Range { start, end }) => {
            let described = format!("bytes {start}-{}/{size}", end.saturating_sub(1));
            if let Ok(described) = HeaderValue::try_from(described) {
                headers.insert(header::CONTENT_RANGE, described);
            }
            (StatusCode::PARTIAL_CONTENT, end.saturating_sub(start))
        }
        None => (StatusCode::OK, size),
    };
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    (status, headers, body).into_response()
}

/// The bytes as a body. A fault can only break off the connection now, so it is recorded here.
fn outgoing(id: ImageId, bytes: Outgoing) -> Body {
    Body::from_stream(bytes.inspect_err(move |error| {
        tracing::error!(
            image.id = %id,
            error = error as &dyn std::error::Error,
            "a download broke off"
        );
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_says_which_bytes_it_is() {
        let response = response(10, Some(&(3..6)), Some("00ff".into()), Body::empty());
        assert_eq!(response.status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(response.headers()[header::CONTENT_RANGE], "bytes 3-5/10");
        assert_eq!(response.headers()[header::CONTENT_LENGTH], "3");
        assert_eq!(response.headers()[CONTENT_MD5], "00ff");
    }

    #[test]
    fn the_whole_has_its_length_and_no_range() {
        let response = response(10, None, None, Body::empty());
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_LENGTH], "10");
        assert!(!response.headers().contains_key(header::CONTENT_RANGE));
        assert!(!response.headers().contains_key(CONTENT_MD5));
    }
}
