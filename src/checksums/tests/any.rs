//! Whatever a file holds, it is read or refused.

use proptest::prelude::*;

use super::*;

/// Pieces of which lines are made, well and badly.
const WORDS: &[&str] = &[
    "SHA256",
    "SHA2-512",
    "RMD160",
    " ",
    "  ",
    " *",
    "(",
    ")",
    ") = ",
    ")= ",
    "=",
    "\\",
    "\n",
    "\r\n",
    "#",
    "./",
    "/",
    "disk.img",
    "-",
    "- ",
    "\u{feff}",
    "\0",
    "-----BEGIN PGP SIGNED MESSAGE-----\n",
    "Hash: SHA256\n",
    "-----BEGIN PGP SIGNATURE-----\n",
    "-----END PGP SIGNATURE-----\n",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "d41d8cd98f00b204e9800998ecf8427e",
];

fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => proptest::sample::select(WORDS).prop_map(|word| word.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..8),
    ]
}

proptest! {
    #[test]
    fn every_file_is_read_or_refused(pieces in proptest::collection::vec(piece(), 0..60)) {
        let bytes = pieces.concat();
        let limits = Limits { bytes: 4096, line: 512, lines: 8 };
        let known = Hashers::builtin().known();
        let Ok(file) = ChecksumFile::read(&bytes, "SHA256SUMS", &known, limits) else {
            return Ok(());
        };
        prop_assert!(file.lines().len() <= limits.lines);
        prop_assert!(file.entries().count() > 0);
        for line in file.lines() {
            prop_assert!(line.number >= 1 && line.text.len() <= limits.line);
        }
        if let Ok(found) = file.find(b"disk.img") {
            prop_assert!(!found.expected.is_empty());
            prop_assert_eq!(found.expected.iter().count(), found.lines.len());
        }
    }
}
