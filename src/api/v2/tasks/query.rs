//! What a client asks of a list of tasks. Parameters that mean nothing here are passed over, as
//! Glance does.

use axum::extract::FromRequestParts;
use http::{Uri, request::Parts};

use crate::{
    api::{
        ApiState, Settings,
        error::ApiError,
        extract::{limit, parameters},
        links::{Links, MARKER},
    },
    domain::{Direction, TaskField, TaskFilter, TaskQuery},
};

const PATH: &str = "/v2/tasks";

/// A list of tasks that is asked for, and how to link to its other pages.
#[derive(Debug)]
pub(super) struct TaskListRequest {
    /// What is asked for.
    pub(super) query: TaskQuery,
    /// The links.
    pub(super) links: Links,
}

impl FromRequestParts<ApiState> for TaskListRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, ApiError> {
        Self::read(&parts.uri, &api.settings)
    }
}

impl TaskListRequest {
    fn read(uri: &Uri, settings: &Settings) -> Result<Self, ApiError> {
        let mut query = TaskQuery {
            filter: TaskFilter::default(),
            field: TaskField::CreatedAt,
            direction: Direction::Descending,
            marker: None,
            limit: settings.limit_param_default,
        };
        for (key, value) in parameters(uri)? {
            match key.as_str() {
                "limit" => query.limit = limit(&value)?,
                "type" => query.filter.kind = Some(parsed(&key, &value)?),
                "status" => query.filter.status = Some(parsed(&key, &value)?),
                MARKER => query.marker = Some(parsed(&key, &value)?),
                "sort_key" => query.field = field(&value)?,
                "sort_dir" => query.direction = direction(&value)?,
                _ => {}
            }
        }
        query.limit = query.limit.min(settings.api_limit_max);
        Ok(Self {
            query,
            links: Links::new(PATH, uri.query().unwrap_or_default()),
        })
    }
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
    key: &str,
    value: &str,
) -> Result<T, ApiError> {
    value.parse().map_err(|error| {
        ApiError::Invalid(format!("Invalid value of the parameter '{key}': {error}"))
    })
}

fn field(key: &str) -> Result<TaskField, ApiError> {
    Ok(match key {
        "id" => TaskField::Id,
        "type" => TaskField::Kind,
        "status" => TaskField::Status,
        "owner" => TaskField::Owner,
        "created_at" => TaskField::CreatedAt,
        "updated_at" => TaskField::UpdatedAt,
        "expires_at" => TaskField::ExpiresAt,
        _ => {
            return Err(ApiError::Invalid(format!(
                "sort_key: {key:?} is not one of id, type, status, owner, created_at, \
                 updated_at, expires_at"
            )));
        }
    })
}

fn direction(word: &str) -> Result<Direction, ApiError> {
    match word {
        "asc" => Ok(Direction::Ascending),
        "desc" => Ok(Direction::Descending),
        _ => Err(ApiError::Invalid(format!(
            "sort_dir: {word:?} is not one of asc, desc"
        ))),
    }
}
