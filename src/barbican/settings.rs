//! How Barbican is reached.

use crate::cloud::{Interface, Transport};

/// How Barbican is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Its address; none: the catalog of the caller has it.
    pub endpoint: Option<String>,
    /// Which of its endpoints in the catalog is used.
    pub interface: Interface,
    /// The region of that endpoint; none: any.
    pub region_name: Option<String>,
    /// How requests travel.
    pub transport: Transport,
}
