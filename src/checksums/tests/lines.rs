//! What lines of every kind say.

use super::*;

#[test]
fn lines_of_coreutils_say_a_digest_of_the_length_they_have() {
    for (length, algorithm) in [
        (32, "md5"),
        (40, "sha1"),
        (56, "sha224"),
        (64, "sha256"),
        (96, "sha384"),
        (128, "sha512"),
    ] {
        let digits = digits("AbC", length);
        for line in [
            format!("{digits}  disk.img\n"),
            format!("{digits} *disk.img\r\n"),
            format!("{digits} disk.img"),
            format!("{digits}\tdisk.img"),
            format!("\u{feff} \t{digits}  disk.img\r\r\n"),
        ] {
            let expected = format!("{algorithm}:{}", digits.to_lowercase());
            assert_eq!(
                only("CHECKSUM", &line),
                (Some("disk.img".to_owned()), expected),
                "{line:?}"
            );
        }
    }
}

#[test]
fn a_name_keeps_its_blanks_stars_and_brackets() {
    let digits = digits("a", 64);
    for name in [" disk", "my disk (1) = x.img ", "**", "d/(x)= y"] {
        assert_eq!(
            only("x", &format!("{digits}  {name}")).0.as_deref(),
            Some(name)
        );
        assert_eq!(
            only("x", &format!("SHA256 ({name}) = {digits}"))
                .0
                .as_deref(),
            Some(name)
        );
    }
}

#[test]
fn a_backslash_before_the_line_says_that_the_name_is_escaped() {
    let digits = digits("a", 64);
    let name = "a\nb\\c\rd";
    for line in [
        format!(r"\{digits}  a\nb\\c\rd"),
        format!(r"\SHA256 (a\nb\\c\rd) = {digits}"),
    ] {
        assert_eq!(only("x", &line).0.as_deref(), Some(name));
    }
    let plain = format!(r"{digits}  a\nb\\c");
    assert_eq!(only("x", &plain).0.as_deref(), Some(r"a\nb\\c"));
}

#[test]
fn lines_of_bsd_and_openssl_name_their_algorithm() {
    for (word, length, algorithm) in [
        ("MD5", 32, "md5"),
        ("SHA1", 40, "sha1"),
        ("SHA-256", 64, "sha256"),
        ("SHA2-256", 64, "sha256"),
        ("SHA2-512", 128, "sha512"),
        ("SHA3-256", 64, "sha3_256"),
        ("BLAKE2b", 128, "blake2b"),
        ("BLAKE2B-512", 128, "blake2b"),
        ("BLAKE2S-256", 64, "blake2s"),
        ("BLAKE3", 64, "blake3"),
    ] {
        let digits = digits("f", length);
        for line in [
            format!("{word} (disk.img) = {digits}"),
            format!("{word}(disk.img)= {digits}\r\n"),
            format!("{word} (disk.img) = {}", digits.to_uppercase()),
        ] {
            let expected = (Some("disk.img".to_owned()), format!("{algorithm}:{digits}"));
            assert_eq!(only("SHA1SUMS", &line), expected, "{line:?}");
        }
    }
}

#[test]
fn every_algorithm_is_known_by_the_word_that_we_write() {
    for known in Hashers::builtin().known() {
        let digits = digits("e", 2 * known.digest_len);
        let line = format!("{} (disk.img) = {digits}", known.tag);
        let expected = format!("{}:{digits}", known.algorithm);
        assert_eq!(only("x", &line).1, expected);
    }
}

#[test]
fn a_tagged_digest_may_be_base64() {
    let line = "SHA256 (a) = 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let expected = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(only("x", line).1, expected);
}

#[test]
fn an_algorithm_that_is_not_implemented_is_told_by_its_word() {
    for word in ["RMD160", "SHA512/256", "BLAKE2b-256", "SHA512-256"] {
        let line = format!("{word} (a) = {}", digits("a", 64));
        assert_eq!(only("x", &line).1, format!("?{word}"));
    }
}

#[test]
fn the_name_of_the_file_decides_between_algorithms_of_one_length() {
    for (file_name, length, algorithm) in [
        ("SHA3-256SUMS", 64, "sha3_256"),
        ("sha3_512sum.txt", 128, "sha3_512"),
        ("B2SUMS", 128, "blake2b"),
        ("disk.img.blake3", 64, "blake3"),
        ("b3sums", 64, "blake3"),
        ("disk-sha3-256.img.sha256", 64, "sha256"),
        ("sha256.disk.blake2s", 64, "blake2s"),
        ("SHA512SUMS", 64, "sha256"),
        ("", 128, "sha512"),
    ] {
        let digits = digits("1", length);
        let expected = format!("{algorithm}:{digits}");
        assert_eq!(only(file_name, &digits), (None, expected), "{file_name}");
    }
}

#[test]
fn lines_keep_their_numbers_and_their_text() {
    let good = digits("a", 64);
    let file = read(&format!(
        "# of today\r\n\r\n{good}  one\r\nwhat?\n \n{good}  two"
    ));
    let lines: Vec<_> = file
        .lines()
        .iter()
        .map(|line| (line.number, String::from_utf8_lossy(&line.text)))
        .collect();
    assert_eq!(
        lines,
        [
            (3, format!("{good}  one").into()),
            (4, "what?".into()),
            (6, format!("{good}  two").into())
        ]
    );
    assert_eq!(file.lines()[1].content, Content::Malformed(LineFault::Form));
}
