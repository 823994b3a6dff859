//! Holds the source to the layers of the architecture, and to what may be done in one place alone.

#[path = "architecture/cycle.rs"]
mod cycle;
#[path = "architecture/door.rs"]
mod door;
#[path = "architecture/path.rs"]
mod path;
#[path = "architecture/source.rs"]
mod source;

use std::path::{Path, PathBuf};

use crate::{
    path::{Named, named},
    source::{Purpose, Source},
};

/// Each module of the crate's root, from the lowest to the highest, and the modules it may use
/// besides itself.
const LAYERS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("stream", &[]),
    ("telemetry", &[]),
    // What services of the cloud are asked with a token goes out in one way.
    ("cloud", &["domain"]),
    ("keystone", &["domain", "cloud"]),
    ("barbican", &["domain", "cloud"]),
    // Tokens are judged by Keystone, which limits ask as well: its client is a module of its own.
    ("auth", &["domain", "keystone"]),
    ("openpgp", &["domain"]),
    // A checksum file may be a clear-signed message.
    ("checksums", &["domain", "openpgp"]),
    ("db", &["domain"]),
    ("hash", &["domain"]),
    ("notify", &["domain"]),
    ("policy", &["domain"]),
    ("inspect", &["domain"]),
    ("receipt", &["domain"]),
    ("signature", &["domain"]),
    (
        "jobs",
        &["domain", "openpgp", "checksums", "hash", "inspect"],
    ),
    ("cache", &["domain", "stream"]),
    ("fetch", &["domain", "stream"]),
    ("unpack", &["domain", "stream"]),
    ("convert", &[]),
    // What web servers of others have is read under the rules of everything that is fetched.
    ("store", &["domain", "stream", "fetch"]),
    ("service", SERVICE),
    ("worker", &["domain", "service"]),
    ("api", &["domain", "stream", "auth", "service"]),
    ("config", BELOW_CONFIG),
    ("app", BELOW_APP),
    ("cli", BELOW_CLI),
    ("main", &["cli"]),
];

const SERVICE: &[&str] = &[
    "domain",
    "stream",
    "checksums",
    "openpgp",
    "db",
    "hash",
    "notify",
    "policy",
    "store",
    "cache",
    "fetch",
    "inspect",
    "receipt",
    "signature",
    "jobs",
    "unpack",
    "convert",
];

const BELOW_CONFIG: &[&str] = &[
    "domain",
    "stream",
    "telemetry",
    "cloud",
    "keystone",
    "barbican",
    "auth",
    "checksums",
    "openpgp",
    "db",
    "hash",
    "notify",
    "policy",
    "inspect",
    "receipt",
    "signature",
    "jobs",
    "store",
    "cache",
    "fetch",
    "unpack",
    "convert",
    "service",
    "worker",
    "api",
];

const BELOW_APP: &[&str] = &[
    "domain",
    "stream",
    "telemetry",
    "cloud",
    "keystone",
    "barbican",
    "auth",
    "checksums",
    "openpgp",
    "db",
    "hash",
    "notify",
    "policy",
    "inspect",
    "receipt",
    "signature",
    "jobs",
    "store",
    "cache",
    "fetch",
    "unpack",
    "convert",
    "service",
    "worker",
    "api",
    "config",
];

const BELOW_CLI: &[&str] = &[
    "domain",
    "stream",
    "telemetry",
    "cloud",
    "keystone",
    "barbican",
    "auth",
    "checksums",
    "openpgp",
    "db",
    "hash",
    "notify",
    "policy",
    "inspect",
    "receipt",
    "signature",
    "jobs",
    "store",
    "cache",
    "fetch",
    "unpack",
    "convert",
    "service",
    "worker",
    "api",
    "config",
    "app",
];

/// More lines than this, without its tests, and a file holds more than one idea.
const MOST_LINES: usize = 400;

