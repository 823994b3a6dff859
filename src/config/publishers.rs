//! Which publishers are trusted, and whether their checksum files have to be signed.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::config::{check::Check, sections::Verification};

/// The most characters the name of a publisher has.
const LONGEST_NAME: usize = 64;

/// Whose signatures of checksum files are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publishers {
    /// The file of each publisher's keys.
    pub keyrings: BTreeMap<String, PathBuf>,
    /// Whether a checksum file counts only if a publisher signed it.
    pub signatures_required: bool,
}

/// Refuses options that cannot hold together.
pub(super) fn check(check: &mut Check<'_>, verification: &Verification) {
    let fits = |name: &String| {
        (1..=LONGEST_NAME).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let mut names = verification.keyrings.iter().flat_map(BTreeMap::keys);
    let is_empty = names.clone().next().is_none();
    if let Some(name) = names.find(|name| !fits(name)) {
        let allowed = format!(
            "names of publishers of 1 to {LONGEST_NAME} letters, digits, -, _ or . ({name} is no \
             such name), each with the file of its keys"
        );
        check.refuse("verification", "keyrings", allowed);
    }
    if verification.require_signed_checksums && is_empty {
        check.refuse(
            "verification",
            "require_signed_checksums",
            "false unless [verification] keyrings names a publisher",
        );
    }
}

/// What is said of publishers; relative names of files are taken from `folder`.
pub(super) fn publishers(verification: &Verification, folder: &Path) -> Publishers {
    let keyrings = verification.keyrings.iter().flatten();
    Publishers {
        keyrings: keyrings
            .map(|(name, file)| (name.clone(), folder.join(file)))
            .collect(),
        signatures_required: verification.require_signed_checksums,
    }
}
