//! What hash algorithms are called in checksum files and in their names.

use crate::domain::{Algorithm, KnownAlgorithm};

/// The programs whose names, in the name of a file that they wrote, do not have that of their
/// algorithm.
const PROGRAMS: &[(&str, &str)] = &[("b2sum", "blake2b"), ("b3sum", "blake3")];

/// The implemented algorithms by the words for them, and those that the file's name has.
pub(super) struct Words<'a> {
    known: &'a [KnownAlgorithm],
    file_name: String,
}

impl<'a> Words<'a> {
    /// The words for `known` in a file that is called `file_name`.
    pub(super) fn new(known: &'a [KnownAlgorithm], file_name: &str) -> Self {
        Self {
            known,
            file_name: bare(file_name),
        }
    }

    /// The algorithm that a line calls `word`.
    pub(super) fn named(&self, word: &str) -> Option<&'a KnownAlgorithm> {
        let word = bare(word);
        self.known
            .iter()
            .find(|known| spellings(known).contains(&word))
    }

    /// The algorithm of a line that does not say it, whose digest has `digits` hexadecimal
    /// digits: the one that the file's name says last, or the first that has so many.
    pub(super) fn by_length(&self, digits: usize) -> Option<&'a Algorithm> {
        let fitting = || {
            self.known
                .iter()
                .filter(move |known| 2 * known.digest_len == digits)
        };
        let said = fitting().filter_map(|known| Some((self.said_at(known)?, known)));
        said.max_by_key(|(place, _)| *place)
            .map(|(_, known)| known)
            .or_else(|| fitting().next())
            .map(|known| &known.algorithm)
    }

    /// Where the file's name says `known` for the last time.
    fn said_at(&self, known: &KnownAlgorithm) -> Option<usize> {
        let programs = PROGRAMS
            .iter()
            .filter(|(_, name)| *name == known.algorithm.as_str())
            .map(|(program, _)| (*program).to_owned());
        spellings(known)
            .into_iter()
            .chain(programs)
            .filter_map(|word| self.file_name.rfind(&word))
            .max()
    }
}

/// The words for `known`, bare: `sha256` and `sha2256` (for SHA2-256), `blake2b` and `blake2b512`.
fn spellings(known: &KnownAlgorithm) -> Vec<String> {
    let name = bare(known.algorithm.as_str());
    let bits = (8 * known.digest_len).to_string();
    let family = name.strip_prefix("sha").filter(|rest| *rest == bits);
    let second = family.map(|bits| format!("sha2{bits}"));
    let long = format!("{name}{bits}");
    [bare(known.tag), name, long]
        .into_iter()
        .chain(second)
        .collect()
}

/// `text` in lower case, without what separates a family of algorithms from the length.
fn bare(text: &str) -> String {
    text.chars()
        .filter(|letter| !matches!(letter, '-' | '_'))
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}
