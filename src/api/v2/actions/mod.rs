//! Closing, opening and verifying images.

mod deactivate;
mod reactivate;
mod verify;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    api::{ApiState, error::ApiError},
    service::ServiceError,
};

/// The routes of actions.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .routes(routes!(deactivate::deactivate))
        .routes(routes!(reactivate::reactivate))
        .routes(routes!(verify::verify))
}

/// The refusal of an action: other than elsewhere, a status that forbids it is no conflict.
fn refusal(error: ServiceError) -> ApiError {
    match error {
        ServiceError::Illegal(illegal) => ApiError::IllegalAction(illegal),
        other => ApiError::Service(other),
    }
}
