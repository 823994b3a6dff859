//! Reading many files for their digests: which ones, in what order, by how many threads, and what
//! is known of them already.

mod bars;
mod cache;
mod input;
mod line;
mod pool;
mod reader;

pub(super) use self::{
    bars::Bars,
    cache::Cache,
    input::{Folders, Input, Unlisted, inputs},
    line::{bsd_line, coreutils_line, escaped, named_in_json},
    pool::{Step, in_order},
    reader::{Found, Reader},
};
