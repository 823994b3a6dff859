//! `GET /v2/images/{image_id}/receipts`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, ImagePath, NoBody},
    refusal::ErrorBody,
    v2::receipts::wire::ReceiptsView,
};

/// List the signed receipts of the verifications of an image's data.
#[utoipa::path(
    get, path = "/v2/images/{image_id}/receipts", tag = "digests", operation_id = "list_image_receipts",
    params(("image_id" = String, Path, description = "The image")),
    responses(
        (status = OK, description = "The latest 1000 receipts, the oldest of them first; none where receipts are not kept", body = ReceiptsView),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        OnImage,
    ),
)]
pub(super) async fn list(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ImagePath(id): ImagePath,
    _: NoBody,
) -> Result<Json<ReceiptsView>, ApiError> {
    let receipts = api.receipts.list(&caller, id).await?;
    Ok(Json(ReceiptsView::new(&receipts)?))
}
