//! How signatures of images are checked.

use std::{path::PathBuf, time::Duration};

use crate::{
    barbican,
    cloud::{Interface, Transport},
    config::{check::Check, sections::Fixed},
};

/// How castellan names its key managers: by a word or, as it once did, by a class.
const BARBICAN: [&str; 2] = [
    "barbican",
    "castellan.key_manager.barbican_key_manager.BarbicanKeyManager",
];

/// The key managers of castellan that are not here.
const ABSENT: [&str; 3] = [
    "vault",
    "castellan.key_manager.vault_key_manager.VaultKeyManager",
    "castellan.key_manager.not_implemented_key_manager.NotImplementedKeyManager",
];

/// How signatures of images are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signatures {
    /// The folder of their certificates; unset: the key manager has them.
    pub certificate_dir: Option<PathBuf>,
    /// The file with the certificates that must vouch for them; unset: nothing has to.
    pub certificate_roots: Option<PathBuf>,
    /// The key manager, which is asked to delete keys, too; none: that of the operator is none
    /// that is here.
    pub barbican: Option<barbican::Settings>,
}

/// How signatures are checked. Noted in `check`: what is not to be had.
pub(super) fn signatures(check: &mut Check<'_>, fixed: &Fixed) -> Signatures {
    let backend = fixed.key_manager.backend.as_str();
    let is_here = BARBICAN.contains(&backend);
    if ABSENT.contains(&backend) {
        let origin = check.effective.origin("key_manager", "backend");
        check.warnings.push(format!(
            "{origin}: [key_manager] backend: {backend} is not available in this version"
        ));
    } else if !is_here {
        check.refuse("key_manager", "backend", BARBICAN.join(", "));
    }
    Signatures {
        certificate_dir: fixed.verification.certificate_dir.clone(),
        certificate_roots: fixed.verification.certificate_roots.clone(),
        barbican: is_here.then(|| barbican(check, fixed)),
    }
}

fn barbican(check: &mut Check<'_>, fixed: &Fixed) -> barbican::Settings {
    let section = &fixed.barbican;
    if !section.verify_ssl {
        check.warnings.push(
            "[barbican] verify_ssl = false: whoever can reach the network can pose as Barbican"
                .into(),
        );
    }
    barbican::Settings {
        endpoint: section.barbican_endpoint.clone(),
        // What is none of them was refused with its section.
        interface: section
            .barbican_endpoint_type
            .parse()
            .unwrap_or(Interface::Public),
        region_name: section.barbican_region_name.clone(),
        transport: Transport {
            cafile: section.verify_ssl_path.clone(),
            insecure: !section.verify_ssl,
            timeout: section
                .timeout
                .map_or(Transport::TIMEOUT, Duration::from_secs),
            ..Transport::default()
        },
    }
}
