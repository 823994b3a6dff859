//! The store that a request names in a header.

use http::{HeaderMap, HeaderName};

use crate::api::error::ApiError;

const STORE: HeaderName = HeaderName::from_static("x-image-meta-store");

/// The value of `X-Image-Meta-Store`, if there is one.
///
/// # Errors
///
/// [`ApiError::Invalid`] if it can name no store.
pub(crate) fn store_header(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    headers
        .get(STORE)
        .map(|value| match value.to_str() {
            Ok(store) => Ok(store.to_owned()),
            Err(_) => Err(ApiError::Invalid(format!(
                "the header {STORE} must be the id of a store"
            ))),
        })
        .transpose()
}
