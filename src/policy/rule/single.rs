//! Single checks, which the grammar joins.

use super::{Check, Fault, Template};

/// Reads one check: `@`, `!` or `this:that`.
///
/// # Errors
///
/// [`Fault`] tells what is wrong.
pub(super) fn check(text: &str) -> Result<Check, Fault> {
    match text {
        "@" => return Ok(Check::True),
        "!" => return Ok(Check::False),
        _ if ["", "and", "or"].contains(&&*text.to_ascii_lowercase()) => {
            return Err(Fault::NoCheck);
        }
        _ => {}
    }
    let (kind, wanted) = text.split_once(':').ok_or(Fault::NoColon)?;
    if kind.eq_ignore_ascii_case("http") || kind.eq_ignore_ascii_case("https") {
        return Err(Fault::Remote);
    }
    if kind.is_empty() || wanted.is_empty() {
        return Err(Fault::OneSided);
    }
    match kind {
        "rule" if wanted.contains(['(', ')']) => Err(Fault::Parenthesis),
        "rule" => Ok(Check::Rule(wanted.into())),
        "role" => Ok(Check::Role(Template::parse(wanted)?.into_lower_case())),
        _ => {
            let template = Template::parse(wanted)?;
            Ok(match literal(kind)? {
                Some(text) => Check::Literal(text, template),
                None => Check::Credential(kind.into(), template),
            })
        }
    }
}

/// The text that `kind` spells if it is a literal, as Python would write it.
fn literal(kind: &str) -> Result<Option<Box<str>>, Fault> {
    if kind.contains(['(', ')']) {
        return Err(Fault::Parenthesis);
    }
    if kind.contains(['\'', '"', '\\']) {
        let quoted = |quote: char| kind.strip_prefix(quote)?.strip_suffix(quote);
        let text = quoted('\'').or_else(|| quoted('"'));
        return text
            .filter(|text| !text.contains(['\'', '"', '\\']))
            .map(|text| Some(text.into()))
            .ok_or(Fault::Quotation);
    }
    Ok(match kind {
        "True" | "False" | "None" => Some(kind.into()),
        _ => number(kind).map(Into::into),
    })
}

fn number(kind: &str) -> Option<String> {
    let digits = kind.strip_prefix(['+', '-']).unwrap_or(kind);
    if !digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        return None;
    }
    let whole = kind.parse::<i64>().map(|number| number.to_string());
    let decimal = || kind.parse::<f64>().map(|number| format!("{number:?}"));
    whole.ok().or_else(|| decimal().ok())
}
