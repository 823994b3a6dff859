//! The rules of checksum files.

mod any;
mod bad;
mod finding;
mod layouts;
mod lines;

use super::*;
use crate::hash::Hashers;

/// `length` digits that begin with `mark`.
fn digits(mark: &str, length: usize) -> String {
    let mut digits = mark.to_owned();
    while digits.len() < length {
        digits.push('0');
    }
    digits
}

fn read_as(file_name: &str, bytes: &[u8]) -> Result<ChecksumFile, ChecksumFileError> {
    ChecksumFile::read(
        bytes,
        file_name,
        &Hashers::builtin().known(),
        Limits::PUBLISHED,
    )
}

fn read(text: &str) -> ChecksumFile {
    read_as("CHECKSUM", text.as_bytes()).expect("a checksum file")
}

/// What `file` says of `name`: digests, or why there are none.
fn found(file: &ChecksumFile, name: &str) -> Result<String, NoMatch> {
    file.find(name.as_bytes())
        .map(|found| found.expected.to_string())
}

/// What is said in the only line of a file called `file_name`: the name and the digest.
fn only(file_name: &str, line: &str) -> (Option<String>, String) {
    let file = read_as(file_name, line.as_bytes()).expect("a checksum file");
    let (_, entry) = file.entries().next().expect("an entry");
    assert_eq!(file.lines().len(), 1, "{line:?}");
    let name = entry.name.as_deref().map(String::from_utf8_lossy);
    let value = match &entry.value {
        Value::Digest(digest) => digest.to_string(),
        Value::Unknown(word) => format!("?{word}"),
    };
    (name.map(std::borrow::Cow::into_owned), value)
}
