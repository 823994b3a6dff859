//! `hallmark db load-metadefs`.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};

use super::{ADMIN, at, full, names, shown};
use crate::support::{Engine, Registry, on_every_engine};

on_every_engine![
    files_are_loaded_once,
    glances_own_definitions_are_loaded_once,
    a_namespace_that_is_there_becomes_what_the_options_say,
    a_file_that_cannot_be_loaded_is_named_and_leaves_nothing,
];

/// Writes `namespace` as a file into the folder of definitions.
fn write(registry: &Registry, file: &str, namespace: &Value) {
    write_text(registry, file, &namespace.to_string());
}

fn write_text(registry: &Registry, file: &str, text: &str) {
    let folder = registry.folder().join("metadefs");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(file), text).expect("a file");
}

/// Runs the program on the registry's database.
fn load(registry: &Registry, options: &[&str]) -> Output {
    load_from(registry, &registry.folder().join("metadefs"), options)
}

fn load_from(registry: &Registry, path: &Path, options: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hallmark"))
        .args(["db", "load-metadefs"])
        .arg(path)
        .args(options)
        .env("HALLMARK__DATABASE__CONNECTION", registry.connection())
        .output()
        .expect("a process")
}

#[track_caller]
fn assert_said(output: &Output, status: i32, lines: &[&str]) {
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{complaint}");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said.lines().collect::<Vec<_>>(), lines, "{complaint}");
}

fn named(name: &str, more: Value) -> Value {
    let mut namespace = more;
    namespace["namespace"] = json!(name);
    namespace
}

async fn files_are_loaded_once(engine: Engine) {
    let registry = Registry::open(engine).await;
    write(&registry, "b.json", &named("B", json!({})));
    write(&registry, "a.json", &named("A", full()));
    write_text(&registry, "README", "not a definition");
    assert_said(&load(&registry, &[]), 0, &["A: created", "B: created"]);
    let loaded = shown(&registry, "A").await;
    assert_eq!(loaded["owner"], "admin");
    assert_eq!(loaded["properties"]["cores"]["default"], 2);
    assert_eq!(names(&loaded["objects"], "name"), ["limits"]);
    let kept = "is there already, left as it is";
    let lines = [format!("A: {kept}"), format!("B: {kept}")];
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    assert_said(&load(&registry, &[]), 0, &lines);
    assert_eq!(shown(&registry, "A").await, loaded);
    let one = registry.folder().join("metadefs/a.json");
    assert_said(
        &load_from(&registry, &one, &["--merge"]),
        0,
        &["A: changed"],
    );
    assert_eq!(shown(&registry, "A").await, loaded);
}

/// The definitions that Glance's package comes with, in the order of their files.
fn of_glance(folder: &Path) -> Vec<Value> {
    let entries = fs::read_dir(folder).expect("the folder of HALLMARK_TEST_METADEFS");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    paths.sort();
    let read = |path| serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON");
    paths.iter().map(read).collect()
}

async fn glances_own_definitions_are_loaded_once(engine: Engine) {
    let folder = std::env::var_os("HALLMARK_TEST_METADEFS");
    let folder = folder.expect("HALLMARK_TEST_METADEFS, which tests/run sets");
    let folder = Path::new(&folder);
    let definitions = of_glance(folder);
    assert!(definitions.len() > 30, "{}", definitions.len());
    let registry = Registry::open(engine).await;
    for outcome in ["created", "is there already, left as it is"] {
        let said = |it: &Value| format!("{}: {outcome}", it["namespace"].as_str().expect("a name"));
        let lines: Vec<_> = definitions.iter().map(said).collect();
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        assert_said(&load_from(&registry, folder, &[]), 0, &lines);
    }
    for definition in &definitions {
        let name = definition["namespace"].as_str().expect("a name");
        let loaded = shown(&registry, name).await;
        for key in ["display_name", "description", "visibility"] {
            let expected = definition.get(key);
            assert!(expected.is_none_or(|it| loaded[key] == *it), "{name} {key}");
        }
        let keys = |of: &Value| -> BTreeSet<String> {
            let properties = of["properties"].as_object();
            properties.map_or_else(BTreeSet::new, |all| all.keys().cloned().collect())
        };
        assert_eq!(keys(&loaded), keys(definition), "{name}");
        let objects = |of: &Value| of["objects"].as_array().map_or(0, Vec::len);
        assert_eq!(objects(&loaded), objects(definition), "{name}");
    }
}

async fn a_namespace_that_is_there_becomes_what_the_options_say(engine: Engine) {
    let registry = Registry::open(engine).await;
    write(&registry, "a.json", &named("A", full()));
    assert_said(&load(&registry, &[]), 0, &["A: created"]);
    let newer = json!({
        "display_name": "Newer",
        "properties": {
            "cores": {"title": "All cores", "type": "integer"},
            "sockets": {"title": "Sockets", "type": "integer"},
        },
        "tags": [{"name": "new"}, {"name": "fast"}],
        "resource_type_associations": [{"name": "OS::Glance::Image", "prefix": "new_"}],
    });
    write(&registry, "a.json", &named("A", newer));
    for (options, display, cores, prefix, tags) in [
        (&["--merge"][..], "Test", "Cores", "hw_", 3),
        (
            &["--merge", "--prefer-new"],
            "Newer",
            "All cores",
            "new_",
            3,
        ),
        (&["--merge", "--overwrite"], "Newer", "All cores", "new_", 2),
    ] {
        assert_said(&load(&registry, options), 0, &["A: changed"]);
        let found = shown(&registry, "A").await;
        assert_eq!(found["display_name"], display, "{options:?}");
        assert_eq!(found["properties"]["cores"]["title"], cores, "{options:?}");
        assert_eq!(found["properties"]["sockets"]["title"], "Sockets");
        let types = found["resource_type_associations"]
            .as_array()
            .expect("a list");
        let image = types
            .iter()
            .find(|found| found["name"] == "OS::Glance::Image");
        assert_eq!(image.expect("one")["prefix"], prefix, "{options:?}");
        assert_eq!(
            found["tags"].as_array().map(Vec::len),
            Some(tags),
            "{options:?}"
        );
    }
}

async fn a_file_that_cannot_be_loaded_is_named_and_leaves_nothing(engine: Engine) {
    let registry = Registry::open(engine).await;
    write_text(&registry, "a.json", "{");
    write(
        &registry,
        "b.json",
        &named("B", json!({"visibility": "shared"})),
    );
    let twice = json!({"tags": [{"name": "x"}, {"name": "x"}]});
    write(&registry, "c.json", &named("C", twice));
    write(&registry, "d.json", &named("D", json!({})));
    let output = load(&registry, &[]);
    assert_said(&output, 1, &["D: created"]);
    let complaint = String::from_utf8_lossy(&output.stderr);
    for told in [
        "a.json: it is no JSON",
        "b.json",
        "visibility",
        "c.json",
        "name=x already",
    ] {
        assert!(complaint.contains(told), "{told}: {complaint}");
    }
    registry.get(ADMIN, &at("C")).await.expect(404);
    let missing = load_from(&registry, Path::new("/nowhere/at/all"), &[]);
    assert_said(&missing, 1, &[]);
}
