//! The keys that the operator trusts, by publisher.

use pgp::composed::{SignedPublicKey, SignedPublicKeyParser};

use super::{certificate::Signer, error::KeyringError, packets};
use crate::domain::Timestamp;

/// Where GnuPG's databases say what they are, and how.
const KEYBOX: (usize, &[u8]) = (8, b"KBXf");

/// The keys of one publisher.
#[derive(Debug, Clone)]
pub struct Keyring {
    publisher: String,
    certificates: Vec<SignedPublicKey>,
}

impl Keyring {
    /// Reads the keys of `publisher` from the bytes of a file, with armour or without.
    ///
    /// # Errors
    ///
    /// [`KeyringError`] if the file cannot be understood, or has no public key.
    pub fn read(publisher: &str, file: &[u8]) -> Result<Self, KeyringError> {
        let (place, mark) = KEYBOX;
        if file.get(place..).is_some_and(|rest| rest.starts_with(mark)) {
            return Err(KeyringError::Keybox);
        }
        let packets = packets::read(file).map_err(KeyringError::Unreadable)?;
        let packets = packets.into_iter().map(Ok).peekable();
        let certificates = SignedPublicKeyParser::from_packets(packets)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| KeyringError::Unreadable(error.to_string()))?;
        if certificates.is_empty() {
            return Err(KeyringError::Empty);
        }
        Ok(Self {
            publisher: publisher.to_owned(),
            certificates,
        })
    }

    /// The publisher's name.
    #[must_use]
    pub fn publisher(&self) -> &str {
        &self.publisher
    }

    /// Whether any of the keys may sign data at the time `now`.
    #[must_use]
    pub fn can_sign(&self, now: Timestamp) -> bool {
        self.signers().any(|signer| signer.check(now).is_ok())
    }

    /// All keys.
    pub(super) fn signers(&self) -> impl Iterator<Item = Signer<'_>> {
        self.certificates.iter().flat_map(Signer::all)
    }
}

/// The keys of all publishers; no two keyrings are for the same.
#[derive(Debug, Clone, Default)]
pub struct Keyrings(Vec<Keyring>);

impl Keyrings {
    /// Trusts `keyring`, too.
    ///
    /// # Errors
    ///
    /// [`KeyringError::Twice`] if its publisher has one already.
    pub fn add(&mut self, keyring: Keyring) -> Result<(), KeyringError> {
        if self.get(keyring.publisher()).is_some() {
            return Err(KeyringError::Twice(keyring.publisher));
        }
        self.0.push(keyring);
        Ok(())
    }

    /// Whether nobody is trusted.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys of `publisher`.
    #[must_use]
    pub fn get(&self, publisher: &str) -> Option<&Keyring> {
        self.0.iter().find(|keyring| keyring.publisher == publisher)
    }

    /// All keyrings.
    pub fn iter(&self) -> impl Iterator<Item = &Keyring> {
        self.0.iter()
    }
}
