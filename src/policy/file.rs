//! One file of rules: YAML, or the JSON that is YAML too.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{Error, ErrorKind, Read as _},
    path::Path,
    slice,
};

use serde::{Deserialize, de::IgnoredAny};
use serde_saphyr::Tagged;

use super::{Origin, PolicyError, rule, written::Rule};

/// How many bytes a file may have.
const MAX_SIZE: u64 = 1024 * 1024;

/// What a file can hold under a name.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    List(Vec<Alternative>),
    Other(IgnoredAny),
}

/// One alternative of a rule in the older form.
#[derive(Deserialize)]
#[serde(untagged)]
enum Alternative {
    Lone(String),
    Every(Vec<String>),
}

impl AsRef<[String]> for Alternative {
    fn as_ref(&self) -> &[String] {
        match self {
            Self::Lone(check) => slice::from_ref(check),
            Self::Every(checks) => checks,
        }
    }
}

/// A whole file, which may be empty.
///
/// A tag would change what a value means: a bare `!`, which in the rule language is "never", is
/// a tag to YAML, with an empty text behind it, which is "always".
type Document = Option<BTreeMap<String, Tagged<Written>>>;

/// Reads the rules of the file at `path`, by name. An empty file has none.
///
/// # Errors
///
/// [`PolicyError`] tells the first thing that is wrong.
pub(super) fn read(path: &Path) -> Result<BTreeMap<Box<str>, Rule>, PolicyError> {
    let text = read_text(path)?;
    let document: Document =
        serde_saphyr::from_str_with_options(&text, limits()).map_err(|source| {
            PolicyError::NoMapping {
                path: path.to_owned(),
                source: Box::new(source),
            }
        })?;
    document
        .unwrap_or_default()
        .into_iter()
        .map(|(name, Tagged(written, tag))| {
            let origin = Origin::File(path.to_owned());
            let (text, check) = match written {
                Written::Text(text) if tag.is_none() => {
                    let check = rule::parse(&text);
                    (text, check)
                }
                Written::List(list) if tag.is_none() => (spelled(&list), rule::parse_list(&list)),
                Written::Text(_) | Written::List(_) | Written::Other(_) => {
                    return Err(PolicyError::NoText { rule: name, origin });
                }
            };
            match check {
                Ok(check) => {
                    let text = text.into();
                    let rule = Rule {
                        text,
                        check,
                        origin,
                    };
                    Ok((name.into(), rule))
                }
                Err(source) => Err(PolicyError::Malformed {
                    rule: name,
                    origin,
                    source,
                }),
            }
        })
        .collect()
}

/// A rule of the older form as a text that means the same.
fn spelled(alternatives: &[Alternative]) -> String {
    let mut spelled = alternatives
        .iter()
        .map(AsRef::<[String]>::as_ref)
        .filter(|checks| !checks.is_empty())
        .map(|checks| checks.join(" and "))
        .peekable();
    match spelled.peek() {
        None if alternatives.is_empty() => "@".to_owned(),
        None => "!".to_owned(),
        Some(_) => spelled.collect::<Vec<_>>().join(" or "),
    }
}

/// The text of the file at `path`.
///
/// # Errors
///
/// [`PolicyError::Unreadable`] also for what is no UTF-8, [`PolicyError::TooLarge`].
pub(super) fn read_text(path: &Path) -> Result<String, PolicyError> {
    let unreadable = |source| PolicyError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(MAX_SIZE + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > MAX_SIZE {
        return Err(PolicyError::TooLarge(path.to_owned()));
    }
    String::from_utf8(bytes).map_err(|error| unreadable(Error::new(ErrorKind::InvalidData, error)))
}

/// Room for what rules need, and no more: a mapping of lists of lists, a few aliases.
fn limits() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 8,
            max_nodes: 100_000,
            max_anchors: 100,
            max_aliases: 100,
        },
        with_snippet: false,
    }
}
