//! Digests that are written otherwise than in hexadecimal digits.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// With or without the `=` at the end, in both alphabets.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// How many hexadecimal digits digests have, and what publishers mean by so many if they do not
/// say it.
const DIGITS: [(usize, &str); 6] = [
    (32, "md5"),
    (40, "sha1"),
    (56, "sha224"),
    (64, "sha256"),
    (96, "sha384"),
    (128, "sha512"),
];

/// What a publisher means by `value`, hexadecimal digits without the name of an algorithm.
pub(in crate::domain) fn usual_algorithm(value: &str) -> Option<&'static str> {
    let is_hex = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let known = DIGITS.iter().find(|(digits, _)| *digits == value.len());
    known.filter(|_| is_hex).map(|(_, name)| *name)
}

/// The hexadecimal digits that `value` means, if it is a digest in another spelling: Base64 in
/// either alphabet, `0x` in front, or pairs of digits with colons or blanks between them.
pub(in crate::domain) fn spelled_otherwise(value: &str) -> Option<(&'static str, String)> {
    let bare = |digits: &str| {
        let digits = digits.to_ascii_lowercase();
        usual_algorithm(&digits).map(|_| digits)
    };
    if bare(value).is_some() {
        // Digits are in the alphabet of Base64, too.
        return None;
    }
    if let Some(digits) = value.strip_prefix("0x").and_then(bare) {
        return Some(("it begins with 0x", digits));
    }
    let joined: String = value.split([':', ' ', '-']).collect();
    if joined.len() < value.len()
        && let Some(digits) = bare(&joined)
    {
        return Some(("its digits stand apart", digits));
    }
    [alphabet::STANDARD, alphabet::URL_SAFE]
        .iter()
        .find_map(|alphabet| {
            let bytes = GeneralPurpose::new(alphabet, LENIENT).decode(value).ok()?;
            let digits = hex::encode(bytes);
            usual_algorithm(&digits).map(|_| ("it is Base64", digits))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The MD5 digest of nothing.
    const MD5: &str = "d41d8cd98f00b204e9800998ecf8427e";

    #[test]
    fn a_digest_in_another_spelling_is_understood() {
        let apart: Vec<_> = MD5
            .as_bytes()
            .chunks(2)
            .map(|it| String::from_utf8_lossy(it))
            .collect();
        for (value, how) in [
            ("1B2M2Y8AsgTpgAmY7PhCfg==", "it is Base64"),
            ("1B2M2Y8AsgTpgAmY7PhCfg", "it is Base64"),
            (&format!("0x{MD5}"), "it begins with 0x"),
            (&apart.join(":").to_uppercase(), "its digits stand apart"),
            (&apart.join(" "), "its digits stand apart"),
        ] {
            assert_eq!(
                spelled_otherwise(value),
                Some((how, MD5.to_owned())),
                "{value}"
            );
        }
        // Both signs that the alphabets do not share.
        let standard = "ff+nKOd24hFXJRpqGXfw4SkKyU1/vmmKg4rAhivo2MI=";
        let url_safe = standard.replace('+', "-").replace('/', "_");
        let known = spelled_otherwise(standard);
        assert!(known.is_some());
        assert_eq!(spelled_otherwise(&url_safe), known);
    }

    #[test]
    fn what_is_no_digest_of_any_length_means_nothing() {
        let sha256 = "0".repeat(64);
        for value in [
            "",
            "abc",
            "AAAA",
            MD5,
            &sha256,
            "not a digest",
            "====",
            "0x12",
        ] {
            assert_eq!(spelled_otherwise(value), None, "{value}");
        }
    }

    #[test]
    fn the_length_of_a_digest_tells_what_is_meant() {
        assert_eq!(usual_algorithm(MD5), Some("md5"));
        assert_eq!(usual_algorithm(&"a".repeat(128)), Some("sha512"));
        assert_eq!(usual_algorithm(&"g".repeat(128)), None);
        assert_eq!(usual_algorithm("abcd"), None);
    }
}
