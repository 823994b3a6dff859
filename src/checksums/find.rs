//! What a checksum file says of one file.

use super::{
    error::NoMatch,
    file::{ChecksumFile, Content, Line},
    line::{Entry, Value},
};
use crate::domain::ExpectedDigests;

/// What a checksum file says of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The digests that the file must have, at least one.
    pub expected: ExpectedDigests,
    /// The lines that say so, in the order of `expected`.
    pub lines: Vec<MatchedLine>,
}

/// A line that says a digest of the file that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedLine {
    /// Its number; the first of a file is 1.
    pub number: usize,
    /// The line as it stands in the file.
    pub text: String,
}

impl ChecksumFile {
    /// What is said of the file called `name`: every line that names it, under every algorithm.
    ///
    /// Lines name a file by the last part of their path. If `name` has a slash, the whole path
    /// must be equal, but for `./` before it. If the file has a single entry, and that has no
    /// name, it is meant.
    ///
    /// # Errors
    ///
    /// [`NoMatch`] if nothing is said, or nothing that can be checked, or what cannot be true.
    pub fn find(&self, name: &[u8]) -> Result<Match, NoMatch> {
        let shown = || String::from_utf8_lossy(name).into_owned();
        self.refuse_malformed(name)?;
        let mut found = Match {
            expected: ExpectedDigests::default(),
            lines: Vec::new(),
        };
        let mut unknown = None;
        for (line, entry) in self.naming(name) {
            let digest = match &entry.value {
                Value::Digest(digest) => digest.clone(),
                Value::Unknown(word) => {
                    unknown = Some((line.number, word.to_string()));
                    continue;
                }
            };
            let known = found.expected.iter().any(|known| *known == digest);
            let added = found.expected.add(digest);
            added.map_err(|fault| NoMatch::Contradiction {
                name: shown(),
                fault,
            })?;
            if !known {
                found.lines.push(MatchedLine {
                    number: line.number,
                    text: String::from_utf8_lossy(&line.text).into_owned(),
                });
            }
        }
        match unknown {
            _ if !found.lines.is_empty() => Ok(found),
            Some((line, word)) => Err(NoMatch::Algorithm {
                name: shown(),
                line,
                word,
            }),
            None => Err(NoMatch::Absent(shown())),
        }
    }

    /// The entries for the file called `name`.
    fn naming<'a>(&'a self, name: &'a [u8]) -> impl Iterator<Item = (&'a Line, &'a Entry)> {
        let alone = self.entries().count() == 1;
        self.entries()
            .filter(move |(_, entry)| match entry.name.as_deref() {
                None | Some(b"-") => alone,
                Some(path) => is_named(path, name),
            })
    }

    /// A line that names the file and cannot be understood might say another digest.
    fn refuse_malformed(&self, name: &[u8]) -> Result<(), NoMatch> {
        for line in self.lines() {
            let Content::Malformed(fault) = &line.content else {
                continue;
            };
            let mut words = line
                .text
                .split(|byte| b" \t()*=:,;\"'".contains(byte))
                .filter(|word| !word.is_empty());
            if words.any(|word| is_named(word, name)) {
                return Err(NoMatch::Malformed {
                    name: String::from_utf8_lossy(name).into_owned(),
                    line: line.number,
                    fault: fault.clone(),
                });
            }
        }
        Ok(())
    }
}

/// Whether a line with `path` means the file called `name`.
fn is_named(path: &[u8], name: &[u8]) -> bool {
    if name.contains(&b'/') {
        return rooted(path) == rooted(name);
    }
    path.rsplit(|byte| *byte == b'/').next() == Some(name)
}

fn rooted(path: &[u8]) -> &[u8] {
    let mut path = path;
    while let Some(rest) = path.strip_prefix(b"./") {
        path = rest;
    }
    path
}
