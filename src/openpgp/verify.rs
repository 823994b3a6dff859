//! Whether a signature is good, and whose it is.

use pgp::packet::{Packet, Signature, SignatureType};

use super::{
    certificate::{Signer, after, has_unknown_critical, seconds},
    cleartext::ClearSigned,
    error::{Refusal, SignatureError, SignatureFault},
    keyring::{Keyring, Keyrings},
    packets,
    strength::check_hash,
};
use crate::domain::Timestamp;

/// How many bytes signatures have at most: a signature has some hundred.
const MOST_BYTES: usize = 256 * 1024;

/// How many signatures are looked at.
const MOST: usize = 16;

/// A good signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Whose keyring has the key.
    pub publisher: String,
    /// The fingerprint of the publisher's key, in upper-case hexadecimal digits.
    pub key: String,
    /// The fingerprint of the key that signed: the same, or a subkey's.
    pub signing_key: String,
    /// When the signature says it was made.
    pub at: Timestamp,
}

/// What is signed.
#[derive(Clone, Copy)]
enum Data<'a> {
    /// Bytes beside their signature.
    Detached(&'a [u8]),
    /// The text of a clear-signed message.
    Clear(&'a [u8]),
}

impl Keyrings {
    /// Finds a good signature of `data` among `signatures`, the content of a file with armour or
    /// without, at the time `now`; if `publisher` is given, one of that publisher.
    ///
    /// # Errors
    ///
    /// [`SignatureError`] tells why there is none.
    pub fn verify_detached(
        &self,
        data: &[u8],
        signatures: &[u8],
        publisher: Option<&str>,
        now: Timestamp,
    ) -> Result<Signed, SignatureError> {
        self.verify(Data::Detached(data), signatures, publisher, now)
    }

    /// Finds a good signature of `message`, as [`Keyrings::verify_detached`] does.
    ///
    /// # Errors
    ///
    /// [`SignatureError`] tells why there is none.
    pub fn verify_clear(
        &self,
        message: &ClearSigned<'_>,
        publisher: Option<&str>,
        now: Timestamp,
    ) -> Result<Signed, SignatureError> {
        self.verify(
            Data::Clear(message.text()),
            message.signatures(),
            publisher,
            now,
        )
    }

    fn verify(
        &self,
        data: Data<'_>,
        signatures: &[u8],
        publisher: Option<&str>,
        now: Timestamp,
    ) -> Result<Signed, SignatureError> {
        let trusted = self.trusted(publisher)?;
        let mut refusals = Vec::new();
        for signature in read(signatures)? {
            match verify_one(&trusted, &signature, data, now) {
                Ok(signed) => return Ok(signed),
                Err(fault) => refusals.push(Refusal {
                    key: issuer(&signature),
                    fault,
                }),
            }
        }
        Err(SignatureError::Refused(refusals))
    }

    fn trusted(&self, publisher: Option<&str>) -> Result<Vec<&Keyring>, SignatureError> {
        match publisher {
            None => Ok(self.iter().collect()),
            Some(name) => self
                .get(name)
                .map(|keyring| vec![keyring])
                .ok_or_else(|| SignatureError::UnknownPublisher(name.to_owned())),
        }
    }
}

/// The signatures of a file, at least one.
fn read(file: &[u8]) -> Result<Vec<Signature>, SignatureError> {
    if file.len() > MOST_BYTES {
        return Err(SignatureError::TooLarge(MOST_BYTES));
    }
    let mut signatures = Vec::new();
    for packet in packets::read(file).map_err(SignatureError::Unreadable)? {
        let Packet::Signature(signature) = packet else {
            let what = "it has packets that are no signatures";
            return Err(SignatureError::Unreadable(what.to_owned()));
        };
        if signatures.len() == MOST {
            return Err(SignatureError::TooMany(MOST));
        }
        signatures.push(signature);
    }
    if signatures.is_empty() {
        return Err(SignatureError::Absent);
    }
    Ok(signatures)
}

/// The key that a signature says it was made by.
fn issuer(signature: &Signature) -> String {
    let fingerprint = signature.issuer_fingerprint().first().map(hex_of);
    let id = || signature.issuer_key_id().first().map(hex_of);
    fingerprint
        .or_else(id)
        .unwrap_or_else(|| "nobody".to_owned())
}

fn hex_of(bytes: &impl AsRef<[u8]>) -> String {
    hex::encode_upper(bytes)
}

fn verify_one(
    trusted: &[&Keyring],
    signature: &Signature,
    data: Data<'_>,
    now: Timestamp,
) -> Result<Signed, SignatureFault> {
    let made = check_signature(signature, data, now)?;
    let mut fault = SignatureFault::UnknownKey;
    let all = trusted
        .iter()
        .flat_map(|keyring| keyring.signers().map(move |signer| (keyring, signer)));
    for (keyring, signer) in all.filter(|(_, signer)| is_meant(*signer, signature)) {
        match check_by(signer, signature, data, made, now) {
            Ok(()) => {
                return Ok(Signed {
                    publisher: keyring.publisher().to_owned(),
                    key: hex_of(&signer.owner()),
                    signing_key: hex_of(&signer.fingerprint()),
                    at: made,
                });
            }
            Err(found) => fault = found,
        }
    }
    Err(fault)
}

/// Whether `signature` says that it was made by `signer`. One that names nobody is nobody's.
fn is_meant(signer: Signer<'_>, signature: &Signature) -> bool {
    let fingerprints = signature.issuer_fingerprint();
    if fingerprints.is_empty() {
        signature.issuer_key_id().contains(&&signer.id())
    } else {
        fingerprints.contains(&&signer.fingerprint())
    }
}

/// What is asked of a signature itself; gives when it was made.
fn check_signature(
    signature: &Signature,
    data: Data<'_>,
    now: Timestamp,
) -> Result<Timestamp, SignatureFault> {
    let kind = signature.typ();
    let fits = match data {
        Data::Detached(_) => [SignatureType::Binary, SignatureType::Text]
            .map(Some)
            .contains(&kind),
        Data::Clear(_) => kind == Some(SignatureType::Text),
    };
    if !fits {
        return Err(SignatureFault::Kind);
    }
    if has_unknown_critical(signature) {
        return Err(SignatureFault::Critical);
    }
    if let Some(hash) = signature.hash_alg() {
        check_hash(hash)?;
    }
    let made = signature.created().ok_or(SignatureFault::NoTime)?;
    let made = seconds(made.as_secs());
    if made > now {
        return Err(SignatureFault::Future(made));
    }
    let end = signature
        .signature_expiration_time()
        .and_then(|length| after(made, length.as_secs()));
    match end {
        Some(end) if end <= now => Err(SignatureFault::Expired(end)),
        _ => Ok(made),
    }
}

/// Makes sure that `signer` made `signature`, and might.
fn check_by(
    signer: Signer<'_>,
    signature: &Signature,
    data: Data<'_>,
    made: Timestamp,
    now: Timestamp,
) -> Result<(), SignatureFault> {
    signer.check(now)?;
    if made < signer.created() {
        return Err(SignatureFault::BeforeKey);
    }
    let (Data::Detached(bytes) | Data::Clear(bytes)) = data;
    if signer.made(signature, bytes) {
        Ok(())
    } else {
        Err(SignatureFault::Wrong)
    }
}
