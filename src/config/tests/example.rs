//! The example file is complete and says what the defaults are.

use std::{collections::BTreeMap, path::Path};

use figment::value::{Dict, Value};

use crate::config::{
    defaults,
    options::{self, Row},
    spelled::spelled,
    tests::load,
};

const EXAMPLE: &str = include_str!("../../../config/hallmark.toml");

/// The example with every option in force.
fn uncommented() -> String {
    let is_option = |line: &str| {
        line.strip_prefix('#').is_some_and(|line| {
            line.starts_with(|sign: char| sign.is_ascii_lowercase() || sign == '[')
        })
    };
    let lines = EXAMPLE
        .lines()
        .map(|line| if is_option(line) { &line[1..] } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

fn sections_of(text: &str) -> BTreeMap<String, Dict> {
    toml::from_str(text).expect("the example is TOML")
}

fn names(rows: &[&Row]) -> Vec<String> {
    let mut names: Vec<String> = rows.iter().map(|row| row.name.to_owned()).collect();
    names.sort();
    names
}

#[test]
fn the_table_of_options_has_exactly_the_options_of_the_settings() {
    let defaults = defaults::sections(Path::new("hallmark-data"));
    let settings: BTreeMap<_, _> = defaults
        .iter()
        .map(|(section, options)| (section.clone(), options.keys().cloned().collect::<Vec<_>>()))
        .collect();
    let table: BTreeMap<_, _> = options::SECTIONS
        .iter()
        .map(|(section, _)| {
            let rows = options::rows(section).expect("a section of the table");
            ((*section).to_owned(), names(&rows))
        })
        .collect();
    assert_eq!(table, settings);
}

#[test]
fn the_example_has_every_option_with_its_default() {
    let example = sections_of(&uncommented());
    let defaults = defaults::sections(Path::new("hallmark-data"));
    for (section, options) in &defaults {
        let shown = &example[section];
        assert!(
            shown.keys().eq(options.keys()),
            "[{section}] of the example has {:?}, not {:?}",
            shown.keys(),
            options.keys()
        );
        for (name, value) in options {
            if !matches!(value, Value::Empty(..)) {
                let (shown, value) = (spelled(&shown[name], None), spelled(value, None));
                assert_eq!(shown, value, "[{section}] {name}");
            }
        }
    }
    for (store, rows) in [("fast", options::FILE_STORE), ("web", options::HTTP_STORE)] {
        let options = names(&options::STORE.iter().chain(rows).collect::<Vec<_>>());
        assert!(example[store].keys().eq(options.iter()), "{options:?}");
    }
    assert_eq!(example.len(), defaults.len() + 2);
}

#[test]
fn the_example_is_valid_as_it_is_and_with_every_option_in_force() {
    let config = load(&[("hallmark.toml", EXAMPLE)]).expect("the example is valid");
    assert_eq!(config.warnings, Vec::<String>::new());
    let config = load(&[("hallmark.toml", &uncommented())]).expect("the example is valid");
    assert_eq!(config.stores.default.as_str(), "fast");
}
