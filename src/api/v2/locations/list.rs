//! `GET /v2/images/{image_id}/locations`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, ImagePath, NoBody},
    refusal::ErrorBody,
    v2::locations::wire::{LocationView, views},
};

/// Tell a service where an image is.
#[utoipa::path(
    get, path = "/v2/images/{image_id}/locations", tag = "data", operation_id = "list_locations",
    params(("image_id" = String, Path, description = "The image")),
    responses(
        (status = OK, description = "The places, best first", body = Vec<LocationView>),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        OnImage,
    ),
)]
pub(super) async fn list(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
    _: NoBody,
) -> Result<Json<Vec<LocationView>>, ApiError> {
    let places = api.locations.list(&caller, id).await?;
    Ok(Json(views(places.locations, places.stores_are_named)))
}
