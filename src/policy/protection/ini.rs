//! The dialect of Python's configparser, with sections in the order in which they are written.

use std::collections::BTreeMap;

use super::{ProtectionFault, Verb};

/// The section whose values stand in for those that another section lacks.
const STAND_IN: &str = "DEFAULT";

/// A section, and what is said in it.
#[derive(Debug, Default)]
pub(super) struct Section {
    /// Its name.
    pub(super) name: String,
    /// The values by their keys, which are in lower case.
    values: BTreeMap<String, String>,
}

impl Section {
    /// What stands behind the key that says who may do `verb`.
    pub(super) fn value(&self, verb: Verb) -> Option<&str> {
        self.values.get(verb.as_str()).map(String::as_str)
    }

    /// Warns of keys that mean nothing.
    pub(super) fn warn_of_others(&self, verbs: &[Verb]) {
        let meant = |key: &str| verbs.iter().any(|verb| verb.as_str() == key);
        for key in self.values.keys().filter(|key| !meant(key)) {
            tracing::warn!(
                section = self.name,
                key,
                "the key means nothing in a file of property protections"
            );
        }
    }

    /// Warns of verbs that nobody may do because nothing stands behind their key.
    pub(super) fn warn_of_empty(&self, verbs: &[Verb]) {
        for verb in verbs.iter().filter(|verb| self.value(**verb) == Some("")) {
            tracing::warn!(
                section = self.name,
                key = verb.as_str(),
                "nothing is said of who may do this to the property; nobody may"
            );
        }
    }
}

/// Reads `text`.
///
/// - `[section]` opens a section; what is in the last bracket of its line counts as its end.
/// - `key = value` and `key: value`, whichever sign comes first; keys in any letter case.
/// - An indented line continues the value before it.
/// - A line that starts with `#` or `;` is a comment; there is none behind a value.
/// - What `[DEFAULT]` says holds in all sections that do not say it.
/// - Neither a section nor a key in it may stand twice, and no value refers to another (`%`).
///
/// # Errors
///
/// [`ProtectionFault::Line`] at the first line that is none of these.
pub(super) fn parse(text: &str) -> Result<Vec<Section>, ProtectionFault> {
    let mut reader = Reader::default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (at, line) in text.lines().enumerate() {
        reader
            .line(line.trim_end())
            .map_err(|what| ProtectionFault::Line { line: at + 1, what })?;
    }
    Ok(reader.finish())
}

/// What has been read so far.
#[derive(Default)]
struct Reader {
    sections: Vec<Section>,
    /// The key whose value may still be continued.
    key: Option<String>,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), &'static str> {
        let bare = line.trim_start();
        if bare.is_empty() || bare.starts_with(['#', ';']) {
            return Ok(());
        }
        if bare.len() < line.len()
            && let Some(value) = self.open_value()
        {
            refuse_references(bare)?;
            value.push('\n');
            value.push_str(bare);
            return Ok(());
        }
        match bare.strip_prefix('[') {
            Some(rest) => self.header(rest),
            None => self.assignment(bare),
        }
    }

    /// The value that an indented line continues.
    fn open_value(&mut self) -> Option<&mut String> {
        let key = self.key.as_ref()?;
        self.sections.last_mut()?.values.get_mut(key)
    }

    fn header(&mut self, rest: &str) -> Result<(), &'static str> {
        let (name, behind) = rest
            .rsplit_once(']')
            .ok_or("the name of a section ends with \"]\"")?;
        if name.is_empty() {
            return Err("a section has no name");
        }
        if !behind.is_empty() && !behind.trim_start().starts_with(['#', ';']) {
            return Err("behind the \"]\" of a section stands a comment or nothing");
        }
        if self.sections.iter().any(|section| section.name == name) {
            return Err("there is a section of this name already");
        }
        self.key = None;
        self.sections.push(Section {
            name: name.to_owned(),
            values: BTreeMap::new(),
        });
        Ok(())
    }

    fn assignment(&mut self, line: &str) -> Result<(), &'static str> {
        let (key, value) = line
            .split_once(['=', ':'])
            .ok_or("a line is \"[section]\", \"key = value\" or a comment")?;
        let (key, value) = (key.trim().to_lowercase(), value.trim());
        if key.is_empty() {
            return Err("a value has no key");
        }
        refuse_references(value)?;
        let section = self
            .sections
            .last_mut()
            .ok_or("a key stands before the first section")?;
        let before = section.values.insert(key.clone(), value.to_owned());
        self.key = Some(key);
        before.map_or(Ok(()), |_| Err("the section has this key already"))
    }

    /// The sections, with what stands in for what they lack.
    fn finish(self) -> Vec<Section> {
        let (stand_in, mut sections): (Vec<_>, Vec<_>) = self
            .sections
            .into_iter()
            .partition(|section| section.name == STAND_IN);
        for section in &mut sections {
            for (key, value) in stand_in.iter().flat_map(|section| &section.values) {
                let missing = section.values.entry(key.clone());
                missing.or_insert_with(|| value.clone());
            }
        }
        sections
    }
}

fn refuse_references(value: &str) -> Result<(), &'static str> {
    if value.contains('%') {
        return Err("a value holds no \"%\"");
    }
    Ok(())
}
