//! `POST /v2/images`

use axum::{Json, extract::State};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::{
    api::{
        ApiState,
        base_url::BaseUrl,
        docs::Always,
        error::ApiError,
        extract::{Authenticated, JsonObject},
        refusal::ErrorBody,
        v2::images::{
            formats::Formats,
            wire::{CreateImageBody, ImageView},
        },
    },
    domain::ImageId,
    service::Discovery,
};

const IMPORT_METHODS: HeaderName = HeaderName::from_static("openstack-image-import-methods");
const STORE_IDS: HeaderName = HeaderName::from_static("openstack-image-store-ids");

/// Create an image, still without data.
#[utoipa::path(
    post, path = "/v2/images", tag = "images", operation_id = "create_image",
    request_body(content = CreateImageBody, example = json!({
        "name": "cirros", "disk_format": "qcow2", "container_format": "bare",
        "os_hash_algo": "sha256", "tags": ["test"], "os_distro": "cirros",
    })),
    responses(
        (status = CREATED, description = "The image", body = ImageView, headers(
            ("Location" = String, description = "The address of the image"),
            (
                "OpenStack-image-import-methods" = String,
                description = "The import methods that are open, separated by commas"
            ),
            (
                "OpenStack-image-store-ids" = String,
                description = "With several stores: their ids, separated by commas"
            ),
        )),
        (
            status = BAD_REQUEST, body = ErrorBody,
            description = "An attribute is not what it may be",
        ),
        (
            status = FORBIDDEN, body = ErrorBody,
            description = "An attribute is not the caller's to set, or the caller may not create images",
        ),
        (status = CONFLICT, description = "The id is in use, or was", body = ErrorBody),
        (
            status = PAYLOAD_TOO_LARGE, body = ErrorBody,
            description = "A quota is used up, or the body is too large",
        ),
        (
            status = SERVICE_UNAVAILABLE, body = ErrorBody,
            description = "The limits of the project cannot be reached",
        ),
        Always,
    ),
)]
pub(super) async fn create(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    base: BaseUrl,
    JsonObject(body): JsonObject,
) -> Result<(StatusCode, HeaderMap, Json<ImageView>), ApiError> {
    let new = CreateImageBody(body).into_new_image(Formats::of(&api.discovery))?;
    let image = api.images.create(&caller, new).await?;
    let headers = headers(&base, image.image.id, &api.discovery);
    Ok((StatusCode::CREATED, headers, Json(image.into())))
}

/// Where the image is, and how data can come to it.
fn headers(base: &BaseUrl, id: ImageId, discovery: &Discovery) -> HeaderMap {
    let methods = discovery.import_methods();
    let stores = discovery.stores().map(|stores| {
        let ids: Vec<_> = stores.iter().map(|store| store.id.as_str()).collect();
        ids.join(",")
    });
    let texts = [
        (header::LOCATION, Some(format!("{}/v2/images/{id}", base.0))),
        (
            IMPORT_METHODS,
            (!methods.is_empty()).then(|| methods.join(",")),
        ),
        (STORE_IDS, stores),
    ];
    texts
        .into_iter()
        .filter_map(|(name, text)| Some((name, HeaderValue::try_from(text?).ok()?)))
        .collect()
}
