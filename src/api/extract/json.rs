//! Bodies of JSON.

use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
};
use bytes::Bytes;
use http_body_util::LengthLimitError;
use serde_json::{Map, Value};

use crate::api::{ApiState, error::ApiError};

/// The most bytes a JSON body may have. An image has few properties, but they may be long.
const MAX_BYTES: usize = 1 << 20;

/// A body that is a JSON object.
pub(crate) struct JsonObject(pub(crate) Map<String, Value>);

impl FromRequest<ApiState> for JsonObject {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &ApiState) -> Result<Self, ApiError> {
        match read_json(request, api).await? {
            Value::Object(object) => Ok(Self(object)),
            _ => Err(ApiError::Invalid(
                "the body of this request must be a JSON object".into(),
            )),
        }
    }
}

/// Reads a JSON body. Of a key that comes twice, the last value counts.
///
/// The client may take as long for the whole body as it may be silent within image data.
///
/// # Errors
///
/// If there is no body, or it is not JSON, too large, or too slow to arrive.
pub(crate) async fn read_json(request: Request, api: &ApiState) -> Result<Value, ApiError> {
    parse(&read_bytes(request, api).await?)
}

/// Reads a body that may be as large as one of JSON.
///
/// # Errors
///
/// If it is too large, or too slow to arrive.
pub(crate) async fn read_bytes(request: Request, api: &ApiState) -> Result<Bytes, ApiError> {
    let reading = to_bytes(request.into_body(), MAX_BYTES);
    let read = match api.settings.client_socket_timeout {
        Some(patience) => tokio::time::timeout(patience, reading)
            .await
            .map_err(|_| ApiError::BodyInterrupted)?,
        None => reading.await,
    };
    read.map_err(|error| {
        if error.into_inner().is::<LengthLimitError>() {
            ApiError::BodyTooLarge(MAX_BYTES)
        } else {
            ApiError::BodyInterrupted
        }
    })
}

fn parse(bytes: &[u8]) -> Result<Value, ApiError> {
    if bytes.is_empty() {
        return Err(ApiError::NoBody);
    }
    serde_json::from_slice(bytes).map_err(|_| ApiError::MalformedJson)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_two_equal_keys_counts() {
        let value = parse(br#"{"a": 1, "a": 2}"#).expect("JSON");
        assert_eq!(value["a"], 2);
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = "[".repeat(100_000);
        assert!(matches!(
            parse(deep.as_bytes()),
            Err(ApiError::MalformedJson)
        ));
    }

    #[test]
    fn what_is_no_json_is_refused() {
        assert!(matches!(parse(b""), Err(ApiError::NoBody)));
        for body in [&b"{"[..], b"{} {}", b"\xff", b"{\"a\": \"\xe9\"}"] {
            assert!(
                matches!(parse(body), Err(ApiError::MalformedJson)),
                "{body:?}"
            );
        }
    }
}
