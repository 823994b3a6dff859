//! What one caller may do to custom properties.

use std::sync::Arc;

use crate::domain::Caller;

use super::{
    Target, Verb,
    protection::{Permission, Protections},
    question::Question,
    rules::Rules,
};

/// What one caller may do to custom properties: the same for as long as it is held, whatever
/// becomes of the files.
///
/// Without a file of protections, everything. The registry's own properties are not protected.
pub struct PropertyGuard<'c> {
    caller: &'c Caller,
    protections: Option<Arc<Protections>>,
    rules: Arc<Rules>,
}

impl<'c> PropertyGuard<'c> {
    pub(super) const fn new(
        caller: &'c Caller,
        protections: Option<Arc<Protections>>,
        rules: Arc<Rules>,
    ) -> Self {
        Self {
            caller,
            protections,
            rules,
        }
    }

    /// Whether the caller may do `verb` to the property `name` of `target`.
    #[must_use]
    pub fn may(&self, verb: Verb, name: &str, target: &Target<'_>) -> bool {
        let Some(protections) = &self.protections else {
            return true;
        };
        match protections.permission(verb, name) {
            Permission::Everybody => true,
            Permission::Nobody => false,
            Permission::Roles(roles) => self.has_one_of(roles),
            // A rule that was there when the file was read may have gone since. The fallback,
            // which may be open to everybody, is not asked in its place.
            Permission::Rule(rule) => {
                self.rules.get(rule).is_some()
                    && Question::new(&self.rules, self.caller, target).rule_holds(rule)
            }
        }
    }

    /// Whether there can be a target to whose property `name` the caller may do `verb`.
    #[must_use]
    pub fn may_somewhere(&self, verb: Verb, name: &str) -> bool {
        let Some(protections) = &self.protections else {
            return true;
        };
        match protections.permission(verb, name) {
            Permission::Everybody => true,
            Permission::Nobody => false,
            Permission::Roles(roles) => self.has_one_of(roles),
            Permission::Rule(rule) => self.rules.get(rule).is_some(),
        }
    }

    /// Whether the caller, or the service that calls for it, has one of `roles`, which are in
    /// lower case.
    fn has_one_of(&self, roles: &[String]) -> bool {
        let held = self.caller.roles.iter().chain(&self.caller.service_roles);
        held.map(|role| role.to_lowercase())
            .any(|role| roles.contains(&role))
    }
}
