//! `hallmark hash`, beside the programs whose lines it writes.

use std::{
    collections::BTreeMap,
    fs::{self, File, Permissions},
    io::Write as _,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

use serde_json::Value;
use tempfile::TempDir;

use super::{assert_status, files, hallmark, run, text};

#[test]
fn the_digests_of_files_are_those_of_coreutils() {
    let (folder, names) = files();
    for (algorithm, program) in [
        ("md5", "md5sum"),
        ("sha1", "sha1sum"),
        ("sha224", "sha224sum"),
        ("sha256", "sha256sum"),
        ("sha384", "sha384sum"),
        ("sha512", "sha512sum"),
        ("blake2b", "b2sum"),
    ] {
        for tag in [None, Some("--tag")] {
            let options = tag.into_iter().chain(names);
            let ours = run(
                folder.path(),
                &["hash", "-a", algorithm]
                    .into_iter()
                    .chain(options.clone())
                    .collect::<Vec<_>>(),
            );
            assert_status(&ours, 0);
            let theirs = Command::new(program)
                .args(options)
                .current_dir(folder.path())
                .output()
                .expect("coreutils");
            assert_eq!(text(&ours.stdout), text(&theirs.stdout));
        }
    }
}

#[test]
fn coreutils_accept_our_lines() {
    let (folder, names) = files();
    let ours = run(folder.path(), &["hash", names[0], names[1]]);
    fs::write(folder.path().join("SUMS"), &ours.stdout).expect("a file");
    let checked = Command::new("sha256sum")
        .args(["--check", "--strict", "SUMS"])
        .current_dir(folder.path())
        .output()
        .expect("coreutils");
    assert!(checked.status.success(), "{}", text(&checked.stderr));
}

#[test]
fn standard_input_is_hashed_where_no_file_is_named() {
    let folder = TempDir::new().expect("a folder");
    for words in [["hash"].as_slice(), &["hash", "-"]] {
        let mut child = hallmark(folder.path(), words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let mut input = child.stdin.take().expect("its input");
        input.write_all(b"abc").expect("a reader");
        drop(input);
        let output = child.wait_with_output().expect("its end");
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  -\n";
        assert_eq!(text(&output.stdout), abc);
    }
}

#[test]
fn a_file_that_cannot_be_read_ends_with_status_1_and_usage_with_2() {
    let (folder, names) = files();
    let output = run(folder.path(), &["hash", "missing", names[0]]);
    assert_status(&output, 1);
    assert!(text(&output.stderr).contains("missing"));
    assert!(text(&output.stdout).ends_with("  plain\n"));

    let output = run(folder.path(), &["hash", "-a", "crc32", names[0]]);
    assert_status(&output, 2);
    assert!(text(&output.stderr).contains("sha3_256"));
    assert_status(&run(folder.path(), &["teleport"]), 2);
    let output = run(folder.path(), &["hash", "--json", "--tag", names[0]]);
    assert_status(&output, 2);
}

/// The text of standard output of a run that ends well.
#[track_caller]
fn said(folder: &Path, words: &[&str]) -> String {
    let output = run(folder, words);
    assert_status(&output, 0);
    text(&output.stdout).to_owned()
}

#[test]
fn lines_that_end_with_nul_are_those_of_coreutils() {
    let (folder, names) = files();
    for tag in [None, Some("--tag")] {
        let options: Vec<_> = ["--zero"].into_iter().chain(tag).chain(names).collect();
        let theirs = Command::new("sha256sum")
            .args(&options)
            .current_dir(folder.path())
            .output()
            .expect("coreutils");
        let ours = said(folder.path(), &[&["hash"], &options[..]].concat());
        assert_eq!(ours, text(&theirs.stdout));
    }
}

#[test]
fn a_folder_is_its_files_in_order_without_what_links_lead_to() {
    let folder = TempDir::new().expect("a folder");
    let root = folder.path();
    fs::create_dir_all(root.join("d/e")).expect("folders");
    for (name, size) in [("d/z", 3_000_000), ("d/e/b", 0), ("d/a", 10), ("other", 1)] {
        fs::write(root.join(name), vec![b'x'; size]).expect("a file");
    }
    symlink("../other", root.join("d/link")).expect("a link");
    let names = |lines: &str| -> Vec<_> {
        lines
            .lines()
            .map(|line| line.split_once("  ").expect("a name").1.to_owned())
            .collect()
    };
    let lines = said(root, &["hash", "-r", "d", "other", "d/link"]);
    assert_eq!(names(&lines), ["d/a", "d/e/b", "d/z", "other", "d/link"]);
    let output = run(root, &["hash", "d", "other"]);
    assert_status(&output, 1);
    assert!(text(&output.stderr).contains("directory"));
    assert_eq!(names(text(&output.stdout)), ["other"]);
}

#[test]
fn many_files_are_printed_in_their_order_whatever_their_sizes() {
    let folder = TempDir::new().expect("a folder");
    let names: Vec<_> = (0..300).map(|n| format!("{n:03}")).collect();
    for (place, name) in names.iter().enumerate() {
        let size = if place % 50 == 0 { 2_000_000 } else { place };
        fs::write(folder.path().join(name), vec![b'y'; size]).expect("a file");
    }
    let theirs = Command::new("b2sum")
        .args(&names)
        .current_dir(folder.path())
        .output()
        .expect("coreutils");
    let ours = said(folder.path(), &["hash", "-r", "-a", "blake2b", "."]);
    assert_eq!(ours.replace("  ./", "  "), text(&theirs.stdout));
}

#[test]
fn objects_tell_sizes_digests_and_what_cannot_be_read() {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("abc"), "abc").expect("a file");
    let words = ["hash", "--json", "-a", "md5", "-a", "blake3", "abc", "none"];
    let output = run(folder.path(), &words);
    assert_status(&output, 1);
    let objects: Vec<Value> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect();
    let [abc, none] = &objects[..] else {
        panic!("{objects:?}");
    };
    let digests = serde_json::json!({
        "md5": "900150983cd24fb0d6963f7d28e17f72",
        "blake3": "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
    });
    assert_eq!((&abc["file"], &abc["size"]), (&"abc".into(), &3.into()));
    assert_eq!(abc["digests"], digests);
    assert_eq!(none["file"], "none");
    assert!(
        none["error"]
            .as_str()
            .is_some_and(|why| why.contains("No such file"))
    );
}

/// A file whose last change is long ago, as far as it can be set.
fn old_file(folder: &Path, name: &str, content: &str) {
    let file = File::create(folder.join(name)).expect("a file");
    (&file).write_all(content.as_bytes()).expect("room");
    let hour_ago = SystemTime::now() - Duration::from_hours(1);
    file.set_modified(hour_ago).expect("ours");
}

/// What of a cache's lines can be told apart, by the name of the file.
fn cached(folder: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder.join("cache")).unwrap_or_default();
    let entry = |line: &str| {
        let (fields, path) = line.rsplit_once(' ')?;
        let (_, name) = path.rsplit_once('/')?;
        Some((name.to_owned(), fields.rsplit_once(' ')?.1.to_owned()))
    };
    text.lines().filter_map(entry).collect()
}

