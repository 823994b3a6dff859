//! What a receipt says, as a statement of in-toto.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ReceiptError;
use crate::domain::{
    Algorithm, ChainEnd, Digest, Digests, ExpectedDigests, Timestamp, Verification,
};

/// What a statement of in-toto is.
const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// What the predicate of a receipt is.
///
/// A name that means nothing elsewhere and needs no host: types are compared, not fetched. The
/// fragment tells people what it is, and its version.
const PREDICATE_TYPE: &str =
    "urn:uuid:3b0f2b54-6c5e-4f0c-9d63-0a7a0c6d1f2e#hallmark-verification-v1";

/// What the predicate of a receipt is that tells of a copy which is not what it should be. It is
/// another type, so that nobody who knows the first alone takes it for a verification.
const FAILURE_TYPE: &str =
    "urn:uuid:3b0f2b54-6c5e-4f0c-9d63-0a7a0c6d1f2e#hallmark-failed-verification-v1";

/// What the predicate of such a receipt says of the result.
const FAILED: &str = "failed";

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
    /// What digests the image has: its bytes were found to have them, unless they were not.
    pub digests: ExpectedDigests,
    /// That the copy was not what it should be.
    pub failure: Option<Failure>,
}

/// What a copy was found to be that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// `damaged` or `missing`.
    pub state: String,
    /// What digests the bytes have instead; none if there are no bytes, or not as many as there
    /// should be.
    pub actual: ExpectedDigests,
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
    #[serde(flatten)]
    failure: Option<WireFailure>,
}

/// What the predicate has besides if the copy is not what it should be.
#[derive(Serialize, Deserialize)]
struct WireFailure {
    result: String,
    state: String,
    expected: BTreeMap<String, String>,
    actual: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
struct Previous {
    sha256: String,
}

impl Statement {
    /// The statement that `verification` gets at the end of a chain.
    pub(super) fn of(verification: &Verification, end: &ChainEnd) -> Self {
        let found = collected(&verification.digests);
        let (digests, failure) = match &verification.failure {
            None => (found, None),
            Some(failure) => {
                let failed = Failure {
                    state: failure.state.to_string(),
                    actual: found,
                };
                (failure.expected.clone(), Some(failed))
            }
        };
        Self {
            number: end.count + 1,
            previous: end.last.clone(),
            image: verification.image.to_string(),
            store: verification.store.to_string(),
            occasion: verification.occasion.to_string(),
            verified_at: Timestamp::in_seconds(verification.at),
            digests,
            failure,
        }
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        let failure = self.failure.as_ref().map(|failure| WireFailure {
            result: FAILED.to_owned(),
            state: failure.state.clone(),
            expected: named(&self.digests),
            actual: named(&failure.actual),
        });
        let predicate_type = if failure.is_some() {
            FAILURE_TYPE
        } else {
            PREDICATE_TYPE
        };
        let wire = Wire {
            kind: STATEMENT_TYPE.to_owned(),
            subject: vec![Subject {
                name: self.image.clone(),
                digest: named(&self.digests),
            }],
            predicate_type: predicate_type.to_owned(),
            predicate: Predicate {
                number: self.number,
                previous: self.previous.clone().map(|sha256| Previous { sha256 }),
                store: self.store.clone(),
                occasion: self.occasion.clone(),
                verified_at: self.verified_at.clone(),
                failure,
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
        let [subject] = <[Subject; 1]>::try_from(wire.subject)
            .map_err(|_| refused("it has not one subject"))?;
        let digests = read_digests(subject.digest)?;
        if digests.is_empty() {
            return Err(refused("its subject has no digest"));
        }
        let failure = match (&*wire.predicate_type, wire.predicate.failure) {
            (PREDICATE_TYPE, None) => None,
            (FAILURE_TYPE, Some(failure)) => Some(failure.read(&digests)?),
            (PREDICATE_TYPE | FAILURE_TYPE, _) => {
                return Err(refused("its result does not fit its predicate's type"));
            }
            _ => return Err(refused("its predicate is of another type")),
        };
        Ok(Self {
            number: wire.predicate.number,
            previous: wire.predicate.previous.map(|previous| previous.sha256),
            image: subject.name,
            store: wire.predicate.store,
            occasion: wire.predicate.occasion,
            verified_at: wire.predicate.verified_at,
            digests,
            failure,
        })
    }
}

impl WireFailure {
    /// Reads what was found of an image that has `digests`.
    fn read(self, digests: &ExpectedDigests) -> Result<Failure, ReceiptError> {
        let refused = |what: &str| ReceiptError::Statement(what.to_owned());
        if self.result != FAILED {
            return Err(refused("its result is not known"));
        }
        if self.expected != named(digests) {
            return Err(refused("its subject is not what was expected"));
        }
        Ok(Failure {
            state: self.state,
            actual: read_digests(self.actual)?,
        })
    }
}

/// The digests of one pass, which gives one an algorithm, so that none contradicts another.
fn collected(found: &Digests) -> ExpectedDigests {
    let mut digests = ExpectedDigests::default();
    for digest in found.iter() {
        let _ = digests.add(digest.clone());
    }
    digests
}

fn named(digests: &ExpectedDigests) -> BTreeMap<String, String> {
    let named = |digest: &Digest| (digest.algorithm().to_string(), digest.value().to_owned());
    digests.iter().map(named).collect()
}

fn read_digests(named: BTreeMap<String, String>) -> Result<ExpectedDigests, ReceiptError> {
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
    Ok(digests)
}
