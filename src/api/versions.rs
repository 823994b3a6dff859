//! Which versions of the API there are.

use axum::{Json, extract::State};
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{ApiState, base_url::BaseUrl},
    service::Discovery,
};

/// Show the versions of the API, as a choice to be made.
///
/// Every path whose first segment is no version is answered like this.
#[utoipa::path(
    get, path = "/", tag = "discovery", operation_id = "choose_version",
    responses((status = MULTIPLE_CHOICES, description = "The versions", body = Versions)),
)]
pub(super) async fn choices(
    State(api): State<ApiState>,
    base: BaseUrl,
) -> (StatusCode, Json<Versions>) {
    let versions = Offer::of(&api.discovery).document(&base.0);
    (StatusCode::MULTIPLE_CHOICES, Json(versions))
}

/// Show the versions of the API.
#[utoipa::path(
    get, path = "/versions", tag = "discovery", operation_id = "list_versions",
    responses((status = OK, description = "The versions", body = Versions)),
)]
pub(super) async fn versions(State(api): State<ApiState>, base: BaseUrl) -> Json<Versions> {
    Json(Offer::of(&api.discovery).document(&base.0))
}

/// The minor versions of v2, in the order Glance lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Offer {
    minors: &'static [u8],
    /// The one that is `CURRENT`.
    current: u8,
}

/// With one store.
pub(crate) const ONE_STORE: Offer = Offer {
    minors: &[15, 9, 17, 7, 6, 5, 4, 3, 2, 1, 0],
    current: 17,
};
/// With several stores (`enabled_backends`).
const SEVERAL_STORES: Offer = Offer {
    minors: &[15, 13, 12, 11, 10, 9, 8, 17, 7, 6, 5, 4, 3, 2, 1, 0],
    current: 17,
};
/// With one store and an image cache.
const ONE_CACHED: Offer = Offer {
    minors: &[18, 17, 16, 15, 14, 9, 7, 6, 5, 4, 3, 2, 1, 0],
    current: 18,
};
/// With several stores and an image cache.
const SEVERAL_CACHED: Offer = Offer {
    minors: &[
        18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
    ],
    current: 18,
};

/// The versions document.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Versions {
    /// One entry per minor version.
    versions: Vec<Version>,
}

/// A minor version; all behave alike.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Version {
    /// `v2.` and a number.
    id: String,
    /// `CURRENT` or `SUPPORTED`.
    status: &'static str,
    /// Where it is.
    links: [VersionLink; 1],
}

/// Where a version is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionLink {
    /// Always `self`.
    rel: &'static str,
    /// The address.
    href: String,
}

impl Offer {
    /// What this registry offers.
    pub(crate) fn of(discovery: &Discovery) -> Self {
        match (discovery.stores(), discovery.has_cache()) {
            (None, false) => ONE_STORE,
            (Some(_), false) => SEVERAL_STORES,
            (None, true) => ONE_CACHED,
            (Some(_), true) => SEVERAL_CACHED,
        }
    }

    /// Whether a first path segment such as `v2` or `v2.9` names a version on offer.
    pub(crate) fn has(self, segment: &str) -> bool {
        segment == "v2"
            || segment.strip_prefix("v2.").is_some_and(|minor| {
                minor
                    .parse()
                    .is_ok_and(|number: u8| self.minors.contains(&number) && plain(minor))
            })
    }

    /// Whether `Accept` names a version on offer by its media type.
    pub(crate) fn accepted(self, headers: &HeaderMap) -> bool {
        headers
            .get(header::ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .and_then(|accept| accept.strip_prefix("application/vnd.openstack.images-"))
            .is_some_and(|version| self.has(version))
    }

    /// The versions document, with addresses under `base`.
    pub(crate) fn document(self, base: &str) -> Versions {
        let version = |minor: &u8| Version {
            id: format!("v2.{minor}"),
            status: if *minor == self.current {
                "CURRENT"
            } else {
                "SUPPORTED"
            },
            links: [VersionLink {
                rel: "self",
                href: format!("{base}/v2/"),
            }],
        };
        Versions {
            versions: self.minors.iter().map(version).collect(),
        }
    }
}

/// Whether a number is written without a sign or a leading zero.
fn plain(number: &str) -> bool {
    number == "0" || !number.starts_with(['0', '+'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_that_is_listed_is_accepted_as_a_prefix() {
        for offer in [ONE_STORE, SEVERAL_STORES, ONE_CACHED, SEVERAL_CACHED] {
            for version in offer.document("http://here").versions {
                assert!(offer.has(&version.id), "{}", version.id);
            }
        }
    }

    #[test]
    fn a_version_that_is_not_listed_is_not_accepted() {
        for segment in [
            "v1", "v3", "v2.18", "v2.14", "v2.8", "v2.", "v2.07", "v2.+7", "2.7",
        ] {
            assert!(!ONE_STORE.has(segment), "{segment}");
        }
        assert!(SEVERAL_STORES.has("v2.8"));
        assert!(ONE_CACHED.has("v2.18"));
        assert!(!ONE_CACHED.has("v2.8"));
    }

    #[test]
    fn exactly_one_version_is_current() {
        let document = serde_json::to_value(ONE_STORE.document("http://here")).expect("JSON");
        let current: Vec<_> = document["versions"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|version| version["status"] == "CURRENT")
            .collect();
        assert_eq!(current.len(), 1);
        assert_eq!(current[0]["id"], "v2.17");
        assert_eq!(current[0]["links"][0]["href"], "http://here/v2/");
    }

    #[test]
    fn a_media_type_can_name_a_version() {
        let accept = |value| HeaderMap::from_iter([(header::ACCEPT, value)]);
        let of = |text| accept(http::HeaderValue::from_static(text));
        assert!(ONE_STORE.accepted(&of("application/vnd.openstack.images-v2.7")));
        assert!(!ONE_STORE.accepted(&of("application/vnd.openstack.images-v2.8")));
        assert!(!ONE_STORE.accepted(&of("application/json")));
    }
}
