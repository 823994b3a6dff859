//! The body of a refusal, in Glance's shapes.

use axum::{
    Json,
    response::{Html, IntoResponse as _, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use serde_json::Value;

use crate::api::accept::Form;

/// Why a request was refused, left in a response until its form is known.
#[derive(Debug, Clone)]
pub(crate) struct Explanation(pub(crate) String);

/// What is told besides of why a request for jobs was refused.
#[derive(Debug, Clone)]
pub(crate) struct Particulars {
    /// The word for it; none: that of the status.
    pub(crate) code: Option<&'static str>,
    /// More about it.
    pub(crate) details: Option<Value>,
}

/// Why a request for verification jobs was refused.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobError)]
pub(crate) struct JobErrorBody {
    /// A word for programs, such as `VALIDATION_ERROR` or `NOT_FOUND`.
    error: &'static str,
    /// The same for people.
    message: String,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Value>,
}

/// Why a request was refused.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct ErrorBody {
    /// The explanation, followed by line breaks of HTML and of text.
    message: String,
    /// The status with its phrase.
    code: String,
    /// The phrase of the status.
    title: &'static str,
}

/// Writes the explanation that `response` carries, if it does, in the form that `accept` asks
/// for.
pub(crate) fn render(mut response: Response, accept: Option<&HeaderValue>) -> Response {
    let Some(Explanation(explanation)) = response.extensions_mut().remove() else {
        return response;
    };
    let status = response.status();
    let body = match Form::preferred(accept) {
        Form::Json => Json(json(status, &explanation)).into_response(),
        Form::Html => Html(html(status, &explanation)).into_response(),
        Form::Text => format!("{}\n\n{explanation}\n", line(status)).into_response(),
    };
    put(&mut response, body);
    response
}

/// As [`render`], in the form that clients of jobs know.
pub(crate) fn render_of_jobs(mut response: Response) -> Response {
    let Some(Explanation(message)) = response.extensions_mut().remove() else {
        return response;
    };
    let particulars: Option<Particulars> = response.extensions_mut().remove();
    let (code, details) = particulars.map_or((None, None), |it| (it.code, it.details));
    let body = JobErrorBody {
        error: code.unwrap_or_else(|| word(response.status())),
        message,
        details,
    };
    put(&mut response, Json(body).into_response());
    response
}

/// The word for a status.
fn word(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "BAD_REQUEST",
        StatusCode::UNAUTHORIZED => "UNAUTHORIZED",
        StatusCode::FORBIDDEN => "FORBIDDEN",
        StatusCode::NOT_FOUND => "NOT_FOUND",
        StatusCode::METHOD_NOT_ALLOWED => "METHOD_NOT_ALLOWED",
        StatusCode::CONFLICT => "CONFLICT",
        StatusCode::PAYLOAD_TOO_LARGE => "PAYLOAD_TOO_LARGE",
        StatusCode::TOO_MANY_REQUESTS => "TOO_MANY_REQUESTS",
        StatusCode::SERVICE_UNAVAILABLE => "SERVICE_UNAVAILABLE",
        status if status.is_server_error() => "INTERNAL_ERROR",
        _ => "BAD_REQUEST",
    }
}

/// Puts `body` in the place of the empty one.
fn put(response: &mut Response, body: Response) {
    let (parts, body) = body.into_parts();
    if let Some(media_type) = parts.headers.get(header::CONTENT_TYPE) {
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type.clone());
    }
    // The length was that of the empty body.
    response.headers_mut().remove(header::CONTENT_LENGTH);
    *response.body_mut() = body;
}

fn json(status: StatusCode, explanation: &str) -> ErrorBody {
    ErrorBody {
        message: format!("{explanation}<br /><br />\n\n\n"),
        code: line(status),
        title: phrase(status),
    }
}

fn html(status: StatusCode, explanation: &str) -> String {
    let line = line(status);
    let explanation = escaped(explanation);
    format!(
        "<html>\n <head>\n  <title>{line}</title>\n </head>\n <body>\n  <h1>{line}</h1>\n  \
         {explanation}<br /><br />\n\n\n\n </body>\n</html>"
    )
}

fn line(status: StatusCode) -> String {
    format!("{} {}", status.as_u16(), phrase(status))
}

fn phrase(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Refused")
}

/// `text` as the content of an HTML element, without markup of its own.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    async fn rendered(accept: &'static str) -> (String, String) {
        let mut response = StatusCode::NOT_FOUND.into_response();
        response
            .extensions_mut()
            .insert(Explanation("no <b>".into()));
        let response = render(response, Some(&HeaderValue::from_static(accept)));
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        let media_type = response.headers()[header::CONTENT_TYPE].to_str();
        let media_type = media_type.expect("text").to_owned();
        let body = to_bytes(response.into_body(), 4096).await.expect("a body");
        (media_type, String::from_utf8(body.into()).expect("text"))
    }

    #[tokio::test]
    async fn an_explanation_has_the_shape_that_clients_of_glance_read() {
        let (media_type, body) = rendered("application/json").await;
        assert_eq!(media_type, "application/json");
        assert_eq!(
            body,
            r#"{"message":"no <b><br /><br />\n\n\n","code":"404 Not Found","title":"Not Found"}"#
        );
        let (media_type, body) = rendered("").await;
        assert!(media_type.starts_with("text/plain"), "{media_type}");
        assert_eq!(body, "404 Not Found\n\nno <b>\n");
    }

    #[tokio::test]
    async fn html_holds_no_markup_of_the_client() {
        let (media_type, body) = rendered("*/*").await;
        assert!(media_type.starts_with("text/html"), "{media_type}");
        assert!(body.contains("<title>404 Not Found</title>"), "{body}");
        assert!(body.contains("no &lt;b&gt;<br />"), "{body}");
    }
}
