//! `hallmark policy`, as an operator types it, and starts with broken files.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

/// A folder of settings, rules and protections.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("hallmark.toml"), "").expect("a file");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    folder
}

/// What the words make `hallmark` do in the folder.
fn run(folder: &Path, words: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hallmark"));
    command.args(words.split(' ')).current_dir(folder);
    let command = command.args(["--config-file", "hallmark.toml"]);
    command.output().expect("a process")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

#[track_caller]
fn assert_status(output: &Output, status: i32) {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{said}");
}

/// The printed lines, if it went well.
#[track_caller]
fn lines(folder: &Path, words: &str) -> Vec<String> {
    let output = run(folder, words);
    assert_status(&output, 0);
    text(&output.stdout).lines().map(str::to_owned).collect()
}

#[track_caller]
fn answer(folder: &Path, words: &str) -> String {
    let output = run(folder, &format!("policy check {words}"));
    let printed = text(&output.stdout).trim_end().to_owned();
    let status = i32::from(!printed.ends_with("allowed"));
    assert_status(&output, status);
    printed
}

const RULES: &str = "get_images: role:reader\nmine: project_id:%(owner)s\n";

#[test]
fn every_rule_is_listed_with_its_scope_its_origin_and_its_text() {
    let folder = folder(&[("policy.yaml", RULES)]);
    let lines = lines(folder.path(), "policy list");
    let of = |name: &str| {
        let named = |line: &&String| line.split(' ').next() == Some(name);
        let found = lines.iter().find(named);
        found
            .expect(name)
            .split("  ")
            .filter(|cell| !cell.is_empty())
            .map(str::trim)
            .collect()
    };
    let cells: Vec<&str> = of("publicize_image");
    assert_eq!(
        cells[1..],
        ["project", "default", "\"rule:context_is_admin\""]
    );
    let cells: Vec<&str> = of("get_images");
    assert_eq!(cells[1..], ["project", "policy.yaml", "\"role:reader\""]);
    let cells: Vec<&str> = of("mine");
    assert_eq!(
        cells[1..],
        ["any", "policy.yaml", "\"project_id:%(owner)s\""]
    );
    let replaced = lines
        .iter()
        .filter(|line| line.contains("(default)"))
        .count();
    assert_eq!(replaced, 1);
}

#[test]
fn the_list_can_be_json() {
    let folder = folder(&[("policy.yaml", RULES)]);
    let output = run(folder.path(), "policy list --format json");
    assert_status(&output, 0);
    let rules: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let rules = rules.as_array().expect("a list");
    let of = |name: &str| rules.iter().find(|rule| rule["name"] == name).expect(name);
    assert_eq!(of("get_images")["check"], "role:reader");
    assert_eq!(of("get_images")["scope_types"][0], "project");
    assert!(of("get_images")["default"].is_string());
    assert_eq!(of("mine")["origin"], "policy.yaml");
    assert!(of("mine")["default"].is_null());
    assert_eq!(of("add_metadef_tag")["origin"], "default");
}

#[test]
fn a_persona_may_do_what_its_roles_and_those_they_imply_allow() {
    let folder = folder(&[]);
    for (words, allowed) in [
        ("--persona admin publicize_image", true),
        ("--persona manager modify_image", true),
        ("--persona manager publicize_image", false),
        ("--persona member modify_image", true),
        ("--persona reader get_image", true),
        ("--persona reader download_image", false),
        ("--persona service fetch_image_location", true),
        ("--persona service get_image", false),
        ("--persona service --roles reader get_image", true),
        ("--persona member --target-of foreign modify_image", false),
        ("--persona member --target-of public download_image", true),
        ("--persona member --target-of foreign download_image", false),
        ("--persona member --target-of shared modify_member", true),
        ("--persona member --target owner=other modify_image", false),
        (
            "--persona member --project other --target owner=other modify_image",
            true,
        ),
        ("--persona admin --target-of foreign modify_image", true),
    ] {
        let answer = answer(folder.path(), words);
        assert_eq!(answer.ends_with("allowed"), allowed, "{words}: {answer}");
    }
}

#[test]
fn a_denial_says_what_stood_against_it() {
    let usual = folder(&[]);
    let denied = "--persona reader modify_image";
    assert_eq!(answer(usual.path(), denied), "modify_image  denied (rule)");
    for scope in ["system", "domain"] {
        let denied = answer(
            usual.path(),
            &format!("--persona admin --scope {scope} get_image"),
        );
        assert_eq!(denied, "get_image  denied (scope)");
    }
    let former = folder(&[(
        "hallmark.toml",
        "[oslo_policy]\nenforce_new_defaults = false\n",
    )]);
    let denied = "--persona member --target-of public modify_image";
    let printed = answer(former.path(), denied);
    assert_eq!(printed, "modify_image  denied (ownership)");
}

#[test]
fn rules_of_the_operators_own_can_be_asked_and_unknown_ones_not() {
    let folder = folder(&[("policy.yaml", RULES)]);
    assert_eq!(
        answer(folder.path(), "--persona reader mine"),
        "mine  allowed"
    );
    let output = run(folder.path(), "policy check --persona reader yours");
    assert_status(&output, 2);
    assert!(text(&output.stderr).contains("yours"));
    assert_status(&run(folder.path(), "policy check --persona king mine"), 2);
    assert_status(
        &run(
            folder.path(),
            "policy check --persona reader --target owner",
        ),
        2,
    );
}

#[test]
fn without_a_name_all_rules_are_asked_and_the_status_tells_nothing() {
    let folder = folder(&[("policy.yaml", RULES)]);
    let all = lines(folder.path(), "policy check --persona reader");
    assert_eq!(all.len(), lines(folder.path(), "policy list").len() - 1);
    let words = "policy check --persona reader --format json modify_image mine";
    let answers: Value = serde_json::from_str(&lines(folder.path(), words).join("")).expect("JSON");
    let expected = serde_json::json!([
        {"rule": "modify_image", "allowed": false, "denied_by": "rule"},
        {"rule": "mine", "allowed": true, "denied_by": null},
    ]);
    assert_eq!(answers, expected);
}

#[test]
fn broken_rules_and_protections_stop_every_command_and_name_themselves() {
    const PROTECTED: &str = "[DEFAULT]\nproperty_protection_file = \"protections.conf\"\n\
                             property_protection_rule_format = \"policies\"\n";
    for (files, named) in [
        (
            vec![("policy.yaml", "get_image: 'role:('\n")],
            vec!["policy.yaml", "get_image", "parenthesis"],
        ),
        (
            vec![("hallmark.toml", PROTECTED)],
            vec!["protections.conf", "No such file"],
        ),
        (
            vec![
                ("hallmark.toml", PROTECTED),
                (
                    "protections.conf",
                    "[x]\ncreate = @\nread = absent\nupdate = !\ndelete = !\n",
                ),
            ],
            vec![
                "protections.conf",
                "[x] read = absent",
                "allowed",
                "@ for everybody",
            ],
        ),
        (
            vec![("hallmark.toml", PROTECTED), ("protections.conf", "[x\n")],
            vec!["protections.conf", "line 1"],
        ),
    ] {
        let folder = folder(&files);
        for command in ["serve", "config check", "policy list"] {
            let output = run(folder.path(), command);
            assert_status(&output, 2);
            let said = text(&output.stderr);
            for word in &named {
                assert!(said.contains(word), "{command}: {word} in {said}");
            }
        }
    }
}

#[test]
fn what_weakens_the_rules_is_warned_of() {
    let text_of = "[oslo_policy]\nenforce_scope = false\nenforce_new_defaults = false\n";
    let folder = folder(&[("hallmark.toml", text_of)]);
    let output = run(folder.path(), "config check");
    assert_status(&output, 0);
    let said = text(&output.stderr);
    for option in ["enforce_scope", "enforce_new_defaults"] {
        assert!(
            said.contains(&format!("[oslo_policy] {option} is false")),
            "{said}"
        );
    }
}
