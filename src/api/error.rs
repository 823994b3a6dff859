//! Why a request was refused, and the status that says so.

use std::error::Error;

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

use crate::{
    api::refusal::{Explanation, Particulars},
    auth::AuthError,
    domain::{Illegal, Mismatch, PatchError},
    service::ServiceError as S,
};

/// The media types of a patch, the newer one first.
pub(crate) const PATCH_MEDIA_TYPES: [&str; 2] = [
    "application/openstack-images-v2.1-json-patch",
    "application/openstack-images-v2.0-json-patch",
];

/// What the client is told when the fault is ours.
const OUR_FAULT: &str =
    "The registry could not answer because of a fault of its own; the fault has been recorded.";
/// What the client is told when it is not known who it is, whatever the reason.
const UNAUTHENTICATED: &str = "The request you have made requires authentication.";
/// What the client is told when Keystone gives no clear answer.
const NO_IDENTITY: &str =
    "The identity service cannot be asked at the moment; please try again later.";
/// After how many seconds the client may try again then.
const RETRY_AFTER: u32 = 5;
/// What the client is told when a store does not answer.
const UNAVAILABLE: &str = "The data cannot be reached at the moment; please try again later.";

/// What the client is told when it cannot be found out what a project may have.
const LIMITS_UNAVAILABLE: &str =
    "The limits of the project cannot be reached at the moment; please try again later.";

/// What the client is told when the certificate of a signature cannot be fetched.
const KEYS_UNAVAILABLE: &str =
    "The key manager cannot be reached at the moment; please try again later.";

/// Why a request was refused.
///
/// The texts of all variants that are not our fault are for the client.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// The use case says no.
    #[error(transparent)]
    Service(#[from] S),
    /// It is not known who asks.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// Something in the request is not what it may be: which field, and what is allowed.
    #[error("{0}")]
    Invalid(String),
    /// A body came where none is taken.
    #[error("A body is not expected with this request.")]
    UnexpectedBody,
    /// No body came where one is needed.
    #[error("Body expected in request.")]
    NoBody,
    /// The body is not JSON.
    #[error("Malformed JSON in request body.")]
    MalformedJson,
    /// The body broke off, or came too slowly.
    #[error("the body of the request did not arrive")]
    BodyInterrupted,
    /// The body is larger than one of its kind may be, in bytes.
    #[error("the body of this request may have {0} bytes at most")]
    BodyTooLarge(usize),
    /// The body is of another media type than image data.
    #[error("image data has the Content-Type application/octet-stream")]
    NotOctets,
    /// The body is of another media type than a patch.
    #[error("a patch has the Content-Type {} or {}", PATCH_MEDIA_TYPES[0], PATCH_MEDIA_TYPES[1])]
    NotAPatch,
    /// The attribute is the registry's to set.
    #[error("Attribute '{0}' is read-only.")]
    ReadOnly(String),
    /// The name is kept for the registry.
    #[error("Attribute '{0}' is reserved.")]
    Reserved(String),
    /// The attribute belongs to every image.
    #[error("Attribute '{0}' cannot be removed.")]
    Base(String),
    /// The action does not fit the image's status.
    #[error("Not allowed to {} image in status '{}'", .0.verb, .0.from)]
    IllegalAction(Illegal),
    /// The header `Range` asks for something else than one range of bytes.
    #[error("the range must be of the form bytes=a-b, bytes=a- or bytes=-n")]
    MalformedRange,
    /// Nothing is here.
    #[error("The resource could not be found.")]
    NotFound,
    /// Something is here, but not for this method.
    #[error("The method is not allowed for this resource.")]
    MethodNotAllowed,
    /// A task cannot be deleted.
    #[error(
        "This operation is currently not permitted on Glance Tasks. They are auto deleted after \
         reaching the time based on their expires_at property."
    )]
    TaskStays,
    /// The method is none that this API knows.
    #[error("The method is not known.")]
    UnknownMethod,
    /// The client's own request id is too long; the most bytes it may have.
    #[error("X-Openstack-Request-Id may have {0} bytes at most")]
    RequestIdTooLong(usize),
    /// A handler panicked.
    #[error("the handler panicked")]
    Panicked,
    /// The server did not say who is at the other end of the connection.
    #[error("the address of the peer is not known")]
    NoPeer,
}

