//! Patches of images: both media types, read into changes.

use axum::extract::{FromRequest, Request};
use http::{HeaderMap, header};
use serde_json::{Map, Value};

use crate::{
    api::{
        ApiState,
        error::{ApiError, PATCH_MEDIA_TYPES},
        extract::read_json,
        text,
        v2::{
            images::{attribute, formats::Formats, names, pointer},
            locations::new_location,
        },
    },
    domain::{ImageChange, LocationChange, PatchOperation},
};

/// How a patch spells its operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// `{"op": "add", "path": "/a", "value": "b"}`
    V21,
    /// `{"add": "/a", "value": "b"}`; here `add` is for properties that are not there.
    V20,
}

/// A patch that is JSON, not yet read into changes.
#[derive(Debug)]
pub(super) struct PatchBody {
    dialect: Dialect,
    body: Value,
}

/// What an operation does.
#[derive(Debug, Clone, Copy)]
enum Op {
    Add,
    Replace,
    Remove,
}

impl FromRequest<ApiState> for PatchBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &ApiState) -> Result<Self, ApiError> {
        let dialect = Dialect::of(request.headers())?;
        let body = read_json(request, api).await?;
        Ok(Self { dialect, body })
    }
}

impl Dialect {
    fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        let media_type = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .map(|value| value.trim().to_ascii_lowercase());
        match media_type.as_deref() {
            Some(name) if name == PATCH_MEDIA_TYPES[0] => Ok(Self::V21),
            Some(name) if name == PATCH_MEDIA_TYPES[1] => Ok(Self::V20),
            _ => Err(ApiError::NotAPatch),
        }
    }
}

impl PatchBody {
    /// The operations, in their order.
    ///
    /// # Errors
    ///
    /// The first refusal: of the operation, its pointer, its attribute or its value.
    pub(super) fn into_operations(
        self,
        formats: Formats<'_>,
    ) -> Result<Vec<PatchOperation>, ApiError> {
        let Value::Array(operations) = self.body else {
            return Err(invalid("the body of a patch must be a list of operations"));
        };
        operations
            .into_iter()
            .map(|operation| match operation {
                Value::Object(operation) => self.dialect.operation(operation, formats),
                _ => Err(invalid("an operation of a patch must be an object")),
            })
            .collect()
    }
}

impl Dialect {
    fn operation(
        self,
        mut operation: Map<String, Value>,
        formats: Formats<'_>,
    ) -> Result<PatchOperation, ApiError> {
        let (op, path) = self.op_and_path(&operation)?;
        let parts =
            pointer::parse(path).map_err(|why| invalid(&format!("the pointer {path:?} {why}")))?;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        if let [names::LOCATIONS, rest @ ..] = &parts[..] {
            let at = pointed_at(op, rest, path)?;
            let change = move_of(op, at, operation.remove("value"))?;
            return Ok(PatchOperation::Locations(change));
        }
        let [name] = parts[..] else {
            return Err(too_deep(&parts, path));
        };
        let name = name.to_owned();
        names::check_changeable(&name)?;
        if let Op::Remove = op {
            return Ok(PatchOperation::Image(remove(name)?));
        }
        let value = operation.remove("value");
        let value = value.ok_or_else(|| needs_value(&name))?;
        let change = self.change(op, name, value, formats)?;
        Ok(PatchOperation::Image(change))
    }

    fn change(
        self,
        op: Op,
        name: String,
        value: Value,
        formats: Formats<'_>,
    ) -> Result<ImageChange, ApiError> {
        if let (Op::Add, names::STORES) = (op, name.as_str()) {
            return Err(ApiError::ReadOnly(name));
        }
        let attribute = attribute::parse(name, value, formats)?;
        Ok(match (op, self) {
            (Op::Add, Self::V20) => ImageChange::AddNew(attribute),
            (Op::Add, Self::V21) => ImageChange::Add(attribute),
            (Op::Replace | Op::Remove, _) => ImageChange::Replace(attribute),
        })
    }

    fn op_and_path(self, operation: &Map<String, Value>) -> Result<(Op, &str), ApiError> {
        let text = |key| operation.get(key).and_then(Value::as_str);
        match self {
            Self::V21 => {
                let op = text("op").ok_or_else(|| invalid("an operation needs an op"))?;
                let op = Op::named(op).ok_or_else(|| {
                    invalid(&format!("op {op:?} is not one of add, remove, replace"))
                })?;
                let path = text("path").ok_or_else(|| invalid("an operation needs a path"))?;
                Ok((op, path))
            }
            Self::V20 => {
                let mut ops = ["add", "replace", "remove"]
                    .into_iter()
                    .filter(|op| operation.contains_key(*op));
                match (ops.next(), ops.next()) {
                    (Some(op), None) => Op::named(op).zip(text(op)),
                    _ => None,
                }
                .ok_or_else(|| {
                    invalid("an operation needs one of add, remove, replace, with a path")
                })
            }
        }
    }
}

