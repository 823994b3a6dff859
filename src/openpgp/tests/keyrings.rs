//! Files of keys.

use super::*;

#[test]
fn a_file_that_holds_no_keys_is_refused() {
    let key = key();
    let public = key.to_public_key().to_bytes().expect("bytes");
    let secret = key.to_bytes().expect("bytes");
    let mut keybox = vec![0; 32];
    keybox[8..12].copy_from_slice(b"KBXf");
    for (file, empty) in [
        (Vec::new(), true),
        (b"no keys here\n".to_vec(), true),
        (secret, true),
        (sign(&key.primary_key), true),
        (public[..public.len() / 2].to_vec(), false),
        (vec![0xc6; 64], false),
        (
            b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n!!!!\n".to_vec(),
            false,
        ),
    ] {
        let refused = Keyring::read("example", &file).expect_err("a refusal");
        let expected = match refused {
            KeyringError::Empty => empty,
            KeyringError::Unreadable(_) => !empty,
            KeyringError::Keybox | KeyringError::Twice(_) => false,
        };
        assert!(expected, "{refused}");
    }
    let refused = Keyring::read("example", &keybox).expect_err("a refusal");
    assert_eq!(refused, KeyringError::Keybox);
}

#[test]
fn a_keyring_tells_whether_any_key_may_sign() {
    let key = key();
    let bytes = key.to_public_key().to_bytes().expect("bytes");
    let keyring = Keyring::read("example", &bytes).expect("a keyring");
    assert!(keyring.can_sign(now()));
    assert!(!keyring.can_sign(seconds(clock() - 2 * AGE)));
}

#[test]
fn a_publisher_has_one_keyring() {
    let key = key();
    let mut keyrings = trusting(&key.to_public_key());
    let bytes = key.to_public_key().to_bytes().expect("bytes");
    let again = Keyring::read("example", &bytes).expect("a keyring");
    assert_eq!(
        keyrings.add(again),
        Err(KeyringError::Twice("example".into()))
    );
}
