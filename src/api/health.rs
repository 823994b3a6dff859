//! `/healthcheck`: whether this process should get requests.

use std::net::SocketAddr;

use axum::{
    Json,
    extract::{ConnectInfo, State},
    response::{Html, IntoResponse as _, Response},
};
use http::{HeaderMap, Method, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{
    ApiState,
    accept::Form,
    checks::{Detail, Finding},
    error::ApiError,
    refusal::escaped,
};

/// Whether this process should get requests.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub(crate) struct HealthView {
    /// Whether details are told.
    detailed: bool,
    /// What each check found.
    reasons: Vec<Reason>,
}

/// What a check found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Reason {
    /// `OK`, or why not.
    Plain(&'static str),
    /// With details, if the operator wants them told.
    Detailed {
        /// The name of the check.
        class: &'static str,
        /// `OK`, or why not.
        reason: &'static str,
        /// What was looked at.
        details: String,
    },
}

/// Tell whether this process should get requests.
#[utoipa::path(
    get, path = "/healthcheck", tag = "health",
    responses(
        (status = OK, description = "It should", content(
            (HealthView = "application/json"), (String = "text/html"), (String = "text/plain"),
        )),
        (status = NOT_FOUND, description = "The caller is none that is told"),
        (status = SERVICE_UNAVAILABLE, description = "An operator disabled it by a file", content(
            (HealthView = "application/json"), (String = "text/html"), (String = "text/plain"),
        )),
    ),
)]
pub(super) async fn healthcheck(
    State(api): State<ApiState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let health = &api.settings.health;
    if !health.answers(peer.ip(), &headers) {
        return Err(ApiError::NotFound);
    }
    let mut findings = Vec::new();
    for check in &health.checks {
        findings.push(check.look().await);
    }
    let healthy = findings.iter().all(|finding| finding.healthy);
    let status = match (healthy, method == Method::HEAD) {
        (true, true) => StatusCode::NO_CONTENT,
        (true, false) => StatusCode::OK,
        (false, _) => StatusCode::SERVICE_UNAVAILABLE,
    };
    if method == Method::HEAD {
        return Ok(status.into_response());
    }
    Ok((status, body(findings, health.detail, &headers)).into_response())
}

/// The findings in the form that a client asks for.
fn body(findings: Vec<Finding>, detail: Detail, headers: &HeaderMap) -> Response {
    match Form::preferred(headers.get(header::ACCEPT)) {
        Form::Json => Json(HealthView {
            detailed: detail == Detail::Files,
            reasons: findings.into_iter().map(|it| reason(it, detail)).collect(),
        })
        .into_response(),
        // A client that takes anything gets plain text, as from Glance.
        Form::Html if asks_for_html(headers) => {
            let lines = findings.iter().map(|finding| line(finding, detail));
            let lines = lines.map(|line| format!("<h1>{}</h1>", escaped(&line)));
            let lines: String = lines.collect();
            Html(format!("<html><body>{lines}</body></html>")).into_response()
        }
        Form::Html | Form::Text => {
            let reasons: Vec<_> = findings.iter().map(|finding| finding.reason).collect();
            reasons.join("\n").into_response()
        }
    }
}

fn reason(finding: Finding, detail: Detail) -> Reason {
    match detail {
        Detail::Reasons => Reason::Plain(finding.reason),
        Detail::Files => Reason::Detailed {
            class: finding.check,
            reason: finding.reason,
            details: finding.details,
        },
    }
}

fn line(finding: &Finding, detail: Detail) -> String {
    let Finding { reason, .. } = finding;
    match detail {
        Detail::Reasons => (*reason).to_owned(),
        Detail::Files => format!("{}: {reason}: {}", finding.check, finding.details),
    }
}

fn asks_for_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}
