//! What can be wrong with receipts and keys.

/// A receipt or a key that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// The file holds no private key.
    #[error("not an Ed25519 private key (PKCS#8, PEM)")]
    PrivateKey,
    /// The file holds no public key.
    #[error("not an Ed25519 public key (PEM)")]
    PublicKey,
    /// It is no envelope.
    #[error("not a DSSE envelope: {0}")]
    Envelope(String),
    /// The envelope holds something else.
    #[error("the envelope holds {0:?}, which is no in-toto statement")]
    PayloadType(String),
    /// Nobody with the key has signed it.
    #[error("no signature of it is one by this key")]
    Signature,
    /// The statement is none about a verification.
    #[error("the statement is not a receipt: {0}")]
    Statement(String),
    /// Two receipts have the same number.
    #[error("there are two receipts with the number {0}")]
    Twice(u64),
    /// A receipt does not follow the one before it.
    #[error("receipt {number} does not follow receipt {}, as it is here", .number - 1)]
    Broken {
        /// The number of the later one.
        number: u64,
    },
}
