//! The kinds of values that options have: how they are written in text, and what is allowed.

use std::net::IpAddr;

use figment::value::{Dict, Num, Tag, Value};
use http::Uri;
use ipnet::IpNet;

use crate::config::{ini::unquoted, size};

/// What the value of an option is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any text, a path too.
    Text,
    /// The address of a database, which holds a password that is never shown.
    Connection,
    /// A text that is never shown.
    Secret,
    /// The address of a broker, which holds a password that is never shown.
    Transport,
    /// An address that clients may use.
    Url,
    /// An IP address.
    Address,
    /// Yes or no.
    Switch,
    /// A whole number, both bounds included.
    Number {
        /// The smallest.
        min: i128,
        /// The largest.
        max: i128,
    },
    /// A number of bytes with a unit.
    Size,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Texts.
    Words,
    /// Texts, which in an INI file stand in brackets.
    BoundedWords,
    /// TCP ports, which in an INI file stand in brackets.
    BoundedPorts,
    /// Networks.
    Networks,
    /// Texts; in an INI file each is a line with the key of its own.
    Repeated,
    /// Keys and their texts.
    Pairs,
}

/// How a value was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As text only: in an INI file, in the environment.
    Written,
    /// With a type of its own: in a TOML file.
    Typed,
}

impl Kind {
    /// The value that `given` means, with its tag; `None` if it is not of this kind.
    pub(super) fn take(self, given: &Value, spelling: Spelling) -> Option<Value> {
        let value = match (spelling, self) {
            (Spelling::Typed, Self::Pairs) => from_pairs(given)?,
            (Spelling::Typed, _) => given.clone(),
            (Spelling::Written, Self::Repeated) => Value::from(texts(given)?),
            (Spelling::Written, _) => self.read(texts(given)?.pop()?.as_str())?,
        };
        self.accepts(&value).then(|| tagged(value, given.tag()))
    }

    /// What is allowed, in words.
    pub(super) fn allowed(self, spelling: Spelling) -> String {
        let typed = spelling == Spelling::Typed;
        match self {
            Self::Text | Self::Secret => "a text",
            Self::Connection => "sqlite:PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME",
            Self::Transport => "rabbit://USER:PASSWORD@HOST:PORT/VHOST",
            Self::Url => "an http or https address",
            Self::Address => "an IP address",
            Self::Switch if typed => "true or false",
            Self::Switch => "true, yes, on, 1 or false, no, off, 0",
            Self::Number { min, max } => {
                return format!("a whole number from {min} to {max}");
            }
            Self::Size => size::ALLOWED,
            Self::Choice(words) => return words.join(", "),
            Self::Words | Self::BoundedWords | Self::Repeated if typed => {
                "a list of texts: [\"a\", \"b\"]"
            }
            Self::BoundedPorts if typed => "a list of ports: [80, 443]",
            Self::Networks if typed => "a list of networks: [\"10.0.0.0/8\", \"::1/128\"]",
            Self::Pairs if typed => "a table of texts: { key = \"value\" }",
            Self::Words => "a list: a,b",
            Self::BoundedWords => "a list in brackets: [a,b]",
            Self::BoundedPorts => "a list of ports in brackets: [80,443]",
            Self::Networks => "a list of networks: 10.0.0.0/8,::1/128",
            Self::Repeated => "a text, on a line with the key for each",
            Self::Pairs => "a list of pairs, each key once: key:value,key:value",
        }
        .to_owned()
    }

    /// The value that `text` stands for, by the rules of oslo.config.
    fn read(self, text: &str) -> Option<Value> {
        let text = text.trim();
        Some(match self {
            Self::Text
            | Self::Secret
            | Self::Connection
            | Self::Transport
            | Self::Url
            | Self::Address
            | Self::Size
            | Self::Choice(_) => Value::from(text),
            Self::Switch => Value::from(switch(text)?),
            Self::Number { .. } => number(text)?,
            Self::Words | Self::Networks => Value::from(list(text)?),
            Self::BoundedWords => Value::from(list(unbracketed(text)?)?),
            Self::BoundedPorts => {
                let ports = list(unbracketed(text)?)?;
                Value::from(
                    ports
                        .iter()
                        .map(|port| number(port))
                        .collect::<Option<Vec<_>>>()?,
                )
            }
            Self::Repeated => Value::from(vec![text.to_owned()]),
            Self::Pairs => pairs(text)?,
        })
    }

