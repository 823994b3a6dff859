//! Which file protects properties, and how it is to be read.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// `[DEFAULT] property_protection_file` and `property_protection_rule_format`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProtectionSettings {
    /// The file, which must be there.
    pub file: PathBuf,
    /// What stands behind its keys.
    pub format: RuleFormat,
}

/// What stands behind the keys of a file of property protections.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleFormat {
    /// Roles, separated by commas.
    #[default]
    Roles,
    /// The name of one policy rule.
    Policies,
}
