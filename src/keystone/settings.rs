//! How Keystone is reached.

use crate::{
    cloud::{Interface, Transport},
    keystone::Login,
};

/// How Keystone is reached, and by whom.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How the registry logs in.
    pub login: Login,
    /// Which of Keystone's endpoints in the catalog is used; the first that is there.
    pub interfaces: Vec<Interface>,
    /// The region of that endpoint; none: any.
    pub region_name: Option<String>,
    /// How requests travel.
    pub transport: Transport,
}