/// Names under which everything and nothing could be.
const NO_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "misc"];

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a rule on every file of the crate, and fails if it is broken anywhere.
fn hold(rule: impl Fn(&Source) -> anyhow::Result<Vec<String>>) -> anyhow::Result<()> {
    let mut broken = Vec::new();
    for source in &source::read(package())? {
        for what in rule(source)? {
            broken.push(format!("{}{what}", source.file.display()));
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
    Ok(())
}

/// What a file uses that is not below it.
fn forbidden(source: &Source) -> anyhow::Result<Vec<String>> {
    let Some(own) = source.module.first() else {
        return Ok(Vec::new());
    };
    let Some((_, allowed)) = LAYERS.iter().find(|(layer, _)| layer == own) else {
        return Ok(vec![format!(": the module `{own}` is in no layer")]);
    };
    let may_not = |path: &&Named| {
        let used = path.parts.first().map_or("crate", String::as_str);
        path.purpose == Purpose::Product && used != own && !allowed.contains(&used)
    };
    let describe = |path: &Named| {
        let (line, used) = (path.line, path.parts.join("::"));
        format!(":{line}: `{own}` may not use `crate::{used}`")
    };
    Ok(named(source)?
        .iter()
        .filter(may_not)
        .map(describe)
        .collect())
}

#[test]
fn a_module_uses_only_what_is_below_it() -> anyhow::Result<()> {
    hold(forbidden)
}

#[test]
fn the_modules_of_a_folder_need_each_other_in_no_circle() {
    let sources = source::read(package()).expect("the crate's source is readable");
    let files: Vec<_> = sources
        .iter()
        .map(|source| (source, named(source).expect("tokens")))
        .collect();
    assert_eq!(cycle::cycles(&files), [""; 0]);
}

#[test]
fn bytes_are_measured_in_the_data_path_alone() -> anyhow::Result<()> {
    hold(|source| {
        if source.file == Path::new("src/service/data/pipeline.rs") {
            return Ok(Vec::new());
        }
        let lines = door::makers(source, "Measured");
        Ok(lines
            .iter()
            .map(|line| format!(":{line}: makes a `Measured`"))
            .collect())
    })
}

#[test]
fn an_image_is_activated_by_the_data_path_alone() -> anyhow::Result<()> {
    hold(|source| {
        // The database offers it, and so may name it.
        if ["src/service/data", "src/db"]
            .iter()
            .any(|place| source.file.starts_with(place))
        {
            return Ok(Vec::new());
        }
        let lines = door::callers(source, "activate_image")?;
        Ok(lines
            .iter()
            .map(|line| format!(":{line}: activates an image"))
            .collect())
    })
}

#[test]
fn no_path_goes_up_twice() -> anyhow::Result<()> {
    hold(|source| {
        let paths = named(source)?;
        let twice = paths.iter().filter(|path| path.supers > 1);
        Ok(twice
            .map(|path| format!(":{}: super::super", path.line))
            .collect())
    })
}

#[test]
fn no_file_is_too_long() -> anyhow::Result<()> {
    hold(|source| {
        let lines = source.product_lines();
        Ok((lines > MOST_LINES)
            .then(|| format!(": {lines} lines without tests, more than {MOST_LINES}"))
            .into_iter()
            .collect())
    })
}

#[test]
fn every_file_says_first_what_it_is() -> anyhow::Result<()> {
    hold(|source| {
        let says = source.text.starts_with("//! ");
        Ok((!says)
            .then(|| ": does not start with `//! `".to_owned())
            .into_iter()
            .collect())
    })
}

#[test]
fn every_module_is_named_for_what_it_holds() -> anyhow::Result<()> {
    hold(|source| {
        let names = source
            .module
            .iter()
            .filter(|name| NO_NAMES.contains(&name.as_str()));
        Ok(names
            .map(|name| format!(": `{name}` says nothing"))
            .collect())
    })
}

#[test]
fn every_file_is_a_module_and_a_folder_has_its_mod_rs() {
    let sources = source::read(package()).expect("the crate's source is readable");
    let known: Vec<&PathBuf> = sources.iter().map(|source| &source.file).collect();
    let files = source::rust_files(package(), Path::new("src")).expect("src is readable");
    for file in files {
        assert!(known.contains(&&file), "{} is in no module", file.display());
        assert!(
            !package().join(file.with_extension("")).is_dir(),
            "{} should be the mod.rs of its folder",
            file.display()
        );
    }
}

#[test]
fn a_forbidden_use_is_told_with_its_place() {
    let text =
        "//! A handler.\nuse crate::{db::Db, domain::Image};\nfn f() { crate::service::x() }";
    let source = Source::parse(Path::new("src/api/a.rs"), &["api", "a"], text).expect("Rust");
    assert_eq!(
        forbidden(&source).expect("tokens"),
        [":2: `api` may not use `crate::db::Db`"]
    );
}

#[test]
fn a_module_without_a_layer_is_told() {
    let source = Source::parse(Path::new("src/new.rs"), &["new"], "").expect("Rust");
    assert_eq!(
        forbidden(&source).expect("tokens"),
        [": the module `new` is in no layer"]
    );
}

#[test]
fn what_everything_in_the_crate_gives_out_may_not_be_used_by_a_layer() {
    let source = Source::parse(Path::new("src/db/a.rs"), &["db"], "use crate::*;").expect("Rust");
    assert_eq!(
        forbidden(&source).expect("tokens"),
        [":1: `db` may not use `crate::*`"]
    );
}
