//! `POST /v1/jobs/{job_id}/cancel`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnJob,
    error::ApiError,
    extract::{Authenticated, NoBody},
    refusal::JobErrorBody,
    v1::{
        jobs::{named::JobPath, wire::AnswerView},
        wire::Envelope,
    },
};

/// Cancel a verification job, whether it waits or runs.
#[utoipa::path(
    post, path = "/v1/jobs/{job_id}/cancel", tag = "jobs", operation_id = "cancel_job",
    params(
        ("job_id" = String, Path, description = "The job"),
        ("project_id" = Option<String>, Query, description = "Its project, where several have one of this id"),
    ),
    responses(
        (status = OK, description = "It is cancelled, or will be as soon as who runs it hears of it", body = Envelope<AnswerView>),
        (status = BAD_REQUEST, description = "There is a body, or a parameter is not known", body = JobErrorBody),
        (status = CONFLICT, description = "It has ended, or may not be cancelled", body = JobErrorBody),
        OnJob,
    ),
)]
pub(super) async fn cancel(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    JobPath(demand): JobPath,
    _: NoBody,
) -> Result<Json<Envelope<AnswerView>>, ApiError> {
    let job = api.jobs.cancel(&caller, &demand).await?;
    Ok(Json(Envelope::of(AnswerView::cancelled(&job))))
}
