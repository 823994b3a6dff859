//! Bytes: in, aside, and out.

mod activation;
mod cached;
mod checked;
mod copies;
mod download;
mod fallover;
mod fill;
mod gather;
mod inspection;
mod intake;
mod pipeline;
mod sent;
mod stage;
mod survey;
mod trusted;
mod unread;
mod upload;

use std::sync::Arc;

pub use self::{
    download::{Download, DownloadCall},
    intake::Upload,
};
pub(super) use self::{
    fill::Prefetched,
    gather::{Missed, Shortfall},
    pipeline::{Arrived, Promised, Stored, Terms},
    survey::Surveyed,
    upload::check_writable,
};
use crate::service::Core;

/// Use cases of bytes.
#[derive(Clone)]
pub struct DataService(Arc<Core>);

impl DataService {
    pub(super) const fn new(core: Arc<Core>) -> Self {
        Self(core)
    }
}
