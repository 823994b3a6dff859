//! `GET /v1/capabilities`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnJobs,
    error::ApiError,
    extract::{Authenticated, NoBody},
    refusal::JobErrorBody,
    v1::{capabilities::wire::CapabilitiesView, wire::Envelope},
};

/// Show what verification jobs can ask for.
#[utoipa::path(
    get, path = "/v1/capabilities", tag = "jobs", operation_id = "show_capabilities",
    responses(
        (status = OK, description = "What jobs can ask for, and how much", body = Envelope<CapabilitiesView>),
        (status = BAD_REQUEST, description = "There is a body", body = JobErrorBody),
        OnJobs,
    ),
)]
pub(super) async fn show(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    _: NoBody,
) -> Result<Json<Envelope<CapabilitiesView>>, ApiError> {
    let capabilities = api.jobs.capabilities(&caller)?;
    Ok(Json(Envelope::of(capabilities.into())))
}
