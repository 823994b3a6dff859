//! Fields of a document, each read with its place, so that a fault can name it.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    domain::Timestamp,
    jobs::failure::{Code, Failure},
};

/// How many entries a list or a map may have.
const MOST_ENTRIES: usize = 64;

/// How long a text may be that has no closer limit, in bytes.
const MOST_TEXT: usize = 1024;

/// A field that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct Invalid {
    /// The field, as a path from the top of the document.
    pub field: String,
    /// What is wrong with it, and what is allowed.
    pub problem: String,
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        let message = invalid.to_string();
        let details = serde_json::json!({"field": invalid.field});
        Self::new(Code::Validation, message).with(details)
    }
}

/// An object of a document and where it stands. A field that is null counts as absent, and fields
/// that nobody asks for are ignored.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    place: String,
    map: Option<&'a Map<String, Value>>,
}

impl<'a> Fields<'a> {
    /// The whole document.
    pub(super) fn of(document: &'a Value) -> Result<Self, Invalid> {
        match document {
            Value::Object(map) => Ok(Self {
                place: String::new(),
                map: Some(map),
            }),
            _ => Err(Invalid {
                field: "the document".into(),
                problem: "must be an object".into(),
            }),
        }
    }

    /// The place of the field `name` of this object.
    pub(super) fn place(&self, name: &str) -> String {
        if self.place.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.place)
        }
    }

    /// A fault of the field `name`.
    pub(super) fn fault(&self, name: &str, problem: impl Into<String>) -> Invalid {
        Invalid {
            field: self.place(name),
            problem: problem.into(),
        }
    }

    /// Whether the object is there.
    pub(super) const fn are_there(&self) -> bool {
        self.map.is_some()
    }

    /// Whatever stands in the field.
    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        self.map?.get(name).filter(|value| !value.is_null())
    }

    /// An object; one without any field if it is absent.
    pub(super) fn object(&self, name: &str) -> Result<Self, Invalid> {
        let map = match self.value(name) {
            None => None,
            Some(Value::Object(map)) => Some(map),
            Some(_) => return Err(self.fault(name, "must be an object")),
        };
        Ok(Self {
            place: self.place(name),
            map,
        })
    }

    /// A text of at most 1024 bytes.
    pub(super) fn text(&self, name: &str) -> Result<Option<&'a str>, Invalid> {
        self.text_of(name, MOST_TEXT)
    }

    /// A text of at most `most` bytes.
    pub(super) fn text_of(&self, name: &str, most: usize) -> Result<Option<&'a str>, Invalid> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.contains('\0') => {
                Err(self.fault(name, "must not contain a NUL"))
            }
            Some(Value::String(text)) if text.len() <= most => Ok(Some(text)),
            Some(Value::String(_)) => {
                Err(self.fault(name, format!("must have at most {most} bytes")))
            }
            Some(_) => Err(self.fault(name, "must be a string")),
        }
    }

    /// A text that must be there and have at least one character.
    pub(super) fn needed(&self, name: &str, most: usize) -> Result<&'a str, Invalid> {
        match self.text_of(name, most)? {
            Some("") => Err(self.fault(name, "must not be empty")),
            Some(text) => Ok(text),
            None => Err(self.fault(name, "is required, and must be a string")),
        }
    }

    /// A whole number.
    pub(super) fn whole(
        &self,
        name: &str,
        allowed: RangeInclusive<u64>,
    ) -> Result<Option<u64>, Invalid> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        match value.as_u64().filter(|number| allowed.contains(number)) {
            Some(number) => Ok(Some(number)),
            None => Err(self.fault(
                name,
                format!(
                    "must be a whole number from {} to {}",
                    allowed.start(),
                    allowed.end()
                ),
            )),
        }
    }

    /// True or false.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Invalid> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(self.fault(name, "must be true or false")),
        }
    }

    /// A point in time.
    pub(super) fn time(&self, name: &str) -> Result<Option<Timestamp>, Invalid> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let point = OffsetDateTime::parse(text, &Rfc3339).ok();
        let micros =
            point.and_then(|point| i64::try_from(point.unix_timestamp_nanos() / 1000).ok());
        match micros {
            Some(micros) => Ok(Some(Timestamp::from_micros(micros))),
            None => Err(self.fault(
                name,
                "must be a time as RFC 3339 writes it, such as 2026-01-30T10:00:00Z",
            )),
        }
    }

    /// A list of at most `most` entries of any kind, with the place of each; nothing if absent.
    pub(super) fn list(
        &self,
        name: &str,
        most: usize,
    ) -> Result<Vec<(String, &'a Value)>, Invalid> {
        match self.value(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) if list.len() <= most => {
                let places = (0..).map(|at: usize| format!("{}[{at}]", self.place(name)));
                Ok(places.zip(list).collect())
            }
            Some(Value::Array(_)) => {
                Err(self.fault(name, format!("must have at most {most} entries")))
            }
            Some(_) => Err(self.fault(name, "must be a list")),
        }
    }

    /// A list of texts.
    pub(super) fn words(&self, name: &str) -> Result<Vec<String>, Invalid> {
        let list = self.list(name, MOST_ENTRIES)?;
        list.into_iter()
            .map(|(place, value)| word(place, value))
            .collect()
    }

    /// A list of objects.
    pub(super) fn objects(&self, name: &str, most: usize) -> Result<Vec<Self>, Invalid> {
        let list = self.list(name, most)?;
        let object = |(place, value): (String, &'a Value)| match value {
            Value::Object(map) => Ok(Self {
                place,
                map: Some(map),
            }),
            _ => Err(Invalid {
                field: place,
                problem: "must be an object".into(),
            }),
        };
        list.into_iter().map(object).collect()
    }

    /// Holds that the field, if it is there, is a map of texts.
    pub(super) fn check_labels(&self, name: &str) -> Result<(), Invalid> {
        let labels = self.object(name)?;
        let map = labels.map.into_iter().flatten();
        for (count, (key, value)) in map.enumerate() {
            if count == MOST_ENTRIES {
                let problem = format!("must have at most {MOST_ENTRIES} entries");
                return Err(self.fault(name, problem));
            }
            word(labels.place(key), value)?;
        }
        Ok(())
    }

    /// The names of the fields that are there.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        let map = self.map.into_iter().flatten();
        map.filter(|(_, value)| !value.is_null())
            .map(|(name, _)| name.as_str())
    }
}

fn word(place: String, value: &Value) -> Result<String, Invalid> {
    let problem = match value {
        Value::String(text) if text.contains('\0') => "must not contain a NUL".to_owned(),
        Value::String(text) if text.len() <= MOST_TEXT => return Ok(text.clone()),
        Value::String(_) => format!("must have at most {MOST_TEXT} bytes"),
        _ => "must be a string".to_owned(),
    };
    Err(Invalid {
        field: place,
        problem,
    })
}
