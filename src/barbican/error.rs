//! What can go wrong with Barbican.

use crate::cloud::CloudError;

/// Why Barbican gives nothing.
#[derive(Debug, thiserror::Error)]
pub enum BarbicanError {
    /// Nobody says where it is.
    #[error("neither [barbican] barbican_endpoint nor the caller's catalog says where Barbican is")]
    NoEndpoint,
    /// It does not take the caller's token.
    #[error("Barbican does not take the caller's token")]
    TokenRefused,
    /// It has no such secret that the caller may read.
    #[error("Barbican has no such secret for the caller")]
    NoSuchSecret,
    /// The secret is of another type.
    #[error("the secret is not a certificate")]
    NotACertificate,
    /// It gave no answer that can be used.
    #[error(transparent)]
    Cloud(#[from] CloudError),
}
