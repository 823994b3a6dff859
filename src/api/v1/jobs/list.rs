//! `GET /v1/jobs`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnJobs,
    error::ApiError,
    extract::{Authenticated, NoBody},
    refusal::JobErrorBody,
    v1::{
        jobs::{query::ListRequest, wire::JobListView},
        wire::Envelope,
    },
};

/// List verification jobs, page by page.
#[utoipa::path(
    get, path = "/v1/jobs", tag = "jobs", operation_id = "list_jobs",
    params(
        ("limit" = Option<u32>, Query, description = "How many jobs at most"),
        ("marker" = Option<String>, Query, description = "What the page before gave as `next`"),
        ("status" = Option<String>, Query, description = "`pending`, `running`, `completed`, `failed` or `cancelled`"),
        ("project_id" = Option<String>, Query, description = "Only jobs of this project"),
    ),
    responses(
        (status = OK, description = "A page of the jobs that the caller may see", body = Envelope<JobListView>),
        (status = BAD_REQUEST, description = "A parameter is not what it may be", body = JobErrorBody),
        OnJobs,
    ),
)]
pub(super) async fn list(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ListRequest(query): ListRequest,
    _: NoBody,
) -> Result<Json<Envelope<JobListView>>, ApiError> {
    let page = api.jobs.list(&caller, query).await?;
    Ok(Json(Envelope::of(page.into())))
}
