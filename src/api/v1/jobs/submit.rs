//! `POST /v1/jobs`

use axum::{
    Json,
    extract::{FromRequest, Request, State},
};
use http::StatusCode;

use crate::api::{
    ApiState,
    docs::OnJobs,
    error::ApiError,
    extract::{Authenticated, read_bytes},
    refusal::JobErrorBody,
    v1::{jobs::wire::AnswerView, wire::Envelope},
};

/// The text of a body.
pub(super) struct Document(String);

impl FromRequest<ApiState> for Document {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &ApiState) -> Result<Self, ApiError> {
        let bytes = read_bytes(request, api).await?;
        let text = String::from_utf8(bytes.into()).map_err(|_| ApiError::MalformedJson)?;
        Ok(Self(text))
    }
}

/// Submit a verification job.
///
/// Clients of the guestkit worker find this and all other routes of jobs below `/api/v1` as well.
#[utoipa::path(
    post, path = "/v1/jobs", tag = "jobs", operation_id = "submit_job",
    request_body(
        content = Object,
        description = "A document of the protocol of the guestkit worker: version 1.0, kind VMOperation",
        example = json!({
            "version": "1.0", "job_id": "check-2026-11-29", "created_at": "2026-11-29T10:00:00Z",
            "kind": "VMOperation", "operation": "hallmark.verify",
            "payload": {"type": "hallmark.verify.v1", "data": {"images": [
                {"path": "/var/lib/images/a.raw", "checksum": "sha256:3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7"},
            ]}},
        }),
    ),
    responses(
        (status = CREATED, description = "The job waits", body = Envelope<AnswerView>),
        (status = OK, description = "The same document was submitted before", body = Envelope<AnswerView>),
        (status = BAD_REQUEST, description = "The document is no job: which field, and what is allowed", body = JobErrorBody),
        (status = NOT_FOUND, description = "There is no such image that the caller may see", body = JobErrorBody),
        (status = CONFLICT, description = "Another document has the id", body = JobErrorBody),
        (status = PAYLOAD_TOO_LARGE, description = "The document has more than 1 MiB", body = JobErrorBody),
        (status = TOO_MANY_REQUESTS, description = "Too many jobs wait; `Retry-After` says when to try again", body = JobErrorBody),
        OnJobs,
    ),
)]
pub(super) async fn submit(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    Document(document): Document,
) -> Result<(StatusCode, Json<Envelope<AnswerView>>), ApiError> {
    let submitted = api.jobs.submit(&caller, document).await?;
    let status = if submitted.is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((
        status,
        Json(Envelope::of(AnswerView::submitted(&submitted))),
    ))
}
