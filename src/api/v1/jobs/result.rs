//! `GET /v1/jobs/{job_id}/result`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnJob,
    error::ApiError,
    extract::{Authenticated, NoBody},
    refusal::JobErrorBody,
    v1::{
        jobs::{named::JobPath, wire::ResultView},
        wire::Envelope,
    },
};

/// Show the result of a verification job that has ended.
#[utoipa::path(
    get, path = "/v1/jobs/{job_id}/result", tag = "jobs", operation_id = "show_job_result",
    params(
        ("job_id" = String, Path, description = "The job"),
        ("project_id" = Option<String>, Query, description = "Its project, where several have one of this id"),
    ),
    responses(
        (
            status = OK, body = Envelope<ResultView>,
            description = "The document of the result, however the job ended. While it waits or runs: 404, whose `details.status` says so",
        ),
        (status = BAD_REQUEST, description = "A parameter is not known", body = JobErrorBody),
        OnJob,
    ),
)]
pub(super) async fn result(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    JobPath(demand): JobPath,
    _: NoBody,
) -> Result<Json<Envelope<ResultView>>, ApiError> {
    let result = api.jobs.result(&caller, &demand).await?;
    Ok(Json(Envelope::of(result.into())))
}
