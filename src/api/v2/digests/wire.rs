//! Records of digests on the wire.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{api::time::Seconds, domain::DigestRecord, service::Discovery};

/// Every digest that was ever found of an image's data.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Digests)]
pub(super) struct DigestsView {
    /// The oldest first.
    digests: Vec<DigestView>,
}

/// One digest that was found of an image's data.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Digest)]
struct DigestView {
    /// The algorithm, as `os_hash_algo` names it.
    algorithm: String,
    /// The digest in lower-case hexadecimal digits.
    value: String,
    /// On what occasion it was found: upload, import, backfill, scrub or publisher.
    source: &'static str,
    /// With several stores: the one whose copy was read or written.
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<String>,
    /// When it was found first.
    #[schema(value_type = String)]
    computed_at: Seconds,
    /// When it was found last.
    #[schema(value_type = String)]
    confirmed_at: Seconds,
}

impl DigestsView {
    /// The view of `records`. Stores are named only where users can tell them apart.
    pub(super) fn new(discovery: &Discovery, records: Vec<DigestRecord>) -> Self {
        let stores_are_named = discovery.stores().is_some();
        let view = |record: DigestRecord| {
            let DigestRecord {
                digest,
                source,
                store,
                computed_at,
                confirmed_at,
            } = record;
            DigestView {
                algorithm: digest.algorithm().to_string(),
                value: digest.value().to_owned(),
                source: source.as_str(),
                store: stores_are_named.then(|| store.to_string()),
                computed_at: Seconds(computed_at),
                confirmed_at: Seconds(confirmed_at),
            }
        };
        Self {
            digests: records.into_iter().map(view).collect(),
        }
    }
}
