//! Which digests are made.

use crate::{
    config::{Config, fault::Faults},
    hash::Hashers,
};

/// Which digests are made. Names are those of implemented algorithms, in the form that the API
/// uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashing {
    /// The algorithm where nobody asks for one; it need not be among the allowed ones.
    pub default: String,
    /// The algorithms a user may ask for; empty: none.
    pub allowed: Vec<String>,
    /// The algorithms whose digests are computed of all bytes, besides those that are needed.
    pub extra: Vec<String>,
    /// Whether `checksum` (MD5) is filled as Glance does.
    pub legacy_checksum: bool,
}

impl Config {
    /// Puts the names of hash algorithms into the form that is used, each once.
    ///
    /// # Errors
    ///
    /// [`Faults`] with every name that is no implemented algorithm.
    pub(super) fn normalise_hashing(&mut self, hashers: &Hashers) -> Result<(), Faults> {
        let mut faults = Vec::new();
        let mut normalised = |(section, option): (&str, &str), names: &[String]| {
            let mut found: Vec<String> = Vec::new();
            for name in names {
                match hashers.resolve(name) {
                    Ok(algorithm) if found.iter().any(|name| name == algorithm.as_str()) => (),
                    Ok(algorithm) => found.push(algorithm.to_string()),
                    Err(error) => {
                        faults.push(self.effective.fault(section, option, error.to_string()));
                    }
                }
            }
            found
        };
        let default = [self.hashing.default.clone()];
        let default = normalised(("DEFAULT", "default_hashing_algorithm"), &default);
        let allowed = ("DEFAULT", "allowed_hashing_algorithms");
        let allowed = normalised(allowed, &self.hashing.allowed);
        let extra = normalised(("verification", "extra_digests"), &self.hashing.extra);
        if !faults.is_empty() {
            return Err(Faults(faults));
        }
        self.hashing.default = default.concat();
        self.hashing.allowed = allowed;
        self.hashing.extra = extra;
        Ok(())
    }
}
