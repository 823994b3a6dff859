//! The engine that use cases ask.

use std::{
    error::Error,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use crate::domain::{Caller, Clock, Reach};

use super::{
    Action, PolicyError, Settings, Target,
    question::Question,
    rules::Rules,
    sources::{Seen, Sources},
};

/// How long the files are taken to be unchanged, in microseconds.
const LOOK_EVERY: u64 = 1_000_000;

/// The caller may not do this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("policy rule {rule} denies this")]
pub struct Denied {
    /// The rule that was asked.
    pub rule: &'static str,
}

/// The rules in force, and the files they come from.
///
/// - A check looks at the files at most once a second and reads them again if they changed; the
///   look is a few system calls in the caller's thread.
/// - Files that became unusable leave the last good rules in force.
/// - Only callers that act for a project may do anything (Glance's scope `project`).
pub struct Policy {
    rules: RwLock<Arc<Rules>>,
    sources: Sources,
    /// What the last look found; nothing if it found something that cannot be looked at.
    seen: Mutex<Option<Vec<Seen>>>,
    /// When the last look was, in microseconds since the epoch.
    looked: AtomicI64,
    fallback: String,
    clock: Arc<dyn Clock>,
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
        let sources = Sources::new(settings, folders);
        let looked = clock.now().as_micros();
        let seen = sources.look()?;
        let fallback = settings.policy_default_rule.clone();
        let rules = Rules::read(seen.iter().map(Seen::path), &fallback)?;
        Ok(Self {
            rules: RwLock::new(Arc::new(rules)),
            sources,
            seen: Mutex::new(Some(seen)),
            looked: AtomicI64::new(looked),
            fallback,
            clock,
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
        let in_scope = caller.reach == Reach::Project;
        if in_scope && Question::new(&self.current(), caller, target).rule_holds(rule) {
            Ok(())
        } else {
            Err(Denied { rule })
        }
    }

    /// Whether `caller` may do `action` to `target`.
    #[must_use]
    pub fn allows(&self, caller: &Caller, action: Action, target: &Target<'_>) -> bool {
        self.check(caller, action, target).is_ok()
    }

    /// Whether `caller` is an administrator (rule `context_is_admin`).
    ///
    /// It tells nothing of how far the authority reaches: [`Policy::check`] still denies
    /// everything to an administrator of the system or of a domain.
    #[must_use]
    pub fn is_admin(&self, caller: &Caller) -> bool {
        Question::new(&self.current(), caller, &Target::none(caller)).is_admin()
    }

    fn current(&self) -> Arc<Rules> {
        self.look_again();
        let rules = self.rules.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&rules)
    }

    fn look_again(&self) {
        let now = self.clock.now().as_micros();
        let last = self.looked.load(Ordering::Relaxed);
        // A clock that was set back is no reason to wait.
        let due = now.abs_diff(last) >= LOOK_EVERY;
        let claim = |last| {
            let (order, miss) = (Ordering::Relaxed, Ordering::Relaxed);
            self.looked.compare_exchange(last, now, order, miss)
        };
        if due && claim(last).is_ok() {
            self.refresh();
        }
    }

    /// Reads the files again if they are not as they were.
    fn refresh(&self) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let look = self.sources.look();
        if *seen == look.as_ref().ok().cloned() {
            return;
        }
        *seen = look.as_ref().ok().cloned();
        let read = |files: Vec<Seen>| Rules::read(files.iter().map(Seen::path), &self.fallback);
        match look.and_then(read) {
            Ok(rules) => {
                *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
                tracing::info!("policy files changed; the new rules are in force");
            }
            Err(error) => tracing::error!(
                error = &error as &dyn Error,
                "policy files changed and cannot be used; the last good rules stay in force"
            ),
        }
    }
}
