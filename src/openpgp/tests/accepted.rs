//! Signatures that are good, and what is told of them.

use pgp::composed::ArmorOptions;

use super::*;

fn fingerprint(key: &impl pgp::types::KeyDetails) -> String {
    hex::encode_upper(key.fingerprint().as_bytes())
}

#[test]
fn a_good_signature_tells_publisher_key_and_time() {
    let key = key();
    let signature = sign_with(&key.primary_key, regular(parts(&key.primary_key, 100)));
    let signed = verify(&trusting(&key.to_public_key()), &signature).expect("a good signature");
    assert_eq!(signed.publisher, "example");
    assert_eq!(signed.key, fingerprint(&key.primary_key));
    assert_eq!(signed.signing_key, signed.key);
    let age = now().as_micros() - signed.at.as_micros();
    assert!((100_000_000..200_000_000).contains(&age), "{age}");
}

#[test]
fn a_subkey_signs_for_its_key() {
    let key = key();
    let subkey = &key.secret_subkeys[0].key;
    let signed = verify(&trusting(&key.to_public_key()), &sign(subkey)).expect("good");
    assert_eq!(signed.key, fingerprint(&key.primary_key));
    assert_eq!(signed.signing_key, fingerprint(subkey));
}

#[test]
fn keys_and_signatures_may_be_armoured() {
    let (one, two) = (key(), key());
    let armoured = |key: &SignedSecretKey| {
        let public = key.to_public_key();
        public
            .to_armored_string(ArmorOptions::default())
            .expect("armour")
    };
    // As publishers do it: a note, one block for each key.
    let ring = format!("two keys\n{}\n{}", armoured(&one), armoured(&two));
    let mut keyrings = Keyrings::default();
    let keyring = Keyring::read("both", ring.as_bytes()).expect("a keyring");
    keyrings.add(keyring).expect("the first one");
    for key in [&one, &two] {
        let signature = DetachedSignature::sign_text_data(
            OsRng,
            &key.primary_key,
            &Password::empty(),
            HashAlgorithm::Sha512,
            DATA,
        );
        let signature = signature.expect("a signature");
        let armour = signature.to_armored_bytes(ArmorOptions::default());
        assert!(verify(&keyrings, &armour.expect("armour")).is_ok());
    }
}

#[test]
fn one_good_signature_of_several_is_enough() {
    let (known, unknown) = (key(), key());
    let keyrings = trusting(&known.to_public_key());
    let (good, other) = (sign(&known.primary_key), sign(&unknown.primary_key));
    assert!(verify(&keyrings, &[other.clone(), good].concat()).is_ok());
    let refused = verify(&keyrings, &[other.clone(), other].concat());
    let Err(SignatureError::Refused(refusals)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(refusals.len(), 2);
    assert_eq!(refusals[0].key, fingerprint(&unknown.primary_key));
}

#[test]
fn only_the_publisher_that_is_asked_for_counts() {
    let (one, two) = (key(), key());
    let mut keyrings = trusting(&one.to_public_key());
    let bytes = two.to_public_key().to_bytes().expect("bytes");
    let keyring = Keyring::read("other", &bytes).expect("a keyring");
    keyrings.add(keyring).expect("another publisher");
    let signature = sign(&two.primary_key);
    let by = |publisher| keyrings.verify_detached(DATA, &signature, publisher, now());
    assert_eq!(by(None).expect("good").publisher, "other");
    assert_eq!(by(Some("other")).expect("good").publisher, "other");
    assert_eq!(fault(by(Some("example"))), SignatureFault::UnknownKey);
    assert!(matches!(
        by(Some("nobody")),
        Err(SignatureError::UnknownPublisher(_))
    ));
}
