//! What a request that failed on its way died of.

use std::{error::Error, io, iter};

use rustls::CertificateError;

use crate::fetch::{CertificateFault, CheckedUrl, FetchError, resolve::NameFault};

/// Says what a failed request to `url` means.
///
/// What cannot be told to the owner of an image goes to the log.
pub(super) fn of_request(error: reqwest::Error, url: &CheckedUrl) -> FetchError {
    let error = error.without_url();
    if !error.is_connect() {
        return FetchError::Broken(Some(error));
    }
    for cause in causes(&error) {
        if let Some(fault) = cause.downcast_ref::<NameFault>() {
            return fault.into();
        }
        if let Some(error) = cause.downcast_ref::<rustls::Error>() {
            return of_tls(error);
        }
    }
    let cause = causes(&error).last().map(ToString::to_string);
    tracing::info!(
        host = url.host(),
        cause,
        "a host to fetch from cannot be reached"
    );
    FetchError::Unreachable
}

fn of_tls(error: &rustls::Error) -> FetchError {
    let rustls::Error::InvalidCertificate(fault) = error else {
        return FetchError::Tls(error.clone());
    };
    FetchError::Certificate(match fault {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            CertificateFault::Expired
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            CertificateFault::NotYet
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            CertificateFault::OtherHost
        }
        CertificateError::UnknownIssuer => CertificateFault::UnknownIssuer,
        _ => CertificateFault::Invalid,
    })
}

/// `error` and all its causes; also the one inside an [`io::Error`], which `source` leaves out.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(
        Some(error),
        |&error: &&'a (dyn Error + 'static)| match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner),
            None => error.source(),
        },
    )
}
