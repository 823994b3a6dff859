//! All rules, for the operator to look at.

use super::{Origin, Policy, defaults};

/// A rule as it is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleInForce {
    /// Its name.
    pub name: String,
    /// What it says.
    pub check: String,
    /// Where that is written.
    pub origin: Origin,
    /// What it says unless a file replaces it; nothing for a rule of the operator's own.
    pub default: Option<&'static str>,
    /// The scopes that a caller must have one of; none: any will do.
    pub scope_types: &'static [&'static str],
}

impl Policy {
    /// The rules that are in force now, in the order of their names: those that the registry
    /// asks, those that Glance has besides, and the operator's own.
    #[must_use]
    pub fn rules(&self) -> Vec<RuleInForce> {
        let rules = self.current();
        let shown = rules.iter().map(|(name, rule)| RuleInForce {
            name: name.to_owned(),
            check: rule.text.to_string(),
            origin: rule.origin.clone(),
            default: defaults::text(name),
            scope_types: if defaults::is_for_projects(name) {
                &["project"]
            } else {
                &[]
            },
        });
        shown.collect()
    }
}
