//! Things that may be done in one place alone.

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Expr, ExprStruct, ItemImpl, Macro, Token, Type, UseRename,
    punctuated::Punctuated,
    spanned::Spanned as _,
    visit::{self, Visit},
};

use crate::source::{Purpose, Source};

/// The lines of the product that make a value of a struct by naming its fields, or that give the
/// struct another name, under which this could be done unseen.
pub(crate) fn makers(source: &Source, name: &str) -> Vec<usize> {
    let mut makers = Makers {
        name,
        own: false,
        lines: Vec::new(),
    };
    makers.visit_file(&source.syntax);
    in_product(source, makers.lines)
}

/// The lines of the product that name a function other than to define it.
pub(crate) fn callers(source: &Source, name: &str) -> anyhow::Result<Vec<usize>> {
    let tokens: TokenStream = source
        .text
        .parse()
        .map_err(|error| anyhow::anyhow!("{}: {error}", source.file.display()))?;
    let mut lines = Vec::new();
    find_uses(tokens, name, &mut lines);
    Ok(in_product(source, lines))
}

fn in_product(source: &Source, mut lines: Vec<usize>) -> Vec<usize> {
    lines.retain(|line| source.purpose(*line) == Purpose::Product);
    lines
}

fn find_uses(tokens: TokenStream, name: &str, lines: &mut Vec<usize>) {
    let mut defines = false;
    for token in tokens {
        match token {
            TokenTree::Ident(word) => {
                if word == name && !defines {
                    lines.push(word.span().start().line);
                }
                defines = word == "fn";
            }
            TokenTree::Group(group) => {
                defines = false;
                find_uses(group.stream(), name, lines);
            }
            _ => defines = false,
        }
    }
}

struct Makers<'a> {
    name: &'a str,
    /// Whether `Self` is the struct.
    own: bool,
    lines: Vec<usize>,
}

impl<'ast> Visit<'ast> for Makers<'_> {
    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let Type::Path(owner) = &*item.self_ty else {
            return visit::visit_item_impl(self, item);
        };
        let last = owner.path.segments.last();
        let outer = std::mem::replace(
            &mut self.own,
            last.is_some_and(|last| last.ident == self.name),
        );
        visit::visit_item_impl(self, item);
        self.own = outer;
    }

    fn visit_expr_struct(&mut self, made: &'ast ExprStruct) {
        let last = made.path.segments.last();
        if last.is_some_and(|last| last.ident == self.name || (self.own && last.ident == "Self")) {
            self.lines.push(made.span().start().line);
        }
        visit::visit_expr_struct(self, made);
    }

    fn visit_use_rename(&mut self, rename: &'ast UseRename) {
        if rename.ident == self.name && rename.rename != "_" {
            self.lines.push(rename.span().start().line);
        }
    }

    /// Looks into the macros whose arguments are expressions, such as `vec!`.
    fn visit_macro(&mut self, item: &'ast Macro) {
        if let Ok(arguments) = item.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated)
        {
            let mut inside = Makers {
                name: self.name,
                own: self.own,
                lines: Vec::new(),
            };
            for argument in &arguments {
                inside.visit_expr(argument);
            }
            self.lines.extend(inside.lines);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn source(text: &str) -> Source {
        Source::parse(Path::new("src/a.rs"), &["a"], text).expect("Rust")
    }

    #[test]
    fn making_a_struct_is_found_under_each_of_its_names() {
        let text = "
            use a::Measured as M;
            impl Measured { fn new() -> Self { Self { size: 1 } } }
            fn f() -> Measured { domain::Measured { size: 2 } }
            fn g() { vec![Measured { size: 3 }]; }";
        assert_eq!(makers(&source(text), "Measured"), [2, 3, 4, 5]);
    }

    #[test]
    fn defining_or_taking_apart_a_struct_does_not_make_it() {
        let text = "
            struct Measured { size: u64 }
            impl Other { fn new() -> Self { Self { size: 1 } } }
            fn f(Measured { size }: Measured) -> Measured { g() }
            #[cfg(test)] mod tests { fn f() { Measured { size: 2 } } }";
        assert!(makers(&source(text), "Measured").is_empty());
    }

    #[test]
    fn calling_a_function_is_found_and_defining_it_is_not() {
        let text = "
            trait T { async fn activate_image(&self); }
            fn f() { db.activate_image(); }
            fn g() { m!(T::activate_image); }";
        assert_eq!(
            callers(&source(text), "activate_image").expect("tokens"),
            [3, 4]
        );
    }
}
