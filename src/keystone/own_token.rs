//! The registry's own token, as a login gives it.

use std::{cmp::min, sync::Arc, time::Duration};

use secrecy::SecretString;

use crate::{
    cloud::Reply,
    domain::Timestamp,
    keystone::{
        KeystoneError, Settings,
        wire::{SUBJECT_TOKEN, Service, TokenDocument},
    },
};

/// How long before its end a token is renewed, if it lasts that long.
const MARGIN: Duration = Duration::from_mins(1);

/// The registry's own token.
#[derive(Clone)]
pub(super) struct OwnToken {
    /// The token.
    pub(super) value: SecretString,
    /// Keystone's address with its version, from the catalog.
    pub(super) identity: Arc<str>,
    /// When a new one is to be had.
    pub(super) renew_at: Timestamp,
    /// When it ends.
    pub(super) expires_at: Timestamp,
    /// Which login it comes from.
    pub(super) login: u64,
}

impl OwnToken {
    /// The token that the answer to the login number `login` holds.
    pub(super) fn of(
        reply: &Reply,
        settings: &Settings,
        now: Timestamp,
        login: u64,
    ) -> Result<Self, KeystoneError> {
        let value = reply.headers.get(SUBJECT_TOKEN);
        let value = value.and_then(|value| value.to_str().ok());
        let value = value.ok_or(KeystoneError::malformed("a login with a token"))?;
        let document: TokenDocument = reply.json(TokenDocument::WHAT)?;
        let (expires_at, catalog) = document.into_login()?;
        Ok(Self {
            value: value.into(),
            identity: identity(settings, &catalog)?.into(),
            renew_at: renewal(now, expires_at),
            expires_at,
            login,
        })
    }
}

/// Keystone's own address in the catalog, with its version.
fn identity(settings: &Settings, catalog: &[Service]) -> Result<String, KeystoneError> {
    let region = settings.region_name.as_deref();
    let endpoints = catalog
        .iter()
        .filter(|service| service.kind == "identity")
        .flat_map(|service| &service.endpoints)
        .filter(|endpoint| {
            let place = endpoint.region_id.as_deref().or(endpoint.region.as_deref());
            region.is_none() || place == region
        });
    let endpoints: Vec<_> = endpoints.collect();
    let found = settings.interfaces.iter().find_map(|interface| {
        let fits = |name: &str| name.parse().is_ok_and(|named| *interface == named);
        endpoints.iter().find(|endpoint| fits(&endpoint.interface))
    });
    let endpoint = found.ok_or_else(|| KeystoneError::NoEndpoint {
        interfaces: settings
            .interfaces
            .iter()
            .map(|interface| interface.as_str())
            .collect::<Vec<_>>()
            .join(" or "),
        region: region.map_or_else(
            || "any region".to_owned(),
            |region| format!("the region {region}"),
        ),
    })?;
    let base = endpoint.url.trim_end_matches('/');
    let base = base.strip_suffix("/v3").unwrap_or(base);
    Ok(format!("{base}/v3"))
}

/// When a token that ends at `expires_at` is renewed: a minute before, and a short-lived one when
/// a quarter of its life is left.
fn renewal(now: Timestamp, expires_at: Timestamp) -> Timestamp {
    let left = expires_at
        .as_micros()
        .saturating_sub(now.as_micros())
        .max(0);
    let margin = i64::try_from(MARGIN.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(expires_at.as_micros().saturating_sub(min(left / 4, margin)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_a_minute_before_its_end_and_a_short_one_later() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        assert_eq!(renewal(at(0), at(3600)), at(3540));
        assert_eq!(renewal(at(0), at(40)), at(30));
        assert_eq!(renewal(at(50), at(40)), at(40));
    }
}
