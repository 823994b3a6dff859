//! The crate's source files, as the tree of modules that the compiler sees.

use std::{
    fs,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, ImplItemFn, Item, Meta,
    spanned::Spanned as _,
    visit::{self, Visit},
};

/// Whom code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The program.
    Product,
    /// Tests alone.
    Test,
}

/// One source file.
pub(crate) struct Source {
    /// Where it is, from the package's folder on.
    pub(crate) file: PathBuf,
    /// Which module it is: `["api", "v2"]`, nothing for the crate's root.
    pub(crate) module: Vec<String>,
    pub(crate) text: String,
    pub(crate) syntax: syn::File,
    purpose: Purpose,
    /// The lines of the items that are compiled for tests alone.
    tests: Vec<RangeInclusive<usize>>,
}

impl Source {
    pub(crate) fn parse(file: &Path, module: &[&str], text: &str) -> anyhow::Result<Self> {
        let syntax = syn::parse_file(text)
            .with_context(|| format!("{} is no Rust source", file.display()))?;
        let mut tests = TestItems::default();
        tests.visit_file(&syntax);
        Ok(Self {
            file: file.to_owned(),
            module: module.iter().map(ToString::to_string).collect(),
            text: text.to_owned(),
            syntax,
            purpose: Purpose::Product,
            tests: tests.lines,
        })
    }

    /// Whom the code of this line is for.
    pub(crate) fn purpose(&self, line: usize) -> Purpose {
        if self.tests.iter().any(|lines| lines.contains(&line)) {
            Purpose::Test
        } else {
            self.purpose
        }
    }

    /// How many lines are there for the product.
    pub(crate) fn product_lines(&self) -> usize {
        let lines = 1..=self.text.lines().count();
        lines
            .filter(|line| self.purpose(*line) == Purpose::Product)
            .count()
    }

    /// The folder that holds the files of this file's modules.
    fn folder(&self) -> PathBuf {
        let parent = self.file.parent().unwrap_or(Path::new(""));
        match self.file.file_stem() {
            Some(stem) if stem != "mod" && stem != "lib" => parent.join(stem),
            _ => parent.to_owned(),
        }
    }
}

/// Reads the library of a package, module by module, and the root of its program.
pub(crate) fn read(package: &Path) -> anyhow::Result<Vec<Source>> {
    let mut sources = Vec::new();
    read_module(
        package,
        Path::new("src/lib.rs"),
        &[],
        Purpose::Product,
        &mut sources,
    )?;
    let main = Path::new("src/main.rs");
    read_module(package, main, &["main"], Purpose::Product, &mut sources)?;
    Ok(sources)
}

fn read_module(
    package: &Path,
    file: &Path,
    module: &[&str],
    purpose: Purpose,
    sources: &mut Vec<Source>,
) -> anyhow::Result<()> {
    let text = fs::read_to_string(package.join(file))
        .with_context(|| format!("{} cannot be read", file.display()))?;
    let mut source = Source::parse(file, module, &text)?;
    source.purpose = purpose;
    for item in &source.syntax.items {
        let Item::Mod(child) = item else { continue };
        if child.content.is_some() {
            continue;
        }
        let name = child.ident.to_string();
        let folder = source.folder();
        let candidates = [
            folder.join(format!("{name}.rs")),
            folder.join(&name).join("mod.rs"),
        ];
        let found = candidates
            .iter()
            .find(|path| package.join(path).exists())
            .with_context(|| format!("{} declares `{name}`, which is nowhere", file.display()))?;
        let line = child.span().start().line;
        let mut inside = module.to_vec();
        inside.push(&name);
        read_module(package, found, &inside, source.purpose(line), sources)?;
    }
    sources.push(source);
    Ok(())
}

/// All files of a folder, however deep, whose name ends in `.rs`.
pub(crate) fn rust_files(package: &Path, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(package.join(folder))? {
        let path = folder.join(entry?.file_name());
        if package.join(&path).is_dir() {
            files.extend(rust_files(package, &path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

/// Collects where the items are that only tests see.
#[derive(Default)]
struct TestItems {
    lines: Vec<RangeInclusive<usize>>,
}

impl TestItems {
    fn add(&mut self, item: proc_macro2::Span) {
        self.lines.push(item.start().line..=item.end().line);
    }
}

impl<'ast> Visit<'ast> for TestItems {
    fn visit_item(&mut self, item: &'ast Item) {
        if attributes(item).iter().any(is_for_tests) {
            self.add(item.span());
        } else {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if item.attrs.iter().any(is_for_tests) {
            self.add(item.span());
        }
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn is_for_tests(attribute: &Attribute) -> bool {
    match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => needs_test(list.tokens.clone()),
        _ => false,
    }
}

/// Whether a `cfg` predicate holds in tests alone: `test`, or `all` of it and more.
fn needs_test(predicate: TokenStream) -> bool {
    let mut all = false;
    predicate.into_iter().any(|token| match token {
        TokenTree::Ident(word) => {
            all = word == "all";
            word == "test"
        }
        TokenTree::Group(group) => std::mem::take(&mut all) && needs_test(group.stream()),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purposes(text: &str) -> Vec<Purpose> {
        let source = Source::parse(Path::new("src/a.rs"), &["a"], text).expect("Rust");
        let lines = 1..=text.lines().count();
        lines.map(|line| source.purpose(line)).collect()
    }

    #[test]
    fn an_item_for_tests_is_known_by_its_attribute() {
        use Purpose::{Product, Test};
        let text =
            "fn a() {}\n#[cfg(test)]\nmod tests {\n}\n#[cfg(all(unix, test))]\nuse b::{\nc};";
        assert_eq!(
            purposes(text),
            [Product, Test, Test, Test, Test, Test, Test]
        );
    }

    #[test]
    fn what_is_also_or_only_for_the_product_is_no_test() {
        let text = "#[cfg(not(test))]\nfn a() {}\n#[cfg(any(test, unix))]\nfn b() {}";
        assert_eq!(purposes(text), [Purpose::Product; 4]);
    }
}
