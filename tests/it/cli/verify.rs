//! `hallmark verify`, beside the programs whose checksum files it reads.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::symlink,
    process::{Command, Output, Stdio},
};

use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{assert_status, files, hallmark, run, text};

const ABC_MD5: &str = "900150983cd24fb0d6963f7d28e17f72";
const ABC_SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// A folder with a file `abc` of that content.
fn abc() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("abc"), "abc").expect("a file");
    folder
}

fn write(folder: &TempDir, name: &str, content: &str) {
    fs::write(folder.path().join(name), content).expect("a file");
}

/// Runs `hallmark verify`, and holds its exit status and what it prints against what they should
/// be; gives what it complains of.
#[track_caller]
fn verify(folder: &TempDir, words: &[&str], status: i32, printed: &str) -> String {
    let output = run(folder.path(), &[&["verify"], words].concat());
    assert_status(&output, status);
    assert_eq!(text(&output.stdout), printed);
    text(&output.stderr).to_owned()
}

#[test]
fn a_file_is_held_against_the_digests_that_are_named_with_it() {
    let folder = abc();
    let good = format!("sha256:{ABC_SHA256}");
    verify(&folder, &["abc", &good], 0, "abc: OK\n");
    let shouted = format!("SHA-256:{}", ABC_SHA256.to_uppercase());
    verify(&folder, &["abc", "-e", &shouted], 0, "abc: OK\n");
    let both = format!("{ABC_SHA256},md5:{ABC_MD5}");
    verify(&folder, &["--expect", &both, "abc"], 0, "abc: OK\n");

    let wrong = format!("md5:{}", "0".repeat(32));
    let said = verify(&folder, &["abc", &good, &wrong], 1, "abc: FAILED\n");
    assert!(said.contains(ABC_MD5) && said.contains(&wrong), "{said}");
    let printed = "none: FAILED open or read\nabc: OK\n";
    verify(&folder, &["none", "abc", &good], 1, printed);
}

