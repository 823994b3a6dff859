//! `GET /v2/info/usage`

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        ApiState,
        docs::Always,
        error::ApiError,
        extract::{Authenticated, NoBody},
        refusal::ErrorBody,
    },
    domain::Limit,
    service::ResourceUsage,
};

/// What the caller's project has of what it may have.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UsageInfo {
    /// By the name of what is limited: `image_size_total` and `image_stage_total` in MiB,
    /// `image_count_total` and `image_count_uploading` in images. Empty without unified limits.
    usage: BTreeMap<&'static str, UsageOfResource>,
}

/// What there is of one resource.
#[derive(Debug, Serialize, ToSchema)]
struct UsageOfResource {
    /// How much there is.
    usage: u64,
    /// How much there may be; -1: any amount.
    limit: i64,
}

impl From<ResourceUsage> for UsageOfResource {
    fn from(told: ResourceUsage) -> Self {
        let ResourceUsage {
            resource: _,
            usage,
            limit,
        } = told;
        let limit = match limit {
            Limit::Unlimited => -1,
            Limit::AtMost(most) => i64::try_from(most).unwrap_or(i64::MAX),
        };
        Self { usage, limit }
    }
}

/// Tell what the caller's project has of what it may have.
#[utoipa::path(
    get, path = "/v2/info/usage", tag = "discovery", operation_id = "show_usage",
    responses(
        (status = OK, description = "Usage and limit of each resource", body = UsageInfo),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        (
            status = SERVICE_UNAVAILABLE, body = ErrorBody,
            description = "The limits cannot be reached",
        ),
        Always,
    ),
)]
pub(super) async fn usage(
    State(api): State<ApiState>,
    Authenticated(caller): Authenticated,
    _: NoBody,
) -> Result<Json<UsageInfo>, ApiError> {
    let told = api.quotas.usage(&caller).await?;
    let named = told
        .into_iter()
        .map(|one| (one.resource.as_str(), one.into()));
    Ok(Json(UsageInfo {
        usage: named.collect(),
    }))
}
