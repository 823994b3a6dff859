//! Who sends a request.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use http::request::Parts;

use crate::{
    api::{ApiState, error::ApiError, request_id::RequestId},
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
        let caller = api
            .authenticator
            .authenticate(peer.ip(), &parts.headers, request_id)?;
        Ok(Self(caller))
    }
}
