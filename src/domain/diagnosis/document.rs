//! What servers send instead of the file that was asked for.

use std::fmt;

/// The most characters of an error code that are told.
const LONGEST_CODE: usize = 64;

/// Something that is sent instead of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// A page for people: a login, a list of mirrors, an error.
    Html,
    /// What object stores answer with when they refuse; the code of the error, if it has one.
    Xml(Option<String>),
    /// A pointer to a large file in a repository, and not the file.
    LargeFilePointer,
    /// A checksum file's or a signature's armour.
    Armour,
}

impl Document {
    /// What bytes that begin with `head` are, if they are none of an image.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let text = String::from_utf8_lossy(head.trim_ascii_start());
        let lower = text.to_ascii_lowercase();
        if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
            return Some(Self::Html);
        }
        if lower.starts_with("<?xml") || lower.starts_with("<error>") {
            // A page may be XML too.
            let is_page = lower.contains("<html");
            return Some(if is_page {
                Self::Html
            } else {
                Self::Xml(code(&text))
            });
        }
        if text.starts_with("version https://git-lfs.github.com/spec/") {
            return Some(Self::LargeFilePointer);
        }
        text.starts_with("-----BEGIN PGP ").then_some(Self::Armour)
    }
}

/// The code of the error in the words of an object store: `<Code>NoSuchKey</Code>`. What a
/// server wrote there is shown to others, so it must be a word.
fn code(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let is_word = code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_word && (1..=LONGEST_CODE).contains(&code.len())).then(|| code.to_owned())
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Html => write!(f, "an HTML page"),
            Self::Xml(Some(code)) => write!(f, "an XML document that tells of the error {code}"),
            Self::Xml(None) => write!(f, "an XML document"),
            Self::LargeFilePointer => write!(f, "a Git LFS pointer"),
            Self::Armour => write!(f, "an OpenPGP signature or message"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_known_by_their_first_words() {
        for page in [
            "<!DOCTYPE html><title>Sign in</title>",
            "\u{feff}\n  <HTML lang=en>",
            "<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0\"><html>",
        ] {
            assert_eq!(
                Document::of(page.as_bytes()),
                Some(Document::Html),
                "{page}"
            );
        }
        for other in ["", "<htm", "QFI\u{fb}", "{}", "html"] {
            assert_eq!(Document::of(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn the_error_of_an_object_store_is_told_by_its_code_alone() {
        let of = |code: &str| {
            let text = format!(
                "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>m</Message></Error>"
            );
            Document::of(text.as_bytes())
        };
        assert_eq!(
            of("NoSuchKey"),
            Some(Document::Xml(Some("NoSuchKey".into())))
        );
        for odd in ["", "a b", "<b>", &"a".repeat(65)] {
            assert_eq!(of(odd), Some(Document::Xml(None)), "{odd}");
        }
    }
}