impl Op {
    fn named(name: &str) -> Option<Self> {
        match name {
            "add" => Some(Self::Add),
            "replace" => Some(Self::Replace),
            "remove" => Some(Self::Remove),
            _ => None,
        }
    }
}

fn remove(name: String) -> Result<ImageChange, ApiError> {
    // Glance does not count `stores` among the attributes of every image here.
    if names::is_base(&name) && name != names::STORES {
        return Err(ApiError::Base(name));
    }
    text::check("the name of a property", &name, text::NAME)?;
    Ok(ImageChange::Remove(name))
}

/// Where in the list of locations an operation points, which only adding and removing do.
fn pointed_at(op: Op, rest: &[&str], path: &str) -> Result<String, ApiError> {
    match (op, rest) {
        (Op::Replace, []) => Ok(String::new()),
        (Op::Add | Op::Remove, [at]) => Ok((*at).to_owned()),
        _ => Err(invalid(&format!(
            "Invalid JSON pointer for this resource: {path:?}; allowed: replace /locations, add \
             and remove /locations/- or /locations/N"
        ))),
    }
}

fn move_of(op: Op, at: String, value: Option<Value>) -> Result<LocationChange, ApiError> {
    if let Op::Remove = op {
        return Ok(LocationChange::Remove { at });
    }
    let value = value.ok_or_else(|| needs_value(names::LOCATIONS))?;
    match (op, value) {
        (Op::Add, location) => Ok(LocationChange::Add {
            at,
            location: new_location(location)?,
        }),
        (_, Value::Array(locations)) => {
            let locations: Result<_, _> = locations.into_iter().map(new_location).collect();
            Ok(LocationChange::Replace(locations?))
        }
        _ => Err(invalid("'locations' must be a list")),
    }
}

fn needs_value(name: &str) -> ApiError {
    invalid(&format!("the operation on {name:?} needs a value"))
}

/// Refuses a pointer into an attribute: who may not change the attribute is told that first.
fn too_deep(parts: &[&str], path: &str) -> ApiError {
    parts
        .first()
        .and_then(|name| names::check_changeable(name).err())
        .unwrap_or_else(|| {
            invalid(&format!(
                "the pointer {path:?} must name an attribute, not a part of one"
            ))
        })
}

