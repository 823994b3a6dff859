//! The job that a request names.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;

use crate::{
    api::{ApiState, error::ApiError, extract::parameters},
    service::JobDemand,
};

/// The job that the path names, of the project that the query names.
pub(super) struct JobPath(pub(super) JobDemand);

impl FromRequestParts<ApiState> for JobPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, ApiError> {
        let Path(id) = Path::<String>::from_request_parts(parts, api)
            .await
            .map_err(|_| ApiError::NotFound)?;
        let mut project = None;
        for (name, value) in parameters(&parts.uri)? {
            match name.as_str() {
                "project_id" if value.contains('\0') => return Err(ApiError::NotFound),
                "project_id" => project = Some(value),
                _ => return Err(unknown(&name, "project_id")),
            }
        }
        Ok(Self(JobDemand { id, project }))
    }
}

/// The refusal of a parameter that means nothing.
pub(super) fn unknown(name: &str, allowed: &str) -> ApiError {
    let name: String = name.chars().take(64).collect();
    ApiError::Invalid(format!(
        "the parameter {name:?} is not known; allowed: {allowed}"
    ))
}
