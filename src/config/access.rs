//! Who may do what: where the files are, and what weakens them.

use std::path::{Path, PathBuf};

use crate::{
    config::{check::Check, sections::Main},
    policy::{self, ProtectionSettings},
};

/// `policy` with its relative names taken from `folder`.
pub(super) fn policy(policy: policy::Settings, folder: &Path) -> policy::Settings {
    let dirs = policy.policy_dirs.iter().map(|dir| folder.join(dir));
    policy::Settings {
        policy_file: folder.join(&policy.policy_file),
        policy_dirs: dirs.collect::<Vec<PathBuf>>(),
        ..policy
    }
}

/// Where the property protections are, a relative name taken from `folder`; none unless a file
/// is named.
pub(super) fn protections(main: &Main, folder: &Path) -> Option<ProtectionSettings> {
    let named = main.property_protection_file.as_ref();
    let file = named.filter(|file| !file.as_os_str().is_empty())?;
    Some(ProtectionSettings {
        file: folder.join(file),
        format: main.property_protection_rule_format,
    })
}

/// Warns of settings that let callers do more than the rules mean.
pub(super) fn warn(check: &mut Check<'_>, policy: &policy::Settings) {
    for (holds, option, what) in [
        (
            policy.enforce_scope,
            "enforce_scope",
            "callers that act for the whole system or for a domain may do what their roles allow",
        ),
        (
            policy.enforce_new_defaults,
            "enforce_new_defaults",
            "callers without a role may do what Glance let everybody do before it knew roles",
        ),
    ] {
        if !holds {
            let origin = check.effective.origin("oslo_policy", option);
            let warning = format!("{origin}: [oslo_policy] {option} is false: {what}");
            check.warnings.push(warning);
        }
    }
}