fn invalid(why: &str) -> ApiError {
    ApiError::Invalid(why.to_owned())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::json;

    use super::*;
    use crate::domain::{Attribute, ExpectedDigests, NewLocation};

    fn operations(dialect: Dialect, body: Value) -> Result<Vec<PatchOperation>, ApiError> {
        let disk = ["raw"].map(str::to_owned);
        PatchBody { dialect, body }.into_operations(Formats {
            disk: &disk,
            container: &[],
        })
    }

    fn changes(dialect: Dialect, body: Value) -> Result<Vec<ImageChange>, ApiError> {
        let change = |operation| match operation {
            PatchOperation::Image(change) => change,
            PatchOperation::Locations(change) => panic!("{change:?}"),
        };
        let operations = operations(dialect, body)?;
        Ok(operations.into_iter().map(change).collect())
    }

    fn property(name: &str, value: &str) -> Attribute {
        Attribute::Property {
            name: name.into(),
            value: Some(value.into()),
        }
    }

    #[test]
    fn both_dialects_are_understood() {
        let new = json!([
            {"op": "replace", "path": "/name", "value": "a"},
            {"op": "add", "path": "/x~1y", "value": "b"},
            {"op": "remove", "path": "/z"},
        ]);
        let old = json!([
            {"replace": "/name", "value": "a"},
            {"add": "/x~1y", "value": "b"},
            {"remove": "/z"},
        ]);
        let name = ImageChange::Replace(Attribute::Name(Some("a".into())));
        let removal = ImageChange::Remove("z".into());
        assert_eq!(
            changes(Dialect::V21, new).expect("changes"),
            [
                name.clone(),
                ImageChange::Add(property("x/y", "b")),
                removal.clone()
            ]
        );
        assert_eq!(
            changes(Dialect::V20, old).expect("changes"),
            [name, ImageChange::AddNew(property("x/y", "b")), removal]
        );
        assert_eq!(changes(Dialect::V21, json!([])).expect("changes"), []);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for body in [
            json!({}),
            json!("x"),
            json!([1]),
            json!([{"path": "/a", "value": "b"}]),
            json!([{"op": "test", "path": "/a", "value": "b"}]),
            json!([{"op": "add", "path": "a", "value": "b"}]),
            json!([{"op": "add", "path": "/a"}]),
            json!([{"op": "add", "value": "b"}]),
            json!([{"op": "add", "path": "/a", "value": 1}]),
            json!([{"op": "add", "path": "/tags/-", "value": "b"}]),
            json!([{"op": "replace", "path": "/tags", "value": "b"}]),
            json!([{"op": "replace", "path": "/disk_format", "value": "RAW"}]),
            json!([{"op": "add", "path": format!("/{}", "a".repeat(256)), "value": "b"}]),
        ] {
            let refused = changes(Dialect::V21, body.clone());
            assert!(matches!(refused, Err(ApiError::Invalid(_))), "{body}");
        }
        let two = json!([{"add": "/a", "remove": "/a", "value": "b"}]);
        assert!(matches!(
            changes(Dialect::V20, two),
            Err(ApiError::Invalid(_))
        ));
    }

    #[test]
    fn what_is_not_the_callers_to_change_is_forbidden() {
        for op in ["add", "replace", "remove"] {
            for name in ["os_hash_algo", "os_hash_value", "id", "size", "self"] {
                let body = json!([{"op": op, "path": format!("/{name}"), "value": "x"}]);
                let refused = changes(Dialect::V21, body);
                assert!(matches!(refused, Err(ApiError::ReadOnly(_))), "{op} {name}");
            }
            for name in ["os_glance_x", "deleted", "location"] {
                let body = json!([{"op": op, "path": format!("/{name}"), "value": "x"}]);
                let refused = changes(Dialect::V21, body);
                assert!(matches!(refused, Err(ApiError::Reserved(_))), "{op} {name}");
            }
        }
        let body = json!([{"op": "remove", "path": "/name"}]);
        assert!(matches!(
            changes(Dialect::V21, body),
            Err(ApiError::Base(_))
        ));
    }

    #[test]
    fn locations_are_added_and_removed_one_by_one_and_replaced_together() {
        let location = json!({"url": "http://a/b", "metadata": {"x": 1}});
        let new = NewLocation {
            url: "http://a/b".into(),
            metadata: r#"{"x":1}"#.into(),
            claim: None,
            expected: ExpectedDigests::default(),
        };
        let body = json!([
            {"op": "add", "path": "/locations/-", "value": location},
            {"op": "remove", "path": "/locations/1"},
            {"op": "replace", "path": "/locations", "value": [location]},
        ]);
        let (end, one) = ("-".to_owned(), "1".to_owned());
        let moves = [
            LocationChange::Add {
                at: end,
                location: new.clone(),
            },
            LocationChange::Remove { at: one },
            LocationChange::Replace(vec![new]),
        ];
        assert_eq!(
            operations(Dialect::V21, body).expect("operations"),
            moves.map(PatchOperation::Locations)
        );
        for body in [
            json!([{"op": "add", "path": "/locations", "value": [location]}]),
            json!([{"op": "remove", "path": "/locations"}]),
            json!([{"op": "replace", "path": "/locations/0", "value": location}]),
            json!([{"op": "add", "path": "/locations/0/url", "value": location}]),
            json!([{"op": "add", "path": "/locations/-"}]),
            json!([{"op": "add", "path": "/locations/-", "value": {}}]),
            json!([{"op": "replace", "path": "/locations", "value": location}]),
        ] {
            let refused = operations(Dialect::V21, body.clone());
            assert!(matches!(refused, Err(ApiError::Invalid(_))), "{body}");
        }
    }

    #[test]
    fn stores_can_only_be_missing() {
        let change = |op| {
            let body = json!([{"op": op, "path": "/stores", "value": "x"}]);
            changes(Dialect::V21, body)
        };
        assert!(matches!(change("add"), Err(ApiError::ReadOnly(_))));
        assert_eq!(
            change("replace").expect("changes"),
            [ImageChange::Replace(property("stores", "x"))]
        );
        assert_eq!(
            change("remove").expect("changes"),
            [ImageChange::Remove("stores".into())]
        );
    }

    #[test]
    fn the_media_type_tells_the_dialect() {
        let of = |value| {
            let value = HeaderValue::from_static(value);
            Dialect::of(&HeaderMap::from_iter([(header::CONTENT_TYPE, value)]))
        };
        assert!(matches!(
            of("application/openstack-images-v2.1-json-patch"),
            Ok(Dialect::V21)
        ));
        assert!(matches!(
            of("application/openstack-images-v2.0-json-patch; charset=utf-8"),
            Ok(Dialect::V20)
        ));
        assert!(matches!(
            of("application/json-patch+json"),
            Err(ApiError::NotAPatch)
        ));
        assert!(matches!(
            Dialect::of(&HeaderMap::new()),
            Err(ApiError::NotAPatch)
        ));
    }
}
