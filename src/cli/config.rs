//! `hallmark config`: what is in force, and from where.

use std::io::Write;

use clap::{Args, Subcommand};

use crate::cli::{ConfigFiles, Outcome, complain, open_policy};

/// The arguments of `hallmark config`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    files: ConfigFiles,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Verb {
    /// Say whether the configuration and the files of rules are valid, and what is wrong with them
    Check,
    /// Print every option with its value and its source; secrets are masked
    Show,
}

/// Writes the answer to `out`; faults and warnings go to standard error.
pub(super) fn run(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let Some(config) = arguments.files.load() else {
        return Ok(Outcome::Misconfigured);
    };
    for warning in &config.warnings {
        complain(&format!("warning: {warning}"));
    }
    match arguments.verb {
        Verb::Check if open_policy(&config).is_none() => return Ok(Outcome::Misconfigured),
        Verb::Check => writeln!(out, "configuration is valid")?,
        Verb::Show => write!(out, "{}", config.show())?,
    }
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn arguments(line: &str) -> Arguments {
        let words = ["config"].into_iter().chain(line.split(' '));
        Line::try_parse_from(words).expect(line).arguments
    }

    /// What the command prints with a file that says `text`.
    fn printed(verb: &str, text: &str) -> (Outcome, String) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("hallmark.toml");
        fs::write(&file, text).expect("the file");
        let arguments = arguments(&format!("{verb} --config-file {}", file.display()));
        let mut out = Vec::new();
        let outcome = run(&arguments, &mut out).expect("a buffer takes all");
        (outcome, String::from_utf8(out).expect("text"))
    }

    #[test]
    fn a_configuration_file_may_be_repeated_before_or_behind_the_verb() {
        for line in [
            "--config-file a.toml --config-file b.conf check",
            "check --config-file a.toml --config-file b.conf",
        ] {
            let files = arguments(line).files.files;
            assert_eq!(files, ["a.toml", "b.conf"].map(PathBuf::from));
        }
    }

    #[test]
    fn check_says_that_the_configuration_is_valid() {
        let valid = (Outcome::Done, "configuration is valid\n".to_owned());
        assert_eq!(printed("check", "[task]\ntask_time_to_live = 1"), valid);
    }

    #[test]
    fn a_wrong_configuration_prints_nothing_and_is_told_by_the_exit_status() {
        for verb in ["check", "show"] {
            let wrong = (Outcome::Misconfigured, String::new());
            assert_eq!(printed(verb, "[task]\nnothing = 1"), wrong);
        }
    }

    #[test]
    fn show_prints_values_with_their_source() {
        let (outcome, text) = printed("show", "[task]\ntask_time_to_live = 1");
        assert_eq!(outcome, Outcome::Done);
        assert!(text.contains("task_time_to_live = 1  # /"), "{text}");
        assert!(text.contains("bind_port = 9292  # default"), "{text}");
    }
}
