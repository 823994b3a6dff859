//! What handlers take from a request.

mod body;
mod caller;
mod json;
mod path;
mod query;
mod range;
mod store;

pub(crate) use self::{
    body::NoBody,
    caller::Authenticated,
    json::{JsonObject, read_bytes, read_json},
    path::{CopyPath, ImagePath, MemberPath, TagPath, TaskPath},
    query::{limit, parameters},
    range::Wanted,
    store::store_header,
};
