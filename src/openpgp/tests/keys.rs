//! Keys whose signatures do not count.

use pgp::{
    composed::SignedPublicSubKey,
    packet::{KeyFlags, Signature, SignatureConfig, SignatureType},
    types::Tag,
};

use super::*;

/// How a key says something of itself: `kind` with these hashed parts, besides time and issuer.
fn config(key: &SignedSecretKey, kind: SignatureType, more: Vec<SubpacketData>) -> SignatureConfig {
    let algorithm = key.primary_key.algorithm();
    let mut config = SignatureConfig::v4(kind, algorithm, HashAlgorithm::Sha256);
    config.hashed_subpackets = regular([parts(&key.primary_key, 10), more].concat());
    config
}

/// The certificate of `key`, with a newer signature over its name that says `more`.
fn saying(key: &SignedSecretKey, more: Vec<SubpacketData>) -> SignedPublicKey {
    let mut certificate = key.to_public_key();
    let user = &mut certificate.details.users[0];
    let signed = config(key, SignatureType::CertPositive, more).sign_certification(
        &key.primary_key,
        key.primary_key.public_key(),
        &Password::empty(),
        Tag::UserId,
        &user.id,
    );
    user.signatures = vec![signed.expect("a signature")];
    certificate
}

fn flags(set: fn(&mut KeyFlags)) -> SubpacketData {
    let mut flags = KeyFlags::default();
    set(&mut flags);
    SubpacketData::KeyFlags(flags)
}

fn signing() -> SubpacketData {
    flags(|flags| flags.set_sign(true))
}

/// The certificate of `key`, whose subkey is bound by a signature that says `more`.
fn binding(key: &SignedSecretKey, more: Vec<SubpacketData>) -> SignedPublicKey {
    let mut certificate = key.to_public_key();
    let subkey = &mut certificate.public_subkeys[0];
    let bound = config(key, SignatureType::SubkeyBinding, more).sign_subkey_binding(
        &key.primary_key,
        key.primary_key.public_key(),
        &Password::empty(),
        &subkey.key,
    );
    subkey.signatures = vec![bound.expect("a signature")];
    certificate
}

/// The subkey's own word that it belongs to `key`.
fn confirmation(key: &SignedSecretKey) -> SubpacketData {
    let bound = &key.secret_subkeys[0].signatures[0];
    let back = bound.embedded_signature().expect("a confirmation");
    SubpacketData::EmbeddedSignature(Box::new(back.clone()))
}

fn by_primary(key: &SignedSecretKey, certificate: &SignedPublicKey) -> SignatureFault {
    fault(verify(&trusting(certificate), &sign(&key.primary_key)))
}

fn by_subkey(key: &SignedSecretKey, certificate: &SignedPublicKey) -> SignatureFault {
    fault(verify(
        &trusting(certificate),
        &sign(&key.secret_subkeys[0].key),
    ))
}

#[test]
fn a_key_that_may_not_sign_data_is_refused() {
    let key = key();
    for more in [vec![flags(|flags| flags.set_certify(true))], Vec::new()] {
        let certificate = saying(&key, more);
        assert_eq!(by_primary(&key, &certificate), SignatureFault::MayNotSign);
    }
    let certificate = binding(&key, vec![flags(|flags| flags.set_encrypt_comms(true))]);
    assert_eq!(by_subkey(&key, &certificate), SignatureFault::MayNotSign);
}

#[test]
fn an_expired_key_is_refused_with_its_subkeys() {
    let key = key();
    let expired = SubpacketData::KeyExpirationTime(lasting(AGE - 100));
    let certificate = saying(&key, vec![signing(), expired.clone()]);
    for fault in [
        by_primary(&key, &certificate),
        by_subkey(&key, &certificate),
    ] {
        assert!(matches!(fault, SignatureFault::KeyExpired(_)), "{fault}");
    }
    let certificate = binding(&key, vec![signing(), confirmation(&key), expired]);
    let fault = by_subkey(&key, &certificate);
    assert!(matches!(fault, SignatureFault::KeyExpired(_)), "{fault}");
    let lives = SubpacketData::KeyExpirationTime(lasting(AGE + 100));
    let certificate = saying(&key, vec![signing(), lives]);
    assert!(verify(&trusting(&certificate), &sign(&key.primary_key)).is_ok());
}

