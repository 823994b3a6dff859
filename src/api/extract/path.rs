//! Things that the path of a request names.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;

use crate::{
    api::{ApiState, error::ApiError, text},
    domain::ImageId,
    service::ServiceError,
};

/// The image that the path names. One that cannot exist is not looked for.
pub(crate) struct ImagePath(pub(crate) ImageId);

/// The image and the tag that the path names. One with a slash cannot be named.
pub(crate) struct TagPath(pub(crate) ImageId, pub(crate) String);

/// The image and the member that the path names.
pub(crate) struct MemberPath(pub(crate) ImageId, pub(crate) String);

/// The store and the image that the path names.
pub(crate) struct CopyPath(pub(crate) String, pub(crate) ImageId);

/// The task that the path names: whatever stands there, since who may not use the tasks API is not
/// told whether it can be one.
pub(crate) struct TaskPath(pub(crate) String);

impl FromRequestParts<ApiState> for TaskPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, ApiError> {
        let Path(id) = Path::<String>::from_request_parts(parts, api)
            .await
            .map_err(|_| ApiError::NotFound)?;
        Ok(Self(id))
    }
}

impl FromRequestParts<ApiState> for ImagePath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, ApiError> {
        let Path(id) = Path::<String>::from_request_parts(parts, api)
            .await
            .map_err(|_| ApiError::NotFound)?;
        image(id).map(Self)
    }
}

impl FromRequestParts<ApiState> for TagPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, ApiError> {
        let (id, tag) = pair(parts, api).await?;
        // Glance decodes a path before it finds the route, so that %2F parts it as well.
        if tag.contains('/') {
            return Err(ApiError::NotFound);
        }
        text::check("tag", &tag, text::NAME)?;
        Ok(Self(id, tag))
    }
}

impl FromRequestParts<ApiState> for MemberPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, ApiError> {
        let (id, member) = pair(parts, api).await?;
        match text::check("member", &member, text::NAME) {
            Ok(()) => Ok(Self(id, member)),
            Err(_) => Err(ServiceError::NoSuchMember { image: id, member }.into()),
        }
    }
}

impl FromRequestParts<ApiState> for CopyPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, ApiError> {
        let Path((store, id)) = Path::<(String, String)>::from_request_parts(parts, api)
            .await
            .map_err(|_| ApiError::NotFound)?;
        Ok(Self(store, image(id)?))
    }
}

async fn pair(parts: &mut Parts, api: &ApiState) -> Result<(ImageId, String), ApiError> {
    let Path((id, other)) = Path::<(String, String)>::from_request_parts(parts, api)
        .await
        .map_err(|_| ApiError::NotFound)?;
    Ok((image(id)?, other))
}

fn image(id: String) -> Result<ImageId, ApiError> {
    id.parse()
        .map_err(|_| ApiError::Service(ServiceError::NoSuchImage(id)))
}
