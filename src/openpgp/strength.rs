//! Which algorithms and keys are good enough.

use pgp::{
    crypto::hash::HashAlgorithm,
    ser::Serialize as _,
    types::{EcdsaPublicParams, KeyDetails, KeyVersion, PublicParams},
};

use super::error::SignatureFault;

/// The fewest bits of a key whose strength depends on them.
const FEWEST_BITS: u16 = 2048;

/// Refuses hash algorithms for which collisions can be made: who has something signed could
/// choose what else the signature fits.
pub(super) fn check_hash(hash: HashAlgorithm) -> Result<(), SignatureFault> {
    match hash {
        HashAlgorithm::Sha224
        | HashAlgorithm::Sha256
        | HashAlgorithm::Sha384
        | HashAlgorithm::Sha512
        | HashAlgorithm::Sha3_256
        | HashAlgorithm::Sha3_512 => Ok(()),
        HashAlgorithm::Md5 | HashAlgorithm::Sha1 | HashAlgorithm::Ripemd160 => {
            Err(SignatureFault::WeakHash(hash.to_string()))
        }
        other => Err(SignatureFault::Unsupported(format!(
            "the hash algorithm {other}"
        ))),
    }
}

/// As [`check_hash`], where a key signs what it says of itself.
pub(super) fn check_own_hash(hash: HashAlgorithm) -> Result<(), SignatureFault> {
    match hash {
        HashAlgorithm::Sha1 => Ok(()),
        other => check_hash(other),
    }
}

/// Refuses keys that can be broken, or that are of a kind that is not known.
pub(super) fn check_key(key: &impl KeyDetails) -> Result<(), SignatureFault> {
    if !matches!(key.version(), KeyVersion::V4 | KeyVersion::V6) {
        return Err(SignatureFault::Unsupported(
            "a key of that version".to_owned(),
        ));
    }
    match key.public_params() {
        PublicParams::RSA(params) => check_bits("RSA", &params.to_bytes().unwrap_or_default()),
        PublicParams::DSA(params) => check_bits("DSA", &params.to_bytes().unwrap_or_default()),
        PublicParams::ECDSA(EcdsaPublicParams::Unsupported { curve, .. }) => Err(
            SignatureFault::Unsupported(format!("the curve {}", curve.name())),
        ),
        PublicParams::ECDSA(_)
        | PublicParams::EdDSALegacy(_)
        | PublicParams::Ed25519(_)
        | PublicParams::Ed448(_) => Ok(()),
        _ => Err(SignatureFault::MayNotSign),
    }
}

/// The parameters begin with the modulus, and that with the number of its bits.
fn check_bits(algorithm: &str, params: &[u8]) -> Result<(), SignatureFault> {
    let bits = params
        .first_chunk()
        .map_or(0, |bytes| u16::from_be_bytes(*bytes));
    if bits < FEWEST_BITS {
        return Err(SignatureFault::WeakKey(format!(
            "{algorithm} with {bits} bits, fewer than {FEWEST_BITS}"
        )));
    }
    Ok(())
}
