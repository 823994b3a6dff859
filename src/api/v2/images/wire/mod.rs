//! Images on the wire.

mod create;
mod view;

pub(super) use self::{
    create::CreateImageBody,
    view::{ImageListView, ImageView},
};
