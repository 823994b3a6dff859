//! Where an image's bytes are: places that others keep them at, registered by users.
//!
//! A place makes an image usable only after what is there was read once through the data path:
//! before the answer of a patch, by a task for [`LocationService::register`].

mod claims;
mod list;
mod patch;
mod plan;
mod register;
mod relocation;

use std::sync::Arc;

pub use self::{list::Places, register::RegisterCall};
use crate::service::Core;

/// Use cases of locations.
#[derive(Clone)]
pub struct LocationService(Arc<Core>);

impl LocationService {
    pub(super) const fn new(core: Arc<Core>) -> Self {
        Self(core)
    }
}
