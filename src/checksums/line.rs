//! One line of a checksum file.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{error::LineFault, words::Words};
use crate::domain::{Digest, KnownAlgorithm};

/// How long the word for an algorithm is at most.
const LONGEST_WORD: usize = 32;

/// How many digits a line that begins with them has at least: those of MD5.
const FEWEST_DIGITS: usize = 32;

/// A line that tells a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name of the file as the line has it, not escaped, with its folders; `None` if the line
    /// is a digest alone.
    pub name: Option<Box<[u8]>>,
    /// The digest.
    pub value: Value,
}

/// What a line says of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// The digest under an implemented algorithm.
    Digest(Digest),
    /// A digest under an algorithm that is not implemented: what the line calls it.
    Unknown(Box<str>),
}

/// Reads `line`, which has no line end; `None` if it says nothing.
pub(super) fn read(line: &[u8], words: &Words<'_>) -> Result<Option<Entry>, LineFault> {
    let line = line.trim_ascii_start();
    if line.is_empty() || line.starts_with(b"#") {
        return Ok(None);
    }
    let (spelling, line) = match line.strip_prefix(b"\\") {
        Some(rest) => (Spelling::Escaped, rest),
        None => (Spelling::Plain, line),
    };
    let digits = line
        .iter()
        .take_while(|byte| byte.is_ascii_hexdigit())
        .count();
    let (digest, rest) = line.split_at(digits);
    if digits >= FEWEST_DIGITS && matches!(rest.first(), None | Some(b' ' | b'\t')) {
        untagged(digest, rest, spelling, words).map(Some)
    } else {
        tagged(line, spelling, words).map(Some)
    }
}

/// How a line spells its name.
#[derive(Clone, Copy)]
enum Spelling {
    Plain,
    Escaped,
}

/// `<digits>  name`, `<digits> *name`, `<digits> name`, `<digits>`.
fn untagged(
    digest: &[u8],
    rest: &[u8],
    spelling: Spelling,
    words: &Words<'_>,
) -> Result<Entry, LineFault> {
    let algorithm = words
        .by_length(digest.len())
        .ok_or(LineFault::Length(digest.len()))?;
    let digest = std::str::from_utf8(digest)
        .ok()
        .and_then(|digits| Digest::from_hex(algorithm.clone(), digits).ok())
        .ok_or(LineFault::Length(digest.len()))?;
    let name = match rest {
        rest if rest.trim_ascii().is_empty() => None,
        [_, b' ' | b'*', name @ ..] | [_, name @ ..] => Some(unescape(name, spelling)?),
        [] => None,
    };
    Ok(Entry {
        name,
        value: Value::Digest(digest),
    })
}

/// `SHA256 (name) = <digits>`, `SHA2-256(name)= <digits>`.
fn tagged(line: &[u8], spelling: Spelling, words: &Words<'_>) -> Result<Entry, LineFault> {
    let (word, name, value) = split(line).ok_or(LineFault::Form)?;
    let name = Some(unescape(name, spelling)?);
    let value = match words.named(word) {
        Some(known) => Value::Digest(digest(known, value)?),
        None => Value::Unknown(word.into()),
    };
    Ok(Entry { name, value })
}

/// The word, the name and the value of a line of the BSD kind.
fn split(line: &[u8]) -> Option<(&str, &[u8], &str)> {
    let open = line.iter().position(|byte| *byte == b'(')?;
    let word = std::str::from_utf8(line[..open].trim_ascii_end()).ok()?;
    let is_word = (1..=LONGEST_WORD).contains(&word.len())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_/".contains(&byte));
    if !is_word {
        return None;
    }
    let close = line.iter().rposition(|byte| *byte == b')')?;
    let name = line.get(open + 1..close)?;
    let value = line[close + 1..]
        .trim_ascii_start()
        .strip_prefix(b"=")?
        .trim_ascii();
    Some((word, name, std::str::from_utf8(value).ok()?))
}

/// The digest of `known` that `value` spells in hexadecimal digits or, as newer programs do, in
/// base64.
fn digest(known: &KnownAlgorithm, value: &str) -> Result<Digest, LineFault> {
    let algorithm = &known.algorithm;
    let digits = 2 * known.digest_len;
    let read = if value.len() == digits {
        Digest::from_hex(algorithm.clone(), value).ok()
    } else {
        let bytes = STANDARD.decode(value).ok();
        bytes
            .filter(|bytes| bytes.len() == known.digest_len)
            .map(|bytes| Digest::new(algorithm.clone(), &bytes))
    };
    read.ok_or_else(|| LineFault::Value {
        algorithm: algorithm.clone(),
        digits,
    })
}

/// The name that is meant.
fn unescape(name: &[u8], spelling: Spelling) -> Result<Box<[u8]>, LineFault> {
    if name.is_empty() {
        return Err(LineFault::Name);
    }
    let Spelling::Escaped = spelling else {
        return Ok(name.into());
    };
    let mut meant = Vec::with_capacity(name.len());
    let mut bytes = name.iter();
    while let Some(byte) = bytes.next() {
        meant.push(match byte {
            b'\\' => match bytes.next() {
                Some(b'\\') => b'\\',
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                _ => return Err(LineFault::Name),
            },
            byte => *byte,
        });
    }
    Ok(meant.into())
}
