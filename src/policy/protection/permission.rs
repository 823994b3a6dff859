//! Who may do something to a property.

use super::{ProtectionFault, RuleFormat, Verb, ini::Section};

/// Who may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::policy) enum Permission {
    /// All callers.
    Everybody,
    /// Not even administrators.
    Nobody,
    /// Those with one of these roles, which are in lower case.
    Roles(Vec<String>),
    /// Those for whom the policy rule of this name holds.
    Rule(Box<str>),
}

/// Who may do what.
#[derive(Debug)]
pub(super) struct Permissions {
    create: Permission,
    read: Permission,
    update: Permission,
    delete: Permission,
}

impl Permissions {
    /// What `section` says; `known` tells whether there is a policy rule of a name.
    ///
    /// # Errors
    ///
    /// [`ProtectionFault`] names the key and what is allowed.
    pub(super) fn read(
        section: &Section,
        format: RuleFormat,
        known: impl Fn(&str) -> bool,
    ) -> Result<Self, ProtectionFault> {
        section.warn_of_others(&[Verb::Create, Verb::Read, Verb::Update, Verb::Delete]);
        let of = |verb| {
            let value = section.value(verb).ok_or(ProtectionFault::Missing {
                section: section.name.clone(),
                verb,
                allowed: allowed(format),
            })?;
            permission(value, format, &known).ok_or_else(|| ProtectionFault::Value {
                section: section.name.clone(),
                verb,
                value: value.to_owned(),
                allowed: allowed(format),
            })
        };
        let permissions = Self {
            create: of(Verb::Create)?,
            read: of(Verb::Read)?,
            update: of(Verb::Update)?,
            delete: of(Verb::Delete)?,
        };
        section.warn_of_empty(&[Verb::Create, Verb::Read, Verb::Update, Verb::Delete]);
        Ok(permissions)
    }

    pub(super) const fn of(&self, verb: Verb) -> &Permission {
        match verb {
            Verb::Create => &self.create,
            Verb::Read => &self.read,
            Verb::Update => &self.update,
            Verb::Delete => &self.delete,
        }
    }
}

const fn allowed(format: RuleFormat) -> &'static str {
    match format {
        RuleFormat::Roles => "roles separated by commas, @ for everybody or ! for nobody",
        RuleFormat::Policies => {
            "the name of one policy rule that exists, @ for everybody or ! for nobody"
        }
    }
}

/// What `value` means; `None` if nothing that is allowed.
fn permission(value: &str, format: RuleFormat, known: impl Fn(&str) -> bool) -> Option<Permission> {
    let words: Vec<&str> = value.split(',').map(str::trim).collect();
    let everybody = words.contains(&"@");
    let nobody = words.contains(&"!");
    if value.is_empty() {
        return Some(Permission::Nobody);
    }
    match (everybody, nobody, format) {
        (true, true, _) => None,
        (true, false, RuleFormat::Roles) => Some(Permission::Everybody),
        (false, true, RuleFormat::Roles) => Some(Permission::Nobody),
        (false, false, RuleFormat::Roles) => Some(Permission::Roles(roles(&words))),
        (true, false, RuleFormat::Policies) if words.len() == 1 => Some(Permission::Everybody),
        (false, true, RuleFormat::Policies) if words.len() == 1 => Some(Permission::Nobody),
        (.., RuleFormat::Policies) => known(value).then(|| Permission::Rule(value.into())),
    }
}

fn roles(words: &[&str]) -> Vec<String> {
    let named = words.iter().filter(|word| !word.is_empty());
    named.map(|word| word.to_lowercase()).collect()
}
