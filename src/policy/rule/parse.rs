//! The grammar of rules.
//!
//! Words end at blanks, as in oslo.policy: parentheses are read off the front and the back of a
//! word, never out of its middle. A text that oslo.policy would log and then take for "never" is
//! refused here.

use winnow::{
    LocatingSlice, ModalResult, Parser as _,
    combinator::{alt, cut_err, delimited, preceded, separated},
    error::{ErrMode, ParserError},
    stream::{Location as _, Stream as _},
    token::take_while,
};

use super::{Check, Fault, MAX_DEPTH, MAX_LENGTH, Malformed, single::check};

type Input<'a> = LocatingSlice<&'a str>;
type Parsed<T> = ModalResult<T, Stumble>;

/// A fault, and the offset in bytes at which it was found.
#[derive(Debug)]
struct Stumble {
    at: usize,
    fault: Fault,
}

impl<'a> ParserError<Input<'a>> for Stumble {
    type Inner = Self;

    fn from_input(input: &Input<'a>) -> Self {
        Self {
            at: input.current_token_start(),
            fault: Fault::NoCheck,
        }
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}

impl Stumble {
    /// An error that no other branch of the grammar can mend.
    fn cut(at: usize, fault: Fault) -> ErrMode<Self> {
        ErrMode::Cut(Self { at, fault })
    }
}

/// Reads a rule that is written as a text. The empty text always holds.
///
/// # Errors
///
/// [`Malformed`] names the place.
pub(in crate::policy) fn parse(text: &str) -> Result<Check, Malformed> {
    if text.is_empty() {
        return Ok(Check::True);
    }
    if text.len() > MAX_LENGTH {
        return Err(Malformed::at(text, MAX_LENGTH, Fault::TooLong));
    }
    let parsed = whole(&mut LocatingSlice::new(text));
    parsed.map_err(|error| {
        let Stumble { at, fault } = error.into_inner().unwrap_or(Stumble {
            at: text.len(),
            fault: Fault::NoCheck,
        });
        Malformed::at(text, at, fault)
    })
}

/// Reads a rule that is written in the older form: a list of alternatives, each a list of single
/// checks that must all hold. No alternatives at all: it always holds; only empty ones: never.
///
/// # Errors
///
/// [`Malformed`] names the place within the single check.
pub(in crate::policy) fn parse_list<'a, A>(alternatives: &'a [A]) -> Result<Check, Malformed>
where
    A: AsRef<[String]> + 'a,
{
    if alternatives.is_empty() {
        return Ok(Check::True);
    }
    let alternatives = alternatives
        .iter()
        .map(AsRef::as_ref)
        .filter(|checks| !checks.is_empty())
        .map(|checks| {
            let checks: Result<Vec<_>, _> = checks.iter().map(|text| parse_single(text)).collect();
            checks.map(Check::all)
        })
        .collect::<Result<Vec<_>, _>>()?;
    if alternatives.is_empty() {
        return Ok(Check::False);
    }
    Ok(Check::any(alternatives))
}

fn parse_single(text: &str) -> Result<Check, Malformed> {
    let at = |offset, fault| Malformed::at(text, offset, fault);
    if text.len() > MAX_LENGTH {
        return Err(at(MAX_LENGTH, Fault::TooLong));
    }
    if let Some(blank) = text.find(char::is_whitespace) {
        return Err(at(blank, Fault::Unjoined));
    }
    check(text).map_err(|fault| at(0, fault))
}

fn whole(input: &mut Input<'_>) -> Parsed<Check> {
    let check = any(input, 0)?;
    blanks(input)?;
    if input.is_empty() {
        Ok(check)
    } else {
        let at = input.current_token_start();
        Err(Stumble::cut(at, Fault::Unjoined))
    }
}

fn any(input: &mut Input<'_>, depth: usize) -> Parsed<Check> {
    separated(1.., |i: &mut Input<'_>| all(i, depth), keyword("or"))
        .map(Check::any)
        .parse_next(input)
}

fn all(input: &mut Input<'_>, depth: usize) -> Parsed<Check> {
    separated(1.., |i: &mut Input<'_>| one(i, depth), keyword("and"))
        .map(Check::all)
        .parse_next(input)
}

fn one(input: &mut Input<'_>, depth: usize) -> Parsed<Check> {
    blanks(input)?;
    if depth > MAX_DEPTH {
        let at = input.current_token_start();
        return Err(Stumble::cut(at, Fault::TooDeep));
    }
    let negated = |i: &mut Input<'_>| one(i, depth + 1).map(|check| Check::Not(check.into()));
    let grouped = |i: &mut Input<'_>| any(i, depth + 1);
    cut_err(alt((
        preceded(keyword("not"), negated),
        delimited('(', grouped, close),
        single,
    )))
    .parse_next(input)
}

fn close(input: &mut Input<'_>) -> Parsed<()> {
    blanks(input)?;
    let at = input.current_token_start();
    let fault = if input.is_empty() {
        Fault::Unclosed
    } else {
        Fault::Unjoined
    };
    let closed: Parsed<char> = ')'.parse_next(input);
    closed.map(drop).map_err(|_| Stumble::cut(at, fault))
}

fn single(input: &mut Input<'_>) -> Parsed<Check> {
    let at = input.current_token_start();
    let text = word(input)?;
    check(text).map_err(|fault| Stumble::cut(at, fault))
}

fn keyword<'a>(expected: &'static str) -> impl FnMut(&mut Input<'a>) -> Parsed<&'a str> {
    move |input| {
        preceded(blanks, word)
            .verify(|word: &str| word.eq_ignore_ascii_case(expected))
            .parse_next(input)
    }
}

/// What stands before the next blank, without the parentheses at its end; never nothing.
fn word<'a>(input: &mut Input<'a>) -> Parsed<&'a str> {
    let rest: &str = input.as_ref();
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    match rest[..end].trim_end_matches(')').len() {
        0 => Err(ParserError::from_input(input)),
        length => Ok(input.next_slice(length)),
    }
}

fn blanks<'a>(input: &mut Input<'a>) -> Parsed<&'a str> {
    take_while(0.., char::is_whitespace).parse_next(input)
}
