//! What handlers take from a request.

mod body;
mod caller;
mod json;
mod path;
mod range;
mod store;

pub(crate) use self::{
    body::NoBody,
    caller::Authenticated,
    json::{JsonObject, read_json},
    path::{ImagePath, MemberPath, TagPath},
    range::RangeHeader,
    store::store_header,
};
