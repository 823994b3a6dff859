//! `GET /v1/jobs/{job_id}`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnJob,
    error::ApiError,
    extract::{Authenticated, NoBody},
    refusal::JobErrorBody,
    v1::{
        jobs::{named::JobPath, wire::JobView},
        wire::Envelope,
    },
};

/// Show where a verification job stands.
#[utoipa::path(
    get, path = "/v1/jobs/{job_id}", tag = "jobs", operation_id = "show_job",
    params(
        ("job_id" = String, Path, description = "The job"),
        ("project_id" = Option<String>, Query, description = "Its project, where several have one of this id"),
    ),
    responses(
        (status = OK, description = "Where it stands", body = Envelope<JobView>),
        (status = BAD_REQUEST, description = "A parameter is not known", body = JobErrorBody),
        OnJob,
    ),
)]
pub(super) async fn show(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    JobPath(demand): JobPath,
    _: NoBody,
) -> Result<Json<Envelope<JobView>>, ApiError> {
    let job = api.jobs.show(&caller, &demand).await?;
    Ok(Json(Envelope::of(job.into())))
}
