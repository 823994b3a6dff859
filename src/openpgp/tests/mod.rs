//! The rules of signatures.

mod accepted;
mod any;
mod framed;
mod gnupg;
mod keyrings;
mod keys;
mod refused;

use pgp::{
    composed::{
        DetachedSignature, KeyType, SecretKeyParamsBuilder, SignedPublicKey, SignedSecretKey,
        SubkeyParamsBuilder, SubpacketConfig,
    },
    crypto::hash::HashAlgorithm,
    packet::{Subpacket, SubpacketData},
    ser::Serialize as _,
    types::{Duration, KeyDetails as _, Password, SigningKey, Timestamp as Seconds},
};
use rand::rngs::OsRng;

use super::{certificate::seconds, *};
use crate::domain::Timestamp;

const DATA: &[u8] = b"checksums\n";

/// How long ago, in seconds, the keys of the tests were made.
const AGE: u32 = 1_000_000;

/// The time that OpenPGP's library calls now, in seconds since the epoch.
fn clock() -> u32 {
    Seconds::now().as_secs()
}

fn now() -> Timestamp {
    seconds(clock())
}

/// A key that certifies and signs, with a subkey that signs.
fn key() -> SignedSecretKey {
    let made = Seconds::from_secs(clock() - AGE);
    let subkey = SubkeyParamsBuilder::default()
        .key_type(KeyType::Ed25519Legacy)
        .can_sign(true)
        .created_at(made)
        .build()
        .expect("a subkey");
    SecretKeyParamsBuilder::default()
        .key_type(KeyType::Ed25519Legacy)
        .can_certify(true)
        .can_sign(true)
        .created_at(made)
        .primary_user_id("Publisher <images@example.org>".to_owned())
        .subkey(subkey)
        .build()
        .expect("a key")
        .generate(OsRng)
        .expect("a key")
}

/// What is trusted: the keys of a publisher called `example`.
fn trusting(certificate: &SignedPublicKey) -> Keyrings {
    let bytes = certificate.to_bytes().expect("bytes");
    let mut keyrings = Keyrings::default();
    let keyring = Keyring::read("example", &bytes).expect("a keyring");
    keyrings.add(keyring).expect("the first one");
    keyrings
}

/// The hashed parts of a usual signature by `key`, made `ago` seconds before now.
fn parts(key: &impl SigningKey, ago: u32) -> Vec<SubpacketData> {
    vec![
        SubpacketData::SignatureCreationTime(Seconds::from_secs(clock() - ago)),
        SubpacketData::IssuerFingerprint(key.fingerprint()),
    ]
}

fn regular(parts: Vec<SubpacketData>) -> Vec<Subpacket> {
    let subpacket = |data| Subpacket::regular(data).expect("a part");
    parts.into_iter().map(subpacket).collect()
}

/// A detached signature of [`DATA`] by `key`.
fn sign(key: &impl SigningKey) -> Vec<u8> {
    sign_with(key, regular(parts(key, 0)))
}

fn sign_with(key: &impl SigningKey, hashed: Vec<Subpacket>) -> Vec<u8> {
    let subpackets = SubpacketConfig::UserDefined {
        hashed,
        unhashed: Vec::new(),
    };
    let signature = DetachedSignature::sign_binary_data_with_subpackets(
        OsRng,
        key,
        &Password::empty(),
        HashAlgorithm::Sha256,
        DATA,
        subpackets,
    );
    signature.expect("a signature").to_bytes().expect("bytes")
}

fn verify(keyrings: &Keyrings, signature: &[u8]) -> Result<Signed, SignatureError> {
    keyrings.verify_detached(DATA, signature, None, now())
}

/// The fault of the only signature.
fn fault(verified: Result<Signed, SignatureError>) -> SignatureFault {
    match verified {
        Err(SignatureError::Refused(mut refusals)) if refusals.len() == 1 => {
            refusals.remove(0).fault
        }
        other => panic!("{other:?}"),
    }
}

fn lasting(length: u32) -> Duration {
    Duration::from_secs(length)
}
