//! Digests in the words of a command line.

use std::path::{Path, PathBuf};

use crate::{
    domain::{Digest, ExpectedDigests},
    hash::Hashers,
};

/// What one word means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// A file.
    File(PathBuf),
    /// A digest.
    Digest(Digest),
}

/// A word is a digest if it begins with the name of an algorithm and a colon.
///
/// # Errors
///
/// Tells what is wrong with a digest.
pub(super) fn word(word: &Path, hashers: &Hashers) -> Result<Word, String> {
    let claim = word
        .to_str()
        .and_then(|text| text.split_once(':'))
        .filter(|(name, _)| hashers.resolve(name).is_ok());
    match claim {
        Some((name, value)) => digest(name, value, hashers).map(Word::Digest),
        None => Ok(Word::File(word.to_owned())),
    }
}

/// The digests `alg:hex[,alg:hex]...`; 64 digits alone are SHA-256.
///
/// # Errors
///
/// Tells what is wrong with them.
pub(super) fn read(text: &str, hashers: &Hashers) -> Result<ExpectedDigests, String> {
    let mut digests = ExpectedDigests::default();
    for part in text.split(',').map(str::trim) {
        if let Some((name, value)) = part.split_once(':') {
            digests
                .add(digest(name, value, hashers)?)
                .map_err(|fault| fault.to_string())?;
        } else {
            let bare: ExpectedDigests =
                part.parse().map_err(|fault| format!("{part:?}: {fault}"))?;
            digests.merge(bare).map_err(|fault| fault.to_string())?;
        }
    }
    Ok(digests)
}

fn digest(name: &str, value: &str, hashers: &Hashers) -> Result<Digest, String> {
    let algorithm = hashers.resolve(name).map_err(|fault| fault.to_string())?;
    let digits = 2 * hashers.digest_len(&algorithm).unwrap_or_default();
    match Digest::from_hex(algorithm.clone(), value.trim()) {
        Ok(digest) if digest.value().len() == digits => Ok(digest),
        _ => Err(format!(
            "{value:?} is no {algorithm} digest, which has {digits} hexadecimal digits"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MD5: &str = "d41d8cd98f00b204e9800998ecf8427e";

    #[test]
    fn a_word_with_the_name_of_an_algorithm_is_a_digest_and_any_other_a_file() {
        let hashers = Hashers::builtin();
        let meant = |text: &str| word(Path::new(text), &hashers);
        for text in [format!("md5:{MD5}"), format!("MD-5:{}", MD5.to_uppercase())] {
            let Ok(Word::Digest(digest)) = meant(&text) else {
                panic!("{text}");
            };
            assert_eq!(digest.to_string(), format!("md5:{MD5}"));
        }
        for text in ["disk.img", "./md5:ab", "C:disk", ":", "-", MD5] {
            assert_eq!(meant(text), Ok(Word::File(text.into())), "{text}");
        }
        for text in ["md5:", "md5:ab", "sha256:disk.img", &format!("sha1:{MD5}")] {
            assert!(meant(text).is_err(), "{text}");
        }
    }

    #[test]
    fn several_digests_are_separated_by_commas() {
        let hashers = Hashers::builtin();
        let bare = "0".repeat(64);
        let digests = read(&format!("MD5:{MD5}, {bare}"), &hashers).expect("two");
        assert_eq!(digests.to_string(), format!("md5:{MD5},sha256:{bare}"));
        for text in ["", ",", MD5, "crc32:00", &format!("md5:{MD5},")] {
            assert!(read(text, &hashers).is_err(), "{text}");
        }
    }
}
