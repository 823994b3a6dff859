//! Who sends a request.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts, OriginalUri};
use http::request::Parts;

use crate::{
    api::{ApiState, error::ApiError, request_id::RequestId},
    auth::Request,
    domain::Caller,
};

/// The caller, as the authenticator knows it.
pub(crate) struct Authenticated(pub(crate) Caller);

impl FromRequestParts<ApiState> for Authenticated {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, ApiError> {
        let ConnectInfo(peer) = ConnectInfo::<SocketAddr>::from_request_parts(parts, api)
            .await
            .map_err(|_| ApiError::NoPeer)?;
        let request_id = match parts.extensions.get::<RequestId>() {
            Some(id) => id.as_str().to_owned(),
            None => RequestId::new(&*api.ids).as_str().to_owned(),
        };
        // Nested routes see only the rest of the path.
        let path = match parts.extensions.get::<OriginalUri>() {
            Some(OriginalUri(uri)) => uri.path(),
            None => parts.uri.path(),
        };
        let request = Request {
            peer: peer.ip(),
            headers: &parts.headers,
            method: &parts.method,
            path,
            request_id,
        };
        let caller = api.authenticator.authenticate(request).await?;
        Ok(Self(caller))
    }
}
