//! `GET /v2/images/{image_id}`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, ImagePath, NoBody},
    refusal::ErrorBody,
    v2::images::wire::ImageView,
};

/// Show an image.
#[utoipa::path(
    get, path = "/v2/images/{image_id}", tag = "images", operation_id = "show_image",
    params(("image_id" = String, Path, description = "The image to show")),
    responses(
        (status = OK, description = "The image", body = ImageView),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        OnImage,
    ),
)]
pub(super) async fn show(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
    _: NoBody,
) -> Result<Json<ImageView>, ApiError> {
    let image = api.images.show(&caller, id).await?;
    Ok(Json(image.into()))
}
