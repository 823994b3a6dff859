//! Values in TOML's spelling, with secrets masked.

use std::fmt::Write as _;

use figment::value::Value;

use crate::config::kind::Kind;

/// What stands for a secret.
const MASK: &str = "***";

/// `value` in TOML's spelling. A secret, which `kind` tells, is masked.
pub(super) fn spelled(value: &Value, kind: Option<Kind>) -> String {
    match (value, kind) {
        (value, Some(Kind::Secret)) if !matches!(value, Value::Empty(..)) => quoted(MASK),
        (Value::String(_, text), Some(Kind::Connection | Kind::Transport)) => quoted(&masked(text)),
        (Value::Array(..) | Value::Dict(..), Some(Kind::Connection | Kind::Transport)) => {
            MASK.to_owned()
        }
        (Value::String(_, text), _) => quoted(text),
        (Value::Char(_, sign), _) => quoted(&sign.to_string()),
        (Value::Bool(_, yes), _) => yes.to_string(),
        (Value::Num(..), _) => number(value),
        (Value::Empty(..), _) => String::new(),
        (Value::Array(_, items), _) => {
            let items: Vec<String> = items.iter().map(|item| spelled(item, None)).collect();
            format!("[{}]", items.join(", "))
        }
        (Value::Dict(_, dict), _) => {
            let pairs: Vec<String> = dict
                .iter()
                .map(|(key, value)| format!("{} = {}", key_spelled(key), spelled(value, None)))
                .collect();
            format!("{{ {} }}", pairs.join(", "))
        }
    }
}

/// The address of a database or a broker without its password; of several hosts only the last is
/// left.
fn masked(connection: &str) -> String {
    let (address, query) = match connection.split_once('?') {
        Some((address, query)) if !query.contains('@') => (address, format!("?{MASK}")),
        _ => (connection, String::new()),
    };
    let start = address.find("://").map_or(0, |at| at + "://".len());
    let (scheme, rest) = address.split_at(start);
    // A password may hold any sign that should have been escaped, so the last @ counts.
    let Some((identity, host)) = rest.rsplit_once('@') else {
        return format!("{address}{query}");
    };
    let user = identity.split_once(':').map_or(identity, |(user, _)| user);
    format!("{scheme}{user}:{MASK}@{host}{query}")
}

fn number(value: &Value) -> String {
    value
        .to_i128()
        .map(|number| number.to_string())
        .or_else(|| value.to_u128().map(|number| number.to_string()))
        .or_else(|| value.to_num()?.to_f64().map(|number| number.to_string()))
        .unwrap_or_default()
}

fn key_spelled(key: &str) -> String {
    let is_bare = |sign: char| sign.is_ascii_alphanumeric() || "_-".contains(sign);
    if !key.is_empty() && key.chars().all(is_bare) {
        key.to_owned()
    } else {
        quoted(key)
    }
}

/// `text` as a basic string of TOML.
fn quoted(text: &str) -> String {
    let mut result = String::from('"');
    for sign in text.chars() {
        match sign {
            '"' => result.push_str("\\\""),
            '\\' => result.push_str("\\\\"),
            '\n' => result.push_str("\\n"),
            sign if sign.is_control() => {
                // Writing to a String cannot fail.
                let _ = write!(result, "\\u{:04X}", u32::from(sign));
            }
            sign => result.push(sign),
        }
    }
    result.push('"');
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_a_connection_is_never_shown() {
        for (connection, shown) in [
            ("postgresql://u:hunter2@h/db", "postgresql://u:***@h/db"),
            ("postgresql://u:hun/t@er2@h/db", "postgresql://u:***@h/db"),
            ("postgresql://u:hunter2?@h/db", "postgresql://u:***@h/db"),
            (
                "postgresql://h/db?user=u&password=hunter2",
                "postgresql://h/db?***",
            ),
            (
                "rabbit://u:hunter2@h1:1,v:hunter2@h2:2/x?ssl=1",
                "rabbit://u:***@h2:2/x?***",
            ),
            ("u:hunter2@h/db", "u:***@h/db"),
            ("sqlite:/var/lib/hallmark.db", "sqlite:/var/lib/hallmark.db"),
        ] {
            assert_eq!(masked(connection), shown);
        }
    }

    #[test]
    fn a_secret_is_never_shown_whatever_its_type() {
        for secret in [Value::from("hunter2"), 2.into(), vec!["hunter2"].into()] {
            assert_eq!(spelled(&secret, Some(Kind::Secret)), "\"***\"");
        }
    }

    #[test]
    fn values_are_spelled_as_toml_has_them() {
        for text in [
            r#"a = "b\"\\\n\u0007""#,
            "a = [\"b\", \"c\"]",
            "a = -1",
            "a = true",
            "a = { b = \"c\", \"d.e\" = \"f\" }",
        ] {
            let dict: figment::value::Dict = toml::from_str(text).expect("TOML");
            assert_eq!(format!("a = {}", spelled(&dict["a"], None)), text);
        }
    }
}
