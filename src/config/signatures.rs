//! How signatures of images are checked.

use std::path::PathBuf;

/// How signatures of images are checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signatures {
    /// The folder of their certificates; unset: a key manager has them.
    pub certificate_dir: Option<PathBuf>,
    /// The file with the certificates that must vouch for them; unset: nothing has to.
    pub certificate_roots: Option<PathBuf>,
}
