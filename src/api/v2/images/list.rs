//! `GET /v2/images`

use axum::{Json, extract::State};

use crate::api::{
    ApiState,
    docs::Always,
    error::ApiError,
    extract::{Authenticated, NoBody},
    refusal::ErrorBody,
    v2::images::{query::ListRequest, wire::ImageListView},
};

/// List images, page by page.
///
/// Every other parameter is the name of a custom property and its exact value.
#[utoipa::path(
    get, path = "/v2/images", tag = "images", operation_id = "list_images",
    params(
        ("limit" = Option<u32>, Query, description = "How many images at most"),
        ("marker" = Option<String>, Query, description = "The last image of the page before"),
        ("sort" = Option<String>, Query, description = "`key[:dir]`, separated by commas"),
        ("sort_key" = Option<Vec<String>>, Query, description = "What to sort by; may be repeated"),
        (
            "sort_dir" = Option<Vec<String>>, Query,
            description = "`asc` or `desc`: one for all keys, or one each",
        ),
        (
            "visibility" = Option<String>, Query,
            description = "`public`, `private`, `shared`, `community` or `all`",
        ),
        (
            "member_status" = Option<String>, Query,
            description = "`pending`, `accepted`, `rejected` or `all`: which shared images",
        ),
        ("owner" = Option<String>, Query, description = "The owning project"),
        ("os_hidden" = Option<bool>, Query, description = "Hidden images instead of the others"),
        ("protected" = Option<bool>, Query, description = "Protected or not"),
        ("tag" = Option<Vec<String>>, Query, description = "A tag the image has; may be repeated"),
        ("id" = Option<String>, Query, description = "The id, or `in:` and several"),
        ("name" = Option<String>, Query, description = "The name, or `in:` and several"),
        ("status" = Option<String>, Query, description = "The status, or `in:` and several"),
        (
            "container_format" = Option<String>, Query,
            description = "The container format, or `in:` and several",
        ),
        (
            "disk_format" = Option<String>, Query,
            description = "The disk format, or `in:` and several",
        ),
        (
            "created_at" = Option<String>, Query,
            description = "`gt:`, `gte:`, `lt:`, `lte:`, `eq:` or `neq:` and a time",
        ),
        (
            "updated_at" = Option<String>, Query,
            description = "`gt:`, `gte:`, `lt:`, `lte:`, `eq:` or `neq:` and a time",
        ),
        (
            "size_min" = Option<u64>, Query,
            description = "The least size in bytes; likewise for `virtual_size`, `min_disk` and `min_ram`",
        ),
        (
            "size_max" = Option<u64>, Query,
            description = "The greatest size in bytes; likewise for `virtual_size`, `min_disk` and `min_ram`",
        ),
        ("checksum" = Option<String>, Query, description = "The MD5 digest"),
        ("os_hash_algo" = Option<String>, Query, description = "The algorithm of the digest"),
        ("os_hash_value" = Option<String>, Query, description = "The digest"),
    ),
    responses(
        (status = OK, description = "A page of images", body = ImageListView),
        (status = BAD_REQUEST, description = "A parameter is not what it may be", body = ErrorBody),
        (
            status = FORBIDDEN, body = ErrorBody,
            description = "The caller may not list images, or not see the marker",
        ),
        Always,
    ),
)]
pub(super) async fn list(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    ListRequest { query, links }: ListRequest,
    _: NoBody,
) -> Result<Json<ImageListView>, ApiError> {
    let page = api.images.list(&caller, query).await?;
    Ok(Json(ImageListView::new(page, &links)))
}
