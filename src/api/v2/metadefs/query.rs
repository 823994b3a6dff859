//! What a client asks of a list of namespaces, objects or tags. Parameters that mean nothing
//! here are passed over, as Glance does.

use axum::extract::FromRequestParts;
use http::{Uri, request::Parts};

use crate::{
    api::{
        ApiState, Settings,
        error::ApiError,
        extract::{limit, parameters},
        links::{Links, MARKER},
    },
    domain::{
        Direction,
        metadef::{
            ItemField, ItemQuery, MAX_OF_A_KIND, Name, NamespaceField, NamespaceQuery, Sort,
        },
    },
};

/// The most types of resources that a list can be narrowed to.
const MAX_TYPES: usize = 256;

/// A list of namespaces that is asked for, and how to link to its other pages.
#[derive(Debug)]
pub(super) struct NamespaceListRequest {
    /// What is asked for.
    pub(super) query: NamespaceQuery,
    /// The links.
    pub(super) links: Links,
}

/// A list of objects that is asked for: all of them, in the order they came, if nothing is said.
#[derive(Debug)]
pub(super) struct ObjectListRequest(pub(super) ItemQuery);

/// A list of tags that is asked for: all of them, the newest first, if nothing is said.
#[derive(Debug)]
pub(super) struct TagListRequest(pub(super) ItemQuery);

/// The type of resources that definitions are to be shown for.
#[derive(Debug)]
pub(super) struct AppliedTo(pub(super) Option<String>);

impl FromRequestParts<ApiState> for NamespaceListRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, ApiError> {
        namespaces(&parts.uri, &api.settings)
    }
}

impl FromRequestParts<ApiState> for ObjectListRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, ApiError> {
        let query = items(&parts.uri, &api.settings, Direction::Ascending)?;
        if query.limit == 0 {
            return Err(ApiError::Invalid(
                "Invalid value of the parameter 'limit': it must be at least 1".into(),
            ));
        }
        Ok(Self(query))
    }
}

impl FromRequestParts<ApiState> for TagListRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, ApiError> {
        items(&parts.uri, &api.settings, Direction::Descending).map(Self)
    }
}

impl FromRequestParts<ApiState> for AppliedTo {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _api: &ApiState) -> Result<Self, ApiError> {
        let mut applied = None;
        for (key, value) in parameters(&parts.uri)? {
            if key == "resource_type" && !value.is_empty() {
                applied = Some(value);
            }
        }
        Ok(Self(applied))
    }
}

fn namespaces(uri: &Uri, settings: &Settings) -> Result<NamespaceListRequest, ApiError> {
    let mut query = NamespaceQuery {
        visibility: None,
        protected: None,
        resource_types: None,
        sort: Sort {
            field: NamespaceField::CreatedAt,
            direction: Direction::Descending,
        },
        marker: None,
        limit: settings.limit_param_default,
    };
    for (key, value) in parameters(uri)? {
        match key.as_str() {
            "limit" => query.limit = limit(&value)?,
            MARKER => query.marker = marker(&value)?,
            "sort_key" => query.sort.field = namespace_field(&value)?,
            "sort_dir" => query.sort.direction = direction(&value)?,
            "visibility" if !value.is_empty() => {
                query.visibility = Some(value.parse().map_err(|error| invalid(&key, error))?);
            }
            "protected" => query.protected = Some(flag(&key, &value)?),
            "resource_types" => query.resource_types = Some(types(&key, &value)?),
            _ => {}
        }
    }
    query.limit = query.limit.min(settings.api_limit_max);
    Ok(NamespaceListRequest {
        query,
        links: Links::new("/v2/metadefs/namespaces", uri.query().unwrap_or_default()),
    })
}

fn items(uri: &Uri, settings: &Settings, usual: Direction) -> Result<ItemQuery, ApiError> {
    let mut query = ItemQuery {
        sort: Sort {
            field: ItemField::CreatedAt,
            direction: usual,
        },
        marker: None,
        limit: u32::try_from(MAX_OF_A_KIND).unwrap_or(u32::MAX),
    };
    for (key, value) in parameters(uri)? {
        match key.as_str() {
            "limit" => query.limit = limit(&value)?.min(settings.api_limit_max),
            MARKER => query.marker = marker(&value)?,
            "sort_key" => query.sort.field = item_field(&value)?,
            "sort_dir" => query.sort.direction = direction(&value)?,
            _ => {}
        }
    }
    Ok(query)
}

/// A marker that can be no name is none that there is.
fn marker(name: &str) -> Result<Option<Name>, ApiError> {
    if name.is_empty() {
        return Ok(None);
    }
    name.parse().map(Some).map_err(|_| ApiError::NotFound)
}

