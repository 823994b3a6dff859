//! The paths into the crate that its code names, wherever they stand.
//!
//! They are read from the tokens, not from the syntax tree, so that a path is found as well in the
//! arguments of a macro or an attribute.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::source::{Purpose, Source};

/// A path that code names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// Its parts, from the crate's root on; the last is `*` for all of a module.
    pub(crate) parts: Vec<String>,
    /// How many modules it goes up.
    pub(crate) supers: usize,
    pub(crate) line: usize,
    pub(crate) purpose: Purpose,
}

/// Every path in a file that starts with `crate`, `self`, `super` or the crate's name.
pub(crate) fn named(source: &Source) -> anyhow::Result<Vec<Named>> {
    let tokens: TokenStream = source
        .text
        .parse()
        .map_err(|error| anyhow::anyhow!("{}: {error}", source.file.display()))?;
    let mut reader = Reader {
        source,
        module: source.module.clone(),
        found: Vec::new(),
    };
    reader.read(tokens);
    Ok(reader.found)
}

struct Reader<'a> {
    source: &'a Source,
    /// The module that the tokens at hand are in.
    module: Vec<String>,
    found: Vec<Named>,
}

impl Reader<'_> {
    fn read(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at += self.read_one(&tokens, at);
        }
    }

    /// Reads what starts at a token, and tells how many tokens that was.
    fn read_one(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        match &tokens[at..] {
            [
                TokenTree::Ident(word),
                TokenTree::Ident(name),
                TokenTree::Group(body),
                ..,
            ] if word == "mod" && body.delimiter() == Delimiter::Brace => {
                self.module.push(name.to_string());
                self.read(body.stream());
                self.module.pop();
                3
            }
            [TokenTree::Ident(start), rest @ ..]
                if is_root(&start.to_string())
                    && starts_with_colons(rest)
                    && (start == "hallmark" || !ends_with_colons(&tokens[..at])) =>
            {
                self.follow(&tokens[at..], &[]);
                // What is inside its braces has been read; what comes after it is read next.
                path_length(&tokens[at..])
            }
            [TokenTree::Group(group), ..] => {
                self.read(group.stream());
                1
            }
            [TokenTree::Literal(literal), ..] => {
                let line = literal.span().start().line;
                let text = literal.to_string();
                // As in `#[serde(with = "crate::domain::…")]`.
                if let Some(path) = text.strip_prefix("\"crate::") {
                    let parts: Vec<_> = path.trim_end_matches('"').split("::").collect();
                    self.add([&["crate"], parts.as_slice()].concat().as_slice(), line);
                }
                1
            }
            _ => 1,
        }
    }

    /// Follows a path to its end, or to each of its ends, and adds what it names.
    fn follow(&mut self, tokens: &[TokenTree], before: &[&str]) {
        let Some(first) = tokens.first() else { return };
        let line = first.span().start().line;
        match first {
            TokenTree::Ident(word) => {
                let word = word.to_string();
                let path = [before, &[word.as_str()]].concat();
                if starts_with_colons(&tokens[1..]) && tokens.len() > 3 {
                    self.follow(&tokens[3..], &path);
                } else {
                    self.add(&path, line);
                }
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                for branch in inside.split(is_comma) {
                    self.follow(branch, before);
                }
            }
            TokenTree::Punct(star) if star.as_char() == '*' => {
                self.add(&[before, &["*"]].concat(), line);
            }
            // The arguments of a generic item: the path has ended before them.
            _ => self.add(before, line),
        }
    }

    fn add(&mut self, path: &[&str], line: usize) {
        let mut parts = Vec::new();
        let mut supers = 0;
        for (index, part) in path.iter().enumerate() {
            match *part {
                "crate" | "hallmark" if index == 0 => {}
                "self" if index == 0 => parts.clone_from(&self.module),
                "self" => {}
                "super" => {
                    if index == 0 {
                        parts.clone_from(&self.module);
                    }
                    parts.pop();
                    supers += 1;
                }
                name => parts.push(name.to_owned()),
            }
        }
        self.found.push(Named {
            parts,
            supers,
            line,
            purpose: self.source.purpose(line),
        });
    }
}

fn is_root(word: &str) -> bool {
    matches!(word, "crate" | "self" | "super" | "hallmark")
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(comma) if comma.as_char() == ',')
}

fn is_colon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(colon) if colon.as_char() == ':')
}

fn starts_with_colons(tokens: &[TokenTree]) -> bool {
    tokens.len() >= 2 && tokens[..2].iter().all(is_colon)
}

fn ends_with_colons(tokens: &[TokenTree]) -> bool {
    tokens.len() >= 2 && tokens[tokens.len() - 2..].iter().all(is_colon)
}

/// How many tokens make the path at the start.
fn path_length(tokens: &[TokenTree]) -> usize {
    let mut length = 1;
    while starts_with_colons(&tokens[length..]) {
        match tokens.get(length + 2) {
            Some(TokenTree::Ident(_)) => length += 3,
            Some(TokenTree::Group(_)) => return length + 3,
            _ => return length + 2,
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn parts(module: &[&str], text: &str) -> Vec<String> {
        let source = Source::parse(Path::new("src/a.rs"), module, text).expect("Rust");
        let found = named(&source).expect("tokens");
        found.iter().map(|named| named.parts.join("::")).collect()
    }

    #[test]
    fn every_branch_of_a_grouped_import_is_found() {
        assert_eq!(
            parts(
                &["api"],
                "use crate::{db::Db, domain::{self, Image, task::*}, hash as h};"
            ),
            [
                "db::Db",
                "domain",
                "domain::Image",
                "domain::task::*",
                "hash"
            ]
        );
    }

    #[test]
    fn a_path_in_an_expression_a_type_and_a_generic_argument_is_found() {
        let text =
            "fn f(a: crate::db::Db) -> Vec<crate::auth::Who> { crate::hash::new::<u8>(super::x) }";
        assert_eq!(
            parts(&["api"], text),
            ["db::Db", "auth::Who", "hash::new", "x"]
        );
    }

    #[test]
    fn a_path_in_a_macro_or_an_attribute_is_found() {
        let text = "
            #[serde(with = \"crate::db::json\")] struct A;
            macro_rules! m { () => { $crate::policy::check!(crate::store::Key) } }
            #[path(body = crate::auth::Who)] fn f() { println!(\"{}\", crate::fetch::X); }";
        assert_eq!(
            parts(&["api"], text),
            [
                "db::json",
                "policy::check",
                "store::Key",
                "auth::Who",
                "fetch::X"
            ]
        );
    }

    #[test]
    fn a_relative_path_is_resolved_from_its_module() {
        let text = "use super::db::Db; mod inner { use super::wire::A; use super::super::B; use self::c::C; }";
        assert_eq!(
            parts(&["api"], text),
            ["db::Db", "api::wire::A", "B", "api::inner::c::C"]
        );
    }

    #[test]
    fn a_path_of_the_program_into_the_library_is_found() {
        assert_eq!(
            parts(
                &["main"],
                "fn main() { ::hallmark::cli::run(); hallmark::app::x() }"
            ),
            ["cli::run", "app::x"]
        );
    }

    #[test]
    fn words_in_comments_strings_and_other_crates_are_no_paths() {
        let text =
            "/// [`crate::db::Db`]\nfn f() { // crate::db\n a(\"use crate::db\"); b::self_::c; }";
        assert!(parts(&["api"], text).is_empty());
    }
}
