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
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            policy_file: "policy.yaml".into(),
            policy_dirs: vec!["policy.d".into()],
            policy_default_rule: "default".into(),
        }
    }
}