fn namespace_field(key: &str) -> Result<NamespaceField, ApiError> {
    Ok(match key {
        "namespace" => NamespaceField::Name,
        "display_name" => NamespaceField::DisplayName,
        "visibility" => NamespaceField::Visibility,
        "owner" => NamespaceField::Owner,
        "created_at" => NamespaceField::CreatedAt,
        "updated_at" => NamespaceField::UpdatedAt,
        _ => {
            let allowed = "namespace, display_name, visibility, owner, created_at, updated_at";
            return Err(unknown("sort_key", key, allowed));
        }
    })
}

fn item_field(key: &str) -> Result<ItemField, ApiError> {
    Ok(match key {
        "name" => ItemField::Name,
        "created_at" => ItemField::CreatedAt,
        "updated_at" => ItemField::UpdatedAt,
        _ => return Err(unknown("sort_key", key, "name, created_at, updated_at")),
    })
}

fn direction(word: &str) -> Result<Direction, ApiError> {
    match word {
        "asc" => Ok(Direction::Ascending),
        "desc" => Ok(Direction::Descending),
        _ => Err(unknown("sort_dir", word, "asc, desc")),
    }
}

fn flag(parameter: &str, word: &str) -> Result<bool, ApiError> {
    match word.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(unknown(parameter, word, "true, false")),
    }
}

fn types(parameter: &str, names: &str) -> Result<Vec<String>, ApiError> {
    let names: Vec<_> = names.split(',').map(str::to_owned).collect();
    if names.len() > MAX_TYPES {
        return Err(invalid(
            parameter,
            format!("it may name {MAX_TYPES} types at most"),
        ));
    }
    Ok(names)
}

fn unknown(parameter: &str, word: &str, allowed: &str) -> ApiError {
    invalid(parameter, format!("{word:?} is not one of {allowed}"))
}

fn invalid(parameter: &str, why: impl std::fmt::Display) -> ApiError {
    ApiError::Invalid(format!(
        "Invalid value of the parameter '{parameter}': {why}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metadef::Visibility;

    fn read(query: &str) -> Result<NamespaceQuery, ApiError> {
        let uri = format!("/?{query}").parse().expect("a path");
        namespaces(&uri, &Settings::default()).map(|request| request.query)
    }

    fn read_items(query: &str) -> Result<ItemQuery, ApiError> {
        let uri = format!("/?{query}").parse().expect("a path");
        items(&uri, &Settings::default(), Direction::Ascending)
    }

    #[test]
    fn a_page_of_namespaces_has_a_size_within_bounds() {
        assert_eq!(read("").expect("a query").limit, 25);
        assert_eq!(read("limit=5000").expect("a query").limit, 1000);
        assert!(read("limit=x").is_err());
        assert_eq!(read_items("").expect("a query").limit, 500);
        assert_eq!(read_items("limit=2").expect("a query").limit, 2);
    }

    #[test]
    fn namespaces_are_narrowed_and_sorted() {
        let query = read(
            "visibility=public&protected=True&resource_types=OS::A,OS::B&sort_key=namespace\
             &sort_dir=asc&marker=m&bogus=1",
        )
        .expect("a query");
        assert_eq!(query.visibility, Some(Visibility::Public));
        assert_eq!(query.protected, Some(true));
        let types = ["OS::A", "OS::B"].map(str::to_owned).to_vec();
        assert_eq!(query.resource_types, Some(types));
        assert_eq!(query.sort.field, NamespaceField::Name);
        assert_eq!(query.sort.direction, Direction::Ascending);
        assert_eq!(query.marker.as_ref().map(Name::as_str), Some("m"));
    }

    #[test]
    fn what_a_parameter_may_not_be_is_refused_by_its_name() {
        for (query, named) in [
            ("visibility=shared", "visibility"),
            ("protected=1", "protected"),
            ("sort_key=id", "sort_key"),
            ("sort_dir=up", "sort_dir"),
            ("limit=-1", "limit"),
        ] {
            match read(query) {
                Err(ApiError::Invalid(why)) => assert!(why.contains(named), "{why}"),
                other => panic!("{query}: {other:?}"),
            }
        }
        let many = format!("resource_types={}", "a,".repeat(MAX_TYPES));
        assert!(matches!(read(&many), Err(ApiError::Invalid(_))));
        assert!(matches!(read("marker=a/b"), Err(ApiError::NotFound)));
        assert!(matches!(
            read_items("sort_key=description"),
            Err(ApiError::Invalid(_))
        ));
    }
}
