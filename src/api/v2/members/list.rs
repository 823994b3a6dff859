//! `GET /v2/images/{image_id}/members`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, ImagePath, NoBody},
    refusal::ErrorBody,
    v2::members::wire::MemberListView,
};

/// List the projects an image is shared with.
#[utoipa::path(
    get, path = "/v2/images/{image_id}/members", tag = "members", operation_id = "list_members",
    params(
        ("image_id" = String, Path, description = "The image, whose visibility is `shared`"),
    ),
    responses(
        (status = OK, description = "All members for the owner; for a member, itself", body = MemberListView),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        OnImage,
    ),
)]
pub(super) async fn list(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
    _: NoBody,
) -> Result<Json<MemberListView>, ApiError> {
    let members = api.members.list(&caller, id).await?;
    Ok(Json(members.into()))
}
