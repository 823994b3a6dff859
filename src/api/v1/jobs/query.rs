//! What a client asks of a list of jobs.

use axum::extract::FromRequestParts;
use http::{Uri, request::Parts};

use crate::{
    api::{
        ApiState,
        error::ApiError,
        extract::{limit, parameters},
        v1::jobs::named::unknown,
    },
    domain::JobQuery,
};

/// A list of jobs that is asked for.
#[derive(Debug)]
pub(super) struct ListRequest(pub(super) JobQuery);

impl FromRequestParts<ApiState> for ListRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, ApiError> {
        read(&parts.uri, api.settings.api_limit_max).map(Self)
    }
}

/// Without a limit a page has as many jobs as there may be, for clients that know no pages.
fn read(uri: &Uri, most: u32) -> Result<JobQuery, ApiError> {
    let mut query = JobQuery {
        limit: most,
        ..JobQuery::default()
    };
    for (name, value) in parameters(uri)? {
        let invalid = |why: String| {
            ApiError::Invalid(format!("Invalid value of the parameter '{name}': {why}"))
        };
        match name.as_str() {
            "limit" => query.limit = limit(&value)?.min(most),
            "marker" => query.marker = Some(value.parse().map_err(|it| invalid(format!("{it}")))?),
            "status" => query.status = Some(value.parse().map_err(|it| invalid(format!("{it}")))?),
            "project_id" if value.contains('\0') => {
                return Err(invalid("must not contain a NUL".into()));
            }
            "project_id" => query.project = Some(value),
            _ => return Err(unknown(&name, "limit, marker, project_id, status")),
        }
    }
    Ok(query)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str) -> Result<JobQuery, ApiError> {
        read(&format!("/v1/jobs?{query}").parse().expect("a path"), 1000)
    }

    #[test]
    fn a_page_is_as_long_as_it_may_be_unless_the_client_says_less() {
        assert_eq!(of("").expect("a query").limit, 1000);
        assert_eq!(of("limit=5000").expect("a query").limit, 1000);
        assert_eq!(of("limit=7").expect("a query").limit, 7);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_what_is_allowed() {
        for (query, allowed) in [
            (
                "status=Done",
                "pending, running, completed, failed, cancelled",
            ),
            ("marker=x", "what a page gave as next"),
            ("limit=-1", "a whole number from 0"),
            ("sort=a", "limit, marker, project_id, status"),
            ("project_id=%00", "NUL"),
        ] {
            let refused = of(query).expect_err(query).to_string();
            assert!(refused.contains(allowed), "{query}: {refused}");
        }
    }
}
