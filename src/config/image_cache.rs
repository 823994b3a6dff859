//! The image cache of this node.

use std::time::Duration;

use crate::{
    cache,
    config::{node::node, sections::Fixed},
    service::UseFor,
};

/// The part of a flavor that lets downloads be answered from the cache, and the one that brings the
/// older calls as well.
const CACHING: &str = "caching";
const CACHE_MANAGEMENT: &str = "cachemanagement";

/// The driver by which nodes know of each other.
const CENTRAL: &str = "centralized_db";

/// The image cache of this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageCache {
    /// The settings of the files.
    pub settings: cache::Settings,
    /// What this node is called; unset: by the name of its machine.
    pub node: Option<String>,
    /// What is answered from it.
    pub use_for: UseFor,
    /// Whether it is told which nodes have an image.
    pub tells_nodes: bool,
    /// Whether the older calls that manage it are there, too.
    pub has_older_calls: bool,
}

/// The cache, if there is one: the operator names its folder. A flavor that is given says whether
/// downloads use it; without one they do.
pub(super) fn image_cache(fixed: &Fixed) -> Option<ImageCache> {
    let main = &fixed.main;
    let folder = main.image_cache_dir.clone()?;
    let flavor = fixed.paste_deploy.flavor.as_deref();
    let has = |part: &str| flavor.is_some_and(|flavor| flavor.split('+').any(|it| it == part));
    let has_older_calls = has(CACHE_MANAGEMENT);
    let is_used = flavor.is_none() || has(CACHING) || has_older_calls;
    Some(ImageCache {
        settings: cache::Settings {
            folder,
            max_size: main.image_cache_max_size,
            stall_time: Duration::from_secs(main.image_cache_stall_time.max(1)),
        },
        node: node(main),
        use_for: if is_used {
            UseFor::Downloads
        } else {
            UseFor::Nothing
        },
        tells_nodes: main.image_cache_driver == CENTRAL,
        has_older_calls,
    })
}
