//! `[oslo_policy]`: who may do what.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Settings of the policy engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The file of rules that replace defaults. A file that is not there means defaults only.
    pub policy_file: PathBuf,
    /// Folders of further files, read in the order of their names; later rules win.
    pub policy_dirs: Vec<PathBuf>,
    /// The rule asked when a referenced rule does not exist.
    pub policy_default_rule: String,
    /// Whether rules that no file replaces are Glance's of today alone. If not, each holds as
    /// well where its former one does, and who is not the owner may change no image.
    pub enforce_new_defaults: bool,
    /// Whether callers must act for a project where a rule is about projects.
    pub enforce_scope: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            policy_file: "policy.yaml".into(),
            policy_dirs: vec!["policy.d".into()],
            policy_default_rule: "default".into(),
            enforce_new_defaults: true,
            enforce_scope: true,
        }
    }
}
