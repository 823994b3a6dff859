//! What is in force: every option with its value and the place it comes from.

use std::fmt;

use figment::{
    Error, Figment,
    value::{Dict, Value},
};
use serde::de::DeserializeOwned;

use crate::config::{
    fault::{Fault, Origin, Place},
    layer::{self, Sections},
    options,
    spelled::spelled,
};

/// The options in force, every value of the kind its option has.
pub(super) struct Effective {
    figment: Figment,
    sections: Sections,
}

impl fmt::Debug for Effective {
    /// Shows no value, for some are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Effective").finish_non_exhaustive()
    }
}

impl Effective {
    /// What `sections` say, which were put together by `figment`.
    pub(super) fn new(figment: Figment, sections: Sections) -> Self {
        Self { figment, sections }
    }

    /// The settings that the options of `section` stand for that `take` picks by name.
    ///
    /// # Errors
    ///
    /// A [`Fault`] if the type of the settings refuses a value.
    pub(super) fn extract<T: DeserializeOwned>(
        &self,
        section: &str,
        take: impl Fn(&str) -> bool,
    ) -> Result<T, Fault> {
        Value::from(self.picked(section, take))
            .deserialize()
            .map_err(|error: Error| self.refused(section, &error))
    }

    /// The settings that all sections of fixed name stand for, without the options of a store.
    ///
    /// # Errors
    ///
    /// A [`Fault`] if the type of the settings refuses a value.
    pub(super) fn extract_all<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        let fixed = options::SECTIONS.iter().map(|(section, own)| {
            let own = |name: &str| own.iter().any(|row| row.name == name);
            (
                (*section).to_owned(),
                Value::from(self.picked(section, own)),
            )
        });
        Value::from(fixed.collect::<Dict>())
            .deserialize()
            .map_err(|error: Error| {
                let section = error.path.first().cloned().unwrap_or_default();
                self.refused(&section, &error)
            })
    }

    /// Where the value of an option comes from.
    pub(super) fn origin(&self, section: &str, option: &str) -> Origin {
        self.value(section, option)
            .map_or(Origin::Default, |value| {
                layer::origin(&self.figment, value, section, option)
            })
    }

    /// Whether somebody has said what the option is to be.
    pub(super) fn is_given(&self, section: &str, option: &str) -> bool {
        self.origin(section, option) != Origin::Default
    }

    /// The fault of an option whose value is refused for a reason beyond its kind.
    pub(super) fn fault(&self, section: &str, option: &str, allowed: impl Into<String>) -> Fault {
        let kind = options::find(section, option).map(|row| row.kind);
        let value = self.value(section, option);
        Fault::Value {
            at: Place::new(self.origin(section, option), section, option).into(),
            value: value.map_or_else(String::new, |value| spelled(value, kind)),
            allowed: allowed.into(),
        }
    }

    /// Puts what other options amount to in the place of an option that is not set.
    pub(super) fn settle(&mut self, section: &str, option: &str, value: Value) {
        if let None | Some(Value::Empty(..)) = self.value(section, option) {
            let options = self.sections.entry(section.to_owned()).or_default();
            options.insert(option.to_owned(), value);
        }
    }

    /// All sections with their options.
    pub(super) fn sections(&self) -> &Sections {
        &self.sections
    }

    fn picked(&self, section: &str, take: impl Fn(&str) -> bool) -> Dict {
        let options = self.sections.get(section).into_iter().flatten();
        options
            .filter(|(name, _)| take(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    fn value(&self, section: &str, option: &str) -> Option<&Value> {
        self.sections.get(section)?.get(option)
    }

    fn refused(&self, section: &str, error: &Error) -> Fault {
        let option = error.path.last().cloned().unwrap_or_default();
        self.fault(section, &option, error.kind.to_string())
    }
}
