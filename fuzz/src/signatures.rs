//! Readers of what is signed: OpenPGP, signatures of images, receipts.

use hallmark::{
    domain::{Clock as _, ImageId, Properties, SystemClock},
    openpgp::{ClearSigned, Keyring, Keyrings},
    receipt::{Envelope, PublicKey},
    signature::{Certificate, Declared},
};

/// A publisher's key, and what it never signed.
const KEY: &[u8] = include_bytes!("../seeds/openpgp/key.asc");
const UNSIGNED: &[u8] = b"nobody signed this\n";

/// Keys and signatures of checksum files: nothing that is sent makes a signature of something that
/// was not signed.
pub fn openpgp(data: &[u8]) {
    let _ = Keyring::read("stranger", data);
    let mut keyrings = Keyrings::default();
    let keyring = Keyring::read("publisher", KEY).expect("a key");
    keyrings.add(keyring).expect("a keyring");
    let now = SystemClock.now();
    let detached = keyrings.verify_detached(UNSIGNED, data, None, now);
    assert!(detached.is_err(), "a forged signature is believed");
    if let Ok(Some(message)) = ClearSigned::find(data) {
        let is_signed = keyrings
            .verify_clear(&message, Some("publisher"), now)
            .is_ok();
        let is_ours = message
            .text()
            .starts_with(b"e3b0c44298fc1c149afbf4c8996fb924");
        assert!(!is_signed || is_ours, "a forged text is believed");
    }
}

/// The signature of an image: its four properties, each with a zero behind it, and the
/// certificate.
pub fn image_signature(data: &[u8]) {
    let mut parts = data.splitn(5, |byte| *byte == 0);
    let names = [
        "img_signature",
        "img_signature_hash_method",
        "img_signature_key_type",
        "img_signature_certificate_uuid",
    ];
    let mut properties = Properties::new();
    for name in names {
        if let Some(value) = parts.next().filter(|value| !value.is_empty()) {
            let value = String::from_utf8_lossy(value).into_owned();
            properties.insert(name.to_owned(), Some(value));
        }
    }
    let certificate = Certificate::parse(parts.next().unwrap_or_default());
    let Ok(Some(declared)) = Declared::of(&properties) else {
        return;
    };
    let image: ImageId = "00000000-0000-4000-8000-000000000000"
        .parse()
        .expect("an id");
    if let Ok(certificate) = certificate {
        let _ = declared.under(&certificate, image);
    }
}

/// A receipt: whatever it says, nobody's key has signed it.
pub fn receipt(data: &[u8]) {
    const PUBLIC: &str = include_str!("../seeds/receipt/public.pem");
    let Ok(json) = serde_json::from_slice::<serde_json::Value>(data) else {
        return;
    };
    let Ok(envelope) = Envelope::from_json(json) else {
        return;
    };
    let again = serde_json::from_str(&envelope.to_json()).expect("JSON");
    let again = Envelope::from_json(again).expect("an envelope");
    assert_eq!(
        again.hash(),
        envelope.hash(),
        "it is not read as it is written"
    );
    let key = PublicKey::read(PUBLIC).expect("a key");
    assert!(
        key.verify(&envelope).is_err(),
        "a forged receipt is believed"
    );
}
