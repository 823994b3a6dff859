//! `hallmark confined`, which the registry runs other programs by: they cannot leave their bounds.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, Write as _},
    os::unix::process::ExitStatusExt as _,
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

use super::{assert_status, hallmark, run, text};
use crate::support::until;

/// The signals that end a program: without mercy, for its processor time, for its file.
const SIGKILL: i32 = 9;
const SIGXCPU: i32 = 24;
const SIGXFSZ: i32 = 25;

/// The bounds of a program: bytes of memory, seconds of processor time, bytes of a file.
struct Bounds {
    memory: u64,
    cpu: u64,
    file: u64,
}

const WIDE: Bounds = Bounds {
    memory: 1 << 30,
    cpu: 60,
    file: 1 << 20,
};

impl Bounds {
    /// The words in front of the program, on behalf of the process `parent`.
    fn words(&self, parent: &str) -> Vec<String> {
        let words = [
            ("--parent", parent),
            ("--memory", &self.memory.to_string()),
            ("--cpu", &self.cpu.to_string()),
            ("--file", &self.file.to_string()),
        ];
        let words = words.into_iter().flat_map(|(name, value)| [name, value]);
        let words = ["confined"].into_iter().chain(words).chain(["--"]);
        words.map(str::to_owned).collect()
    }

    /// A program within these bounds, which works in `folder`.
    fn command(&self, folder: &TempDir, program: &[&str]) -> Command {
        let parent = std::process::id().to_string();
        let mut command = hallmark(folder.path(), &[]);
        command.args(self.words(&parent)).args(program);
        command
    }

    fn run(&self, folder: &TempDir, program: &[&str]) -> Output {
        self.command(folder, program).output().expect("a process")
    }
}

fn folder() -> TempDir {
    TempDir::new().expect("a folder")
}

#[test]
fn a_program_within_its_bounds_is_itself() {
    let script = "echo out; echo err >&2; exit 7";
    let output = WIDE.run(&folder(), &["sh", "-c", script]);
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(text(&output.stdout), "out\n");
    assert_eq!(text(&output.stderr), "err\n");
}

#[test]
fn a_program_that_computes_for_too_long_is_killed() {
    let bounds = Bounds { cpu: 1, ..WIDE };
    let output = bounds.run(&folder(), &["sh", "-c", "while :; do :; done"]);
    let signal = output.status.signal();
    assert!(
        matches!(signal, Some(SIGKILL | SIGXCPU)),
        "{:?}",
        output.status
    );
}

#[test]
fn a_program_that_writes_too_much_is_killed_at_its_bound() {
    let bounds = Bounds {
        file: 10_000,
        ..WIDE
    };
    for (blocks, signal) in [("count=10", None), ("count=11", Some(SIGXFSZ))] {
        let folder = folder();
        let words = ["dd", "if=/dev/zero", "of=written", "bs=1000", blocks];
        let output = bounds.run(&folder, &words);
        let said = text(&output.stderr);
        assert_eq!(output.status.signal(), signal, "{said}");
        assert_eq!(output.status.success(), signal.is_none(), "{said}");
        let written = fs::metadata(folder.path().join("written"));
        assert_eq!(written.expect("a file").len(), 10_000, "{blocks}");
    }
}

#[test]
fn a_program_that_needs_too_much_memory_fails() {
    let bounds = Bounds {
        memory: 128 << 20,
        ..WIDE
    };
    for (block, fits) in [("bs=1M", true), ("bs=256M", false)] {
        let words = ["dd", "if=/dev/zero", "of=/dev/null", "count=1", block];
        let output = bounds.run(&folder(), &words);
        let said = text(&output.stderr);
        assert_eq!(output.status.success(), fits, "{block}: {said}");
    }
}

#[test]
fn a_program_has_no_way_to_wider_bounds_and_leaves_no_core() {
    let bounds = Bounds {
        memory: 512 << 20,
        cpu: 77,
        file: 512_000,
    };
    let output = bounds.run(&folder(), &["cat", "/proc/self/limits"]);
    assert_status(&output, 0);
    let limits = text(&output.stdout);
    for (name, bound) in [
        ("Max address space", bounds.memory),
        ("Max cpu time", bounds.cpu),
        ("Max file size", bounds.file),
        ("Max core file size", 0),
    ] {
        let mut lines = limits.lines();
        let line = lines.find_map(|line| line.strip_prefix(name));
        let words = line.expect(name).split_whitespace();
        let both: Vec<_> = words.take(2).collect();
        let bound = bound.to_string();
        assert_eq!(both, [&bound, &bound], "{name}");
    }
}

#[test]
fn a_program_reads_nothing_of_what_the_registry_hands_over() {
    let folder = folder();
    let path = folder.path().join("secret");
    let mut file = File::create(&path).expect("a file");
    file.write_all(b"secret").expect("bytes");
    let mut command = WIDE.command(&folder, &["cat"]);
    command.stdin(File::open(&path).expect("a file"));
    let output = command.output().expect("a process");
    assert_status(&output, 0);
    assert_eq!(text(&output.stdout), "");
}

#[test]
fn a_program_that_is_not_there_is_told() {
    let output = WIDE.run(&folder(), &["/no/such/program"]);
    assert_status(&output, 1);
    assert!(!output.stderr.is_empty());
}

#[test]
fn nothing_runs_for_a_process_that_is_gone() {
    let folder = folder();
    let mut command = hallmark(folder.path(), &[]);
    command.args(WIDE.words(&i32::MAX.to_string()));
    let output = command.args(["touch", "ran"]).output().expect("a process");
    assert_status(&output, 1);
    let said = text(&output.stderr);
    assert!(said.contains("the process that asked is gone"), "{said}");
    assert!(!folder.path().join("ran").exists());
}

#[tokio::test]
async fn a_program_ends_with_the_process_that_asked_for_it() {
    // A shell asks, and tells the number of the program's process.
    let words = WIDE.words("$$").join(" ");
    let program = env!("CARGO_BIN_EXE_hallmark");
    let script = format!("'{program}' {words} sleep 1000 & echo $!; wait");
    let mut asking = Command::new("sh")
        .args(["-c", &script])
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    let mut told = String::new();
    let mut out = BufReader::new(asking.stdout.take().expect("its output"));
    out.read_line(&mut told).expect("a line");
    let path = format!("/proc/{}/cmdline", told.trim());
    // One whose end nobody has noticed has no command any more.
    let command = || fs::read(&path).unwrap_or_default();
    until("the program runs", async || command().starts_with(b"sleep")).await;
    asking.kill().expect("a process to kill");
    asking.wait().expect("its end");
    until("the program ended", async || command().is_empty()).await;
}

#[test]
fn users_are_not_told_of_it() {
    let output = run(folder().path(), &["--help"]);
    assert_status(&output, 0);
    assert!(!text(&output.stdout).contains("confined"));
}
