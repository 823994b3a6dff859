//! Lines and files that say nothing that could be used.

use super::*;

fn fault(line: &str) -> LineFault {
    let file = read(&format!("{line}\n{}  good", digits("a", 64)));
    match &file.lines()[0].content {
        Content::Malformed(fault) => fault.clone(),
        Content::Entry(entry) => panic!("{line:?} is {entry:?}"),
    }
}

fn refused(text: &str) -> ChecksumFileError {
    read_as("SHA256SUMS", text.as_bytes()).expect_err("a refusal")
}

#[test]
fn a_line_that_cannot_be_understood_says_why() {
    let good = digits("a", 64);
    for line in [
        "what?".to_owned(),
        format!("{good}x  name"),
        format!("{}  name", &good[..31]),
        "SHA256 (name)".to_owned(),
        format!("SHA256 name = {good}"),
        format!("SHA256 (name = {good}"),
        format!("SHA 256 (name) = {good}"),
        format!("{} (name) = {good}", "S".repeat(33)),
        format!(")(=  {good}"),
    ] {
        assert_eq!(fault(&line), LineFault::Form, "{line}");
    }
    assert_eq!(fault(&format!("{good}0  name")), LineFault::Length(65));
    for value in [&good[..62], "", "zz", &format!("{good} {good}")] {
        let line = format!("SHA256 (name) = {value}");
        assert!(matches!(fault(&line), LineFault::Value { .. }), "{line}");
    }
    for line in [
        format!(r"\{good}  na\me"),
        format!(r"\{good}  name\"),
        format!(r"\SHA256 () = {good}"),
    ] {
        assert_eq!(fault(&line), LineFault::Name, "{line}");
    }
}

#[test]
fn a_file_without_any_entry_is_refused() {
    for text in ["", "\n\r\n", "# nothing", "<!DOCTYPE html>\n<html></html>"] {
        assert_eq!(refused(text), ChecksumFileError::NoEntries, "{text:?}");
    }
}

#[test]
fn bytes_that_no_text_has_are_refused_with_their_line() {
    let good = digits("a", 64);
    for (byte, shown) in [("\0", 0), ("\u{1b}", 0x1b), ("\u{7f}", 0x7f), ("\rx", 13)] {
        assert_eq!(
            refused(&format!("{good}  a\n{good}  b{byte}\n")),
            ChecksumFileError::Binary {
                line: 2,
                byte: shown
            }
        );
    }
}

#[test]
fn a_name_need_not_be_unicode() {
    let mut bytes = digits("a", 64).into_bytes();
    bytes.extend(b"  \xff\xfe");
    let file = read_as("x", &bytes).expect("a checksum file");
    assert!(file.find(b"\xff\xfe").is_ok());
}

#[test]
fn size_lines_and_length_of_lines_are_bounded() {
    let known = Hashers::builtin().known();
    let limits = Limits {
        bytes: 400,
        line: 80,
        lines: 3,
    };
    let read = |text: &str| ChecksumFile::read(text.as_bytes(), "x", &known, limits).map(drop);
    let line = format!("{}  a\n", digits("a", 64));
    assert_eq!(read(&format!("#\n\n{}", line.repeat(3))), Ok(()));
    assert_eq!(
        read(&line.repeat(4)),
        Err(ChecksumFileError::TooManyLines(3))
    );
    assert_eq!(
        read(&format!("{line}what?\nwhat?\nwhat?")),
        Err(ChecksumFileError::TooManyLines(3)),
        "lines that say nothing take room, too"
    );
    assert_eq!(
        read(&format!("{line}#{}", "a".repeat(80))),
        Err(ChecksumFileError::LongLine { line: 2, most: 80 })
    );
    assert_eq!(
        read(&"\n".repeat(401)),
        Err(ChecksumFileError::TooLarge(400))
    );
}

#[test]
fn a_frame_that_is_not_whole_is_refused() {
    let begin = "-----BEGIN PGP SIGNED MESSAGE-----\n";
    let end = "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n";
    let line = format!("{}  a\n", digits("a", 64));
    let whole = format!("{begin}Hash: SHA256\n\n{line}{end}");
    assert!(read_as("x", whole.as_bytes()).is_ok());
    for (text, at) in [
        (format!("{line}{whole}"), 2),
        (format!("{whole}{line}"), 9),
        (format!("{whole}{whole}"), 9),
        (format!("{begin}{line}\n{line}{end}"), 2),
        (format!("{begin}Hash: SHA256\n"), 2),
        (format!("{begin}\n{line}"), 3),
        (format!("{begin}\n-{line}{end}"), 3),
        (format!("{begin}\n{begin}\n{line}{end}"), 3),
        (format!("{begin}\n{line}-----BEGIN PGP SIGNATURE-----\n"), 4),
    ] {
        let refused = refused(&text);
        assert!(
            matches!(&refused, ChecksumFileError::Frame(fault) if fault.line == at),
            "{text}: {refused:?}"
        );
    }
}
