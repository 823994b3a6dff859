//! Readers that believe nobody: digests, checksum files, image formats, jobs, settings.

use std::{fs, str};

use hallmark::{
    checksums::{ChecksumFile, Limits, Value},
    config::{Config, Sources},
    domain::ExpectedDigests,
    hash::Hashers,
    inspect::{Declared, Findings, Inspector, Rules},
    jobs::{Job, Scope},
};

/// A publisher's checksum file: the first line is its name, the rest its content.
pub fn checksum_file(data: &[u8]) {
    let at = data.iter().position(|byte| *byte == b'\n');
    let (name, content) = data.split_at(at.unwrap_or(0));
    let name = String::from_utf8_lossy(name);
    let hashers = Hashers::builtin();
    let Ok(file) = ChecksumFile::read(content, &name, &hashers.known(), Limits::PUBLISHED) else {
        return;
    };
    for (line, entry) in file.entries().take(8) {
        assert!(
            line.text.len() <= Limits::PUBLISHED.line,
            "a line is too long"
        );
        if let Value::Digest(digest) = &entry.value {
            let length = hashers
                .digest_len(digest.algorithm())
                .expect("a known algorithm");
            assert_eq!(digest.value().len(), 2 * length, "{digest}");
        }
        let name = entry.name.as_deref().unwrap_or(b"-");
        if let Ok(found) = file.find(name) {
            assert!(!found.lines.is_empty() && found.expected.iter().next().is_some());
        }
    }
}

/// An expectation, as headers, properties and imports have it.
pub fn expected_digests(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Ok(expected) = text.parse::<ExpectedDigests>() {
        let again = expected.to_string().parse::<ExpectedDigests>();
        assert_eq!(
            again.as_ref(),
            Ok(&expected),
            "it is not read as it is written"
        );
        assert!(expected.iter().next().is_some(), "nothing is expected");
    }
}

/// An image: the first byte says how it is cut in pieces.
pub fn image_format(data: &[u8]) {
    let Some((first, image)) = data.split_first() else {
        return;
    };
    let whole = inspected(image, usize::MAX);
    let cut = inspected(image, usize::from(*first) + 1);
    assert_eq!(whole, cut, "pieces make a difference");
    let rules = Rules::default();
    for disk_format in ["raw", "qcow2", "vmdk", "iso"] {
        let declared = Declared {
            disk_format,
            container_format: "bare",
        };
        let judged = rules.judge(declared, &whole);
        if disk_format == "qcow2" && judged.is_ok() {
            assert!(image.starts_with(b"QFI\xfb"), "accepted, and no qcow2");
        }
    }
}

fn inspected(image: &[u8], piece: usize) -> Findings {
    let mut inspector = Inspector::new();
    for piece in image.chunks(piece.min(image.len()).max(1)) {
        inspector.update(piece);
    }
    inspector.finish()
}

/// The document of a job, from a spool and from a client.
pub fn job_document(data: &[u8]) {
    let hashers = Hashers::builtin();
    for scope in [Scope::Files, Scope::Registry] {
        let id = match Job::read(data, &hashers, scope) {
            Ok(job) => Some(job.id),
            Err(refused) => refused.id,
        };
        if let Some(id) = id {
            let id = id.as_str();
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            assert!(
                (8..=128).contains(&id.len()) && id.bytes().all(is_plain),
                "{id:?}"
            );
        }
    }
}

/// A file of settings: the first byte chooses its kind.
pub fn settings(data: &[u8]) {
    let Some((first, content)) = data.split_first() else {
        return;
    };
    let kind = if first % 2 == 0 { "conf" } else { "toml" };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(format!("hallmark.{kind}"));
    fs::write(&file, content).expect("a file");
    let data_dir = folder.path().display().to_string();
    let environment = vec![("HALLMARK_DATA_DIR".to_owned(), data_dir)];
    if let Err(faults) = Config::load(&Sources::new(vec![file], environment)) {
        assert!(!faults.to_string().is_empty(), "refused without a reason");
    }
}
