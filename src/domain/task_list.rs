//! Lists of tasks: what a caller asks for.

use crate::domain::{Direction, TaskId, TaskKind, TaskStatus};

/// What the tasks of a list have in common.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// What they do.
    pub kind: Option<TaskKind>,
    /// Where they stand.
    pub status: Option<TaskStatus>,
}

/// What a list of tasks can be ordered by. Tasks that are equal under it are ordered by their
/// creation, then by their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskField {
    /// `id`
    Id,
    /// `type`
    Kind,
    /// `status`
    Status,
    /// `owner`; none is the empty text.
    Owner,
    /// `created_at`
    CreatedAt,
    /// `updated_at`
    UpdatedAt,
    /// `expires_at`; none is the earliest time.
    ExpiresAt,
}

/// A page of a list of tasks: what a client asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskQuery {
    /// What the tasks have in common.
    pub filter: TaskFilter,
    /// What they are ordered by.
    pub field: TaskField,
    /// Which end comes first.
    pub direction: Direction,
    /// The task after which the page begins.
    pub marker: Option<TaskId>,
    /// How many tasks the page holds at most.
    pub limit: u32,
}
