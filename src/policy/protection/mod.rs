//! Property protections: who may do what to which custom property, as a file says it.
//!
//! The file is the one that Glance reads: sections are regular expressions, their order counts,
//! and each says for four verbs who may. [`Protections`] tells what the file says; `guard` asks
//! it on behalf of a caller.

mod fault;
mod ini;
mod permission;
mod settings;
mod verb;

use regex::{Regex, RegexBuilder};

pub(super) use self::permission::Permission;
pub use self::{
    fault::ProtectionFault,
    settings::{ProtectionSettings, RuleFormat},
    verb::Verb,
};
use self::{ini::Section, permission::Permissions};
use crate::domain::RESERVED_PREFIX;

/// How many sections a file may have: a property is held against each in turn.
const MAX_SECTIONS: usize = 1000;

/// How much memory one regular expression may take, in bytes.
const MAX_PATTERN: usize = 1024 * 1024;

/// What a file of property protections says.
#[derive(Debug)]
pub(super) struct Protections(Vec<(Regex, Permissions)>);

impl Protections {
    /// Reads the text of a file; `known` tells whether there is a policy rule of a name.
    ///
    /// # Errors
    ///
    /// [`ProtectionFault`] tells the first thing that is wrong, and where.
    pub(super) fn parse(
        text: &str,
        format: RuleFormat,
        known: impl Fn(&str) -> bool,
    ) -> Result<Self, ProtectionFault> {
        let sections = ini::parse(text)?;
        if sections.len() > MAX_SECTIONS {
            return Err(ProtectionFault::TooMany(MAX_SECTIONS));
        }
        let read = |section: &Section| {
            let permissions = Permissions::read(section, format, &known)?;
            Ok((pattern(&section.name)?, permissions))
        };
        let own = sections.iter().filter(|section| is_own(section));
        own.map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Who may do `verb` to the property `name`: what the first section says whose expression
    /// is found anywhere in it. The registry's own are open, since nobody can name them in a
    /// request that writes; what no section knows is closed.
    pub(super) fn permission(&self, verb: Verb, name: &str) -> &Permission {
        if name.starts_with(RESERVED_PREFIX) {
            return &Permission::Everybody;
        }
        let mut sections = self.0.iter();
        let first = sections.find(|(pattern, _)| pattern.is_match(name));
        first.map_or(&Permission::Nobody, |(_, permissions)| permissions.of(verb))
    }
}

/// Whether the section is the operator's business. Those on the registry's own properties are
/// not: Glance leaves them out as well.
fn is_own(section: &Section) -> bool {
    let reserved = section.name.starts_with(RESERVED_PREFIX);
    if reserved {
        tracing::warn!(
            section = section.name,
            "properties of this name are the registry's own; the section is left out"
        );
    }
    !reserved
}

fn pattern(section: &str) -> Result<Regex, ProtectionFault> {
    RegexBuilder::new(section)
        .size_limit(MAX_PATTERN)
        .dfa_size_limit(MAX_PATTERN)
        .build()
        .map_err(|source| ProtectionFault::Pattern {
            section: section.to_owned(),
            source: Box::new(source),
        })
}
