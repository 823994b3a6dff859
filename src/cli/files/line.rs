//! Lines of checksums, as coreutils and BSD write them.

use std::{borrow::Cow, path::Path};

use serde_json::{Map, Value};

use crate::domain::Digest;

/// The line of coreutils for one digest: `value  name`, without its end.
///
/// A backslash at its start says that the name is escaped, as coreutils' `--check` expects it.
pub(in crate::cli) fn coreutils_line(shown: &[u8], is_escaped: bool, digest: &Digest) -> Vec<u8> {
    [mark(is_escaped), digest.value().as_bytes(), b"  ", shown].concat()
}

/// The line of BSD for one digest: `TAG (name) = value`, without its end.
pub(in crate::cli) fn bsd_line(
    shown: &[u8],
    is_escaped: bool,
    digest: &Digest,
    tag: &str,
) -> Vec<u8> {
    let value = digest.value().as_bytes();
    let mark = mark(is_escaped);
    [mark, tag.as_bytes(), b" (", shown, b") = ", value].concat()
}

const fn mark(is_escaped: bool) -> &'static [u8] {
    if is_escaped { b"\\" } else { b"" }
}

/// `name` without the characters that would break a line, and whether it had any.
pub(in crate::cli) fn escaped(name: &[u8]) -> (Cow<'_, [u8]>, bool) {
    if !name.iter().any(|byte| b"\\\n\r".contains(byte)) {
        return (name.into(), false);
    }
    let mut escaped = Vec::with_capacity(name.len() + 8);
    for byte in name {
        match byte {
            b'\\' => escaped.extend(br"\\"),
            b'\n' => escaped.extend(br"\n"),
            b'\r' => escaped.extend(br"\r"),
            other => escaped.push(*other),
        }
    }
    (escaped.into(), true)
}

/// The beginning of a JSON object about a file: its name, and the name's bytes in hexadecimal
/// digits if they are no text.
pub(in crate::cli) fn named_in_json(file: &Path) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("file".to_owned(), file.to_string_lossy().into());
    if file.to_str().is_none() {
        let bytes = hex::encode(file.as_os_str().as_encoded_bytes());
        object.insert("file_bytes".to_owned(), bytes.into());
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY_MD5: &str = "d41d8cd98f00b204e9800998ecf8427e";

    fn lines_of(name: &[u8]) -> [Vec<u8>; 2] {
        let algorithm = "md5".parse().expect("a name");
        let digest = Digest::from_hex(algorithm, EMPTY_MD5).expect("a digest");
        let (shown, is_escaped) = escaped(name);
        [
            coreutils_line(&shown, is_escaped, &digest),
            bsd_line(&shown, is_escaped, &digest, "MD5"),
        ]
    }

    #[test]
    fn a_name_that_would_break_the_line_is_escaped_and_marked() {
        let expected = [
            format!("\\{EMPTY_MD5}  a\\nb\\\\c\\rd").into_bytes(),
            format!("\\MD5 (a\\nb\\\\c\\rd) = {EMPTY_MD5}").into_bytes(),
        ];
        assert_eq!(lines_of(b"a\nb\\c\rd"), expected);
    }

    #[test]
    fn a_name_that_is_no_unicode_is_printed_as_it_is() {
        let [line, _] = lines_of(b"\xff\xfe");
        assert!(line.ends_with(b"  \xff\xfe"));
    }
}
