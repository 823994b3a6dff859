//! `hallmark hash`: the digests of files, in the formats of coreutils and of BSD.

use std::{
    borrow::Cow,
    fs::File,
    io::{self, IsTerminal as _, Write},
    path::{Path, PathBuf},
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    cli::Outcome,
    domain::{Algorithm, Digest, Digests},
    hash::{HashError, Hashers},
};

/// Files larger than this, in bytes, get a progress bar on a terminal.
const LONG_WORK: u64 = 64 * 1024 * 1024;

/// Print digests of files.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Hash algorithm, such as sha512 or SHA3-256; give several to get a line of each
    #[arg(
        short, long = "algorithm", value_name = "ALG",
        default_value = "sha256", value_parser = algorithm,
    )]
    algorithms: Vec<Algorithm>,

    /// Print lines like "SHA256 (name) = digest", as for several algorithms
    #[arg(long)]
    tag: bool,

    /// What to read; "-" or nothing for standard input
    #[arg(value_name = "FILE", default_value = "-")]
    files: Vec<PathBuf>,
}

/// Writes the digests to `out`, and what cannot be read to standard error; a file that cannot be
/// read does not keep the others from being printed.
pub(super) fn run(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    // Standard error stays unlocked: other threads report their panics there.
    let unread = print_digests(arguments, out, &mut io::stderr())?;
    Ok(if unread == 0 {
        Outcome::Done
    } else {
        Outcome::Failed
    })
}

fn algorithm(spelling: &str) -> Result<Algorithm, HashError> {
    Hashers::builtin().resolve(spelling)
}

/// Writes the digests of each file to `out`, and to `problems` why there are none; gives how many
/// files have none.
fn print_digests(
    args: &Arguments,
    out: &mut dyn Write,
    problems: &mut dyn Write,
) -> io::Result<usize> {
    let hashers = Hashers::builtin();
    let mut unread = 0;
    for file in &args.files {
        match digests_of(&hashers, file, &args.algorithms) {
            Ok(digests) => {
                for digest in digests.iter() {
                    let tag = hashers.tag(digest.algorithm());
                    let tag = tag.filter(|_| args.tag || args.algorithms.len() > 1);
                    out.write_all(&line(file, digest, tag))?;
                }
            }
            Err(error) => {
                unread += 1;
                writeln!(problems, "hallmark: {}: {error:#}", file.display())?;
            }
        }
    }
    out.flush()?;
    Ok(unread)
}

/// Reads `file` once for all `algorithms`.
fn digests_of(
    hashers: &Hashers,
    file: &Path,
    algorithms: &[Algorithm],
) -> Result<Digests, anyhow::Error> {
    let (_, digests) = if file == Path::new("-") {
        hashers.start(algorithms)?.read(io::stdin().lock())?
    } else {
        let data = File::open(file)?;
        let bar = progress_bar(file, data.metadata()?.len());
        let outcome = hashers.start(algorithms)?.read(bar.wrap_read(data));
        bar.finish_and_clear();
        outcome?
    };
    Ok(digests)
}

/// A bar on a terminal, and an invisible one elsewhere or for little work.
fn progress_bar(file: &Path, size: u64) -> ProgressBar {
    if size <= LONG_WORK || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    #[expect(
        clippy::expect_used,
        reason = "the template is constant and well formed"
    )]
    let style = ProgressStyle::with_template(
        "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
    )
    .expect("a well-formed template");
    ProgressBar::new(size)
        .with_style(style)
        .with_message(file.display().to_string())
}

/// The line for one digest: BSD's with a `tag`, else coreutils'.
///
/// A backslash at its start says that the name is escaped, as coreutils' `--check` expects it.
fn line(file: &Path, digest: &Digest, tag: Option<&str>) -> Vec<u8> {
    let name = file.as_os_str().as_encoded_bytes();
    let shown = escaped(name);
    let mark: &[u8] = if *shown == *name { b"" } else { b"\\" };
    let value = digest.value().as_bytes();
    match tag {
        Some(tag) => [mark, tag.as_bytes(), b" (", &*shown, b") = ", value, b"\n"].concat(),
        None => [mark, value, b"  ", &*shown, b"\n"].concat(),
    }
}

