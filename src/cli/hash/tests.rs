//! What the words of the command line mean.

use std::path::Path;

use clap::{Parser, error::ErrorKind};

use super::*;

#[derive(Debug, Parser)]
struct Command {
    #[command(flatten)]
    hash: Arguments,
}

fn parse(words: &[&str]) -> Result<Arguments, clap::Error> {
    Command::try_parse_from([&["hash"], words].concat()).map(|command| command.hash)
}

#[test]
fn without_words_sha256_of_standard_input_is_meant() {
    let args = parse(&[]).expect("nothing is enough");
    assert_eq!(args.algorithms, [algorithm("sha256").expect("sha256")]);
    assert_eq!(args.files, [Path::new("-")]);
}

#[test]
fn an_unknown_algorithm_is_a_fault_of_usage_that_names_the_known() {
    let error = parse(&["-a", "crc32"]).expect_err("crc32");
    assert_eq!(error.kind(), ErrorKind::ValueValidation);
    assert_eq!(error.exit_code(), 2);
    let text = error.to_string();
    assert!(
        text.contains("crc32") && text.contains("sha3_256"),
        "{text}"
    );
}

#[test]
fn objects_and_lines_are_not_asked_for_at_once() {
    for form in ["--tag", "--zero"] {
        assert!(parse(&["--json", form]).is_err(), "{form}");
    }
}
