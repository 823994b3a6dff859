//! The routes of verification jobs, as clients of the guestkit worker know them.

mod capabilities;
mod jobs;
mod wire;

use utoipa_axum::router::OpenApiRouter;

use crate::api::ApiState;

/// What stands before these routes where clients of the worker look for them.
const PREFIX: &str = "/api";

/// All routes below `/v1`.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::default()
        .merge(jobs::routes())
        .merge(capabilities::routes())
}

/// The path by which the router knows `path`, if it is meant for these routes.
pub(super) fn address(path: &str) -> Option<&str> {
    let known = match path.strip_prefix(PREFIX) {
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    };
    let below = known.strip_prefix("/v1/jobs");
    let is_job = below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    (is_job || known == "/v1/capabilities").then_some(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_and_capabilities_are_known_by_both_of_their_addresses() {
        for (path, known) in [
            ("/v1/jobs", Some("/v1/jobs")),
            ("/api/v1/jobs", Some("/v1/jobs")),
            (
                "/api/v1/jobs/job-0001/result",
                Some("/v1/jobs/job-0001/result"),
            ),
            ("/api/v1/capabilities", Some("/v1/capabilities")),
            ("/v1/jobsite", None),
            ("/v1/capabilities/1", None),
            ("/v1", None),
            ("/v1/images", None),
            ("/api", None),
            ("/api/v1", None),
            ("/apiv1/jobs", None),
            ("/api/api/v1/jobs", None),
            ("/", None),
        ] {
            assert_eq!(address(path), known, "{path}");
        }
    }
}
