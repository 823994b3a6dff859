//! What a receipt says, as a statement of in-toto.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ReceiptError;
use crate::domain::{Algorithm, ChainEnd, Digest, ExpectedDigests, Timestamp, Verification};

/// What a statement of in-toto is.
const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// What the predicate of a receipt is.
///
/// A name that means nothing elsewhere and needs no host: types are compared, not fetched. The
/// fragment tells people what it is, and its version.
const PREDICATE_TYPE: &str =
    "urn:uuid:3b0f2b54-6c5e-4f0c-9d63-0a7a0c6d1f2e#hallmark-verification-v1";

/// A receipt's statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The number of the receipt in its chain.
    pub number: u64,
    /// The hash of the envelope before it; none of the first.
    pub previous: Option<String>,
    /// The image's id.
    pub image: String,
    /// The store whose copy was read or written.
    pub store: String,
    /// On what occasion.
    pub occasion: String,
    /// When, as text.
    pub verified_at: String,
    /// What digests the bytes were found to have.
    pub digests: ExpectedDigests,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: Predicate,
}

#[derive(Serialize, Deserialize)]
struct Subject {
    name: String,
    digest: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Predicate {
    number: u64,
    previous: Option<Previous>,
    store: String,
    occasion: String,
    verified_at: String,
}

#[derive(Serialize, Deserialize)]
struct Previous {
    sha256: String,
}

impl Statement {
    /// The statement that `verification` gets at the end of a chain.
    pub(super) fn of(verification: &Verification, end: &ChainEnd) -> Self {
        let mut digests = ExpectedDigests::default();
        for digest in verification.digests.iter() {
            // One pass gives one digest an algorithm, so that none contradicts another.
            let _ = digests.add(digest.clone());
        }
        Self {
            number: end.count + 1,
            previous: end.last.clone(),
            image: verification.image.to_string(),
            store: verification.store.to_string(),
            occasion: verification.source.to_string(),
            verified_at: Timestamp::in_seconds(verification.at),
            digests,
        }
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        let named = |digest: &Digest| (digest.algorithm().to_string(), digest.value().to_owned());
        let wire = Wire {
            kind: STATEMENT_TYPE.to_owned(),
            subject: vec![Subject {
                name: self.image.clone(),
                digest: self.digests.iter().map(named).collect(),
            }],
            predicate_type: PREDICATE_TYPE.to_owned(),
            predicate: Predicate {
                number: self.number,
                previous: self.previous.clone().map(|sha256| Previous { sha256 }),
                store: self.store.clone(),
                occasion: self.occasion.clone(),
                verified_at: self.verified_at.clone(),
            },
        };
        // Texts and numbers in a structure always have a form in JSON.
        serde_json::to_vec(&wire).unwrap_or_default()
    }

    /// Reads a payload. Members that are not known are passed over, as in-toto has it.
    pub(super) fn read(payload: &[u8]) -> Result<Self, ReceiptError> {
        let refused = |what: &str| ReceiptError::Statement(what.to_owned());
        let wire: Wire =
            serde_json::from_slice(payload).map_err(|error| refused(&error.to_string()))?;
        if wire.kind != STATEMENT_TYPE {
            return Err(refused("it is of another type"));
        }
        if wire.predicate_type != PREDICATE_TYPE {
            return Err(refused("its predicate is of another type"));
        }
        let [subject] = <[Subject; 1]>::try_from(wire.subject)
            .map_err(|_| refused("it has not one subject"))?;
        Ok(Self {
            number: wire.predicate.number,
            previous: wire.predicate.previous.map(|previous| previous.sha256),
            image: subject.name,
            store: wire.predicate.store,
            occasion: wire.predicate.occasion,
            verified_at: wire.predicate.verified_at,
            digests: digests(subject.digest)?,
        })
    }
}

fn digests(named: BTreeMap<String, String>) -> Result<ExpectedDigests, ReceiptError> {
    let refused = |what: String| ReceiptError::Statement(what);
    let mut digests = ExpectedDigests::default();
    for (name, value) in named {
        let algorithm: Result<Algorithm, _> = name.parse();
        let digest = algorithm.and_then(|algorithm| Digest::from_hex(algorithm, &value));
        let digest = digest.map_err(|error| refused(error.to_string()))?;
        digests
            .add(digest)
            .map_err(|error| refused(error.to_string()))?;
    }
    if digests.is_empty() {
        return Err(refused("its subject has no digest".to_owned()));
    }
    Ok(digests)
}