    fn accepts(self, value: &Value) -> bool {
        let text = |fits: fn(&str) -> bool| value.as_str().is_some_and(fits);
        let each =
            |fits: fn(&Value) -> bool| value.as_array().is_some_and(|items| items.iter().all(fits));
        match self {
            Self::Text | Self::Secret | Self::Connection | Self::Transport => text(|_| true),
            Self::Url => text(is_web_address),
            Self::Address => text(|text| text.parse::<IpAddr>().is_ok()),
            Self::Switch => value.to_bool().is_some(),
            Self::Number { min, max } => {
                whole(value).is_some_and(|number| (min..=max).contains(&number))
            }
            Self::Size => text(|text| size::bytes(text).is_some()),
            Self::Choice(words) => value.as_str().is_some_and(|text| words.contains(&text)),
            Self::Words | Self::BoundedWords | Self::Repeated => {
                each(|item| item.as_str().is_some())
            }
            Self::BoundedPorts => {
                each(|item| whole(item).is_some_and(|port| (1..=65_535).contains(&port)))
            }
            Self::Networks => each(|item| {
                item.as_str()
                    .is_some_and(|text| text.parse::<IpNet>().is_ok())
            }),
            Self::Pairs => value
                .as_dict()
                .is_some_and(|dict| dict.values().all(|item| item.as_str().is_some())),
        }
    }
}

/// `value` with the outermost tag `tag`, which tells where it comes from.
fn tagged(value: Value, tag: Tag) -> Value {
    match value {
        Value::String(_, it) => Value::String(tag, it),
        Value::Char(_, it) => Value::Char(tag, it),
        Value::Bool(_, it) => Value::Bool(tag, it),
        Value::Num(_, it) => Value::Num(tag, it),
        Value::Empty(_, it) => Value::Empty(tag, it),
        Value::Dict(_, it) => Value::Dict(tag, it),
        Value::Array(_, it) => Value::Array(tag, it),
    }
}

/// The written values of a key: one, or several if the key was repeated.
pub(super) fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(_, text) => Some(vec![text.clone()]),
        Value::Array(_, items) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

fn whole(value: &Value) -> Option<i128> {
    value
        .to_i128()
        .or_else(|| value.to_u128().and_then(|number| number.try_into().ok()))
}

fn is_web_address(text: &str) -> bool {
    text.parse::<Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
    })
}

fn switch(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

fn number(text: &str) -> Option<Value> {
    let number = text.parse::<i128>().ok()?;
    let number = i64::try_from(number)
        .map(Num::from)
        .or_else(|_| u64::try_from(number).map(Num::from))
        .ok()?;
    Some(Value::from(number))
}

fn unbracketed(text: &str) -> Option<&str> {
    text.strip_prefix('[')?.strip_suffix(']')
}

/// The items between the commas, without blanks around them and without empty ones. An item in
/// quotes may hold commas; its quotes are taken off.
fn list(text: &str) -> Option<Vec<String>> {
    let mut items = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '"' | '\'' => 1 + rest[1..].find(first)? + 1,
            _ => rest.find(',').unwrap_or(rest.len()),
        };
        let item = unquoted(rest[..end].trim());
        if !item.is_empty() {
            items.push(item.to_owned());
        }
        rest = rest[end..].trim_start();
        rest = match rest.strip_prefix(',') {
            Some(rest) => rest.trim_start(),
            None if rest.is_empty() => rest,
            None => return None,
        };
    }
    Some(items)
}

fn pairs(text: &str) -> Option<Value> {
    let mut dict = Dict::new();
    for pair in list(text)? {
        let (key, value) = pair.split_once(':')?;
        if dict
            .insert(key.trim().to_owned(), Value::from(value.trim()))
            .is_some()
        {
            return None;
        }
    }
    Some(Value::Dict(Tag::Default, dict))
}

