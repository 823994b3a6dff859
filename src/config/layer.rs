//! What one source says: a file, the environment, the program itself.

use std::{collections::BTreeMap, fs, path::Path};

use figment::{
    Error, Figment, Metadata, Profile, Provider,
    value::{Dict, Map, Value},
};

use crate::config::{
    fault::{Fault, Origin},
    ini, options,
};

/// Sections by name, each with its options.
pub(super) type Sections = BTreeMap<String, Dict>;

/// The name of the metadata of an INI file.
const INI: &str = "INI file";
/// The name of the metadata of the environment.
const ENVIRONMENT: &str = "environment";
/// How the names of our environment variables begin.
const PREFIX: &str = "HALLMARK__";

/// The sections of one source, the options in them, and where they were found.
#[derive(Debug)]
pub(super) struct Layer {
    metadata: Metadata,
    sections: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        self.metadata.clone()
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Profile::Default.collect(self.sections.clone()))
    }
}

impl Layer {
    /// What is built in.
    pub(super) fn defaults(sections: &Sections) -> Self {
        Self {
            metadata: Metadata::named("default"),
            sections: sections
                .iter()
                .map(|(section, options)| (section.clone(), Value::from(options.clone())))
                .collect(),
        }
    }

    /// What the file `path` says, whose name tells its syntax.
    pub(super) fn file(path: &Path) -> Result<Self, Fault> {
        let unreadable = |line, what: &str| Fault::Unreadable {
            file: path.to_owned(),
            line,
            what: what.to_owned(),
        };
        let read =
            || fs::read_to_string(path).map_err(|error| unreadable(None, &error.to_string()));
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("toml") => {
                let text = read()?;
                // The error's own text would quote the line, and with it perhaps a password.
                let sections = toml::from_str::<Dict>(&text).map_err(|error| {
                    let line = error.span().map(|span| line_at(&text, span.start));
                    unreadable(line, error.message())
                })?;
                Ok(Self {
                    metadata: Metadata::from("TOML file", path),
                    sections: sections.into_iter().map(whole_values).collect(),
                })
            }
            Some("conf" | "ini") => {
                let written = ini::parse(&read()?)
                    .map_err(|error| unreadable(Some(error.line), error.what))?;
                Ok(Self {
                    metadata: Metadata::from(INI, path),
                    sections: written.into_iter().map(from_written).collect(),
                })
            }
            _ => Err(unreadable(
                None,
                "the name of a configuration file ends in .toml, .conf or .ini",
            )),
        }
    }

    /// What the variables `HALLMARK__SECTION__OPTION` say. A section is one that is there
    /// already (whatever its letter case, with `_` for each sign that no variable may have),
    /// else the name in lower case.
    pub(super) fn environment(variables: &[(String, String)], there: &Dict) -> Self {
        let mut sections = Sections::new();
        for (name, value) in variables {
            let Some(name) = name.strip_prefix(PREFIX) else {
                continue;
            };
            let (section, option) = name.split_once("__").unwrap_or(("", name));
            let section = there
                .keys()
                .find(|known| variable_part(known) == section)
                .cloned()
                .unwrap_or_else(|| section.to_ascii_lowercase());
            sections
                .entry(section)
                .or_default()
                .insert(option.to_ascii_lowercase(), Value::from(value.as_str()));
        }
        Self {
            metadata: Metadata::named(ENVIRONMENT),
            sections: sections
                .into_iter()
                .map(|(section, options)| (section, Value::from(options)))
                .collect(),
        }
    }
}

/// What the layers of `figment` say together.
#[expect(
    clippy::expect_used,
    reason = "a layer is made of data that is there; it cannot fail to give them"
)]
pub(super) fn together(figment: &Figment) -> Dict {
    figment
        .find_value("")
        .expect("no layer fails")
        .into_dict()
        .expect("the layers together are a table")
}

/// Where `value`, of the option named, was found.
pub(super) fn origin(figment: &Figment, value: &Value, section: &str, option: &str) -> Origin {
    let Some(metadata) = figment.get_metadata(value.tag()) else {
        return Origin::Default;
    };
    let path = metadata
        .source
        .as_ref()
        .and_then(|source| source.file_path());
    match path {
        Some(path) => Origin::File(path.to_owned()),
        None if metadata.name == ENVIRONMENT => Origin::Variable(format!(
            "{PREFIX}{}__{}",
            variable_part(section),
            option.to_ascii_uppercase()
        )),
        None => Origin::Default,
    }
}

/// Whether `value` was found in an INI file.
pub(super) fn is_from_ini(figment: &Figment, value: &Value) -> bool {
    figment
        .get_metadata(value.tag())
        .is_some_and(|metadata| metadata.name == INI)
}

/// Whether `value` was given as text: in an INI file or the environment.
pub(super) fn is_written(figment: &Figment, value: &Value) -> bool {
    figment
        .get_metadata(value.tag())
        .is_some_and(|metadata| metadata.name == INI || metadata.name == ENVIRONMENT)
}

/// `section` as it stands in the name of a variable.
fn variable_part(section: &str) -> String {
    section.to_ascii_uppercase().replace(['-', '.'], "_")
}

fn line_at(text: &str, offset: usize) -> usize {
    1 + text
        .bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
}

/// A section of a TOML file, with tables below it turned into lists of keys and values: of two
/// tables one is made when sources are put together, but the later value of an option replaces
/// the earlier one whole.
fn whole_values((section, value): (String, Value)) -> (String, Value) {
    let Value::Dict(tag, options) = value else {
        return (section, value);
    };
    let options = options.into_iter().map(|(option, value)| {
        let value = match value {
            Value::Dict(_, dict) => Value::from(
                dict.into_iter()
                    .map(|(key, value)| Value::from(vec![Value::from(key), value]))
                    .collect::<Vec<_>>(),
            ),
            other => other,
        };
        (option, value)
    });
    (section, Value::Dict(tag, options.collect()))
}

/// A section of an INI file. The letter case of a fixed name does not count, as in oslo.config.
fn from_written((section, keys): (String, BTreeMap<String, Vec<String>>)) -> (String, Value) {
    let known = options::SECTIONS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(&section));
    let section = known.map_or(section, |(name, _)| (*name).to_owned());
    let options: Dict = keys
        .into_iter()
        .map(|(key, mut values)| {
            let value = match values.len() {
                1 => Value::from(values.swap_remove(0)),
                _ => Value::from(values),
            };
            (key, value)
        })
        .collect();
    (section, Value::from(options))
}
