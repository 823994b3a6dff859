//! Whatever a file holds, it is read or refused, and nothing that was changed is good.

use proptest::prelude::*;

use super::*;

/// A key and its signature, as bytes; a proptest makes many cases of them.
fn samples() -> &'static (Vec<u8>, Vec<u8>) {
    static SAMPLES: std::sync::OnceLock<(Vec<u8>, Vec<u8>)> = std::sync::OnceLock::new();
    SAMPLES.get_or_init(|| {
        let key = key();
        let public = key.to_public_key().to_bytes().expect("bytes");
        (public, sign(&key.primary_key))
    })
}

proptest! {
    #[test]
    fn any_bytes_are_no_good_signature(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let (public, _) = samples();
        let mut keyrings = Keyrings::default();
        keyrings.add(Keyring::read("example", public).expect("a keyring")).expect("the first");
        prop_assert!(verify(&keyrings, &bytes).is_err());
        // Whether it is a keyring or not: it is read or refused.
        let _ = Keyring::read("example", &bytes);
    }

    #[test]
    fn a_signature_with_other_bytes_is_good_for_no_other_data(
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let (public, signature) = samples();
        let mut keyrings = Keyrings::default();
        keyrings.add(Keyring::read("example", public).expect("a keyring")).expect("the first");
        let mut changed = signature.clone();
        let place = place.index(changed.len());
        changed[place] = byte;
        let other = keyrings.verify_detached(b"other", &changed, None, now());
        prop_assert!(other.is_err());
    }

    #[test]
    fn a_keyring_with_other_bytes_is_read_or_refused(
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let (public, signature) = samples();
        let mut changed = public.clone();
        let place = place.index(changed.len());
        changed[place] = byte;
        if let Ok(keyring) = Keyring::read("example", &changed) {
            let mut keyrings = Keyrings::default();
            keyrings.add(keyring).expect("the first");
            prop_assert!(keyrings.verify_detached(b"other", signature, None, now()).is_err());
        }
    }
}
