//! Known answers, and what the registry says of its algorithms.

use proptest::prelude::*;

use super::*;

/// What one algorithm gives for well-known contents.
struct Answers {
    algorithm: &'static str,
    empty: &'static str,
    abc: &'static str,
    /// For a million times the letter `a`.
    million: &'static str,
}

/// The standards' own examples where they have one (RFC 1321, FIPS 180-4, FIPS 202, RFC 7693 and
/// the test vectors of BLAKE3); the others come from `CPython`'s hashlib and the reference
/// implementation of BLAKE3.
const ANSWERS: [Answers; 13] = [
    Answers {
        algorithm: "md5",
        empty: "d41d8cd98f00b204e9800998ecf8427e",
        abc: "900150983cd24fb0d6963f7d28e17f72",
        million: "7707d6ae4e027c70eea2a935c2296f21",
    },
    Answers {
        algorithm: "sha1",
        empty: "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        abc: "a9993e364706816aba3e25717850c26c9cd0d89d",
        million: "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
    },
    Answers {
        algorithm: "sha224",
        empty: "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f",
        abc: "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
        million: "20794655980c91d8bbb4c1ea97618a4bf03f42581948b2ee4ee7ad67",
    },
    Answers {
        algorithm: "sha256",
        empty: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        abc: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        million: "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
    },
    Answers {
        algorithm: "sha384",
        empty: "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
        abc: "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        million: "9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5704c2a5b07b8b3dc38ecc4ebae97ddd87f3d8985",
    },
    Answers {
        algorithm: "sha512",
        empty: "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
        abc: "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        million: "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973ebde0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b",
    },
    Answers {
        algorithm: "sha3_224",
        empty: "6b4e03423667dbb73b6e15454f0eb1abd4597f9a1b078e3f5b5a6bc7",
        abc: "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf",
        million: "d69335b93325192e516a912e6d19a15cb51c6ed5c15243e7a7fd653c",
    },
    Answers {
        algorithm: "sha3_256",
        empty: "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a",
        abc: "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
        million: "5c8875ae474a3634ba4fd55ec85bffd661f32aca75c6d699d0cdcb6c115891c1",
    },
    Answers {
        algorithm: "sha3_384",
        empty: "0c63a75b845e4f7d01107d852e4c2485c51a50aaaa94fc61995e71bbee983a2ac3713831264adb47fb6bd1e058d5f004",
        abc: "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25",
        million: "eee9e24d78c1855337983451df97c8ad9eedf256c6334f8e948d252d5e0e76847aa0774ddb90a842190d2c558b4b8340",
    },
    Answers {
        algorithm: "sha3_512",
        empty: "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a615b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26",
        abc: "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
        million: "3c3a876da14034ab60627c077bb98f7e120a2a5370212dffb3385a18d4f38859ed311d0a9d5141ce9cc5c66ee689b266a8aa18ace8282a0e0db596c90b0a7b87",
    },
    Answers {
        algorithm: "blake2b",
        empty: "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419d25e1031afee585313896444934eb04b903a685b1448b755d56f701afe9be2ce",
        abc: "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
        million: "98fb3efb7206fd19ebf69b6f312cf7b64e3b94dbe1a17107913975a793f177e1d077609d7fba363cbba00d05f7aa4e4fa8715d6428104c0a75643b0ff3fd3eaf",
    },
    Answers {
        algorithm: "blake2s",
        empty: "69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9",
        abc: "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982",
        million: "bec0c0e6cde5b67acb73b81f79a67a4079ae1c60dac9d2661af18e9f8b50dfa5",
    },
    Answers {
        algorithm: "blake3",
        empty: "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
        abc: "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
        million: "616f575a1b58d4c9797d4217b9730ae5e6eb319d76edef6549b46f4efe31ff8b",
    },
];

/// Lengths in bytes and digests from the test vectors of BLAKE3, whose contents count from 0 to
/// 250 again and again: about one chunk, and trees of several levels.
const BLAKE3_VECTORS: [(usize, &str); 8] = [
    (
        0,
        "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
    ),
    (
        1,
        "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
    ),
    (
        1_023,
        "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11",
    ),
    (
        1_024,
        "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
    ),
    (
        1_025,
        "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
    ),
    (
        8_192,
        "aae792484c8efe4f19e2ca7d371d8c467ffb10748d8a5a1ae579948f718a2a63",
    ),
    (
        31_744,
        "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47",
    ),
    (
        102_400,
        "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085",
    ),
];

fn algorithm(name: &str) -> Algorithm {
    name.parse().expect("a name")
}

