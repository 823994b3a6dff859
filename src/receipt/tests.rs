//! What a receipt proves, and what is not taken for one.

use proptest::prelude::*;

use super::*;
use crate::domain::{
    Algorithm, ChainEnd, CopyState, Digest, DigestSource, Digests, ExpectedDigests, Failure,
    ImageId, ReceiptOccasion, Timestamp, Verification,
};

/// A key as `openssl genpkey -algorithm ed25519` writes it, and its public half.
const KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIGzxpJkMosKMoGoKYyRuvffhFfus/5B3DyQAG543FS1y
-----END PRIVATE KEY-----
";

fn public_key() -> PublicKey {
    let key = openssl::pkey::PKey::private_key_from_pem(KEY.as_bytes()).expect("a key");
    let pem = key.public_key_to_pem().expect("its public half");
    PublicKey::read(std::str::from_utf8(&pem).expect("PEM")).expect("a public key")
}

fn other_key() -> PublicKey {
    let key = openssl::pkey::PKey::generate_ed25519().expect("a key");
    let pem = key.public_key_to_pem().expect("its public half");
    PublicKey::read(std::str::from_utf8(&pem).expect("PEM")).expect("a public key")
}

fn verification() -> Verification {
    let id = "0b0a4a86-6b3b-4a7e-8bd2-5a5d6a0fc0d1";
    let algorithm: Algorithm = "sha256".parse().expect("a name");
    Verification {
        image: id.parse::<ImageId>().expect("an id"),
        store: "fast".parse().expect("a store"),
        occasion: ReceiptOccasion::Found(DigestSource::Upload),
        digests: [Digest::new(algorithm, &[7; 32])].into_iter().collect(),
        failure: None,
        at: Timestamp::from_micros(1_764_450_000_000_000),
    }
}

/// So many receipts of one chain.
fn chain(count: u64) -> Vec<Envelope> {
    let signer = Signer::read(KEY).expect("a key");
    let mut end = ChainEnd::default();
    let next = |_| {
        let envelope = signer.sign(&verification(), &end);
        end = ChainEnd {
            count: end.count + 1,
            last: Some(envelope.hash()),
        };
        envelope
    };
    (0..count).map(next).collect()
}

fn read(text: &str) -> Result<Envelope, ReceiptError> {
    Envelope::from_json(serde_json::from_str(text).expect("JSON"))
}

fn verified(envelopes: Vec<Envelope>) -> Vec<(Envelope, Statement)> {
    let key = public_key();
    let verified = |envelope: Envelope| {
        let statement = key.verify(&envelope).expect("a receipt");
        (envelope, statement)
    };
    envelopes.into_iter().map(verified).collect()
}

#[test]
fn a_receipt_says_what_was_verified_to_who_has_the_key() {
    let envelope = chain(1).remove(0);
    let received = read(&envelope.to_json()).expect("an envelope");
    assert_eq!(received, envelope);
    let statement = public_key().verify(&received).expect("a receipt");
    assert_eq!(statement.image, "0b0a4a86-6b3b-4a7e-8bd2-5a5d6a0fc0d1");
    assert_eq!((statement.number, statement.previous), (1, None));
    assert_eq!(
        (&*statement.store, &*statement.occasion),
        ("fast", "upload")
    );
    assert_eq!(statement.verified_at, "2025-11-29T21:00:00Z");
    let digests = statement.digests.to_string();
    assert_eq!(digests, format!("sha256:{}", "07".repeat(32)));
    assert!(matches!(
        other_key().verify(&received),
        Err(ReceiptError::Signature)
    ));
}

