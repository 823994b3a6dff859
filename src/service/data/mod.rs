//! Bytes: in, aside, and out.

mod download;
mod inspection;
mod intake;
mod pipeline;
mod sent;
mod stage;
mod upload;

use std::sync::Arc;

pub(super) use self::pipeline::{Copy, Promised, Terms};
pub use self::{download::Download, intake::Upload};
use crate::service::Core;

/// Use cases of bytes.
#[derive(Clone)]
pub struct DataService(Arc<Core>);

impl DataService {
    pub(super) const fn new(core: Arc<Core>) -> Self {
        Self(core)
    }
}
