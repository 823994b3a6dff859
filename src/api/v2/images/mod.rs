//! Images and their descriptions.

mod attribute;
mod create;
mod delete;
mod filter;
mod formats;
mod list;
mod names;
mod patch;
mod pointer;
mod query;
mod show;
mod sort;
mod update;
mod wire;

use serde_json::{Map, Value};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{formats::Formats, wire::CreateImageBody};
use crate::{
    api::{ApiState, error::ApiError},
    domain::NewImage,
    service::Discovery,
};

pub(in crate::api) use self::names::is_base;

/// The routes of images.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .routes(routes!(list::list, create::create))
        .routes(routes!(show::show, update::update, delete::delete))
}

/// The image that the attributes describe, as `POST /v2/images` takes them.
///
/// # Errors
///
/// The first refusal, with the name of the attribute.
pub(super) fn described(
    attributes: Map<String, Value>,
    discovery: &Discovery,
) -> Result<NewImage, ApiError> {
    CreateImageBody(attributes).into_new_image(Formats::of(discovery))
}
