//! Receipts on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{api::error::ApiError, service::ServiceError};

/// The receipts of the verifications of an image's data.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Receipts)]
pub(super) struct ReceiptsView {
    /// The oldest first.
    receipts: Vec<EnvelopeView>,
}

/// A statement of in-toto about the image, in a DSSE envelope.
///
/// Its members have the order in which the hash of the envelope is computed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Receipt)]
struct EnvelopeView {
    /// The statement, in Base64.
    payload: String,
    /// application/vnd.in-toto+json
    #[serde(rename = "payloadType")]
    payload_type: String,
    /// The signatures of the operator.
    signatures: Vec<SignatureView>,
}

/// A signature of a receipt.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ReceiptSignature)]
struct SignatureView {
    /// SHA-256 of the public key.
    keyid: String,
    /// The signature, in Base64.
    sig: String,
}

impl ReceiptsView {
    /// The view of envelopes that are kept as text.
    pub(super) fn new(envelopes: &[String]) -> Result<Self, ApiError> {
        let receipts: Result<_, serde_json::Error> = envelopes
            .iter()
            .map(|envelope| serde_json::from_str(envelope))
            .collect();
        let receipts = receipts.map_err(|error| ServiceError::Internal(error.into()))?;
        Ok(Self { receipts })
    }
}
