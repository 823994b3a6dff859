//! References between the options of INI files: `$option`, `${option}` and `$section.option`.

use figment::value::Value;

use crate::config::layer::Sections;

/// How deep references may lead to references.
const DEPTH: usize = 16;

/// Why a text with references has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadReference {
    /// It refers to nothing.
    #[error("a reference to an option that is set (${0} is not; $$ stands for a dollar sign)")]
    Nothing(String),
    /// It refers to itself.
    #[error("references that come to an end (${0} leads in a circle)")]
    Circle(String),
}

/// `text`, which stands in `section`, with the values of the options it refers to.
///
/// An option without a section is looked up in `section`, then in `[DEFAULT]`. `$$` and `\$` are
/// a dollar sign, and so is a `$` before anything that is no name.
///
/// # Errors
///
/// [`BadReference`] if there is no such option in `sections`, or it refers to itself.
pub(super) fn interpolate(
    sections: &Sections,
    section: &str,
    text: &str,
) -> Result<String, BadReference> {
    resolve(sections, section, text, DEPTH)
}

fn resolve(
    sections: &Sections,
    section: &str,
    text: &str,
    depth: usize,
) -> Result<String, BadReference> {
    let mut result = String::with_capacity(text.len());
    let text = text.replace("\\$", "$$");
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('$') {
        result.push_str(before);
        rest = if let Some(after) = after.strip_prefix('$') {
            result.push('$');
            after
        } else if let Some((name, after)) = reference(after) {
            if depth == 0 {
                return Err(BadReference::Circle(name.to_owned()));
            }
            let (home, value) = look_up(sections, section, name)
                .ok_or_else(|| BadReference::Nothing(name.to_owned()))?;
            result.push_str(&resolve(sections, home, &value, depth - 1)?);
            after
        } else {
            result.push('$');
            after
        };
    }
    result.push_str(rest);
    Ok(result)
}

/// The name that `text`, which follows a dollar sign, begins with, and what follows the name.
fn reference(text: &str) -> Option<(&str, &str)> {
    if let Some(braced) = text.strip_prefix('{') {
        let (name, after) = braced.split_once('}')?;
        return (name_length(name) == name.len() && !name.is_empty()).then_some((name, after));
    }
    let (name, after) = text.split_at(name_length(text));
    (!name.is_empty()).then_some((name, after))
}

/// How long the name is that `text` begins with. A dot at its end is not part of it.
fn name_length(text: &str) -> usize {
    if text.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return 0;
    }
    let end = text
        .find(|sign: char| !(sign.is_ascii_alphanumeric() || sign == '_' || sign == '.'))
        .unwrap_or(text.len());
    text[..end].trim_end_matches('.').len()
}

/// The text of the option `name`, and the section it stands in.
fn look_up<'a>(
    sections: &'a Sections,
    section: &'a str,
    name: &'a str,
) -> Option<(&'a str, String)> {
    let homes = match name.split_once('.') {
        Some((section, option)) => [(section, option), ("DEFAULT", name)],
        None => [(section, name), ("DEFAULT", name)],
    };
    homes.into_iter().find_map(|(section, option)| {
        let value = sections.get(section)?.get(option)?;
        Some((section, scalar(value)?))
    })
}

/// The text of a value that is not a list; an option that is not set has none.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(_, text) => Some(text.clone()),
        Value::Bool(_, yes) => Some(yes.to_string()),
        Value::Num(..) => value
            .to_u128()
            .map(|number| number.to_string())
            .or_else(|| value.to_i128().map(|number| number.to_string())),
        Value::Empty(..) => Some(String::new()),
        Value::Array(_, written) => written.last()?.as_str().map(str::to_owned),
        Value::Char(..) | Value::Dict(..) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(text: &str) -> Result<String, BadReference> {
        let sections: Sections = toml::from_str(
            "[DEFAULT]\nstate = '/var/lib'\nport = 9292\nloop = '$loop'\nunder = '$state/x'\n\
             [store]\nname = 'fast'\ndir = '$under/$name'",
        )
        .expect("the text is TOML");
        interpolate(&sections, "store", text)
    }

    #[test]
    fn an_option_is_looked_up_in_its_own_section_then_in_default() {
        assert_eq!(result("$state/$name").as_deref(), Ok("/var/lib/fast"));
        assert_eq!(result("http://h:${port}/").as_deref(), Ok("http://h:9292/"));
        assert_eq!(result("$store.name.").as_deref(), Ok("fast."));
    }

    #[test]
    fn what_is_referred_to_is_interpolated_in_its_own_section() {
        assert_eq!(result("$store.dir").as_deref(), Ok("/var/lib/x/fast"));
    }

    #[test]
    fn a_dollar_sign_is_written_twice_or_behind_a_backslash() {
        assert_eq!(result("a$$state\\$name").as_deref(), Ok("a$state$name"));
        assert_eq!(result("5$ ${ ${} $9").as_deref(), Ok("5$ ${ ${} $9"));
    }

    #[test]
    fn a_reference_to_nothing_and_a_circle_are_refused() {
        assert_eq!(
            result("$nobody"),
            Err(BadReference::Nothing("nobody".into()))
        );
        assert_eq!(result("$loop"), Err(BadReference::Circle("loop".into())));
    }
}
