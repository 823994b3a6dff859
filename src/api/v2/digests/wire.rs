//! Records of digests on the wire.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    api::{error::ApiError, time::Seconds},
    domain::{Algorithm, CopyRecord, Digest, DigestRecord, Original, Publication, Strength},
    service::{Discovery, FoundDigests},
};

/// Which digest to find.
#[derive(Debug, ToSchema)]
#[schema(as = Hash)]
pub(super) struct HashBody {
    /// The algorithm, one of those that may be chosen.
    #[expect(dead_code, reason = "it describes the body, which is read by hand")]
    os_hash_algo: String,
}

impl HashBody {
    /// The algorithm that a body names.
    ///
    /// # Errors
    ///
    /// [`ApiError::Invalid`] with the key and what is allowed.
    pub(super) fn algorithm(mut body: Map<String, Value>) -> Result<Algorithm, ApiError> {
        let Some(Value::String(name)) = body.remove("os_hash_algo") else {
            return Err(ApiError::Invalid(
                "'os_hash_algo' must be the name of a hash algorithm".into(),
            ));
        };
        if let Some(key) = body.keys().next() {
            return Err(ApiError::Invalid(format!(
                "the body has the unknown key '{key}'; allowed: os_hash_algo"
            )));
        }
        name.parse()
            .map_err(|error| ApiError::Invalid(format!("os_hash_algo: {error}")))
    }
}

/// Every digest that was ever found of an image's data, and what is known of its copies.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Digests)]
pub(super) struct DigestsView {
    /// The oldest first.
    digests: Vec<DigestView>,
    /// The copies of the data, best first.
    copies: Vec<CopyView>,
    /// What the data was made of, if an import unpacked or converted what it brought.
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<OriginalView>,
}

/// The bytes that an import brought. What was expected of the data was held against them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Original)]
struct OriginalView {
    /// How many bytes there were.
    size: u64,
    /// What was taken off, the outermost first: how they were packed, their disk format.
    forms: Vec<String>,
    /// Their digests.
    digests: Vec<OriginalDigestView>,
}

/// One digest of the bytes that an import brought.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OriginalDigest)]
struct OriginalDigestView {
    /// The algorithm, as `os_hash_algo` names it.
    algorithm: String,
    /// The digest in lower-case hexadecimal digits.
    value: String,
    /// Whether it shows that nobody exchanged the bytes.
    secure: bool,
}

/// What is known of one copy of an image's data.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Copy)]
struct CopyView {
    /// With several stores: the one that holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<String>,
    /// How it was found when it was read last: unverified (not read yet), ok, damaged, missing or
    /// unreadable.
    state: &'static str,
    /// When it was last found to be ok.
    #[schema(value_type = Option<String>)]
    verified_at: Option<Seconds>,
    /// When it was last read, whatever came of it.
    #[schema(value_type = Option<String>)]
    checked_at: Option<Seconds>,
    /// Why it is not ok.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Whether it waits to be read again, or is being read.
    pending: bool,
}

/// One digest that was found of an image's data.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Digest)]
struct DigestView {
    /// The algorithm, as `os_hash_algo` names it.
    algorithm: String,
    /// The digest in lower-case hexadecimal digits.
    value: String,
    /// Whether it shows that nobody exchanged the data: false for MD5 and SHA-1, for which other
    /// data can be made that have the same digest.
    secure: bool,
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
    /// Where the publisher says it, with the source publisher.
    #[serde(skip_serializing_if = "Option::is_none")]
    publication: Option<PublicationView>,
}

/// A line of a publisher's checksum file, and who signed that file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Publication)]
struct PublicationView {
    /// The address of the file, without its query.
    url: String,
    /// The line that names the image.
    line: String,
    /// When the file was read.
    #[schema(value_type = String)]
    checked_at: Seconds,
    /// Who signed it, by the operator's name for the keyring.
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<String>,
    /// The fingerprint of the publisher's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// The fingerprint of the key that signed: the same, or a subkey's.
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_key: Option<String>,
    /// When it says it was signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    signed_at: Option<Seconds>,
}

impl From<Publication> for PublicationView {
    fn from(publication: Publication) -> Self {
        let Publication {
            url,
            line,
            checked_at,
            signature,
        } = publication;
        let signed_at = signature.as_ref().map(|signature| Seconds(signature.at));
        let (publisher, key, signing_key) = match signature {
            None => (None, None, None),
            Some(signature) => (
                Some(signature.publisher),
                Some(signature.key),
                Some(signature.signing_key),
            ),
        };
        Self {
            url,
            line,
            checked_at: Seconds(checked_at),
            publisher,
            key,
            signing_key,
            signed_at,
        }
    }
}

impl DigestsView {
    /// The view of what was found. Stores are named only where users can tell them apart.
    pub(super) fn new(discovery: &Discovery, found: FoundDigests) -> Self {
        let FoundDigests {
            records,
            copies,
            original,
        } = found;
        let stores_are_named = discovery.stores().is_some();
        let digests = records.into_iter();
        let copies = copies.into_iter();
        Self {
            digests: digests
                .map(|record| DigestView::new(discovery, record, stores_are_named))
                .collect(),
            copies: copies
                .map(|copy| CopyView::new(copy, stores_are_named))
                .collect(),
            original: original.map(|original| OriginalView::new(discovery, original)),
        }
    }
}

impl OriginalView {
    fn new(discovery: &Discovery, original: Original) -> Self {
        let Original {
            size,
            digests,
            forms,
        } = original;
        let digest = |digest: &Digest| OriginalDigestView {
            algorithm: digest.algorithm().to_string(),
            value: digest.value().to_owned(),
            secure: discovery.strength(digest.algorithm()) == Some(Strength::Secure),
        };
        Self {
            size,
            digests: digests.iter().map(digest).collect(),
            forms,
        }
    }
}

impl DigestView {
    fn new(discovery: &Discovery, record: DigestRecord, stores_are_named: bool) -> Self {
        let DigestRecord {
            digest,
            source,
            store,
            computed_at,
            confirmed_at,
            publication,
        } = record;
        Self {
            algorithm: digest.algorithm().to_string(),
            value: digest.value().to_owned(),
            secure: discovery.strength(digest.algorithm()) == Some(Strength::Secure),
            source: source.as_str(),
            store: stores_are_named.then(|| store.to_string()),
            computed_at: Seconds(computed_at),
            confirmed_at: Seconds(confirmed_at),
            publication: publication.map(Into::into),
        }
    }
}

impl CopyView {
    fn new(copy: CopyRecord, stores_are_named: bool) -> Self {
        let CopyRecord {
            store,
            state,
            verified_at,
            checked_at,
            reason,
            pending,
        } = copy;
        Self {
            store: stores_are_named.then(|| store.to_string()),
            state: state.as_str(),
            verified_at: verified_at.map(Seconds),
            checked_at: checked_at.map(Seconds),
            reason,
            pending,
        }
    }
}
