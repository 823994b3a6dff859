//! Circles among the modules of one folder.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    path::Named,
    source::{Purpose, Source},
};

/// Who names whom, among the modules of one folder.
type Neighbours<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Every folder, except the crate's root, whose modules need each other in a circle, as
/// `domain: image → status → image`.
///
/// What a folder's `mod.rs` gives out by name counts as the module that it comes from. A method
/// that is called without a path is not seen.
pub(crate) fn cycles(files: &[(&Source, Vec<Named>)]) -> Vec<String> {
    let origins = origins(files);
    let mut folders: BTreeMap<&[String], Neighbours<'_>> = BTreeMap::new();
    for (source, paths) in files {
        for path in paths.iter().filter(|path| path.purpose == Purpose::Product) {
            let shared = source
                .module
                .iter()
                .zip(&path.parts)
                .take_while(|(a, b)| a == b)
                .count();
            let (folder, from) = source.module.split_at(shared);
            let (Some(from), Some(to)) = (from.first(), path.parts.get(shared)) else {
                continue;
            };
            let to = origins.get(&path.parts[..=shared]).copied().unwrap_or(to);
            if shared > 0 && to != from {
                let neighbours = folders.entry(folder).or_default();
                neighbours.entry(from).or_default().insert(to);
            }
        }
    }
    let circles = folders.iter().filter_map(|(folder, neighbours)| {
        let circle = circle(neighbours)?;
        Some(format!("{}: {}", folder.join("::"), circle.join(" → ")))
    });
    circles.collect()
}

/// From which module of its folder a name comes that the folder's `mod.rs` gives out.
fn origins<'a>(files: &'a [(&Source, Vec<Named>)]) -> BTreeMap<Vec<String>, &'a str> {
    let mut origins = BTreeMap::new();
    for (source, paths) in files {
        let depth = source.module.len();
        for path in paths {
            if path.parts.len() == depth + 2 && path.parts.starts_with(&source.module) {
                let mut given = source.module.clone();
                given.push(path.parts[depth + 1].clone());
                origins.insert(given, path.parts[depth].as_str());
            }
        }
    }
    origins
}

/// A way from a module back to itself.
fn circle<'a>(neighbours: &Neighbours<'a>) -> Option<Vec<&'a str>> {
    let mut done = BTreeSet::new();
    neighbours
        .keys()
        .find_map(|start| walk(start, neighbours, &mut Vec::new(), &mut done))
}

fn walk<'a>(
    at: &'a str,
    neighbours: &Neighbours<'a>,
    way: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
) -> Option<Vec<&'a str>> {
    if let Some(start) = way.iter().position(|passed| *passed == at) {
        let mut circle = way[start..].to_vec();
        circle.push(at);
        return Some(circle);
    }
    if !done.insert(at) {
        return None;
    }
    way.push(at);
    let found = neighbours
        .get(at)
        .into_iter()
        .flatten()
        .find_map(|next| walk(next, neighbours, way, done));
    way.pop();
    found
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::path::named;

    fn found(files: &[(&[&str], &str)]) -> Vec<String> {
        let sources: Vec<Source> = files
            .iter()
            .map(|(module, text)| Source::parse(Path::new("a.rs"), module, text).expect("Rust"))
            .collect();
        let files: Vec<_> = sources
            .iter()
            .map(|source| (source, named(source).expect("tokens")))
            .collect();
        cycles(&files)
    }

    #[test]
    fn a_circle_over_three_files_is_found() {
        assert_eq!(
            found(&[
                (&["db", "a"], "use super::b::B;"),
                (&["db", "b"], "use crate::db::c::C;"),
                (&["db", "c", "deep"], "fn f() { crate::db::a::new() }"),
            ]),
            ["db: a → b → c → a"]
        );
    }

    #[test]
    fn a_circle_through_what_the_folder_gives_out_is_found() {
        assert_eq!(
            found(&[
                (&["db"], "mod a; mod b; pub use self::{a::A, b::B};"),
                (&["db", "a"], "use crate::db::B;"),
                (&["db", "b"], "use super::A;"),
            ]),
            ["db: a → b → a"]
        );
    }

    #[test]
    fn a_way_that_does_not_come_back_is_no_circle() {
        assert!(
            found(&[
                (&["db", "a"], "use super::{b::B, c::C};"),
                (
                    &["db", "b"],
                    "use super::c::C; #[cfg(test)] mod tests { use crate::db::a::A; }"
                ),
                (&["db"], "use self::a::A;"),
                (&["db", "c"], "use super::Error;"),
            ])
            .is_empty()
        );
    }
}
