//! `GET /v2/images/{image_id}/digests`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, ImagePath, NoBody},
    refusal::ErrorBody,
    v2::digests::wire::DigestsView,
};

/// List every digest that was ever found of an image's data, and what is known of its copies.
#[utoipa::path(
    get, path = "/v2/images/{image_id}/digests", tag = "digests", operation_id = "list_image_digests",
    params(("image_id" = String, Path, description = "The image")),
    responses(
        (status = OK, description = "The digests, the oldest first; none as long as there are no data", body = DigestsView),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        OnImage,
    ),
)]
pub(super) async fn list(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
    _: NoBody,
) -> Result<Json<DigestsView>, ApiError> {
    let found = api.images.digests(&caller, id).await?;
    Ok(Json(DigestsView::new(&api.discovery, found)))
}
