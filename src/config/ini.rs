//! The INI dialect of oslo.config, as text with sections, keys and their written values.

use std::{collections::BTreeMap, mem};

/// Sections, their keys, and the values of each key in the order they were written. Keys have
/// underscores only: oslo.config takes a dash for the same.
pub(super) type Written = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// Text that is not in the dialect. The message does not show the text: it may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub(super) struct SyntaxError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is the matter.
    pub what: &'static str,
}

/// Reads `text`.
///
/// - `[section]` opens a section; the same name again continues it.
/// - `key = value` and `key: value`, whichever sign comes first; quotes around the whole value
///   are taken off.
/// - An indented line continues the value before it, until a blank line.
/// - A line that starts with `#` or `;` is a comment; there is none behind a value.
/// - A key written again adds a value.
///
/// # Errors
///
/// [`SyntaxError`] at the first line that is none of these.
pub(super) fn parse(text: &str) -> Result<Written, SyntaxError> {
    let mut reader = Reader::default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (at, line) in text.lines().enumerate() {
        reader
            .line(line.trim_end())
            .map_err(|what| SyntaxError { line: at + 1, what })?;
    }
    reader.flush();
    Ok(reader.written)
}

/// What has been read so far.
#[derive(Default)]
struct Reader {
    /// The values that are complete.
    written: Written,
    /// The section that is open.
    section: Option<String>,
    /// The key whose value may still be continued.
    key: Option<String>,
    /// The lines of that value.
    lines: Vec<String>,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), &'static str> {
        if line.is_empty() {
            self.flush();
            return Ok(());
        }
        if line.starts_with([' ', '\t']) {
            return self.continuation(line.trim_start());
        }
        self.flush();
        if let Some(rest) = line.strip_prefix('[') {
            return self.header(rest);
        }
        if line.starts_with(['#', ';']) {
            return Ok(());
        }
        self.assignment(line)
    }

    fn continuation(&mut self, line: &str) -> Result<(), &'static str> {
        match self.key {
            Some(_) => self.lines.push(line.to_owned()),
            None if line.starts_with(['#', ';']) => {}
            None => return Err("an indented line continues a value, and there is none before it"),
        }
        Ok(())
    }

    fn header(&mut self, rest: &str) -> Result<(), &'static str> {
        let name = rest
            .strip_suffix(']')
            .ok_or("a section's name ends with \"]\"")?;
        if name.is_empty() {
            return Err("a section has no name");
        }
        self.written.entry(name.to_owned()).or_default();
        self.section = Some(name.to_owned());
        Ok(())
    }

    fn assignment(&mut self, line: &str) -> Result<(), &'static str> {
        let (key, value) = line
            .split_once(['=', ':'])
            .ok_or("a line is \"[section]\", \"key = value\" or a comment")?;
        let key = key.trim();
        if key.is_empty() {
            return Err("a value has no key");
        }
        if self.section.is_none() {
            return Err("a key stands before the first section");
        }
        self.key = Some(key.replace('-', "_"));
        self.lines.push(unquoted(value.trim()).to_owned());
        Ok(())
    }

    /// Ends the value that may still be continued.
    fn flush(&mut self) {
        let lines = mem::take(&mut self.lines);
        if let (Some(section), Some(key)) = (&self.section, self.key.take()) {
            self.written
                .entry(section.clone())
                .or_default()
                .entry(key)
                .or_default()
                .push(lines.join("\n"));
        }
    }
}

/// `text` without the same quotes at both its ends.
pub(super) fn unquoted(text: &str) -> &str {
    ['"', '\'']
        .iter()
        .find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str, section: &str, key: &str) -> Vec<String> {
        parse(text).expect("the text is in the dialect")[section][key].clone()
    }

    #[test]
    fn an_equals_sign_or_a_colon_separates_key_and_value_whichever_comes_first() {
        assert_eq!(values("[a]\nk = v:w", "a", "k"), ["v:w"]);
        assert_eq!(values("[a]\nk: v=w", "a", "k"), ["v=w"]);
        assert_eq!(values("[a]\nk=", "a", "k"), [""]);
    }

    #[test]
    fn an_indented_line_continues_the_value_until_a_blank_line() {
        assert_eq!(values("[a]\nk = 1,\n  2,\n\t3\n", "a", "k"), ["1,\n2,\n3"]);
        let error = parse("[a]\nk = 1\n\n  2\n").expect_err("nothing to continue");
        assert_eq!(error.line, 4);
    }

    #[test]
    fn a_key_written_again_adds_a_value_also_when_its_section_is_reopened() {
        assert_eq!(
            values("[a]\nk = 1\nk = 2\n[b]\n[a]\nk = 3", "a", "k"),
            ["1", "2", "3"]
        );
    }

    #[test]
    fn comments_take_whole_lines_only() {
        let text = "# c\n[a]\n; c\nk = v # no comment\n#k = w\n";
        assert_eq!(values(text, "a", "k"), ["v # no comment"]);
    }

    #[test]
    fn quotes_around_a_whole_value_are_taken_off() {
        assert_eq!(values("[a]\nk = \" v \"", "a", "k"), [" v "]);
        assert_eq!(values("[a]\nk = 'v'", "a", "k"), ["v"]);
        assert_eq!(values("[a]\nk = \"v'", "a", "k"), ["\"v'"]);
        assert_eq!(values("[a]\nk = \"", "a", "k"), ["\""]);
    }

    #[test]
    fn a_dash_in_a_key_is_an_underscore() {
        assert_eq!(values("[a-b]\nthe-key = v", "a-b", "the_key"), ["v"]);
    }

    #[test]
    fn windows_line_ends_and_a_byte_order_mark_change_nothing() {
        assert_eq!(values("\u{feff}[a]\r\nk = v\r\n", "a", "k"), ["v"]);
    }

    #[test]
    fn a_line_that_is_nothing_is_refused_with_its_number_and_without_its_text() {
        for (text, line) in [
            ("[a]\nhunter2\n", 2),
            ("[a\n", 1),
            ("[]\n", 1),
            ("k = hunter2\n", 1),
            ("[a]\n= hunter2\n", 2),
            ("  hunter2\n", 1),
        ] {
            let error = parse(text).expect_err(text);
            assert_eq!(error.line, line, "{text}");
            assert!(!error.to_string().contains("hunter2"));
        }
    }
}
