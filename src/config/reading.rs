//! From the layers to what is in force: old names, references, kinds, names that mean nothing.

use std::collections::BTreeSet;

use figment::{
    Figment,
    value::{Dict, Empty, Value},
};

use crate::config::{
    defaults,
    effective::Effective,
    fault::{Fault, Origin, Place},
    interpolate::interpolate,
    kind::{Kind, Spelling, texts},
    layer::{self, Sections},
    options::{self, ALIASES, LOGIN, LOGIN_SECTIONS, Row, STORE_TYPES},
    spelled::spelled,
};

/// What was read.
pub(super) struct Read {
    /// The options whose values are of the right kind.
    pub effective: Effective,
    /// Everything that is wrong with single options.
    pub faults: Vec<Fault>,
    /// What is to be told although it stops nothing.
    pub warnings: Vec<String>,
}

/// Reads what the layers of `figment` say together, the lowest of them being `defaults`.
pub(super) fn read(figment: Figment, defaults: &Sections) -> Read {
    let mut reading = Reading {
        figment: &figment,
        given: Sections::new(),
        result: Sections::new(),
        faults: Vec::new(),
        warnings: Vec::new(),
        unused: BTreeSet::new(),
    };
    reading.take_in(layer::together(&figment), defaults);
    reading.rename();
    reading.all(defaults);
    let Reading {
        result,
        faults,
        mut warnings,
        unused,
        ..
    } = reading;
    if !unused.is_empty() {
        let unused = Vec::from_iter(unused).join(", ");
        warnings.push(format!("options of INI files that are not used: {unused}"));
    }
    Read {
        effective: Effective::new(figment, result),
        faults,
        warnings,
    }
}

/// The stores that the operator names, by whether this version can have them.
#[derive(Default)]
struct Stores {
    here: BTreeSet<String>,
    elsewhere: BTreeSet<String>,
}

/// The state of the reading.
struct Reading<'a> {
    figment: &'a Figment,
    /// What the layers say together.
    given: Sections,
    /// What is in force, as far as it was looked at.
    result: Sections,
    faults: Vec<Fault>,
    warnings: Vec<String>,
    /// What INI files say that means nothing to us.
    unused: BTreeSet<String>,
}