#[test]
fn standard_input_is_verified_like_a_file() {
    let folder = abc();
    let mut child = hallmark(folder.path(), &["verify", "-", &format!("md5:{ABC_MD5}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    let mut input = child.stdin.take().expect("its input");
    input.write_all(b"abc").expect("a reader");
    drop(input);
    let output = child.wait_with_output().expect("its end");
    assert_status(&output, 0);
    assert_eq!(text(&output.stdout), "-: OK\n");
}

#[test]
fn what_cannot_be_an_expectation_is_wrong_usage() {
    let folder = abc();
    write(&folder, "SUMS", &format!("{ABC_MD5}  abc\n"));
    let good = format!("md5:{ABC_MD5}");
    for words in [
        &["abc"][..],
        &[&good],
        &[],
        &["abc", "md5:"],
        &["abc", "md5:abc"],
        &["abc", &format!("sha256:{ABC_MD5}")],
        &["abc", "-e", "crc32:00000000"],
        &["abc", "-e", ""],
        &["abc", &good, &format!("md5:{}", "0".repeat(32))],
        &["abc", &good, "-c", "SUMS"],
        &["abc", &good, "--root", "."],
        &["abc", &good, "--strict"],
    ] {
        let said = verify(&folder, words, 2, "");
        assert!(!said.is_empty(), "{words:?}");
    }
}

#[test]
fn what_nobody_hears_is_not_verified() {
    let folder = abc();
    let (listener, deaf) = io::pipe().expect("a pipe");
    drop(listener);
    let mut command = hallmark(folder.path(), &["verify", "abc", &format!("md5:{ABC_MD5}")]);
    let status = command.stdout(deaf).status().expect("a process");
    assert_eq!(status.code(), Some(1));
}

/// What coreutils says of the checksum file SUMS with the same options.
fn coreutils(folder: &TempDir, options: &[&str]) -> Output {
    Command::new("sha256sum")
        .args(["-c", "SUMS"])
        .args(options)
        .current_dir(folder.path())
        .env("LC_ALL", "C")
        .output()
        .expect("coreutils")
}

#[test]
fn a_checksum_file_is_judged_as_coreutils_does() {
    let (folder, names) = files();
    write(&folder, "abc", "abc");
    let sums = Command::new("sha256sum")
        .args(names)
        .arg("abc")
        .current_dir(folder.path())
        .output()
        .expect("coreutils");
    let sums = text(&sums.stdout).to_owned();
    let changed = sums.replace(ABC_SHA256, &"0".repeat(64));
    let missing = format!("{sums}{ABC_SHA256}  none\n");
    let strange = format!("{sums}nonsense\n");
    let nothing_there = format!("{ABC_SHA256}  none\n");
    for content in [
        &sums,
        &changed,
        &missing,
        &strange,
        &nothing_there,
        "nonsense\n",
        "",
    ] {
        write(&folder, "SUMS", content);
        for options in [
            &[][..],
            &["--quiet"],
            &["--status"],
            &["--strict"],
            &["--ignore-missing"],
            &["--ignore-missing", "--strict", "--quiet"],
        ] {
            let theirs = coreutils(&folder, options);
            let status = theirs.status.code().expect("its end");
            let words = [&["-c", "SUMS"], options].concat();
            let said = verify(&folder, &words, status, text(&theirs.stdout));
            // Ours says nothing at all with --status.
            let quiet = theirs.stderr.is_empty() || options.contains(&"--status");
            assert_eq!(said.is_empty(), quiet, "{words:?}: {said}");
        }
    }
}

#[test]
fn files_that_are_named_are_looked_up_in_the_checksum_file() {
    let folder = abc();
    write(&folder, "other", "other");
    let sums = format!(
        "# of the publisher\r\nMD5 (abc) = {ABC_MD5}\r\n{ABC_SHA256} *images/abc\r\n\
         {}  gone\n",
        "0".repeat(64)
    );
    write(&folder, "SUMS", &sums);
    verify(&folder, &["-c", "SUMS", "./abc"], 0, "./abc: OK\n");
    let printed = "abc: OK\nother: FAILED, not checked\n";
    let said = verify(&folder, &["-c", "SUMS", "abc", "other"], 1, printed);
    assert!(said.contains("no line names \"other\""), "{said}");
    write(&folder, "abc.md5", &format!("{ABC_MD5}\n"));
    verify(&folder, &["-c", "abc.md5", "abc"], 0, "abc: OK\n");
    let said = verify(&folder, &["-c", "abc.md5"], 1, ": FAILED, not checked\n");
    assert!(said.contains("without a name"), "{said}");
}

#[test]
fn several_lines_for_one_file_must_all_hold_and_each_file_is_read_once() {
    let folder = abc();
    let lines = format!("MD5 (abc) = {ABC_MD5}\nSHA256 (abc) = {ABC_SHA256}\n");
    write(&folder, "SUMS", &lines);
    verify(&folder, &["-c", "SUMS"], 0, "abc: OK\n");
    let unknown = format!("{lines}WHIRLPOOL (abc) = {ABC_SHA256}\n");
    write(&folder, "SUMS", &unknown);
    verify(&folder, &["-c", "SUMS"], 0, "abc: OK\n");
    let contradiction = format!("{lines}MD5 (abc) = {}\n", "0".repeat(32));
    write(&folder, "SUMS", &contradiction);
    let printed = "abc: FAILED, not checked\n";
    let said = verify(&folder, &["-c", "SUMS"], 1, printed);
    assert!(said.contains("cannot all hold"), "{said}");
    write(
        &folder,
        "SUMS",
        &format!("WHIRLPOOL (abc) = {ABC_SHA256}\n"),
    );
    let said = verify(&folder, &["-c", "SUMS"], 1, printed);
    assert!(said.contains("implemented"), "{said}");
}

#[test]
fn names_in_a_checksum_file_lead_nowhere_but_beneath_its_folder() {
    let folder = TempDir::new().expect("a folder");
    let root = folder.path();
    fs::create_dir_all(root.join("sums/deep")).expect("folders");
    fs::create_dir(root.join("files")).expect("a folder");
    for place in ["outside", "sums/deep/abc", "files/abc"] {
        fs::write(root.join(place), "abc").expect("a file");
    }
    symlink("../outside", root.join("sums/link")).expect("a link");
    let absolute = root.join("outside");
    let absolute = absolute.to_str().expect("UTF-8");
    let check = |name: &str, status, printed: &str| {
        fs::write(root.join("sums/SUMS"), format!("{ABC_MD5}  {name}\n")).expect("a file");
        verify(
            &folder,
            &["-c", "sums/SUMS"],
            status,
            &format!("{name}: {printed}\n"),
        )
    };
    check("deep/abc", 0, "OK");
    for (name, why) in [
        (absolute, "absolute"),
        ("../outside", "\"..\""),
        ("deep/../../outside", "\"..\""),
        ("link", "leads out"),
        ("deep", "regular"),
    ] {
        let said = check(name, 1, "FAILED, not checked");
        assert!(said.contains(why), "{name}: {said}");
    }
    check("abc", 1, "FAILED open or read");
    let words = ["-c", "sums/SUMS", "--root", "files"];
    verify(&folder, &words, 0, "abc: OK\n");
}

#[test]
fn objects_tell_what_was_expected_and_what_was_found() {
    let folder = abc();
    let zeros = "0".repeat(32);
    let wrong = format!("md5:{zeros}");
    let output = run(folder.path(), &["verify", "--json", "abc", "none", &wrong]);
    assert_status(&output, 1);
    let objects: Vec<Value> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect();
    let [abc, none] = &objects[..] else {
        panic!("{objects:?}");
    };
    assert_eq!(abc["result"], "mismatch");
    assert_eq!(abc["expected"], json!({"md5": zeros}));
    assert_eq!(abc["digests"], json!({"md5": ABC_MD5}));
    assert_eq!(none["result"], "missing");
    let good = format!("md5:{ABC_MD5}");
    let words = ["verify", "--json", "--quiet", "abc", &good];
    assert_eq!(text(&run(folder.path(), &words).stdout), "");
}

#[test]
fn the_cache_serves_hash_and_verify_alike() {
    let folder = TempDir::new().expect("a folder");
    // A file that has not been changed for a while.
    let license = concat!(env!("CARGO_MANIFEST_DIR"), "/LICENSE");
    let line = run(folder.path(), &["hash", "--cache", "cache", license]);
    let digest = format!("sha256:{}", &text(&line.stdout)[..64]);
    let cached = fs::read(folder.path().join("cache")).expect("the cache");
    let words = ["--cache", "cache", license, &digest];
    verify(&folder, &words, 0, &format!("{license}: OK\n"));
    assert_eq!(fs::read(folder.path().join("cache")).expect("it"), cached);
}

/// Names that a file may have in a folder, strange ones among them, but none of blanks alone: in a
/// checksum file these look like no name.
fn names() -> impl Strategy<Value = Vec<String>> {
    let name =
        "[a-z \\\\\\n\\r\\t()*=#é]{1,12}".prop_filter("a name", |name| !name.trim().is_empty());
    prop::collection::hash_set(name, 1..6).prop_map(|names| names.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_we_write_coreutils_reads_and_the_other_way(
        names in names(),
        tag in prop::sample::select(vec![&[][..], &["--tag"]]),
    ) {
        let folder = TempDir::new().expect("a folder");
        for name in &names {
            fs::write(folder.path().join(name), name).expect("a file");
        }
        let named: Vec<&str> = ["--"].into_iter().chain(names.iter().map(String::as_str)).collect();
        let ours = run(folder.path(), &[&["hash"], tag, &named].concat());
        let theirs = Command::new("sha256sum")
            .args(tag)
            .args(&named)
            .current_dir(folder.path())
            .output()
            .expect("coreutils");
        prop_assert_eq!(text(&ours.stdout), text(&theirs.stdout));
        write(&folder, "SUMS", text(&ours.stdout));
        prop_assert!(coreutils(&folder, &["--strict"]).status.success());
        let checked = run(folder.path(), &["verify", "--strict", "--quiet", "-c", "SUMS"]);
        prop_assert!(checked.status.success(), "{}", text(&checked.stderr));
    }
}
