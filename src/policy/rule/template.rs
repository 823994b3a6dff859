//! The right side of a check: a text with gaps that the target fills.

use std::borrow::Cow;

use super::Fault;

/// A text in which `%(key)s` stands for the target's value under `key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::policy) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(Box<str>),
    Key(Box<str>),
}

impl Template {
    /// Reads a template; `%%` stands for one per cent sign.
    pub(super) fn parse(source: &str) -> Result<Self, Fault> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut rest = source;
        while let Some(at) = rest.find(['%', '(', ')']) {
            let (before, special) = rest.split_at(at);
            text.push_str(before);
            if let Some(after) = special.strip_prefix("%%") {
                text.push('%');
                rest = after;
            } else if special.starts_with('%') {
                let (key, after) = substitution(special).ok_or(Fault::Substitution)?;
                pieces.extend(Self::text(&mut text));
                pieces.push(Piece::Key(key.into()));
                rest = after;
            } else {
                return Err(Fault::Parenthesis);
            }
        }
        text.push_str(rest);
        pieces.extend(Self::text(&mut text));
        if pieces.is_empty() {
            return Err(Fault::OneSided);
        }
        Ok(Self(pieces))
    }

    fn text(text: &mut String) -> Option<Piece> {
        let text = std::mem::take(text);
        (!text.is_empty()).then(|| Piece::Text(text.into()))
    }

    /// The template with its fixed parts in lower case; keys keep their case.
    pub(super) fn into_lower_case(self) -> Self {
        let lower = |piece| match piece {
            Piece::Text(text) => Piece::Text(text.to_lowercase().into()),
            Piece::Key(key) => Piece::Key(key),
        };
        Self(self.0.into_iter().map(lower).collect())
    }

    /// Whether the template spells `text` once `value` has filled its gaps. A gap that `value`
    /// cannot fill makes the answer no.
    pub(in crate::policy) fn spells<'v>(
        &self,
        text: &str,
        value: impl Fn(&str) -> Option<Cow<'v, str>>,
    ) -> bool {
        let mut rest = text;
        for piece in &self.0 {
            let after = match piece {
                Piece::Text(fixed) => rest.strip_prefix(&**fixed),
                Piece::Key(key) => value(key).and_then(|value| rest.strip_prefix(&*value)),
            };
            let Some(after) = after else {
                return false;
            };
            rest = after;
        }
        rest.is_empty()
    }
}

/// Splits `%(key)s…` into the key and what follows.
fn substitution(text: &str) -> Option<(&str, &str)> {
    let (key, after) = text.strip_prefix("%(")?.split_once(")s")?;
    let well_formed = !key.is_empty() && !key.contains(['%', '(', ')']);
    well_formed.then_some((key, after))
}
