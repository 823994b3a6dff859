//! `GET /v2/images/{image_id}/members/{member_id}`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, MemberPath, NoBody},
    refusal::ErrorBody,
    v2::members::wire::MemberView,
};

/// Show a project an image is shared with.
#[utoipa::path(
    get, path = "/v2/images/{image_id}/members/{member_id}", tag = "members", operation_id = "show_member",
    params(
        ("image_id" = String, Path, description = "The image, whose visibility is `shared`"),
        ("member_id" = String, Path, description = "The project"),
    ),
    responses(
        (status = OK, description = "The membership", body = MemberView),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        OnImage,
    ),
)]
pub(super) async fn show(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    MemberPath(id, member): MemberPath,
    _: NoBody,
) -> Result<Json<MemberView>, ApiError> {
    let member = api.members.show(&caller, id, &member).await?;
    Ok(Json(member.into()))
}