impl Reading<'_> {
    fn take_in(&mut self, given: Dict, defaults: &Sections) {
        self.given.clone_from(defaults);
        for (section, options) in given {
            match options {
                Value::Dict(_, options) => {
                    self.given.insert(section, options);
                }
                stray => self.unknown("", &section, &stray, &options::section_names()),
            }
        }
    }

    /// Moves every option with a deprecated name to its new name.
    fn rename(&mut self) {
        for alias in ALIASES {
            let ((old_section, old), (section, new)) = (alias.old, alias.new);
            let given = self.given.get_mut(old_section);
            let Some(value) = given.and_then(|options| options.remove(old)) else {
                continue;
            };
            let place = self.place(old_section, old, &value);
            let target = self.given.entry(section.to_owned()).or_default();
            let is_given = target.get(new).is_some_and(|value| {
                layer::origin(self.figment, value, section, new) != Origin::Default
            });
            self.warnings.push(if is_given {
                format!("{place} is ignored, because [{section}] {new} is given as well")
            } else {
                target.insert(new.to_owned(), value);
                format!("{place} is deprecated: its name is [{section}] {new}")
            });
        }
    }

    fn all(&mut self, defaults: &Sections) {
        let stores = self.stores();
        let store_defaults = defaults::store();
        let logins = self.logins();
        let login_defaults = defaults::login();
        let login_rows: Vec<&Row> = LOGIN.iter().collect();
        let nothing = Dict::new();
        for (section, given) in self.given.clone() {
            if let Some(rows) = options::rows(&section) {
                let unset = defaults.get(&section).unwrap_or(&nothing);
                self.section(&section, &given, &rows, unset);
            } else if stores.here.contains(&section) {
                self.section(&section, &given, &options::store_rows(), &store_defaults);
            } else if logins.contains(&section) {
                self.section(&section, &given, &login_rows, &login_defaults);
            } else if !stores.elsewhere.contains(&section) {
                for (name, value) in &given {
                    self.unknown(&section, name, value, &options::section_names());
                }
            }
        }
        for login in logins.difference(&stores.here) {
            self.complete(login, &login_defaults);
        }
        for id in &stores.here {
            self.complete(id, &store_defaults);
        }
    }

    /// Gives a section of an operator's own what is in force there where nothing is said.
    fn complete(&mut self, section: &str, defaults: &Dict) {
        let options = self.result.entry(section.to_owned()).or_default();
        for (name, value) in defaults {
            options.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }

    /// The names of the sections of an operator's own that say how to log in.
    fn logins(&self) -> BTreeSet<String> {
        let names = LOGIN_SECTIONS.iter().filter_map(|section| {
            let name = self.given.get(*section)?.get("auth_section")?;
            texts(name)?.pop()
        });
        names.filter(|name| options::rows(name).is_none()).collect()
    }

    /// The ids of the stores that have a section of their own, as far as they can be read.
    fn stores(&self) -> Stores {
        let mut stores = Stores::default();
        let value = self
            .given
            .get("DEFAULT")
            .and_then(|main| main.get("enabled_backends"));
        let backends = value.and_then(|value| Kind::Pairs.take(value, self.spelling(value)));
        for (id, kind) in backends.and_then(Value::into_dict).unwrap_or_default() {
            let here = kind
                .as_str()
                .is_some_and(|kind| STORE_TYPES.contains(&kind));
            if here && options::rows(&id).is_none() {
                stores.here.insert(id);
            } else {
                stores.elsewhere.insert(id);
            }
        }
        stores
    }

    fn section(&mut self, section: &str, given: &Dict, rows: &[&Row], defaults: &Dict) {
        for (name, value) in given {
            let Some(row) = rows.iter().find(|row| row.name == name) else {
                let names: Vec<&str> = rows.iter().map(|row| row.name).collect();
                self.unknown(section, name, value, &names);
                continue;
            };
            let may_be_unset = matches!(defaults.get(name), Some(Value::Empty(..)));
            let value = match self.value(section, row.kind, value, may_be_unset) {
                Ok(value) => Some(value),
                Err(allowed) => {
                    self.faults.push(Fault::Value {
                        at: self.place(section, name, value).into(),
                        value: spelled(value, Some(row.kind)),
                        allowed,
                    });
                    // With the default in its place, what depends on it can still be checked.
                    defaults.get(name).cloned()
                }
            };
            if let Some(value) = value {
                let options = self.result.entry(section.to_owned()).or_default();
                options.insert(name.clone(), value);
            }
        }
    }

    /// The value that is in force for `given`, or what is allowed.
    fn value(
        &self,
        section: &str,
        kind: Kind,
        given: &Value,
        may_be_unset: bool,
    ) -> Result<Value, String> {
        if matches!(given, Value::Empty(..)) {
            return Ok(given.clone());
        }
        let spelling = self.spelling(given);
        let given = self.interpolated(section, given)?;
        let is_blank = given.as_str().is_some_and(|text| text.trim().is_empty());
        if is_blank && may_be_unset && spelling == Spelling::Written {
            return Ok(Value::Empty(given.tag(), Empty::None));
        }
        kind.take(&given, spelling)
            .ok_or_else(|| kind.allowed(spelling))
    }

    /// `given` with the options it refers to, if it stands in an INI file; or what is allowed.
    fn interpolated(&self, section: &str, given: &Value) -> Result<Value, String> {
        let written = texts(given).filter(|_| layer::is_from_ini(self.figment, given));
        let Some(written) = written else {
            return Ok(given.clone());
        };
        let texts = written
            .iter()
            .map(|text| interpolate(&self.given, section, text))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| error.to_string())?;
        Ok(match given {
            Value::String(tag, _) => Value::String(*tag, texts.concat()),
            _ => Value::Array(given.tag(), texts.into_iter().map(Value::from).collect()),
        })
    }

    fn unknown(&mut self, section: &str, name: &str, value: &Value, allowed: &[&str]) {
        if layer::is_from_ini(self.figment, value) {
            self.unused.insert(format!("[{section}] {name}"));
            return;
        }
        self.faults.push(Fault::Unknown {
            at: self.place(section, name, value).into(),
            allowed: allowed.join(", "),
        });
    }

    fn place(&self, section: &str, option: &str, value: &Value) -> Place {
        let origin = layer::origin(self.figment, value, section, option);
        Place::new(origin, section, option)
    }

    fn spelling(&self, value: &Value) -> Spelling {
        if layer::is_written(self.figment, value) {
            Spelling::Written
        } else {
            Spelling::Typed
        }
    }
}
