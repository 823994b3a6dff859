//! All rules together: the defaults, and what files put over them.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use super::{
    Origin, PolicyError, Settings, defaults, file,
    rule::{self, Check},
    written::Rule,
};

/// How deep a rule may nest, the rules it refers to included. Asking it recurses as deep.
const MAX_DEPTH: usize = 200;

/// How many checks may be needed to answer a rule.
const MAX_CHECKS: usize = 100_000;

/// Rules that can be asked.
///
/// - No rule refers to itself, not even through others.
/// - Asking any of them ends within bounds of depth and of work.
#[derive(Debug)]
pub(super) struct Rules {
    named: BTreeMap<Box<str>, Rule>,
    /// The rule that is asked in place of one that does not exist.
    fallback: Box<str>,
}

impl Rules {
    /// The defaults, overlaid by each of `files` in turn.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] if a file is broken, or the rules are together.
    pub(super) fn read<'p>(
        files: impl IntoIterator<Item = &'p Path>,
        settings: &Settings,
    ) -> Result<Self, PolicyError> {
        let mut named = defaults(settings)?;
        for path in files {
            named.extend(file::read(path)?);
        }
        let rules = Self {
            named,
            fallback: settings.policy_default_rule.as_str().into(),
        };
        Audit::of(&rules)?;
        Ok(rules)
    }

    /// The rule `name`, else the fallback, with the name it was found under.
    pub(super) fn find(&self, name: &str) -> Option<(&str, &Check)> {
        self.named
            .get_key_value(name)
            .or_else(|| self.named.get_key_value(&self.fallback))
            .map(|(name, rule)| (&**name, &rule.check))
    }

    /// The rule `name` itself.
    pub(super) fn get(&self, name: &str) -> Option<&Rule> {
        self.named.get(name)
    }

    /// All rules by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Rule)> {
        self.named.iter().map(|(name, rule)| (&**name, rule))
    }
}

/// The defaults, each with what it said formerly unless the new ones are enforced.
fn defaults(settings: &Settings) -> Result<BTreeMap<Box<str>, Rule>, PolicyError> {
    let text = |name: &str, new: &str| match defaults::former(name) {
        Some(former) if !settings.enforce_new_defaults => format!("{new} or {former}"),
        _ => new.to_owned(),
    };
    let parse = |&(name, new): &(&str, &str)| match rule::parse(&text(name, new)) {
        Ok(check) => {
            let rule = Rule {
                text: text(name, new).into(),
                check,
                origin: Origin::Default,
            };
            Ok((name.into(), rule))
        }
        Err(source) => Err(PolicyError::Malformed {
            rule: name.to_owned(),
            origin: Origin::Default,
            source,
        }),
    };
    defaults::all().map(parse).collect()
}

/// How far asking a rule reaches.
#[derive(Debug, Clone, Copy)]
struct Extent {
    depth: usize,
    checks: usize,
}

/// The search for circles, for rules that reach too far and for references to nothing.
struct Audit<'a> {
    rules: &'a Rules,
    done: HashMap<&'a str, Extent>,
    /// The rules being looked at, each referred to by the one before.
    path: Vec<&'a str>,
}

impl<'a> Audit<'a> {
    fn of(rules: &'a Rules) -> Result<(), PolicyError> {
        let mut audit = Self {
            rules,
            done: HashMap::new(),
            path: Vec::new(),
        };
        for name in rules.named.keys() {
            audit.rule(name, MAX_DEPTH)?;
        }
        Ok(())
    }

    /// What stands for the rule `name`, with a warning unless it is that rule itself: the
    /// fallback may be open to everybody.
    fn resolve(&self, name: &'a str) -> Option<(&'a str, &'a Check)> {
        let found = self.rules.find(name);
        match found {
            Some((same, _)) if same == name => {}
            Some((fallback, _)) => {
                tracing::warn!(
                    rule = name,
                    fallback,
                    "reference to no rule; the fallback is asked"
                );
            }
            None => tracing::warn!(rule = name, "reference to no rule; it never holds"),
        }
        found
    }

    /// The extent of the rule `name`, for which `room` levels are left.
    fn rule(&mut self, name: &'a str, room: usize) -> Result<Extent, PolicyError> {
        let Some((name, check)) = self.resolve(name) else {
            return Ok(Extent {
                depth: 0,
                checks: 0,
            });
        };
        let extent = match self.done.get(name) {
            Some(extent) => *extent,
            None if self.path.contains(&name) => return Err(self.circle(name)),
            None => {
                self.path.push(name);
                let extent = self.check(check, room)?;
                self.path.pop();
                self.done.insert(name, extent);
                extent
            }
        };
        if extent.depth > room || extent.checks > MAX_CHECKS {
            return Err(PolicyError::TooMuch(name.to_owned()));
        }
        Ok(extent)
    }

    fn check(&mut self, check: &'a Check, room: usize) -> Result<Extent, PolicyError> {
        let Some(room) = room.checked_sub(1) else {
            let asked = self.path.first().copied().unwrap_or_default();
            return Err(PolicyError::TooMuch(asked.to_owned()));
        };
        let mut sum = Extent {
            depth: 0,
            checks: 1,
        };
        let mut add = |part: Extent| {
            sum.depth = sum.depth.max(part.depth);
            sum.checks = sum.checks.saturating_add(part.checks);
        };
        if let Check::Rule(name) = check {
            add(self.rule(name, room)?);
        }
        for part in check.parts() {
            add(self.check(part, room)?);
        }
        sum.depth += 1;
        Ok(sum)
    }

    fn circle(&self, name: &str) -> PolicyError {
        let start = self.path.iter().position(|on_path| *on_path == name);
        let mut circle = self.path[start.unwrap_or_default()..].to_vec();
        circle.push(name);
        PolicyError::Circular(circle.join(" -> "))
    }
}
