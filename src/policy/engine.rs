//! The engine that use cases ask.

use std::{path::PathBuf, sync::Arc};

use crate::domain::{Caller, Clock, Reach};

use super::{
    Action, PolicyError, PropertyGuard, ProtectionSettings, Settings, Target, defaults, file,
    ownership,
    protection::Protections,
    question::Question,
    rules::Rules,
    sources::{Seen, Sources},
    watch::Watched,
};

/// The caller may not do this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("policy rule {rule} denies this")]
pub struct Denied {
    /// The rule that was asked.
    pub rule: &'static str,
    /// What stood against it.
    pub reason: Reason,
}

/// What stood against a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The rule does not hold.
    Rule,
    /// The rule is for callers that act for a project, and this one does not.
    Scope,
    /// Only who owns the image may do it, whatever the rule says: with
    /// `enforce_new_defaults = false`.
    Ownership,
}

/// The rules in force, and the files they come from.
///
/// - The files are looked at again at most once a second; files that became unusable leave the
///   last good rules in force.
/// - Only callers that act for a project may do what a rule of Glance's is about (its scope
///   `project`), unless `enforce_scope = false`; who has no identity may read images at most.
pub struct Policy {
    rules: Watched<Rules>,
    settings: Settings,
    protections: Option<(ProtectionSettings, Watched<Protections>)>,
}

impl Policy {
    /// Reads the rules. Relative paths in `settings` are looked for in `folders` in turn, then
    /// in the working directory; files that do not exist are left out.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] if a file cannot be read, is no mapping of names to rules or has a rule
    /// that is malformed (remote checks are), or if rules refer to each other in a circle.
    pub fn load(
        settings: &Settings,
        folders: &[PathBuf],
        clock: Arc<dyn Clock>,
    ) -> Result<Self, PolicyError> {
        let sources = Sources::new(
            settings.policy_file.clone(),
            settings.policy_dirs.clone(),
            folders,
        );
        let read = |files: &[Seen]| Rules::read(files.iter().map(Seen::path), settings);
        Ok(Self {
            rules: Watched::open("policy files", sources, clock, read)?,
            settings: settings.clone(),
            protections: None,
        })
    }

    /// The policy, and who may do what to which custom property, as a file says it.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] if the file is not there, cannot be read or has a fault.
    pub fn with_protections(self, settings: &ProtectionSettings) -> Result<Self, PolicyError> {
        let sources = Sources::new(settings.file.clone(), Vec::new(), &[]);
        let rules = self.current();
        let read = |_: &[Seen]| protections(settings, &rules);
        let what = "property protections";
        let watched = Watched::open(what, sources, self.rules.clock(), read)?;
        Ok(Self {
            protections: Some((settings.clone(), watched)),
            ..self
        })
    }

    /// Asks whether `caller` may do `action` to `target`.
    ///
    /// # Errors
    ///
    /// [`Denied`] if not.
    pub fn check(
        &self,
        caller: &Caller,
        action: Action,
        target: &Target<'_>,
    ) -> Result<(), Denied> {
        let rule = action.as_str();
        if caller.reach == Reach::Nobody && !action.reads_images() {
            let reason = Reason::Scope;
            return Err(Denied { rule, reason });
        }
        self.ask(caller, rule, target)
            .map_err(|reason| Denied { rule, reason })
    }

    /// Whether `caller` may do `action` to `target`.
    #[must_use]
    pub fn allows(&self, caller: &Caller, action: Action, target: &Target<'_>) -> bool {
        self.check(caller, action, target).is_ok()
    }

    /// Asks the rule `name`, which may be one of the operator's own. In place of one that does
    /// not exist, `policy_default_rule` is asked.
    ///
    /// # Errors
    ///
    /// [`Reason`] if the answer is no.
    pub fn ask(&self, caller: &Caller, name: &str, target: &Target<'_>) -> Result<(), Reason> {
        let in_scope = match caller.reach {
            Reach::Project | Reach::Nobody => true,
            Reach::System | Reach::Domain => !defaults::is_for_projects(name),
        };
        if self.settings.enforce_scope && !in_scope {
            return Err(Reason::Scope);
        }
        let rules = self.current();
        let question = Question::new(&rules, caller, target);
        if !question.rule_holds(name) {
            return Err(Reason::Rule);
        }
        let owners_only = !self.settings.enforce_new_defaults;
        if owners_only && !ownership::suffices(caller, name, target) && !question.is_admin() {
            return Err(Reason::Ownership);
        }
        Ok(())
    }

    /// Whether `caller` is an administrator (rule `context_is_admin`).
    ///
    /// It tells nothing of how far the authority reaches: [`Policy::check`] still denies
    /// everything to an administrator of the system or of a domain.
    #[must_use]
    pub fn is_admin(&self, caller: &Caller) -> bool {
        caller.reach != Reach::Nobody
            && Question::new(&self.current(), caller, &Target::none(caller)).is_admin()
    }

    /// What `caller` may do to custom properties, as the rules are now.
    #[must_use]
    pub fn properties<'c>(&self, caller: &'c Caller) -> PropertyGuard<'c> {
        let rules = self.current();
        let protections = self
            .protections
            .as_ref()
            .map(|(settings, watched)| watched.current(|_| protections(settings, &rules)));
        PropertyGuard::new(caller, protections, rules)
    }

    /// The rules as they are now.
    pub(super) fn current(&self) -> Arc<Rules> {
        let read = |files: &[Seen]| Rules::read(files.iter().map(Seen::path), &self.settings);
        self.rules.current(read)
    }
}

/// Reads the file of property protections, of which the rules it names are in `rules`.
fn protections(settings: &ProtectionSettings, rules: &Rules) -> Result<Protections, PolicyError> {
    let path = &settings.file;
    let text = file::read_text(path)?;
    let known = |name: &str| rules.get(name).is_some();
    Protections::parse(&text, settings.format, known).map_err(|source| PolicyError::Protection {
        path: path.clone(),
        source,
    })
}
