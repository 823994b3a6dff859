//! The image cache of this node, as the operator set it up.

use tokio::sync::Mutex;

use crate::cache::ImageCache;

/// The image cache of this node.
#[derive(Debug)]
pub struct NodeCache {
    /// The files.
    pub files: ImageCache,
    /// What this node is called among those that share the database.
    pub node: String,
    /// What is answered from it.
    pub use_for: UseFor,
    /// Whether it is told which nodes have an image.
    pub tells_nodes: bool,
    /// Whether the older calls that manage it are there, too.
    pub has_older_calls: bool,
    /// Held by who writes down what happened in it, and looks for files that no image needs.
    pub tending: Mutex<()>,
}

/// What is answered from a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UseFor {
    /// Downloads, which fill it as well.
    Downloads,
    /// Nothing: it can only be managed.
    Nothing,
}
