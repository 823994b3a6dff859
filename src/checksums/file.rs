//! A checksum file and its lines.

use super::{
    error::{ChecksumFileError, LineFault},
    limits::Limits,
    line::{self, Entry},
    words::Words,
};
use crate::{domain::KnownAlgorithm, openpgp::ClearSigned};

/// What a file may begin with to say that it is UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// A checksum file.
///
/// - It has at least one [`Entry`], and not more lines than its [`Limits`] allow.
/// - It is a text: no line has a control character besides tabulators. Names need not be UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChecksumFile {
    lines: Vec<Line>,
}

/// A line that says something, or should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file; the first is 1.
    pub number: usize,
    /// The line as it stands there, without its end.
    pub text: Box<[u8]>,
    /// What it says.
    pub content: Content,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A digest.
    Entry(Entry),
    /// Nothing that can be understood.
    Malformed(LineFault),
}

impl ChecksumFile {
    /// Reads `bytes`, the content of a file called `file_name`, in which the algorithms `known`
    /// can be named. Of those that have digests of the same length the first is the usual one.
    ///
    /// If the file is a clear-signed message, what it signs is read, and the signature is not.
    ///
    /// # Errors
    ///
    /// [`ChecksumFileError`] if the file is no text, too large, or has no entry. A line that
    /// cannot be understood is kept as [`Content::Malformed`].
    pub fn read(
        bytes: &[u8],
        file_name: &str,
        known: &[KnownAlgorithm],
        limits: Limits,
    ) -> Result<Self, ChecksumFileError> {
        if bytes.len() > limits.bytes {
            return Err(ChecksumFileError::TooLarge(limits.bytes));
        }
        let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
        match ClearSigned::find(bytes)? {
            Some(message) => Self::read_signed(&message, file_name, known, limits),
            None => read(bytes, 1, &Words::new(known, file_name), limits),
        }
    }

    /// As [`ChecksumFile::read`], of what `message` signs. Whether the signature is right is for
    /// [`Keyrings::verify_clear`](crate::openpgp::Keyrings::verify_clear) to say.
    ///
    /// # Errors
    ///
    /// As [`ChecksumFile::read`].
    pub fn read_signed(
        message: &ClearSigned<'_>,
        file_name: &str,
        known: &[KnownAlgorithm],
        limits: Limits,
    ) -> Result<Self, ChecksumFileError> {
        let words = Words::new(known, file_name);
        read(message.text(), message.first_line(), &words, limits)
    }

    /// The lines that are neither empty nor comments, in their order.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The entries in their order, each with its line.
    pub fn entries(&self) -> impl Iterator<Item = (&Line, &Entry)> {
        self.lines.iter().filter_map(|line| match &line.content {
            Content::Entry(entry) => Some((line, entry)),
            Content::Malformed(_) => None,
        })
    }
}

fn read(
    text: &[u8],
    first_line: usize,
    words: &Words<'_>,
    limits: Limits,
) -> Result<ChecksumFile, ChecksumFileError> {
    let mut lines = Vec::new();
    for (place, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let number = first_line + place;
        let line = without_returns(line);
        check(line, number, limits)?;
        let content = match line::read(line, words) {
            Ok(None) => continue,
            Ok(Some(entry)) => Content::Entry(entry),
            Err(fault) => Content::Malformed(fault),
        };
        if lines.len() == limits.lines {
            return Err(ChecksumFileError::TooManyLines(limits.lines));
        }
        lines.push(Line {
            number,
            text: line.into(),
            content,
        });
    }
    let file = ChecksumFile { lines };
    if file.entries().next().is_none() {
        return Err(ChecksumFileError::NoEntries);
    }
    Ok(file)
}

/// `line` without what Windows ends lines with.
fn without_returns(mut line: &[u8]) -> &[u8] {
    while let Some(rest) = line.strip_suffix(b"\r") {
        line = rest;
    }
    line
}

/// Refuses lines that no text has.
fn check(line: &[u8], number: usize, limits: Limits) -> Result<(), ChecksumFileError> {
    if line.len() > limits.line {
        return Err(ChecksumFileError::LongLine {
            line: number,
            most: limits.line,
        });
    }
    let odd = line
        .iter()
        .find(|byte| byte.is_ascii_control() && **byte != b'\t');
    match odd {
        Some(byte) => Err(ChecksumFileError::Binary {
            line: number,
            byte: *byte,
        }),
        None => Ok(()),
    }
}
