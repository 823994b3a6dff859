//! Requests that carry no body.

use axum::extract::{FromRequest, Request};
use http_body::Body as _;

use crate::api::{ApiState, error::ApiError};

/// Refuses a body.
pub(crate) struct NoBody;

impl FromRequest<ApiState> for NoBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _api: &ApiState) -> Result<Self, ApiError> {
        if request.body().is_end_stream() {
            Ok(Self)
        } else {
            Err(ApiError::UnexpectedBody)
        }
    }
}
