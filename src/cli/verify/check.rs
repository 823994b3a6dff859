//! One file that is held against its digests.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::beneath::{Beneath, Refusal};
use crate::{
    cli::files::{Found, Input, Reader},
    domain::{Algorithm, ExpectedDigests},
    hash::Effort,
};

/// A file, and what is expected of it.
#[derive(Debug)]
pub(super) struct Check {
    file: Named,
    demand: Demand,
}

#[derive(Debug)]
enum Named {
    /// By the user.
    ByWord(Input),
    /// By a checksum file, whose words lead nowhere but beneath a folder.
    InSums { root: Arc<Beneath>, name: PathBuf },
}

/// What is expected of a file.
#[derive(Debug, Clone)]
pub(super) enum Demand {
    /// That it has these digests.
    Digests(ExpectedDigests),
    /// Nothing that can be checked, and why.
    Unclear(String),
}

/// How a check ended.
#[derive(Debug)]
pub(super) struct Checked {
    /// The file's name, as it was given.
    pub(super) name: PathBuf,
    /// What was expected.
    pub(super) expected: ExpectedDigests,
    /// What was found out.
    pub(super) verdict: Verdict,
}

/// What was found out of a file.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It has the digests that are expected.
    Verified(Found),
    /// It has others.
    Differs(Found, String),
    /// There is no such file.
    Missing,
    /// It cannot be read.
    Unreadable(String),
    /// It is not looked at, for nothing can be said of it, or its name leads astray.
    Refused(String),
}

impl Check {
    pub(super) fn of(file: Input, expected: &ExpectedDigests) -> Self {
        Self::demanding(file, Demand::Digests(expected.clone()))
    }

    pub(super) fn demanding(file: Input, demand: Demand) -> Self {
        Self {
            file: Named::ByWord(file),
            demand,
        }
    }

    pub(super) fn in_sums(root: &Arc<Beneath>, name: PathBuf, demand: Demand) -> Self {
        let root = Arc::clone(root);
        Self {
            file: Named::InSums { root, name },
            demand,
        }
    }

    /// Reads the file, and holds it against what is expected.
    pub(super) fn done(self, reader: &Reader, effort: Effort) -> Checked {
        let name = self.file.name().to_owned();
        let (expected, verdict) = match self.demand {
            Demand::Unclear(why) => (ExpectedDigests::default(), Verdict::Refused(why)),
            Demand::Digests(expected) => {
                let algorithms: Vec<_> = expected.iter().map(|it| it.algorithm().clone()).collect();
                let verdict = match self.file.read(reader, &algorithms, effort) {
                    Ok(found) => judged(&expected, found),
                    Err(verdict) => verdict,
                };
                (expected, verdict)
            }
        };
        Checked {
            name,
            expected,
            verdict,
        }
    }
}

fn judged(expected: &ExpectedDigests, found: Found) -> Verdict {
    match expected.verify(&found.digests) {
        Ok(()) => Verdict::Verified(found),
        Err(mismatch) => Verdict::Differs(found, mismatch.to_string()),
    }
}

impl Named {
    fn name(&self) -> &Path {
        match self {
            Self::ByWord(input) => input.name(),
            Self::InSums { name, .. } => name,
        }
    }

    fn read(
        &self,
        reader: &Reader,
        algorithms: &[Algorithm],
        effort: Effort,
    ) -> Result<Found, Verdict> {
        let found = match self {
            Self::ByWord(input) => reader.digests(input, algorithms, effort),
            Self::InSums { root, name } => {
                let file = root.open(name).map_err(|refusal| match refusal {
                    Refusal::Missing => Verdict::Missing,
                    Refusal::Unreadable(error) => Verdict::Unreadable(error.to_string()),
                    refusal => Verdict::Refused(refusal.to_string()),
                })?;
                reader.digests_of(&file, &root.path(name), algorithms, effort)
            }
        };
        found.map_err(|error| match error.downcast_ref::<io::Error>() {
            Some(cause) if cause.kind() == io::ErrorKind::NotFound => Verdict::Missing,
            _ => Verdict::Unreadable(format!("{error:#}")),
        })
    }
}