#[test]
fn a_file_that_was_just_changed_is_not_in_the_cache() {
    let folder = TempDir::new().expect("a folder");
    old_file(folder.path(), "set-back", "abc");
    fs::write(folder.path().join("new"), "abc").expect("a file");
    said(
        folder.path(),
        &["hash", "--cache", "cache", "set-back", "new"],
    );
    assert_eq!(cached(folder.path()), BTreeMap::new());
}

#[test]
fn a_file_that_is_in_the_cache_is_not_read_again() {
    let folder = TempDir::new().expect("a folder");
    // A file that has not been changed for a while.
    let license = concat!(env!("CARGO_MANIFEST_DIR"), "/LICENSE");
    let words = ["hash", "-a", "md5", "--cache", "cache", license];
    let first = said(folder.path(), &words);
    let value = &first[..32];
    assert_eq!(cached(folder.path())["LICENSE"], format!("md5:{value}"));
    assert_eq!(said(folder.path(), &words), first);

    // What the cache says is what is printed, so nothing was read.
    let cache = folder.path().join("cache");
    let sealed = fs::read_to_string(&cache).expect("the cache");
    let other = "0".repeat(32);
    let (lines, _) = sealed.split_once("blake3 ").expect("a seal");
    let lines = lines.replace(value, &other);
    let seal = blake3::hash(lines.as_bytes()).to_hex();
    fs::write(&cache, format!("{lines}blake3 {seal}\n")).expect("room");
    assert_eq!(said(folder.path(), &words), format!("{other}  {license}\n"));

    // Another algorithm's digest is added to it.
    let words = ["hash", "-a", "sha1", "--cache", "cache", license];
    let sha1 = said(folder.path(), &words)[..40].to_owned();
    let both = format!("md5:{other},sha1:{sha1}");
    assert_eq!(cached(folder.path())["LICENSE"], both);
}

#[test]
fn a_cache_that_is_damaged_or_open_to_others_is_told_of_and_ignored() {
    let folder = TempDir::new().expect("a folder");
    old_file(folder.path(), "abc", "abc");
    let words = ["hash", "-a", "md5", "--cache", "cache", "abc"];
    let cache = folder.path().join("cache");
    for (content, mode, told) in [("nonsense\n", 0o600, "damaged"), ("", 0o666, "write to it")] {
        fs::write(&cache, content).expect("a file");
        fs::set_permissions(&cache, Permissions::from_mode(mode)).expect("ours");
        let output = run(folder.path(), &words);
        assert_status(&output, 0);
        assert!(
            text(&output.stderr).contains(told),
            "{}",
            text(&output.stderr)
        );
        assert_eq!(
            text(&output.stdout),
            "900150983cd24fb0d6963f7d28e17f72  abc\n"
        );
    }
}
