//! Signatures that are not good, whatever key is behind them.

use pgp::packet::Notation;

use super::*;

#[test]
fn a_signature_of_other_data_is_refused() {
    let key = key();
    let keyrings = trusting(&key.to_public_key());
    let signature = sign(&key.primary_key);
    let other = keyrings.verify_detached(b"checksumS\n", &signature, None, now());
    assert_eq!(fault(other), SignatureFault::Wrong);
}

#[test]
fn a_signature_that_only_claims_its_key_is_refused() {
    let (known, liar) = (key(), key());
    let claimed = regular(parts(&known.primary_key, 0));
    let signature = sign_with(&liar.primary_key, claimed);
    let keyrings = trusting(&known.to_public_key());
    assert_eq!(fault(verify(&keyrings, &signature)), SignatureFault::Wrong);
}

#[test]
fn a_signature_by_an_unknown_key_or_by_nobody_is_refused() {
    let (known, stranger) = (key(), key());
    let keyrings = trusting(&known.to_public_key());
    let signature = sign(&stranger.primary_key);
    assert_eq!(
        fault(verify(&keyrings, &signature)),
        SignatureFault::UnknownKey
    );
    let nameless = regular(vec![SubpacketData::SignatureCreationTime(Seconds::now())]);
    let signature = sign_with(&known.primary_key, nameless);
    assert_eq!(
        fault(verify(&keyrings, &signature)),
        SignatureFault::UnknownKey
    );
    let nobody = Keyrings::default();
    assert_eq!(
        fault(verify(&nobody, &sign(&known.primary_key))),
        SignatureFault::UnknownKey
    );
}

#[test]
fn a_signature_out_of_its_time_is_refused() {
    let key = key();
    let keyrings = trusting(&key.to_public_key());
    let signer = &key.primary_key;
    let signature = sign(signer);
    let earlier = seconds(clock() - 3600);
    let early = keyrings.verify_detached(DATA, &signature, None, earlier);
    assert!(matches!(fault(early), SignatureFault::Future(_)));
    let signature = sign_with(signer, regular(parts(signer, AGE + 1)));
    assert_eq!(
        fault(verify(&keyrings, &signature)),
        SignatureFault::BeforeKey
    );
    let mut expiring = parts(signer, 100);
    expiring.push(SubpacketData::SignatureExpirationTime(lasting(50)));
    let signature = sign_with(signer, regular(expiring));
    assert!(matches!(
        fault(verify(&keyrings, &signature)),
        SignatureFault::Expired(_)
    ));
    let mut lasting_long = parts(signer, 100);
    lasting_long.push(SubpacketData::SignatureExpirationTime(lasting(5000)));
    assert!(verify(&keyrings, &sign_with(signer, regular(lasting_long))).is_ok());
    let timeless = regular(vec![SubpacketData::IssuerFingerprint(signer.fingerprint())]);
    assert_eq!(
        fault(verify(&keyrings, &sign_with(signer, timeless))),
        SignatureFault::NoTime
    );
}

#[test]
fn a_signature_that_demands_what_is_not_understood_is_refused() {
    let key = key();
    let keyrings = trusting(&key.to_public_key());
    let signer = &key.primary_key;
    let notation = || {
        SubpacketData::Notation(Notation {
            readable: true,
            name: "only@example.org".into(),
            value: "on Sundays".into(),
        })
    };
    let mut hashed = regular(parts(signer, 0));
    hashed.push(Subpacket::critical(notation()).expect("a part"));
    assert_eq!(
        fault(verify(&keyrings, &sign_with(signer, hashed))),
        SignatureFault::Critical
    );
    let mut hashed = regular(parts(signer, 0));
    hashed.push(Subpacket::regular(notation()).expect("a part"));
    assert!(verify(&keyrings, &sign_with(signer, hashed)).is_ok());
}

#[test]
fn a_signature_of_another_kind_is_refused() {
    let key = key();
    let keyrings = trusting(&key.to_public_key());
    let certified = key.to_public_key().details.users[0].signatures.clone();
    for of_itself in certified {
        let bytes = DetachedSignature::new(of_itself).to_bytes().expect("bytes");
        assert_eq!(fault(verify(&keyrings, &bytes)), SignatureFault::Kind);
    }
}

#[test]
fn what_is_no_signature_is_refused() {
    let key = key();
    let keyrings = trusting(&key.to_public_key());
    let signature = sign(&key.primary_key);
    let public = key.to_public_key().to_bytes().expect("bytes");
    for (bytes, absent) in [
        (Vec::new(), true),
        (b"<html>".to_vec(), true),
        (public, false),
        (signature[..signature.len() - 1].to_vec(), false),
        (vec![0xff; 100], false),
    ] {
        let refused = verify(&keyrings, &bytes);
        let expected = match refused {
            Err(SignatureError::Absent) => absent,
            Err(SignatureError::Unreadable(_)) => !absent,
            _ => false,
        };
        assert!(expected, "{bytes:?}: {refused:?}");
    }
    assert_eq!(
        verify(&keyrings, &signature.repeat(17)),
        Err(SignatureError::TooMany(16))
    );
    assert!(matches!(
        verify(&keyrings, &vec![0; 300 * 1024]),
        Err(SignatureError::TooLarge(_))
    ));
}
