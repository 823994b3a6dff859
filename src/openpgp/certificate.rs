//! What a key says of itself and of its subkeys, and whether it may sign data.

use pgp::{
    composed::{SignedPublicKey, SignedPublicSubKey},
    packet::{KeyFlags, Signature, SignatureType, SubpacketData},
    types::{Fingerprint, KeyDetails, KeyId, SignedUser, Tag},
};

use super::{
    error::SignatureFault,
    strength::{check_key, check_own_hash},
};
use crate::domain::Timestamp;

/// One key of a certificate that may have made a signature.
#[derive(Clone, Copy)]
pub(super) enum Signer<'a> {
    /// The primary key.
    Primary(&'a SignedPublicKey),
    /// One of its subkeys.
    Subkey(&'a SignedPublicKey, &'a SignedPublicSubKey),
}

impl<'a> Signer<'a> {
    /// The keys of `certificate`, the primary first.
    pub(super) fn all(certificate: &'a SignedPublicKey) -> impl Iterator<Item = Self> {
        let subkeys = certificate.public_subkeys.iter();
        std::iter::once(Self::Primary(certificate))
            .chain(subkeys.map(|subkey| Self::Subkey(certificate, subkey)))
    }

    /// When the key was made.
    pub(super) fn created(self) -> Timestamp {
        seconds(match self {
            Self::Primary(certificate) => certificate.created_at().as_secs(),
            Self::Subkey(_, subkey) => subkey.created_at().as_secs(),
        })
    }

    /// The key's fingerprint.
    pub(super) fn fingerprint(self) -> Fingerprint {
        match self {
            Self::Primary(certificate) => certificate.primary_key.fingerprint(),
            Self::Subkey(_, subkey) => subkey.key.fingerprint(),
        }
    }

    /// The key's id, which old signatures name instead.
    pub(super) fn id(self) -> KeyId {
        match self {
            Self::Primary(certificate) => certificate.primary_key.legacy_key_id(),
            Self::Subkey(_, subkey) => subkey.key.legacy_key_id(),
        }
    }

    /// The fingerprint of the primary key that the key belongs to.
    pub(super) fn owner(self) -> Fingerprint {
        let (Self::Primary(certificate) | Self::Subkey(certificate, _)) = self;
        certificate.primary_key.fingerprint()
    }

    /// Whether `signature` is one of `data` by this key.
    pub(super) fn made(self, signature: &Signature, data: &[u8]) -> bool {
        match self {
            Self::Primary(certificate) => signature.verify(&certificate.primary_key, data).is_ok(),
            Self::Subkey(_, subkey) => signature.verify(&subkey.key, data).is_ok(),
        }
    }

    /// Makes sure that the key may sign data at the time `now`.
    ///
    /// # Errors
    ///
    /// The first reason why it may not.
    pub(super) fn check(self, now: Timestamp) -> Result<(), SignatureFault> {
        match self {
            Self::Primary(certificate) => {
                let flags = check_primary(certificate, now)?;
                may_sign(flags.as_ref())
            }
            Self::Subkey(certificate, subkey) => {
                check_primary(certificate, now)?;
                check_subkey(certificate, subkey, now)
            }
        }
    }
}

/// The time that OpenPGP writes as `seconds` since the epoch.
pub(super) fn seconds(seconds: u32) -> Timestamp {
    Timestamp::from_micros(i64::from(seconds) * 1_000_000)
}

/// The time `by` seconds after `start`; none if `by` is 0, which means never.
pub(super) fn after(start: Timestamp, by: u32) -> Option<Timestamp> {
    let by = std::time::Duration::from_secs(by.into());
    (!by.is_zero()).then(|| start.plus(by))
}

/// Whether a hashed part of `signature` is critical and not understood.
pub(super) fn has_unknown_critical(signature: &Signature) -> bool {
    let Some(config) = signature.config() else {
        return true;
    };
    config.hashed_subpackets.iter().any(|part| {
        let unknown = matches!(
            part.data,
            SubpacketData::Experimental(..)
                | SubpacketData::Other(..)
                | SubpacketData::Notation(_)
                | SubpacketData::RegularExpression(_)
        );
        part.is_critical && unknown
    })
}

fn may_sign(flags: Option<&KeyFlags>) -> Result<(), SignatureFault> {
    if flags.is_some_and(KeyFlags::sign) {
        Ok(())
    } else {
        Err(SignatureFault::MayNotSign)
    }
}

