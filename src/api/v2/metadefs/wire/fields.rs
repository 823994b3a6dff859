//! Reading a JSON object field by field, so that none is passed over.

use std::{collections::BTreeSet, fmt::Display};

use serde_json::{Map, Value};

use crate::{
    api::{error::ApiError, text},
    domain::metadef::Name,
};

/// The fields of a JSON object that were not read yet.
pub(super) struct Fields {
    /// Where in the body the object is, with a dot at the end; empty for the body itself.
    place: String,
    left: Map<String, Value>,
}

impl Fields {
    /// Those of a body.
    pub(super) const fn of_body(body: Map<String, Value>) -> Self {
        Self {
            place: String::new(),
            left: body,
        }
    }

    /// Those of `value`, which is at `place` in the body.
    pub(super) fn within(place: &str, value: Value) -> Result<Self, ApiError> {
        match value {
            Value::Object(left) => Ok(Self {
                place: format!("{place}."),
                left,
            }),
            other => Err(unfit(place, &other, "an object")),
        }
    }

    /// Where `field` is in the body.
    pub(super) fn place(&self, field: &str) -> String {
        format!("{}{field}", self.place)
    }

    /// Refuses fields that are the registry's to set.
    pub(super) fn refuse_read_only(&self, fields: &[&str]) -> Result<(), ApiError> {
        match fields.iter().find(|field| self.left.contains_key(**field)) {
            Some(field) => Err(ApiError::ReadOnly((*field).to_owned())),
            None => Ok(()),
        }
    }

    /// Leaves out fields that an answer has and a request may repeat.
    pub(super) fn leave_out(&mut self, fields: &[&str]) {
        for field in fields {
            self.left.shift_remove(*field);
        }
    }

    /// A field as it came.
    pub(super) fn take(&mut self, field: &str) -> Option<Value> {
        self.left.shift_remove(field)
    }

    /// A name, which must be there.
    pub(super) fn name(&mut self, field: &str) -> Result<Name, ApiError> {
        let place = self.place(field);
        match self.take(field) {
            Some(Value::String(text)) => text.parse().map_err(|error| invalid(&place, error)),
            Some(other) => Err(unfit(&place, &other, "a string")),
            None => Err(ApiError::Invalid(format!("'{place}' is required"))),
        }
    }

    /// A text of at most `max` characters.
    pub(super) fn text(&mut self, field: &str, max: usize) -> Result<Option<String>, ApiError> {
        let place = self.place(field);
        match self.take(field) {
            None => Ok(None),
            Some(Value::String(read)) => {
                text::check(&place, &read, max)?;
                Ok(Some(read))
            }
            Some(other) => Err(unfit(&place, &other, "a string")),
        }
    }

    /// True or false.
    pub(super) fn flag(&mut self, field: &str) -> Result<Option<bool>, ApiError> {
        let place = self.place(field);
        match self.take(field) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(other) => Err(unfit(&place, &other, "true or false")),
        }
    }

    /// A list, each item with its place; an empty one if there is none.
    pub(super) fn list(&mut self, field: &str) -> Result<Vec<(String, Value)>, ApiError> {
        let place = self.place(field);
        let items = match self.take(field) {
            None => return Ok(Vec::new()),
            Some(Value::Array(items)) => items,
            Some(other) => return Err(unfit(&place, &other, "a list")),
        };
        let placed = |(at, item)| (format!("{place}[{at}]"), item);
        Ok(items.into_iter().enumerate().map(placed).collect())
    }

    /// An object, each value with its key and its place; an empty one if there is none.
    pub(super) fn map(&mut self, field: &str) -> Result<Vec<(String, String, Value)>, ApiError> {
        let place = self.place(field);
        let values = match self.take(field) {
            None => return Ok(Vec::new()),
            Some(Value::Object(values)) => values,
            Some(other) => return Err(unfit(&place, &other, "an object")),
        };
        let placed = |(key, value)| (format!("{place}.{key}"), key, value);
        Ok(values.into_iter().map(placed).collect())
    }

    /// Refuses what was not read.
    pub(super) fn end(self) -> Result<(), ApiError> {
        match self.left.keys().next() {
            None => Ok(()),
            Some(field) => Err(ApiError::Invalid(format!(
                "'{}' is not a field that there is",
                self.place(field)
            ))),
        }
    }
}

/// Texts, none of which stands twice.
pub(super) fn texts(place: &str, value: &Value) -> Result<Vec<String>, ApiError> {
    let all = "a list of strings";
    let Value::Array(items) = value else {
        return Err(unfit(place, value, all));
    };
    let mut texts = Vec::with_capacity(items.len());
    let mut known = BTreeSet::new();
    for item in items {
        let text = item
            .as_str()
            .ok_or_else(|| unfit(place, item, "a string"))?;
        if !known.insert(text) {
            return Err(invalid(place, format!("{text:?} stands twice")));
        }
        texts.push(text.to_owned());
    }
    Ok(texts)
}

/// The error that says what is wrong with the value at `place`.
pub(super) fn invalid(place: &str, why: impl Display) -> ApiError {
    ApiError::Invalid(format!("Invalid value of '{place}': {why}"))
}

/// The error that says what the value at `place` must be.
pub(super) fn unfit(place: &str, value: &Value, allowed: &str) -> ApiError {
    let shown = match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(_) => "a string".to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    };
    invalid(place, format!("{shown} is not {allowed}"))
}
