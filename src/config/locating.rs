//! What users see of where images are, and what they may do to it.

use crate::{
    config::{
        check::Check,
        sections::{Main, Verification},
    },
    service::{LocationSettings, TrustedLocations},
};

/// What users see of where images are, and what they may do to it.
pub(super) fn locations(main: &Main, verification: &Verification) -> LocationSettings {
    LocationSettings {
        are_shown: main.show_multiple_locations,
        best_is_shown: main.show_image_direct_url,
        // A negative quota is no limit.
        quota: u64::try_from(main.image_location_quota).ok(),
        retries: main.http_retries,
        trusted: match (verification.trust_locations, main.do_secure_hash) {
            (false, _) => TrustedLocations::None,
            (true, true) => TrustedLocations::Patched,
            (true, false) => TrustedLocations::All,
        },
    }
}

/// Warns of what an operator may count on that is not done here.
pub(super) fn warn(check: &mut Check<'_>, main: &Main, verification: &Verification) {
    if verification.trust_locations {
        let origin = check.effective.origin("verification", "trust_locations");
        check.warnings.push(format!(
            "{origin}: [verification] trust_locations is true: images become usable by locations \
             whose bytes nobody has verified"
        ));
    } else if !main.do_secure_hash {
        let origin = check.effective.origin("DEFAULT", "do_secure_hash");
        check.warnings.push(format!(
            "{origin}: [DEFAULT] do_secure_hash is false, which has no effect: no image is usable \
             before its bytes were verified ([verification] trust_locations)"
        ));
    }
}
