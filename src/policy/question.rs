//! Asking a rule on behalf of one caller.

use std::borrow::Cow;

use crate::domain::{Caller, Reach};

use super::{
    Target,
    defaults::CONTEXT_IS_ADMIN,
    rule::{Check, Template},
    rules::Rules,
    target::Value,
};

/// One caller who wants to do something to one target.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    rules: &'a Rules,
    caller: &'a Caller,
    target: &'a Target<'a>,
    /// Whether it is being found out who is an administrator, which cannot depend on itself.
    admin_is_open: bool,
}

/// What a caller brings under one name.
enum Credential<'a> {
    One(Value<'a>),
    Roles(&'a [String]),
}

impl<'a> Question<'a> {
    pub(super) const fn new(rules: &'a Rules, caller: &'a Caller, target: &'a Target<'a>) -> Self {
        Self {
            rules,
            caller,
            target,
            admin_is_open: false,
        }
    }

    /// Whether the rule `name` holds; one that does not exist holds if the fallback does.
    pub(super) fn rule_holds(&self, name: &str) -> bool {
        self.rules
            .find(name)
            .is_some_and(|(_, check)| self.holds(check))
    }

    /// Whether the caller is an administrator.
    pub(super) fn is_admin(&self) -> bool {
        !self.admin_is_open
            && Self {
                admin_is_open: true,
                ..*self
            }
            .rule_holds(CONTEXT_IS_ADMIN)
    }

    fn holds(&self, check: &Check) -> bool {
        match check {
            Check::True => true,
            Check::False => false,
            Check::Not(check) => !self.holds(check),
            Check::All(checks) => checks.iter().all(|check| self.holds(check)),
            Check::Any(checks) => checks.iter().any(|check| self.holds(check)),
            Check::Rule(name) => self.rule_holds(name),
            Check::Role(role) => {
                let lower = |key: &str| Some(self.spelled(key)?.to_lowercase().into());
                let mut roles = self.caller.roles.iter();
                roles.any(|held| role.spells(held, lower))
            }
            Check::Literal(text, template) => template.spells(text, |key| self.spelled(key)),
            Check::Credential(name, template) => self.matches(name, template),
        }
    }

    fn spelled(&self, key: &str) -> Option<Cow<'a, str>> {
        self.target.value(key).map(Value::spelled)
    }

    /// Whether the caller's credential `name` is what `template` spells.
    ///
    /// Nothing equals nothing only where a rule says `None` in so many words: a caller without a
    /// project must not come into what has no owner.
    fn matches(&self, name: &str, template: &Template) -> bool {
        let known = |key: &str| match self.target.value(key)? {
            Value::Null => None,
            value => Some(value.spelled()),
        };
        match self.credential(name) {
            None => false,
            // A list is of nobody's project, and so of an anonymous caller's, as in Glance.
            Some(Credential::One(Value::Null)) if self.is_anonymous_list() => {
                template.spells("None", |key| self.spelled(key))
            }
            Some(Credential::One(Value::Null)) => template.spells("None", |_| None),
            Some(Credential::One(value)) => template.spells(&value.spelled(), known),
            Some(Credential::Roles(roles)) => roles.iter().any(|role| template.spells(role, known)),
        }
    }

    /// Whether somebody without any identity asks for nothing in particular. There the comparison
    /// of project and target is one of the caller with itself.
    fn is_anonymous_list(&self) -> bool {
        self.caller.reach == Reach::Nobody && self.target.is_none()
    }

    /// The caller's credential `name`. The roles of a calling service are none, and no
    /// credential has others inside it, so a name with dots finds nothing.
    fn credential(&self, name: &str) -> Option<Credential<'a>> {
        let caller = self.caller;
        Some(Credential::One(match name {
            "user_id" | "user" => caller.user_id.as_deref().into(),
            "project_id" | "tenant" => caller.project_id.as_deref().into(),
            "user_domain_id" => caller.user_domain_id.as_deref().into(),
            "project_domain_id" => caller.project_domain_id.as_deref().into(),
            "domain_id" => caller.domain_id.as_deref().into(),
            "system_scope" => match caller.reach {
                Reach::System => Value::Text("all"),
                Reach::Project | Reach::Domain | Reach::Nobody => Value::Null,
            },
            "is_admin" => Value::Flag(self.is_admin()),
            "roles" => return Some(Credential::Roles(&caller.roles)),
            _ => return None,
        }))
    }
}
