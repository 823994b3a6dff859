//! Things of metadata definitions that the path of a request names. What no name can be is not
//! looked for.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;

use crate::{
    api::{ApiState, error::ApiError},
    domain::metadef::Name,
};

/// A namespace.
pub(super) struct NamespacePath(pub(super) Name);

/// A namespace, and something in it.
pub(super) struct ItemPath(pub(super) Name, pub(super) Name);

/// A namespace, and the name of something that need not be in it yet.
pub(super) struct NewItemPath(pub(super) Name, pub(super) Name);

/// A namespace, and the name that a property of it has on some resource, prefix included.
pub(super) struct PropertyPath(pub(super) Name, pub(super) String);

impl FromRequestParts<ApiState> for NamespacePath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, ApiError> {
        let Path(namespace) = Path::<String>::from_request_parts(parts, api)
            .await
            .map_err(|_| ApiError::NotFound)?;
        known(&namespace).map(Self)
    }
}

impl FromRequestParts<ApiState> for ItemPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, ApiError> {
        let PropertyPath(namespace, item) = PropertyPath::from_request_parts(parts, api).await?;
        Ok(Self(namespace, known(&item)?))
    }
}

impl FromRequestParts<ApiState> for NewItemPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, ApiError> {
        let PropertyPath(namespace, item) = PropertyPath::from_request_parts(parts, api).await?;
        let item = item.parse().map_err(|error| {
            ApiError::Invalid(format!("Invalid name at the end of the path: {error}"))
        })?;
        Ok(Self(namespace, item))
    }
}

impl FromRequestParts<ApiState> for PropertyPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, ApiError> {
        let Path((namespace, property)) = Path::<(String, String)>::from_request_parts(parts, api)
            .await
            .map_err(|_| ApiError::NotFound)?;
        Ok(Self(known(&namespace)?, property))
    }
}

fn known(name: &str) -> Result<Name, ApiError> {
    name.parse().map_err(|_| ApiError::NotFound)
}
