//! What is collected while options are checked against each other.

use crate::config::{effective::Effective, fault::Fault};

/// The options, and what was found wrong or remarkable about them so far.
#[derive(Debug)]
pub(super) struct Check<'a> {
    /// The options.
    pub effective: &'a Effective,
    /// What stops the start.
    pub faults: Vec<Fault>,
    /// What does not.
    pub warnings: Vec<String>,
}

impl Check<'_> {
    /// Notes that the value of an option is refused; `allowed` says what it may be.
    pub(super) fn refuse(&mut self, section: &str, option: &str, allowed: impl Into<String>) {
        let fault = self.effective.fault(section, option, allowed);
        self.faults.push(fault);
    }

    /// Notes that an option which has to be set is not.
    pub(super) fn missing(&mut self, section: &str, option: &str, allowed: impl Into<String>) {
        self.faults.push(Fault::Missing {
            section: section.to_owned(),
            option: option.to_owned(),
            allowed: allowed.into(),
        });
    }

    /// Whether the value of an option was refused, so that a default stands in its place.
    pub(super) fn is_refused(&self, section: &str, option: &str) -> bool {
        self.faults.iter().any(|fault| match fault {
            Fault::Value { at, .. } => at.section == section && at.option == option,
            Fault::Unreadable { .. } | Fault::Unknown { .. } | Fault::Missing { .. } => false,
        })
    }

    /// Those of `names` that are `here`, each once. Of the others, what Glance has (`absent`) is
    /// left out with a warning, and what nobody has is refused.
    pub(super) fn available(
        &mut self,
        (section, option): (&str, &str),
        names: &[String],
        here: &'static [&'static str],
        absent: &[&str],
    ) -> Vec<&'static str> {
        let mut available: Vec<&'static str> = Vec::new();
        for name in names {
            if let Some(known) = here.iter().find(|known| *known == name) {
                if !available.contains(known) {
                    available.push(known);
                }
            } else if absent.contains(&name.as_str()) {
                let origin = self.effective.origin(section, option);
                self.warnings.push(format!(
                    "{origin}: [{section}] {option}: {name} is not available in this version"
                ));
            } else {
                self.refuse(section, option, here.join(", "));
            }
        }
        available
    }
}