#[test]
fn the_statement_is_one_of_in_toto_in_an_envelope_of_dsse() {
    let envelope = chain(1).remove(0);
    let payload: serde_json::Value = serde_json::from_slice(envelope.payload()).expect("JSON");
    assert_eq!(payload["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(payload["subject"][0]["digest"]["sha256"], "07".repeat(32));
    assert!(
        payload["predicateType"]
            .as_str()
            .is_some_and(|it| it.starts_with("urn:uuid:"))
    );
    // What is signed is told in the specification by this example.
    let encoded = Envelope::signed_bytes(b"hello world");
    assert_eq!(
        encoded,
        b"DSSEv1 28 application/vnd.in-toto+json 11 hello world"
    );
}

/// That the copy has `actual` instead.
fn failed(state: CopyState, actual: Digests) -> Verification {
    let verification = verification();
    let mut expected = ExpectedDigests::default();
    for digest in verification.digests.iter() {
        expected.add(digest.clone()).expect("one digest");
    }
    Verification {
        occasion: ReceiptOccasion::Found(DigestSource::Scrub),
        digests: actual,
        failure: Some(Failure { state, expected }),
        ..verification
    }
}

#[test]
fn a_failure_is_told_apart_and_says_what_was_expected_and_what_was_found() {
    let signer = Signer::read(KEY).expect("a key");
    let algorithm: Algorithm = "sha256".parse().expect("a name");
    let actual: Digests = [Digest::new(algorithm, &[8; 32])].into_iter().collect();
    for (state, actual, word, found) in [
        (
            CopyState::Damaged,
            actual,
            "damaged",
            format!("sha256:{}", "08".repeat(32)),
        ),
        (
            CopyState::Missing,
            Digests::default(),
            "missing",
            String::new(),
        ),
    ] {
        let envelope = signer.sign(&failed(state, actual), &ChainEnd::default());
        let statement = public_key().verify(&envelope).expect("a receipt");
        assert_eq!(
            statement.digests.to_string(),
            format!("sha256:{}", "07".repeat(32))
        );
        let failure = statement.failure.expect("a failure");
        assert_eq!((&*failure.state, failure.actual.to_string()), (word, found));
        let payload: serde_json::Value = serde_json::from_slice(envelope.payload()).expect("JSON");
        assert_eq!(payload["predicate"]["result"], "failed");
        assert_eq!(
            payload["predicate"]["expected"],
            payload["subject"][0]["digest"]
        );
        // Who knows verifications alone must not take it for one.
        let good: serde_json::Value = serde_json::from_slice(chain(1)[0].payload()).expect("JSON");
        assert_ne!(payload["predicateType"], good["predicateType"]);
        assert_eq!(good["predicate"].get("result"), None);
    }
}

#[test]
fn a_statement_whose_result_does_not_fit_its_type_is_refused() {
    let signer = Signer::read(KEY).expect("a key");
    let good = chain(1)[0].payload().to_vec();
    let bad = failed(CopyState::Missing, Digests::default());
    let bad = signer.sign(&bad, &ChainEnd::default()).payload().to_vec();
    let read = |bytes: &[u8], change: &dyn Fn(&mut serde_json::Value)| {
        let mut payload: serde_json::Value = serde_json::from_slice(bytes).expect("JSON");
        change(&mut payload);
        Statement::read(payload.to_string().as_bytes())
    };
    assert!(read(&good, &|_| ()).is_ok());
    assert!(read(&bad, &|_| ()).is_ok());
    let types = [&good, &bad].map(|bytes| {
        let payload: serde_json::Value = serde_json::from_slice(bytes).expect("JSON");
        payload["predicateType"].clone()
    });
    assert!(read(&good, &|it| it["predicateType"] = types[1].clone()).is_err());
    assert!(read(&bad, &|it| it["predicateType"] = types[0].clone()).is_err());
    assert!(read(&bad, &|it| it["predicate"]["result"] = "passed".into()).is_err());
    assert!(
        read(&bad, &|it| it["predicate"]["expected"] =
            serde_json::json!({}))
        .is_err()
    );
    assert!(
        read(&bad, &|it| it["subject"][0]["digest"] =
            serde_json::json!({}))
        .is_err()
    );
}

#[test]
fn another_program_verifies_the_signature() {
    let envelope = chain(1).remove(0);
    let key = openssl::pkey::PKey::private_key_from_pem(KEY.as_bytes()).expect("a key");
    let mut verifier = openssl::sign::Verifier::new_without_digest(&key).expect("a verifier");
    let signed = Envelope::signed_bytes(envelope.payload());
    let signature = envelope.signatures().next().expect("a signature");
    assert!(
        verifier
            .verify_oneshot(signature, &signed)
            .expect("an answer")
    );
}

#[test]
fn receipts_that_follow_each_other_make_a_chain() {
    let mut receipts = verified(chain(5));
    receipts.reverse();
    assert_eq!(check_chain(&mut receipts).expect("a chain"), []);
    let mut some = verified(chain(9).drain(..).skip(2).step_by(3).collect());
    let gaps = check_chain(&mut some).expect("no two follow each other");
    let expected = [(0, 3), (3, 6), (6, 9)].map(|(after, before)| Gap { after, before });
    assert_eq!(gaps, expected);
}

#[test]
fn a_receipt_that_was_replaced_breaks_the_chain_even_if_it_is_signed() {
    let signer = Signer::read(KEY).expect("a key");
    let mut envelopes = chain(3);
    let end = ChainEnd {
        count: 1,
        last: Some(envelopes[0].hash()),
    };
    let mut other = verification();
    other.occasion = ReceiptOccasion::Heal;
    envelopes[1] = signer.sign(&other, &end);
    let outcome = check_chain(&mut verified(envelopes.clone()));
    assert!(matches!(outcome, Err(ReceiptError::Broken { number: 3 })));
    envelopes.push(envelopes[0].clone());
    let outcome = check_chain(&mut verified(envelopes));
    assert!(matches!(outcome, Err(ReceiptError::Twice(1))));
}

#[test]
fn a_first_receipt_that_names_another_before_it_breaks_the_chain() {
    let signer = Signer::read(KEY).expect("a key");
    let end = ChainEnd {
        count: 0,
        last: Some("00".repeat(32)),
    };
    let outcome = check_chain(&mut verified(vec![signer.sign(&verification(), &end)]));
    assert!(matches!(outcome, Err(ReceiptError::Broken { number: 1 })));
}

#[test]
fn what_is_no_envelope_of_a_receipt_is_refused() {
    let good = chain(1).remove(0).to_json();
    let key = public_key();
    for (from, to) in [
        ("application/vnd.in-toto+json", "text/plain"),
        ("\"payload\":\"", "\"payload\":\"*"),
        ("\"sig\":\"", "\"sig\":\"*"),
        ("\"payload\"", "\"load\""),
        ("[{", "{"),
    ] {
        let bad = good.replace(from, to);
        let Ok(value) = serde_json::from_str(&bad) else {
            continue;
        };
        assert!(Envelope::from_json(value).is_err(), "{bad}");
    }
    let unsigned: serde_json::Value = serde_json::from_str(&good).expect("JSON");
    let mut unsigned = unsigned.clone();
    unsigned["signatures"] = serde_json::json!([]);
    let unsigned = Envelope::from_json(unsigned).expect("an envelope");
    assert!(matches!(
        key.verify(&unsigned),
        Err(ReceiptError::Signature)
    ));
}

#[test]
fn a_key_of_another_kind_is_refused() {
    let rsa = openssl::rsa::Rsa::generate(2048).expect("a key");
    let rsa = openssl::pkey::PKey::from_rsa(rsa).expect("a key");
    let private = rsa.private_key_to_pem_pkcs8().expect("PEM");
    let public = rsa.public_key_to_pem().expect("PEM");
    for pem in [private, public, b"nonsense".to_vec()] {
        let pem = std::str::from_utf8(&pem).expect("PEM");
        assert!(Signer::read(pem).is_err());
        assert!(PublicKey::read(pem).is_err());
    }
}

#[test]
fn a_signer_does_not_show_its_key() {
    let shown = format!("{:?}", Signer::read(KEY).expect("a key"));
    assert!(
        shown.contains("key_id") && !shown.contains("signing"),
        "{shown}"
    );
}

proptest! {
    #[test]
    fn no_bit_of_a_receipt_can_be_changed(place in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let envelope = chain(1).remove(0);
        let mut payload = envelope.payload().to_vec();
        let place = place.index(payload.len());
        payload[place] ^= 1_u8 << bit;
        let signature = envelope.signatures().next().expect("a signature");
        let signature = signature.try_into().expect("64 bytes");
        let changed = Envelope::new(payload, String::new(), signature);
        let outcome = public_key().verify(&changed);
        prop_assert!(matches!(outcome, Err(ReceiptError::Signature)));
    }
}