/// The digest, in hexadecimal digits, of `slices` one after the other.
fn digest<'a>(name: &str, slices: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Hashers::builtin()
        .hasher(&algorithm(name))
        .expect("an implemented algorithm");
    for slice in slices {
        hasher.update(slice);
    }
    hex::encode(hasher.finish())
}

#[test]
fn every_algorithm_gives_its_known_answers() {
    let million = vec![b'a'; 1_000_000];
    for known in ANSWERS {
        let name = known.algorithm;
        assert_eq!(digest(name, []), known.empty, "{name} of nothing");
        assert_eq!(digest(name, [&b"abc"[..]]), known.abc, "{name} of abc");
        assert_eq!(digest(name, [&million[..]]), known.million, "{name} of a…");
    }
}

#[test]
fn no_algorithm_is_without_known_answers() {
    let answered = ANSWERS.map(|known| known.algorithm);
    assert!(Hashers::builtin().names().eq(answered));
}

#[test]
fn blake3_agrees_with_its_test_vectors() {
    for (len, expected) in BLAKE3_VECTORS {
        let content: Vec<u8> = (0..=250).cycle().take(len).collect();
        assert_eq!(digest("blake3", [&content[..]]), expected, "{len} bytes");
    }
}

proptest! {
    #[test]
    fn slicing_does_not_change_a_digest(
        content in prop::collection::vec(any::<u8>(), 0..3000),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(content.len() + 1)).collect();
        cuts.extend([0, content.len()]);
        cuts.sort_unstable();
        for name in Hashers::builtin().names() {
            let slices = cuts.windows(2).map(|cut| &content[cut[0]..cut[1]]);
            prop_assert_eq!(digest(name, slices), digest(name, [&content[..]]), "{}", name);
        }
    }
}

#[test]
fn a_digest_has_the_length_that_is_told_and_fits_the_attribute() {
    let hashers = Hashers::builtin();
    for name in hashers.names() {
        let told = hashers.digest_len(&algorithm(name)).expect("a length");
        assert_eq!(digest(name, []).len(), 2 * told, "{name}");
        assert!(told <= 64, "{name}");
    }
}

#[test]
fn only_exact_names_are_supported() {
    let hashers = Hashers::builtin();
    assert!(hashers.supports(&algorithm("sha256")));
    for name in ["SHA256", "sha-256", " sha256", "sha3-256", "shake_128"] {
        assert!(!hashers.supports(&algorithm(name)), "{name}");
        assert!(hashers.hasher(&algorithm(name)).is_err(), "{name}");
        assert_eq!(hashers.digest_len(&algorithm(name)), None, "{name}");
        assert_eq!(hashers.tag(&algorithm(name)), None, "{name}");
    }
}

#[test]
fn other_spellings_of_a_name_resolve_to_it() {
    let hashers = Hashers::builtin();
    for (spelling, name) in [
        ("SHA-256", "sha256"),
        ("sha_512", "sha512"),
        ("MD5", "md5"),
        ("md-5", "md5"),
        ("sha3-256", "sha3_256"),
        ("SHA-3-256", "sha3_256"),
        ("BLAKE2b", "blake2b"),
        (" blake3 ", "blake3"),
    ] {
        let resolved = hashers.resolve(spelling).expect(spelling);
        assert_eq!(resolved.as_str(), name, "{spelling}");
    }
}

#[test]
fn every_name_and_every_tag_resolves_to_its_algorithm() {
    let hashers = Hashers::builtin();
    for name in hashers.names() {
        let tag = hashers.tag(&algorithm(name)).expect("a tag");
        for spelling in [name, tag] {
            let resolved = hashers.resolve(spelling).expect(spelling);
            assert_eq!(resolved.as_str(), name, "{spelling}");
        }
    }
}

#[test]
fn a_name_that_is_none_is_refused_with_the_names_there_are() {
    let hashers = Hashers::builtin();
    for spelling in ["", "-", "sha", "sha3-84", "sha3256", "sha512_256", "crc32"] {
        let error = hashers.resolve(spelling).expect_err(spelling);
        assert!(matches!(error, HashError::Unknown { .. }), "{spelling}");
        for name in hashers.names() {
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}

#[test]
fn an_algorithm_of_variable_length_is_refused_as_such() {
    for spelling in ["shake_128", "SHAKE-256", "shake256"] {
        let error = Hashers::builtin().resolve(spelling).expect_err(spelling);
        assert!(matches!(error, HashError::VariableLength { .. }), "{error}");
    }
}

#[test]
fn hashlib_has_every_algorithm_but_blake3() {
    let hashers = Hashers::builtin();
    let missing: Vec<_> = hashers
        .names()
        .filter(|name| !hashers.known_to_hashlib(&algorithm(name)))
        .collect();
    assert_eq!(missing, ["blake3"]);
}