impl ApiError {
    /// The status that says it.
    fn status(&self) -> StatusCode {
        match self {
            Self::Service(error) => service_status(error),
            Self::Auth(AuthError::Unauthenticated(_)) => StatusCode::UNAUTHORIZED,
            Self::Auth(AuthError::Keystone(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Invalid(_)
            | Self::UnexpectedBody
            | Self::NoBody
            | Self::MalformedJson
            | Self::BodyInterrupted => StatusCode::BAD_REQUEST,
            Self::BodyTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotOctets | Self::NotAPatch => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::ReadOnly(_) | Self::Reserved(_) | Self::Base(_) | Self::IllegalAction(_) => {
                StatusCode::FORBIDDEN
            }
            Self::MalformedRange => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed | Self::TaskStays => StatusCode::METHOD_NOT_ALLOWED,
            Self::UnknownMethod => StatusCode::NOT_IMPLEMENTED,
            Self::RequestIdTooLong(_) => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Panicked | Self::NoPeer => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    const fn is_about_identity(&self) -> bool {
        matches!(self, Self::Auth(_))
    }

    /// Whether it is told when to try again: nothing was begun, and others are asked for the
    /// answer.
    const fn may_be_tried_again(&self) -> bool {
        self.is_about_identity()
            || matches!(
                self,
                Self::Service(S::KeysUnavailable(_) | S::TooManyJobs(_))
            )
    }

    /// What clients of jobs are told besides.
    fn particulars(&self) -> Option<Particulars> {
        match self {
            Self::Service(S::NoJob(failure)) => Some(Particulars {
                code: Some(failure.code.as_str()),
                details: failure.details.clone(),
            }),
            Self::Service(S::NoResult { status, .. }) => Some(Particulars {
                code: None,
                details: Some(json!({"status": status.as_str()})),
            }),
            _ => None,
        }
    }

    /// What the client is told.
    fn explanation(&self, status: StatusCode) -> String {
        match status {
            _ if matches!(self, Self::Service(S::LimitsUnavailable(_))) => {
                LIMITS_UNAVAILABLE.to_owned()
            }
            _ if matches!(self, Self::Service(S::KeysUnavailable(_))) => {
                KEYS_UNAVAILABLE.to_owned()
            }
            StatusCode::UNAUTHORIZED => UNAUTHENTICATED.to_owned(),
            StatusCode::SERVICE_UNAVAILABLE if self.is_about_identity() => NO_IDENTITY.to_owned(),
            StatusCode::SERVICE_UNAVAILABLE => UNAVAILABLE.to_owned(),
            StatusCode::INTERNAL_SERVER_ERROR => OUR_FAULT.to_owned(),
            _ => match self {
                Self::Service(
                    error @ (S::Mismatch(_) | S::Explained { .. } | S::Signature { .. }),
                ) => error.with_code(),
                _ => self.to_string(),
            },
        }
    }
}

fn service_status(error: &S) -> StatusCode {
    match error {
        S::NoSuchJob(_)
        | S::NoResult { .. }
        | S::NoSuchImage(_)
        | S::NoSuchMember { .. }
        | S::NoSuchTask(_)
        | S::NoSuchTag(_)
        | S::NoSuchMetadef(_)
        | S::NoSuchCopy { .. }
        | S::NotHere(_) => StatusCode::NOT_FOUND,
        S::Denied(_)
        | S::Forbidden(_)
        | S::MarkerForbidden
        | S::Patch(PatchError::FormatFixed(_) | PatchError::ExpectationFixed) => {
            StatusCode::FORBIDDEN
        }
        S::Invalid(_)
        | S::NoJob(_)
        | S::Interrupted(_)
        | S::Publisher(_)
        | S::Plugin(_)
        | S::Explained { .. }
        | S::Signature { .. }
        | S::Mismatch(
            Mismatch::Size { .. } | Mismatch::Digest { .. } | Mismatch::Signature { .. },
        ) => StatusCode::BAD_REQUEST,
        S::Illegal(_)
        | S::Raced(_)
        | S::Conflict(_)
        | S::Patch(PatchError::NoSuchProperty(_) | PatchError::PropertyExists(_)) => {
            StatusCode::CONFLICT
        }
        S::OverQuota(_) | S::TooLarge(_) | S::NoRoom => StatusCode::PAYLOAD_TOO_LARGE,
        S::TooManyJobs(_) => StatusCode::TOO_MANY_REQUESTS,
        S::Rejected(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        S::Gone(_) => StatusCode::GONE,
        S::OutOfRange { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
        S::LimitsUnavailable(_) | S::KeysUnavailable(_) | S::StoreUnavailable(_) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        S::Mismatch(Mismatch::Unmeasured(_)) | S::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        if matches!(
            status,
            StatusCode::INTERNAL_SERVER_ERROR | StatusCode::SERVICE_UNAVAILABLE
        ) {
            tracing::error!(error = &self as &dyn Error, "a request was not answered");
        } else if let Self::Auth(reason) = &self {
            tracing::info!(%reason, "a request is not authenticated");
        }
        let mut response = status.into_response();
        response
            .extensions_mut()
            .insert(Explanation(self.explanation(status)));
        if let Some(particulars) = self.particulars() {
            response.extensions_mut().insert(particulars);
        }
        if status != StatusCode::UNAUTHORIZED && self.may_be_tried_again() {
            let seconds = HeaderValue::from(RETRY_AFTER);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        if matches!(self, Self::NotAPatch) {
            response.headers_mut().insert(
                HeaderName::from_static("accept-patch"),
                HeaderValue::from_static(
                    "application/openstack-images-v2.1-json-patch, \
                     application/openstack-images-v2.0-json-patch",
                ),
            );
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_of_our_fault_is_not_told() {
        let error = ApiError::Service(S::Internal("password=secret".into()));
        let response = error.into_response();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let told = &response.extensions().get::<Explanation>().expect("one").0;
        assert_eq!(told, OUR_FAULT);
    }

    #[test]
    fn a_wrong_media_type_is_told_the_right_ones() {
        let response = ApiError::NotAPatch.into_response();
        assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert_eq!(
            response.headers()["accept-patch"],
            PATCH_MEDIA_TYPES.join(", ")
        );
    }

    #[test]
    fn what_a_patch_finds_missing_is_a_conflict_and_a_fixed_format_is_forbidden() {
        let missing = PatchError::NoSuchProperty("a".into());
        assert_eq!(
            ApiError::from(S::from(missing)).status(),
            StatusCode::CONFLICT
        );
        let fixed = PatchError::FormatFixed("disk_format");
        assert_eq!(
            ApiError::from(S::from(fixed)).status(),
            StatusCode::FORBIDDEN
        );
    }
}
