//! `POST /v2/images/{image_id}/members`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, ImagePath, JsonObject},
    refusal::ErrorBody,
    v2::members::wire::{AddMemberBody, MemberView},
};

/// Share an image with a project.
#[utoipa::path(
    post, path = "/v2/images/{image_id}/members", tag = "members", operation_id = "add_member",
    params(
        ("image_id" = String, Path, description = "The image, whose visibility is `shared`"),
    ),
    request_body(content = AddMemberBody, example = json!({"member": "8989447062e04a818baf9e073fd04fa7"})),
    responses(
        (status = OK, description = "The membership, still pending", body = MemberView),
        (status = BAD_REQUEST, description = "The body names no project", body = ErrorBody),
        (status = CONFLICT, description = "The project is a member already", body = ErrorBody),
        (
            status = PAYLOAD_TOO_LARGE, body = ErrorBody,
            description = "The image has as many members as it may have",
        ),
        OnImage,
    ),
)]
pub(super) async fn add(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
    JsonObject(body): JsonObject,
) -> Result<Json<MemberView>, ApiError> {
    let member = AddMemberBody(body).into_member()?;
    let member = api.members.add(&caller, id, member).await?;
    Ok(Json(member.into()))
}