/// The table that a list of keys and values stands for.
fn from_pairs(value: &Value) -> Option<Value> {
    let pairs = value.as_array()?.iter().map(|pair| match pair.as_array() {
        Some([Value::String(_, key), value]) => Some((key.clone(), value.clone())),
        _ => None,
    });
    Some(Value::Dict(Tag::Default, pairs.collect::<Option<Dict>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Kind = Kind::Number { min: -1, max: 9 };

    fn written(kind: Kind, text: &str) -> Option<Value> {
        kind.take(&Value::from(text), Spelling::Written)
    }

    #[test]
    fn the_words_for_yes_and_no_are_oslos_in_any_letter_case() {
        for text in ["true", "TRUE", "1", "Yes", "on"] {
            assert_eq!(written(Kind::Switch, text), Some(true.into()), "{text}");
        }
        for text in ["false", "0", "NO", "off"] {
            assert_eq!(written(Kind::Switch, text), Some(false.into()), "{text}");
        }
        for text in ["", "t", "2", "truee"] {
            assert_eq!(written(Kind::Switch, text), None, "{text}");
        }
    }

    #[test]
    fn a_number_keeps_its_bounds() {
        assert_eq!(written(ANY, " 9 "), Some(9i64.into()));
        assert_eq!(written(ANY, "-1"), Some((-1i64).into()));
        for text in ["10", "-2", "", "1.5", "0x1", "one"] {
            assert_eq!(written(ANY, text), None, "{text}");
        }
    }

    #[test]
    fn a_typed_text_is_not_taken_for_a_number_or_a_switch() {
        assert_eq!(ANY.take(&"9".into(), Spelling::Typed), None);
        assert_eq!(Kind::Switch.take(&"true".into(), Spelling::Typed), None);
        assert_eq!(Kind::Switch.take(&1u8.into(), Spelling::Typed), None);
    }

    #[test]
    fn a_list_loses_blanks_and_a_trailing_comma_and_quotes_keep_commas() {
        for (text, items) in [
            ("a,b", vec!["a", "b"]),
            (" a ,\n b , ", vec!["a", "b"]),
            ("", vec![]),
            ("'a,b', \"c\"", vec!["a,b", "c"]),
            ("[a", vec!["[a"]),
        ] {
            assert_eq!(
                written(Kind::Words, text),
                Some(Value::from(items)),
                "{text}"
            );
        }
        assert_eq!(written(Kind::Words, "'a, b"), None);
        assert_eq!(written(Kind::Words, "'a' b"), None);
    }

    #[test]
    fn a_bounded_list_without_brackets_is_refused_and_the_text_says_so() {
        assert_eq!(
            written(Kind::BoundedWords, "[a, b]"),
            Some(Value::from(vec!["a", "b"]))
        );
        assert_eq!(written(Kind::BoundedWords, "a, b"), None);
        assert_eq!(written(Kind::BoundedWords, "[a, b"), None);
        assert!(
            Kind::BoundedWords
                .allowed(Spelling::Written)
                .contains("in brackets")
        );
        assert_eq!(
            written(Kind::BoundedPorts, "[80, 443]"),
            Some(Value::from(vec![80i64, 443]))
        );
        assert_eq!(written(Kind::BoundedPorts, "[80, 0]"), None);
    }

    #[test]
    fn pairs_take_each_key_once() {
        let value = written(Kind::Pairs, "fast:file, cheap: file").expect("two pairs");
        let dict = value.as_dict().expect("a table");
        assert_eq!(dict["cheap"].as_str(), Some("file"));
        assert_eq!(dict.len(), 2);
        assert_eq!(written(Kind::Pairs, "fast"), None);
        assert_eq!(written(Kind::Pairs, "a:b,a:c"), None);
    }

    #[test]
    fn of_a_repeated_key_the_last_value_counts_unless_the_option_takes_all() {
        let given = Value::from(vec!["1", "2"]);
        assert_eq!(ANY.take(&given, Spelling::Written), Some(2i64.into()));
        assert_eq!(
            Kind::Repeated.take(&given, Spelling::Written),
            Some(given.clone())
        );
    }

    #[test]
    fn addresses_and_networks_are_checked() {
        assert!(written(Kind::Address, "::1").is_some());
        assert!(written(Kind::Address, "localhost").is_none());
        assert!(written(Kind::Networks, "10.0.0.0/8, ::1/128").is_some());
        assert!(written(Kind::Networks, "10.0.0.0/33").is_none());
        assert!(written(Kind::Url, "https://images.example.org:9292").is_some());
        for text in ["images.example.org", "ftp://a/", "http://", "https:a"] {
            assert!(written(Kind::Url, text).is_none(), "{text}");
        }
    }
}
