//! Envelopes of DSSE (Dead Simple Signing Envelope, version 1).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::ReceiptError;

/// What an envelope with a statement of in-toto says it holds.
const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// How many signatures are looked at.
const MOST_SIGNATURES: usize = 16;

/// A signed statement.
///
/// - As text it is JSON of one form: no blanks, the members in the order in which the
///   specification lists them. [`Envelope::hash`] is of that form, however it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    payload: Vec<u8>,
    signatures: Vec<(Option<String>, Vec<u8>)>,
}

/// An envelope on the wire.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<WireSignature>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSignature {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keyid: Option<String>,
    sig: String,
}

impl Envelope {
    pub(super) fn new(payload: Vec<u8>, key_id: String, signature: [u8; 64]) -> Self {
        Self {
            payload,
            signatures: vec![(Some(key_id), signature.to_vec())],
        }
    }

    /// The bytes that are signed for `payload` (PAE, the pre-authentication encoding).
    pub(super) fn signed_bytes(payload: &[u8]) -> Vec<u8> {
        let (kind, len) = (PAYLOAD_TYPE, payload.len());
        let mut bytes = format!("DSSEv1 {} {kind} {len} ", kind.len()).into_bytes();
        bytes.extend(payload);
        bytes
    }

    pub(super) fn payload(&self) -> &[u8] {
        &self.payload
    }

    pub(super) fn signatures(&self) -> impl Iterator<Item = &[u8]> {
        self.signatures.iter().map(|(_, value)| value.as_slice())
    }

    /// Takes an envelope out of JSON.
    ///
    /// # Errors
    ///
    /// [`ReceiptError::Envelope`], or [`ReceiptError::PayloadType`] if something else is in it.
    pub fn from_json(value: serde_json::Value) -> Result<Self, ReceiptError> {
        let refused = |what: String| ReceiptError::Envelope(what);
        let wire: Wire =
            serde_json::from_value(value).map_err(|error| refused(error.to_string()))?;
        if wire.payload_type != PAYLOAD_TYPE {
            return Err(ReceiptError::PayloadType(wire.payload_type));
        }
        if wire.signatures.len() > MOST_SIGNATURES {
            return Err(refused(format!("more than {MOST_SIGNATURES} signatures")));
        }
        let decoded = |text: &str, what: &str| {
            let bytes = STANDARD.decode(text);
            bytes.map_err(|error| refused(format!("{what}: {error}")))
        };
        let signatures = wire.signatures.into_iter().map(|signature| {
            let value = decoded(&signature.sig, "sig")?;
            Ok((signature.keyid, value))
        });
        Ok(Self {
            payload: decoded(&wire.payload, "payload")?,
            signatures: signatures.collect::<Result<_, ReceiptError>>()?,
        })
    }

    /// The envelope as text.
    #[must_use]
    pub fn to_json(&self) -> String {
        let signatures = self.signatures.iter().map(|(key_id, value)| WireSignature {
            keyid: key_id.clone(),
            sig: STANDARD.encode(value),
        });
        let wire = Wire {
            payload: STANDARD.encode(&self.payload),
            payload_type: PAYLOAD_TYPE.to_owned(),
            signatures: signatures.collect(),
        };
        // Texts in a structure always have a form in JSON.
        serde_json::to_string(&wire).unwrap_or_default()
    }

    /// SHA-256 of the envelope as text, in hexadecimal digits: what the next receipt names.
    #[must_use]
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.to_json()))
    }
}
