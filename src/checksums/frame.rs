//! The frame of a clear-signed message (RFC 9580, section 7).

use super::error::ChecksumFileError;

const BEGIN: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &[u8] = b"-----BEGIN PGP SIGNATURE-----";
const END: &[u8] = b"-----END PGP SIGNATURE-----";

/// A clear-signed message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Framed {
    /// The number of the line at which its text begins.
    pub(super) first_line: usize,
    /// Its text, with what stands before lines that begin with a hyphen taken away.
    pub(super) text: Vec<u8>,
}

/// The lines of a file, and how many are read.
struct Lines<'a> {
    rest: &'a [u8],
    number: usize,
}

impl<'a> Lines<'a> {
    /// The next line with its end; `None` after the last.
    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.iter().position(|byte| *byte == b'\n');
        let (line, rest) = self
            .rest
            .split_at(end.map_or(self.rest.len(), |end| end + 1));
        self.rest = rest;
        self.number += 1;
        Some(line)
    }

    fn fault(&self, what: &'static str) -> ChecksumFileError {
        ChecksumFileError::Frame {
            line: self.number,
            what,
        }
    }
}

/// Takes a clear-signed message out of its frame; `None` if `file` has no line that begins one.
///
/// # Errors
///
/// [`ChecksumFileError::Frame`] if the frame is not whole, or if anything is outside.
pub(super) fn unframe(file: &[u8]) -> Result<Option<Framed>, ChecksumFileError> {
    let mut lines = Lines {
        rest: file,
        number: 0,
    };
    let mut before = false;
    loop {
        match lines.next() {
            None => return Ok(None),
            Some(line) if line.trim_ascii_end() == BEGIN => break,
            Some(line) => before |= !line.trim_ascii().is_empty(),
        }
    }
    if before {
        return Err(lines.fault("there is text before the clear-signed message"));
    }
    headers(&mut lines)?;
    let first_line = lines.number + 1;
    let text = text(&mut lines)?;
    signatures(&mut lines)?;
    while let Some(line) = lines.next() {
        if !line.trim_ascii().is_empty() {
            return Err(lines.fault("there is text after the clear-signed message"));
        }
    }
    Ok(Some(Framed { first_line, text }))
}

/// Reads up to the empty line: only the algorithms of the signatures may stand there.
fn headers(lines: &mut Lines<'_>) -> Result<(), ChecksumFileError> {
    while let Some(line) = lines.next() {
        let line = line.trim_ascii_end();
        if line.is_empty() {
            return Ok(());
        }
        if !line.starts_with(b"Hash: ") {
            return Err(lines.fault("a clear-signed message begins with other than its hash"));
        }
    }
    Err(lines.fault("the clear-signed message has no text"))
}

/// Reads up to the line that begins the signatures, which is left.
fn text(lines: &mut Lines<'_>) -> Result<Vec<u8>, ChecksumFileError> {
    let mut text = Vec::with_capacity(lines.rest.len());
    loop {
        let (rest, number) = (lines.rest, lines.number);
        let Some(line) = lines.next() else {
            return Err(lines.fault("the clear-signed message has no signature"));
        };
        if line.trim_ascii_end() == SIGNATURE {
            (lines.rest, lines.number) = (rest, number);
            return Ok(text);
        }
        match line {
            [b'-', b' ', line @ ..] => text.extend(line),
            [b'-', ..] => {
                return Err(lines.fault("a line of a clear-signed message begins with a hyphen"));
            }
            line => text.extend(line),
        }
    }
}

/// Reads the armour of the signatures to its end.
fn signatures(lines: &mut Lines<'_>) -> Result<(), ChecksumFileError> {
    while let Some(line) = lines.next() {
        if line.trim_ascii_end() == END {
            return Ok(());
        }
    }
    Err(lines.fault("the signature of the clear-signed message has no end"))
}
