//! `DELETE /v2/images/{image_id}/members/{member_id}`

use axum::extract::State;
use http::StatusCode;

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, MemberPath, NoBody},
    refusal::ErrorBody,
};

/// Share an image with a project no longer.
#[utoipa::path(
    delete, path = "/v2/images/{image_id}/members/{member_id}", tag = "members", operation_id = "remove_member",
    params(
        ("image_id" = String, Path, description = "The image, whose visibility is `shared`"),
        ("member_id" = String, Path, description = "The project"),
    ),
    responses(
        (status = NO_CONTENT, description = "The project is no member any more"),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        OnImage,
    ),
)]
pub(super) async fn remove(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    MemberPath(id, member): MemberPath,
    _: NoBody,
) -> Result<StatusCode, ApiError> {
    api.members.remove(&caller, id, &member).await?;
    Ok(StatusCode::NO_CONTENT)
}
