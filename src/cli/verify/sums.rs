//! What a checksum file demands of files.

use std::{
    collections::HashMap,
    ffi::OsStr,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;

use super::{
    beneath::Beneath,
    bounded::read,
    check::{Check, Demand},
    named,
    signed::SignatureArguments,
};
use crate::{
    checksums::{ChecksumFile, Content, Entry, Limits, Value},
    domain::ExpectedDigests,
    hash::Hashers,
};

/// How a checksum file is used.
#[derive(Debug, clap::Args)]
pub(super) struct SumsArguments {
    /// Check what this checksum file names; with FILEs, only these, found by their names
    #[arg(short, long, value_name = "SUMS")]
    pub(super) check: Option<PathBuf>,

    /// Look for files beneath this folder; without it, beneath the checksum file's own
    #[arg(long, value_name = "DIR", requires = "check")]
    root: Option<PathBuf>,

    #[command(flatten)]
    signatures: SignatureArguments,

    #[command(flatten)]
    leniency: Leniency,
}

/// What of a checksum file may be otherwise than it should.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Leniency {
    /// Files that are not there are no fault, as long as any is
    #[arg(long, requires = "check")]
    pub(super) ignore_missing: bool,

    /// A line that cannot be understood is a fault
    #[arg(long, requires = "check")]
    pub(super) strict: bool,

    /// Tell of each line that cannot be understood
    #[arg(short, long, requires = "check")]
    pub(super) warn: bool,
}

/// What a checksum file demands.
#[derive(Debug, Default)]
pub(super) struct Demands {
    /// The files to look at, and for what.
    pub(super) checks: Vec<Check>,
    /// The lines that cannot be understood: their numbers, and why.
    pub(super) malformed: Vec<(usize, String)>,
    /// What there is to tell of the file's signature.
    pub(super) told: Option<String>,
}

impl SumsArguments {
    pub(super) const fn leniency(&self) -> Leniency {
        self.leniency
    }

    /// The folder beneath which files are named by a checksum file at `sums`.
    fn root(&self, sums: &Path) -> PathBuf {
        let of_sums = || {
            sums.parent()
                .filter(|folder| !folder.as_os_str().is_empty() && sums != Path::new("-"))
        };
        self.root
            .as_deref()
            .or_else(of_sums)
            .unwrap_or(Path::new("."))
            .to_owned()
    }

    /// Reads the checksum file `sums`, and tells what it demands of `files`, or of all that it
    /// names.
    ///
    /// # Errors
    ///
    /// If nothing in the file can be used.
    pub(super) fn demands(
        &self,
        sums: &Path,
        files: Vec<PathBuf>,
        hashers: &Hashers,
    ) -> anyhow::Result<Demands> {
        let content = read(sums, Limits::LOCAL.bytes)?;
        let name = sums.file_name().unwrap_or_default().to_string_lossy();
        let signed = self.signatures.read(&content, &name, &hashers.known())?;
        let parsed = signed.sums;
        let checks = if files.is_empty() {
            let root = self.root(sums);
            let beneath = Beneath::at(&root).with_context(|| root.display().to_string())?;
            all(&parsed, &Arc::new(beneath))
        } else {
            files.into_iter().map(|file| one(&parsed, file)).collect()
        };
        let malformed = parsed
            .lines()
            .iter()
            .filter_map(|line| match &line.content {
                Content::Malformed(fault) => Some((line.number, fault.to_string())),
                Content::Entry(_) => None,
            });
        Ok(Demands {
            checks,
            malformed: malformed.collect(),
            told: signed.told,
        })
    }
}

/// What the checksum file says of a file that the user names.
fn one(sums: &ChecksumFile, file: PathBuf) -> Check {
    let demand = match file.file_name().map(|name| sums.find(name.as_bytes())) {
        Some(Ok(found)) => Demand::Digests(found.expected),
        Some(Err(fault)) => Demand::Unclear(fault.to_string()),
        None => Demand::Unclear("it has no name that could be looked up".to_owned()),
    };
    Check::demanding(named(file), demand)
}

/// All files that the checksum file names, each once, in the order of their first lines.
fn all(sums: &ChecksumFile, root: &Arc<Beneath>) -> Vec<Check> {
    let mut places: HashMap<&[u8], usize> = HashMap::new();
    let mut files: Vec<(&[u8], Demand)> = Vec::new();
    for (_, entry) in sums.entries() {
        let name = entry.name.as_deref().unwrap_or_default();
        let place = *places.entry(name).or_insert_with(|| {
            files.push((name, Demand::Digests(ExpectedDigests::default())));
            files.len() - 1
        });
        add(&mut files[place].1, entry);
    }
    let check = |(name, demand): (&[u8], Demand)| {
        let demand = match demand {
            Demand::Digests(digests) if digests.is_empty() => {
                Demand::Unclear("none of the algorithms of its lines is implemented".to_owned())
            }
            demand => demand,
        };
        Check::in_sums(root, PathBuf::from(OsStr::from_bytes(name)), demand)
    };
    files.into_iter().map(check).collect()
}

/// Demands what a further line says, too.
fn add(demand: &mut Demand, entry: &Entry) {
    let Demand::Digests(expected) = demand else {
        return;
    };
    let fault = match (&entry.name, &entry.value) {
        (None, _) => Some("a digest without a name: name the file that it is of".to_owned()),
        (_, Value::Unknown(_)) => None,
        (_, Value::Digest(digest)) => expected
            .add(digest.clone())
            .err()
            .map(|fault| format!("its lines cannot all hold: {fault}")),
    };
    if let Some(fault) = fault {
        *demand = Demand::Unclear(fault);
    }
}