/// Makes sure that the primary key is in force, and gives what it is for.
fn check_primary(
    certificate: &SignedPublicKey,
    now: Timestamp,
) -> Result<Option<KeyFlags>, SignatureFault> {
    let key = &certificate.primary_key;
    check_key(key)?;
    let created = seconds(key.created_at().as_secs());
    if created > now {
        return Err(SignatureFault::NotBound);
    }
    let revocations = &certificate.details.revocation_signatures;
    if revocations
        .iter()
        .any(|revocation| revocation.verify_key(key).is_ok())
    {
        return Err(SignatureFault::KeyRevoked);
    }
    let own = newest(own_signatures(certificate), now).ok_or(SignatureFault::NotBound)?;
    check_expiry(own, created, now)?;
    Ok(flags_of(own))
}

/// The valid signatures by which the key says what it is: over itself, and over each name that it
/// has not taken back.
fn own_signatures(certificate: &SignedPublicKey) -> impl Iterator<Item = &Signature> {
    let key = &certificate.primary_key;
    let direct = certificate.details.direct_signatures.iter();
    let direct = direct.filter(move |signature| {
        signature.typ() == Some(SignatureType::Key) && signature.verify_key(key).is_ok()
    });
    let users = certificate.details.users.iter();
    direct.chain(users.flat_map(move |user| certifications(certificate, user)))
}

/// The valid signatures of the key over its name `user`; none if it took the name back.
fn certifications<'a>(certificate: &SignedPublicKey, user: &'a SignedUser) -> Vec<&'a Signature> {
    let key = &certificate.primary_key;
    let valid = user.signatures.iter().filter(|signature| {
        signature
            .verify_certification(key, Tag::UserId, &user.id)
            .is_ok()
    });
    let (revocations, certifications): (Vec<_>, Vec<_>) =
        valid.partition(|signature| signature.typ() == Some(SignatureType::CertRevocation));
    let last = |signatures: &[&Signature]| {
        signatures
            .iter()
            .filter_map(|signature| signature.created())
            .max()
    };
    let taken_back = last(&revocations);
    if taken_back.is_some() && taken_back >= last(&certifications) {
        return Vec::new();
    }
    certifications
}

/// Makes sure that `subkey` belongs to the certificate, is in force, and is for signing.
fn check_subkey(
    certificate: &SignedPublicKey,
    subkey: &SignedPublicSubKey,
    now: Timestamp,
) -> Result<(), SignatureFault> {
    let (primary, key) = (&certificate.primary_key, &subkey.key);
    check_key(key)?;
    let valid = || {
        subkey
            .signatures
            .iter()
            .filter(|signature| signature.verify_subkey_binding(primary, key).is_ok())
    };
    if valid().any(|signature| signature.typ() == Some(SignatureType::SubkeyRevocation)) {
        return Err(SignatureFault::KeyRevoked);
    }
    let bindings =
        valid().filter(|signature| signature.typ() == Some(SignatureType::SubkeyBinding));
    let binding = newest(bindings, now).ok_or(SignatureFault::NotBound)?;
    may_sign(flags_of(binding).as_ref())?;
    let created = seconds(key.created_at().as_secs());
    check_expiry(binding, created, now)?;
    let confirmation = binding
        .embedded_signature()
        .filter(|back| back.verify_primary_key_binding(key, primary).is_ok());
    newest(confirmation.into_iter(), now).ok_or(SignatureFault::Unconfirmed)?;
    Ok(())
}

/// The last of `signatures` that is in force: made in time, not expired, of a fair algorithm.
fn newest<'a>(
    signatures: impl Iterator<Item = &'a Signature>,
    now: Timestamp,
) -> Option<&'a Signature> {
    signatures
        .filter(|signature| is_in_force(signature, now))
        .max_by_key(|signature| signature.created())
}

fn is_in_force(signature: &Signature, now: Timestamp) -> bool {
    let (Some(created), Some(hash)) = (signature.created(), signature.hash_alg()) else {
        return false;
    };
    let created = seconds(created.as_secs());
    let ends = signature
        .signature_expiration_time()
        .and_then(|length| after(created, length.as_secs()));
    created <= now
        && ends.is_none_or(|end| now < end)
        && check_own_hash(hash).is_ok()
        && !has_unknown_critical(signature)
}

/// Refuses a key, made at `created`, of which `own` says that it has expired.
fn check_expiry(own: &Signature, created: Timestamp, now: Timestamp) -> Result<(), SignatureFault> {
    let end = own
        .key_expiration_time()
        .and_then(|length| after(created, length.as_secs()));
    match end {
        Some(end) if end <= now => Err(SignatureFault::KeyExpired(end)),
        _ => Ok(()),
    }
}

/// What `own` says that the key is for, if it says it.
fn flags_of(own: &Signature) -> Option<KeyFlags> {
    own.config()?
        .hashed_subpackets
        .iter()
        .find_map(|part| match &part.data {
            SubpacketData::KeyFlags(flags) => Some(flags.clone()),
            _ => None,
        })
}
