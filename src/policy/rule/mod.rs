//! The rule language: texts, and the checks they become.

mod check;
mod parse;
mod single;
mod template;
#[cfg(test)]
mod tests;

pub(super) use self::{
    check::Check,
    parse::{parse, parse_list},
    template::Template,
};

/// How many bytes the text of one rule may have.
const MAX_LENGTH: usize = 64 * 1024;

/// How deep parentheses and `not` may nest in one rule.
const MAX_DEPTH: usize = 100;

/// A text that is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}, at character {column}: {near:?}")]
pub struct Malformed {
    /// What is wrong.
    pub fault: Fault,
    /// Where, counted in characters from 1; in a rule that is a list, within the item.
    pub column: usize,
    /// The first characters of what stands there.
    pub near: String,
}

impl Malformed {
    /// `fault`, found at byte `offset` of `text`.
    fn at(text: &str, offset: usize, fault: Fault) -> Self {
        const SHOWN: usize = 40;
        let (before, from) = text.split_at_checked(offset).unwrap_or((text, ""));
        Self {
            fault,
            column: before.chars().count() + 1,
            near: from.chars().take(SHOWN).collect(),
        }
    }
}

/// What can be wrong with the text of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nothing, or `and`, `or`, `)`, stands where a check must.
    #[error("a check is missing")]
    NoCheck,
    /// Something follows a check that is neither `and` nor `or`.
    #[error("neither `and` nor `or` joins this to what stands before it")]
    Unjoined,
    /// A `(` without its `)`.
    #[error("a parenthesis is not closed")]
    Unclosed,
    /// A check that is not `this:that`.
    #[error("a check has no colon")]
    NoColon,
    /// A check without its left or right side.
    #[error("one side of a check's colon is empty")]
    OneSided,
    /// A quotation that does not end, or does not end at the colon.
    #[error("a quotation must be the whole left side of a check, without blanks or colons")]
    Quotation,
    /// A parenthesis that touches a check on both sides.
    #[error("a parenthesis is glued into a check")]
    Parenthesis,
    /// A `%` that starts neither `%(key)s` nor `%%`.
    #[error("a per cent sign starts no `%(key)s`")]
    Substitution,
    /// A check that would ask another server.
    #[error("remote checks (http:, https:) are not supported yet")]
    Remote,
    /// Parentheses and `not` deeper than 100.
    #[error("the rule nests too deep")]
    TooDeep,
    /// More than 64 KiB.
    #[error("the rule is too long")]
    TooLong,
}
