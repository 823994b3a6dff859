//! Barbican, the key manager of a cloud: it has the certificates of image signatures.
//!
//! It is asked with the token of whoever asks the registry, so that it decides itself who may
//! have what, and nobody gets anything by way of the registry that they could not get without.

mod client;
mod error;
mod settings;

pub use self::{client::Barbican, error::BarbicanError, settings::Settings};