#[test]
fn a_revoked_key_is_refused_with_its_subkeys() {
    let key = key();
    let mut certificate = key.to_public_key();
    let revoked = config(&key, SignatureType::KeyRevocation, Vec::new()).sign_key(
        &key.primary_key,
        &Password::empty(),
        key.primary_key.public_key(),
    );
    let revocations = &mut certificate.details.revocation_signatures;
    revocations.push(revoked.expect("a signature"));
    assert_eq!(by_primary(&key, &certificate), SignatureFault::KeyRevoked);
    assert_eq!(by_subkey(&key, &certificate), SignatureFault::KeyRevoked);
}

#[test]
fn a_revoked_subkey_is_refused() {
    let key = key();
    let mut certificate = key.to_public_key();
    let subkey = &mut certificate.public_subkeys[0];
    let revoked = config(&key, SignatureType::SubkeyRevocation, Vec::new()).sign_subkey_binding(
        &key.primary_key,
        key.primary_key.public_key(),
        &Password::empty(),
        &subkey.key,
    );
    subkey.signatures.push(revoked.expect("a signature"));
    assert_eq!(by_subkey(&key, &certificate), SignatureFault::KeyRevoked);
    assert!(verify(&trusting(&certificate), &sign(&key.primary_key)).is_ok());
}

#[test]
fn a_key_that_took_back_its_name_is_refused() {
    let key = key();
    let mut certificate = saying(&key, vec![signing()]);
    let user = &mut certificate.details.users[0];
    let revoked = config(&key, SignatureType::CertRevocation, Vec::new()).sign_certification(
        &key.primary_key,
        key.primary_key.public_key(),
        &Password::empty(),
        Tag::UserId,
        &user.id,
    );
    user.signatures.push(revoked.expect("a signature"));
    assert_eq!(by_primary(&key, &certificate), SignatureFault::NotBound);
}

#[test]
fn a_subkey_that_another_key_bound_is_refused() {
    let (trusted, attacker) = (key(), key());
    let mut certificate = trusted.to_public_key();
    certificate.public_subkeys = attacker.to_public_key().public_subkeys;
    assert_eq!(by_subkey(&attacker, &certificate), SignatureFault::NotBound);
}

#[test]
fn a_subkey_that_does_not_confirm_its_key_is_refused() {
    let (key, other) = (key(), key());
    let certificate = binding(&key, vec![signing()]);
    assert_eq!(by_subkey(&key, &certificate), SignatureFault::Unconfirmed);
    let certificate = binding(&key, vec![signing(), confirmation(&other)]);
    assert_eq!(by_subkey(&key, &certificate), SignatureFault::Unconfirmed);
    let certificate = binding(&key, vec![signing(), confirmation(&key)]);
    assert!(verify(&trusting(&certificate), &sign(&key.secret_subkeys[0].key)).is_ok());
}

#[test]
fn somebody_elses_subkey_is_not_taken_over() {
    // Who binds another's signing subkey would pass off that one's signatures as his own.
    let (thief, victim) = (key(), key());
    let mut certificate = thief.to_public_key();
    let stolen = victim.to_public_key().public_subkeys[0].key.clone();
    let bound: Signature = config(&thief, SignatureType::SubkeyBinding, vec![signing()])
        .sign_subkey_binding(
            &thief.primary_key,
            thief.primary_key.public_key(),
            &Password::empty(),
            &stolen,
        )
        .expect("a signature");
    certificate.public_subkeys = vec![SignedPublicSubKey::new(stolen, vec![bound])];
    assert_eq!(
        by_subkey(&victim, &certificate),
        SignatureFault::Unconfirmed
    );
}
