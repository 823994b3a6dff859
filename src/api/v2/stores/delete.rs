//! `DELETE /v2/stores/{store_id}/{image_id}`

use axum::extract::State;
use http::StatusCode;

use crate::api::{
    ApiState,
    docs::OnImage,
    error::ApiError,
    extract::{Authenticated, CopyPath, NoBody},
    refusal::ErrorBody,
};

/// Take an image out of one of its stores.
#[utoipa::path(
    delete, path = "/v2/stores/{store_id}/{image_id}", tag = "data",
    operation_id = "delete_image_from_store",
    params(
        ("store_id" = String, Path, description = "The store"),
        ("image_id" = String, Path, description = "The image, which another store holds as well"),
    ),
    responses(
        (status = NO_CONTENT, description = "The store does not hold the image any more"),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        (
            status = CONFLICT, body = ErrorBody,
            description = "There is no such store, the image is not active or is being copied, or something uses the bytes",
        ),
        (status = SERVICE_UNAVAILABLE, description = "The store cannot be reached", body = ErrorBody),
        OnImage,
    ),
)]
pub(super) async fn delete(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    CopyPath(store, id): CopyPath,
    _: NoBody,
) -> Result<StatusCode, ApiError> {
    api.stores.delete_copy(&caller, &store, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
