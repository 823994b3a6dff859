//! What can be wrong with keyrings and signatures.

use std::fmt;

use crate::domain::Timestamp;

/// A file that begins like a clear-signed message, and is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct FrameError {
    /// The number of the line at which it is noticed.
    pub line: usize,
    /// What is wrong.
    pub what: &'static str,
}

/// A file that holds no keys to trust.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// The file is a database of GnuPG.
    #[error(
        "the file is a keybox of GnuPG; what `gpg --export` writes, with or without armour, is a \
         keyring"
    )]
    Keybox,
    /// The file cannot be understood.
    #[error("the file is no OpenPGP keyring: {0}")]
    Unreadable(String),
    /// The file has no public key.
    #[error("there is no public key in the file")]
    Empty,
    /// Two keyrings are for one publisher.
    #[error("the publisher {0:?} has two keyrings")]
    Twice(String),
}

/// No signature is good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is too much of them.
    #[error("signatures may have at most {0} bytes")]
    TooLarge(usize),
    /// There are too many of them.
    #[error("at most {0} signatures are looked at")]
    TooMany(usize),
    /// They cannot be understood.
    #[error("not an OpenPGP signature: {0}")]
    Unreadable(String),
    /// There is none.
    #[error("there is no signature")]
    Absent,
    /// Nobody is trusted under this name.
    #[error("the operator names no keyring for the publisher {0:?}")]
    UnknownPublisher(String),
    /// Each of them has a fault.
    #[error("no good signature: {}", Listed(.0))]
    Refused(Vec<Refusal>),
}

/// One signature and its fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The key that is said to have made it: a fingerprint, or the end of one.
    pub key: String,
    /// What is wrong.
    pub fault: SignatureFault,
}

/// What is wrong with a signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// Nobody whom the operator trusts has the key.
    #[error("the key is in none of the keyrings")]
    UnknownKey,
    /// The signature is of other bytes, or was made by another key.
    #[error("the signature is not one of these data by this key")]
    Wrong,
    /// Something of the signature or the key is not implemented, or too old.
    #[error("{0} is not supported")]
    Unsupported(String),
    /// It is no signature of data, or one of bytes where one of text is needed.
    #[error("it is of a kind that is not for this")]
    Kind,
    /// The hash algorithm is broken.
    #[error("its hash algorithm {0} is broken")]
    WeakHash(String),
    /// The key can be broken.
    #[error("the key is too weak: {0}")]
    WeakKey(String),
    /// The signature does not say when it was made.
    #[error("it does not say when it was made")]
    NoTime,
    /// It says that it was made in the future.
    #[error("it says that it was made in the future, at {}", .0.in_seconds())]
    Future(Timestamp),
    /// It says that it was made before its key.
    #[error("it says that it was made before its key")]
    BeforeKey,
    /// The signature has expired.
    #[error("it expired at {}", .0.in_seconds())]
    Expired(Timestamp),
    /// The key has expired.
    #[error("the key expired at {}", .0.in_seconds())]
    KeyExpired(Timestamp),
    /// The key was revoked by its owner.
    #[error("the key is revoked")]
    KeyRevoked,
    /// The key says nothing of itself, or does not say that the subkey is its own.
    #[error("the key has no valid signature of its own")]
    NotBound,
    /// The subkey does not say that it belongs to the key.
    #[error("the subkey does not confirm that it belongs to its key")]
    Unconfirmed,
    /// The key may not sign data.
    #[error("the key is not for signing data")]
    MayNotSign,
    /// The signature demands something that is not understood.
    #[error("it has a critical part that is not understood")]
    Critical,
}

/// Several refusals in one line.
struct Listed<'a>(&'a [Refusal]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, refusal) in self.0.iter().enumerate() {
            let comma = if place > 0 { "; " } else { "" };
            write!(f, "{comma}by {}: {}", refusal.key, refusal.fault)?;
        }
        Ok(())
    }
}
