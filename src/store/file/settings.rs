//! Settings of a file store, in the section named by the store's id.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Settings of one file store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The folder of the images, one file each, named by the image's id.
    pub filesystem_store_datadir: PathBuf,
    /// The permissions of the files, as octal digits; 0 leaves them to the umask.
    pub filesystem_store_file_perm: u32,
}
