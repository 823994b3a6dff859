//! Tasks on the wire.

mod create;
mod input;
mod of_image;
mod view;

pub(super) use self::{
    create::CreateTaskBody,
    of_image::ImageTasksView,
    view::{TaskListView, TaskView},
};
