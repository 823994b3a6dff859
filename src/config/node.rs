//! What this node is called among those that share the database.

use crate::config::sections::Main;

/// The node's name; unset: it has none.
pub(super) fn node(main: &Main) -> Option<String> {
    let url = main.worker_self_reference_url.as_deref();
    url.map(|url| url.trim_end_matches('/').to_owned())
}