/// `name` without the characters that would break a line of checksums.
fn escaped(name: &[u8]) -> Cow<'_, [u8]> {
    if !name.iter().any(|byte| b"\\\n\r".contains(byte)) {
        return name.into();
    }
    let mut escaped = Vec::with_capacity(name.len() + 8);
    for byte in name {
        match byte {
            b'\\' => escaped.extend(br"\\"),
            b'\n' => escaped.extend(br"\n"),
            b'\r' => escaped.extend(br"\r"),
            other => escaped.push(*other),
        }
    }
    escaped.into()
}

#[cfg(test)]
mod tests {
    use clap::{Parser, error::ErrorKind};

    use super::*;

    const EMPTY_MD5: &str = "d41d8cd98f00b204e9800998ecf8427e";
    const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        hash: Arguments,
    }

    fn parse(words: &[&str]) -> Result<Arguments, clap::Error> {
        Command::try_parse_from([&["hash"], words].concat()).map(|command| command.hash)
    }

    /// What is printed for `files`: lines, problems, and how many had none.
    fn printed(words: &[&str], files: &[&Path]) -> (String, String, usize) {
        let mut args = parse(words).expect("well-formed words");
        args.files = files.iter().map(|file| file.to_path_buf()).collect();
        let (mut out, mut problems) = (Vec::new(), Vec::new());
        let unread = print_digests(&args, &mut out, &mut problems).expect("room");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        (text(out), text(problems), unread)
    }

    fn empty_digest() -> Digest {
        Digest::from_hex(algorithm("md5").expect("md5"), EMPTY_MD5).expect("a digest")
    }

    fn line_of(name: &str, tag: Option<&str>) -> String {
        String::from_utf8(line(Path::new(name), &empty_digest(), tag)).expect("UTF-8")
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
    fn one_algorithm_prints_lines_of_coreutils() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let (lines, problems, unread) = printed(&[], &[file.path()]);
        let expected = format!("{EMPTY_SHA256}  {}\n", file.path().display());
        assert_eq!((lines, problems.as_str(), unread), (expected, "", 0));
    }

    #[test]
    fn a_tag_prints_lines_of_bsd() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let (lines, ..) = printed(&["--tag", "-a", "sha-256"], &[file.path()]);
        let name = file.path().display();
        assert_eq!(lines, format!("SHA256 ({name}) = {EMPTY_SHA256}\n"));
    }

    #[test]
    fn several_algorithms_print_lines_of_bsd() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let (lines, ..) = printed(&["-a", "sha256", "-a", "md5"], &[file.path()]);
        let name = file.path().display();
        let expected = format!("SHA256 ({name}) = {EMPTY_SHA256}\nMD5 ({name}) = {EMPTY_MD5}\n");
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_file_that_cannot_be_read_keeps_no_other_from_being_printed() {
        let folder = tempfile::tempdir().expect("a folder");
        let missing = folder.path().join("missing");
        let file = tempfile::NamedTempFile::new().expect("a file");
        let (lines, problems, unread) = printed(&[], &[&missing, folder.path(), file.path()]);
        assert_eq!(unread, 2);
        assert!(lines.starts_with(EMPTY_SHA256) && lines.lines().count() == 1);
        let problems: Vec<_> = problems.lines().collect();
        let [first, second] = problems[..] else {
            panic!("{problems:?}");
        };
        assert!(first.contains("missing: No such file"), "{first}");
        assert!(second.contains("Is a directory"), "{second}");
    }

    #[test]
    fn a_name_that_would_break_the_line_is_escaped_and_marked() {
        assert_eq!(
            line_of("a\nb\\c\rd", None),
            format!("\\{EMPTY_MD5}  a\\nb\\\\c\\rd\n"),
        );
        assert_eq!(
            line_of("a\nb", Some("MD5")),
            format!("\\MD5 (a\\nb) = {EMPTY_MD5}\n"),
        );
    }

    #[test]
    fn a_name_that_is_no_unicode_is_printed_as_it_is() {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};

        let name = Path::new(OsStr::from_bytes(b"\xff\xfe"));
        let line = line(name, &empty_digest(), None);
        assert!(line.ends_with(b"  \xff\xfe\n"));
    }
}
