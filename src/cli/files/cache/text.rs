//! How the cache is written: lines of text under a title, and below them their seal.
//!
//! ```text
//! hallmark digests 1
//! <device> <inode> <size> <modified> <changed> <alg:hex[,alg:hex]...> <path>
//! blake3 <of all lines above>
//! ```
//!
//! Times are `seconds.nanoseconds`; paths are escaped as in lines of checksums.

use std::{
    ffi::OsString,
    fmt::Write as _,
    os::unix::ffi::{OsStrExt as _, OsStringExt as _},
    path::PathBuf,
};

use super::{Entries, Entry, Identity};
use crate::{cli::files::line::escaped, domain::Digest};

const TITLE: &[u8] = b"hallmark digests 1\n";

/// What the last line begins with.
const SEAL: &[u8] = b"blake3 ";

/// `entries` as text, sorted by path.
pub(super) fn written(entries: &Entries) -> Vec<u8> {
    let mut sorted: Vec<_> = entries.iter().collect();
    sorted.sort_unstable_by_key(|(path, _)| *path);
    let mut text = TITLE.to_vec();
    for (path, entry) in sorted {
        text.extend(fields(entry).into_bytes());
        text.push(b' ');
        text.extend(&*escaped(path.as_os_str().as_bytes()).0);
        text.push(b'\n');
    }
    let seal = seal(&text);
    [text, SEAL.to_vec(), seal, b"\n".to_vec()].concat()
}

fn seal(text: &[u8]) -> Vec<u8> {
    blake3::hash(text).to_hex().as_bytes().to_vec()
}

fn fields(entry: &Entry) -> String {
    let Identity {
        device,
        inode,
        size,
        modified,
        changed,
    } = &entry.identity;
    let mut line = format!(
        "{device} {inode} {size} {}.{} {}.{} ",
        modified.0, modified.1, changed.0, changed.1
    );
    for (place, digest) in entry.digests.iter().enumerate() {
        let comma = if place > 0 { "," } else { "" };
        // A string takes everything.
        let _ = write!(line, "{comma}{digest}");
    }
    line
}

/// The entries that were written as `text`; none if a bit of it is not as it was.
pub(super) fn read(text: &[u8]) -> Option<Entries> {
    let body = text.strip_suffix(b"\n")?;
    let last = body.iter().rposition(|byte| *byte == b'\n')? + 1;
    let (lines, sealed) = (&text[..last], &body[last..]);
    if sealed.strip_prefix(SEAL)? != seal(lines) {
        return None;
    }
    let lines = lines.strip_prefix(TITLE)?;
    let mut entries = Entries::new();
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        let (path, entry) = entry(line.strip_suffix(b"\n")?)?;
        entries.insert(path, entry);
    }
    Some(entries)
}

fn entry(line: &[u8]) -> Option<(PathBuf, Entry)> {
    let mut parts = line.splitn(7, |byte| *byte == b' ');
    let mut word = || std::str::from_utf8(parts.next()?).ok();
    let identity = Identity {
        device: word()?.parse().ok()?,
        inode: word()?.parse().ok()?,
        size: word()?.parse().ok()?,
        modified: moment(word()?)?,
        changed: moment(word()?)?,
    };
    let digests = word()?.split(',').map(digest).collect::<Option<_>>()?;
    let path = OsString::from_vec(unescaped(parts.next()?)?);
    Some((path.into(), Entry { identity, digests }))
}

fn moment(text: &str) -> Option<(i64, i64)> {
    let (seconds, nanoseconds) = text.split_once('.')?;
    Some((seconds.parse().ok()?, nanoseconds.parse().ok()?))
}

fn digest(text: &str) -> Option<Digest> {
    let (algorithm, value) = text.split_once(':')?;
    Digest::from_hex(algorithm.parse().ok()?, value).ok()
}

fn unescaped(name: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = name.iter();
    let mut plain = Vec::with_capacity(name.len());
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'\\' => match bytes.next()? {
                b'\\' => b'\\',
                b'n' => b'\n',
                b'r' => b'\r',
                _ => return None,
            },
            plain => *plain,
        });
    }
    Some(plain)
}
