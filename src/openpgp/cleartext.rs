//! The frame of a clear-signed message (RFC 9580, section 7).

use super::error::FrameError;

const BEGIN: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &[u8] = b"-----BEGIN PGP SIGNATURE-----";
const END: &[u8] = b"-----END PGP SIGNATURE-----";

/// What a file may begin with to say that it is UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// A clear-signed message, out of its frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClearSigned<'a> {
    first_line: usize,
    text: Vec<u8>,
    signatures: &'a [u8],
}

impl<'a> ClearSigned<'a> {
    /// Takes the message out of its frame; `None` if `file` has no line that begins one.
    ///
    /// # Errors
    ///
    /// [`FrameError`] if the frame is not whole, or if anything but empty lines is outside.
    pub fn find(file: &'a [u8]) -> Result<Option<Self>, FrameError> {
        let file = file.strip_prefix(MARK).unwrap_or(file);
        let mut lines = Lines {
            rest: file,
            number: 0,
        };
        if !begins(&mut lines)? {
            return Ok(None);
        }
        headers(&mut lines)?;
        let first_line = lines.number + 1;
        let text = text(&mut lines)?;
        let signatures = signatures(&mut lines, file)?;
        while let Some(line) = lines.next() {
            if !line.trim_ascii().is_empty() {
                return Err(lines.fault("there is text after the clear-signed message"));
            }
        }
        Ok(Some(Self {
            first_line,
            text,
            signatures,
        }))
    }

    /// The number of the line of the file at which the text begins.
    #[must_use]
    pub const fn first_line(&self) -> usize {
        self.first_line
    }

    /// What is signed, and nothing else: lines without the blanks at their ends, which are not
    /// signed, and without the hyphen that protects some of them.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The signatures, in their armour.
    #[must_use]
    pub const fn signatures(&self) -> &'a [u8] {
        self.signatures
    }
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

    fn fault(&self, what: &'static str) -> FrameError {
        FrameError {
            line: self.number,
            what,
        }
    }
}

/// Reads the line that begins the message; `false` if there is none.
fn begins(lines: &mut Lines<'_>) -> Result<bool, FrameError> {
    let mut before = false;
    loop {
        match lines.next() {
            None => return Ok(false),
            Some(line) if line.trim_ascii_end() == BEGIN => break,
            Some(line) => before |= !line.trim_ascii().is_empty(),
        }
    }
    if before {
        return Err(lines.fault("there is text before the clear-signed message"));
    }
    Ok(true)
}

/// Reads up to the empty line: only the algorithms of the signatures may stand there.
fn headers(lines: &mut Lines<'_>) -> Result<(), FrameError> {
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
fn text(lines: &mut Lines<'_>) -> Result<Vec<u8>, FrameError> {
    let mut text: Vec<u8> = Vec::with_capacity(lines.rest.len());
    loop {
        let (rest, number) = (lines.rest, lines.number);
        let Some(line) = lines.next() else {
            return Err(lines.fault("the clear-signed message has no signature"));
        };
        let line = line.trim_ascii_end();
        if line == SIGNATURE {
            (lines.rest, lines.number) = (rest, number);
            // The end of the last line belongs to the frame.
            text.pop();
            return Ok(text);
        }
        match line {
            [b'-', b' ', line @ ..] => text.extend(line),
            [b'-', ..] => {
                return Err(lines.fault("a line of a clear-signed message begins with a hyphen"));
            }
            line => text.extend(line),
        }
        text.push(b'\n');
    }
}

/// Reads the armour of the signatures to its end.
fn signatures<'a>(lines: &mut Lines<'a>, file: &'a [u8]) -> Result<&'a [u8], FrameError> {
    let from = file.len() - lines.rest.len();
    while let Some(line) = lines.next() {
        if line.trim_ascii_end() == END {
            return Ok(&file[from..file.len() - lines.rest.len()]);
        }
    }
    Err(lines.fault("the signature of the clear-signed message has no end"))
}
