//! `PUT /v2/images/{image_id}/members/{member_id}`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, JsonObject, MemberPath},
    refusal::ErrorBody,
    v2::members::wire::{MemberView, UpdateMemberBody},
};

/// Accept or reject an image that is shared with the caller.
#[utoipa::path(
    put, path = "/v2/images/{image_id}/members/{member_id}", tag = "members", operation_id = "update_member",
    params(
        ("image_id" = String, Path, description = "The image, whose visibility is `shared`"),
        ("member_id" = String, Path, description = "The project"),
    ),
    request_body(content = UpdateMemberBody, example = json!({"status": "accepted"})),
    responses(
        (status = OK, description = "The membership as it is now", body = MemberView),
        (status = BAD_REQUEST, description = "The body names no status", body = ErrorBody),
        (status = CONFLICT, description = "Another request is changing it", body = ErrorBody),
        (
            status = PAYLOAD_TOO_LARGE, body = ErrorBody,
            description = "The body of the request is too large",
        ),
        OnImage,
    ),
)]
pub(super) async fn update(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    MemberPath(id, member): MemberPath,
    JsonObject(body): JsonObject,
) -> Result<Json<MemberView>, ApiError> {
    let status = UpdateMemberBody(body).into_status()?;
    let member = api.members.set_status(&caller, id, &member, status).await?;
    Ok(Json(member.into()))
}
