//! Clear-signed messages.

use pgp::composed::{ArmorOptions, CleartextSignedMessage};

use super::*;

/// `text`, signed by `key` within itself.
fn framed(key: &SignedSecretKey, text: &str) -> String {
    CleartextSignedMessage::sign(OsRng, text, &key.primary_key, &Password::empty())
        .expect("a message")
        .to_armored_string(ArmorOptions::default())
        .expect("armour")
}

/// What is signed in `file` if the signature is good.
fn read(keyrings: &Keyrings, file: &str) -> Result<Vec<u8>, SignatureError> {
    let message = ClearSigned::find(file.as_bytes()).expect("a whole frame");
    let message = message.expect("a message");
    keyrings.verify_clear(&message, None, now())?;
    Ok(message.text().to_vec())
}

#[test]
fn the_text_of_a_message_is_what_is_signed() {
    let key = key();
    let keyrings = trusting(&key.to_public_key());
    for (text, meant) in [
        ("one\ntwo\n", "one\ntwo\n"),
        ("one\ntwo", "one\ntwo"),
        ("- dash\n-----BEGIN x-----\n", "- dash\n-----BEGIN x-----\n"),
        ("blanks\n\n  inside\n", "blanks\n\n  inside\n"),
    ] {
        let file = framed(&key, text);
        let told = String::from_utf8(read(&keyrings, &file).expect("good")).expect("text");
        assert_eq!(told.trim_end_matches('\n'), meant.trim_end_matches('\n'));
        let windows = file.replace('\n', "\r\n");
        assert!(read(&keyrings, &windows).is_ok(), "{windows:?}");
    }
}

#[test]
fn a_message_that_was_changed_is_refused() {
    let key = key();
    let keyrings = trusting(&key.to_public_key());
    let file = framed(&key, "sha256 of the image\nand another line\n");
    for changed in [
        file.replace("sha256", "sha512"),
        file.replace("and another line\n", ""),
        file.replace("and another line\n", "and another line\nand one more\n"),
        file.replace("sha256 of", "sha256  of"),
    ] {
        let refused = read(&keyrings, &changed).map(drop);
        let Err(SignatureError::Refused(refusals)) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(refusals[0].fault, SignatureFault::Wrong);
    }
}

#[test]
fn a_signature_of_bytes_does_not_sign_a_message() {
    let key = key();
    let keyrings = trusting(&key.to_public_key());
    let signature = DetachedSignature::sign_binary_data(
        OsRng,
        &key.primary_key,
        &Password::empty(),
        HashAlgorithm::Sha256,
        &b"text"[..],
    );
    let signature = signature.expect("a signature");
    let armour = signature.to_armored_string(ArmorOptions::default());
    let armour = armour.expect("armour");
    let file = format!("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\ntext\n{armour}");
    assert_eq!(
        fault(read(&keyrings, &file).map(|_| unreachable!("refused"))),
        SignatureFault::Kind
    );
}
