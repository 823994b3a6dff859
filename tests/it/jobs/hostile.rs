//! Documents and files that mean harm.

use std::{
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt as _, fs::symlink, net::UnixListener},
    process::Command,
};

use serde_json::json;

use super::support::{Ground, good, inspect, names};

#[test]
fn fault_5_no_job_id_leaves_the_folders() {
    let ground = Ground::new();
    let ids = [
        "../../../escape",
        "/tmp/absolute-escape",
        "..\\..\\windows",
        "........",
        "job\u{0}nul-byte",
        "job-with\nnewline",
        &"a".repeat(300),
    ];
    for (number, id) in ids.iter().enumerate() {
        ground.put(&format!("file-{number}.json"), &good(id));
    }
    let before = names(&ground.path(""));
    ground.work(&[]);
    assert_eq!(ground.results(), [""; 0]);
    let mut failed: Vec<_> = (0..ids.len())
        .flat_map(|it| [format!("file-{it}.json"), format!("file-{it}.reason.txt")])
        .collect();
    failed.sort();
    assert_eq!(ground.files("jobs/failed"), failed);
    let mut after = names(&ground.path(""));
    after.retain(|name| name != "results" && name != "data");
    assert_eq!(after, before);
}

#[test]
fn names_of_files_that_mean_harm_are_made_safe() {
    let ground = Ground::new();
    for name in [
        &b"\xff\xfe.json"[..],
        b"a\nb.json",
        b"-rf.json",
        b"$(id).json",
    ] {
        fs::write(ground.path("jobs").join(OsStr::from_bytes(name)), "[]").expect("a file");
    }
    ground.work(&[]);
    let documents: Vec<_> = ground
        .files("jobs/failed")
        .into_iter()
        .filter(|name| !name.ends_with(".reason.txt"))
        .collect();
    assert_eq!(documents, ["-rf.json", "__.json", "__id_.json", "a_b.json"]);
}

#[test]
fn what_is_no_regular_file_is_no_document_and_holds_nobody_up() {
    let ground = Ground::new();
    let at = |name: &str| ground.path("jobs").join(name);
    fs::write(ground.path("secret"), good("job-0001").to_string()).expect("a file");
    symlink(ground.path("secret"), at("link.json")).expect("a link");
    let made = Command::new("mkfifo").arg(at("pipe.json")).status();
    assert!(made.expect("mkfifo").success());
    let _socket = UnixListener::bind(at("socket.json")).expect("a socket");
    fs::create_dir(at("folder.json")).expect("a folder");
    ground.put("good.json", &good("job-0002"));
    ground.work(&[]);
    assert_eq!(ground.result("job-0002")["status"], "completed");
    assert_eq!(ground.find_result("job-0001"), None, "no link is followed");
    assert_eq!(ground.files("jobs"), ["claimed", "done", "failed"]);
    assert_eq!(ground.files("jobs/failed").len(), 8);
    assert!(ground.path("secret").exists());
}

#[test]
fn images_outside_of_the_roots_are_never_opened() {
    let ground = Ground::new();
    fs::write(ground.path("secret"), "secret").expect("a file");
    let at = |name: &str| ground.path("images").join(name);
    symlink("../secret", at("relative")).expect("a link");
    symlink(ground.path("secret"), at("absolute")).expect("a link");
    symlink("/proc/self/environ", at("environ")).expect("a link");
    symlink(ground.path(""), at("folder")).expect("a link");
    let made = Command::new("mkfifo").arg(at("pipe")).status();
    assert!(made.expect("mkfifo").success());
    let cases = [
        ("/etc/passwd", "PATH_NOT_ALLOWED"),
        ("/proc/self/environ", "PATH_NOT_ALLOWED"),
        ("/dev/zero", "PATH_NOT_ALLOWED"),
        ("../secret", "PATH_NOT_ALLOWED"),
        ("a/../../secret", "PATH_NOT_ALLOWED"),
        ("relative", "PATH_NOT_ALLOWED"),
        ("absolute", "PATH_NOT_ALLOWED"),
        ("environ", "PATH_NOT_ALLOWED"),
        ("folder/secret", "PATH_NOT_ALLOWED"),
        ("pipe", "IMAGE_NOT_A_FILE"),
        (".", "IMAGE_NOT_A_FILE"),
        ("missing", "IMAGE_NOT_FOUND"),
    ];
    for (number, (path, _)) in cases.iter().enumerate() {
        let id = format!("job-{number:04}");
        ground.put(&format!("{id}.json"), &inspect(&id, &json!({"path": path})));
    }
    ground.work(&[]);
    for (number, (path, code)) in cases.iter().enumerate() {
        let result = ground.result(&format!("job-{number:04}"));
        assert_eq!(result["error"]["code"], *code, "{path}");
        assert_eq!(result["metrics"], json!(null), "{path}: nothing was read");
    }
}

#[test]
fn documents_that_are_huge_or_deep_are_put_away_unread() {
    let ground = Ground::new();
    let huge = fs::File::create(ground.path("jobs/huge.json")).expect("a file");
    huge.set_len(1 << 40).expect("a sparse file");
    let deep = ["[".repeat(500_000), "]".repeat(500_000)].concat();
    fs::write(ground.path("jobs/deep.json"), deep).expect("a file");
    ground.put("good.json", &good("job-0001"));
    ground.work(&[]);
    assert_eq!(ground.result("job-0001")["status"], "completed");
    assert_eq!(
        ground.files("jobs/failed"),
        [
            "deep.json",
            "deep.reason.txt",
            "huge.json",
            "huge.reason.txt"
        ]
    );
    let reason = fs::read_to_string(ground.path("jobs/failed/huge.reason.txt"));
    assert!(
        reason
            .expect("a reason")
            .contains("more than 1048576 bytes")
    );
}

#[test]
fn a_result_that_somebody_put_there_as_a_link_is_replaced_and_not_followed() {
    let ground = Ground::new();
    fs::create_dir(ground.path("results")).expect("a folder");
    fs::write(ground.path("precious"), "precious").expect("a file");
    let link = ground.path("results/job-0001-result.json");
    symlink(ground.path("precious"), &link).expect("a link");
    ground.put("a.json", &good("job-0001"));
    let _worker_log = ground.work(&[]);
    assert_eq!(
        fs::read_to_string(ground.path("precious")).expect("a file"),
        "precious"
    );
    assert_eq!(ground.result("job-0001")["status"], "completed");
}
