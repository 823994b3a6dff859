//! The staging area of this process, among those of others.

use uuid::Uuid;

/// The staging area of this process, where areas can be told apart.
///
/// It is known by an id that lies in it, and not by the name of its node: nodes that share a folder
/// import what any of them staged, and a node that gets another name still has what it staged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagingArea {
    /// What the area is known by.
    pub id: Uuid,
    /// What this node is called; none: it takes what it stages to be staged for all.
    pub node: Option<String>,
}
