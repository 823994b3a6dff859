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
        let mut normalised = |option: &str, name: &str| match hashers.resolve(name) {
            Ok(algorithm) => Some(algorithm.to_string()),
            Err(error) => {
                faults.push(self.effective.fault("DEFAULT", option, error.to_string()));
                None
            }
        };
        let default = normalised("default_hashing_algorithm", &self.hashing.default);
        let mut allowed: Vec<String> = Vec::new();
        for name in &self.hashing.allowed {
            if let Some(name) = normalised("allowed_hashing_algorithms", name)
                && !allowed.contains(&name)
            {
                allowed.push(name);
            }
        }
        match default {
            Some(default) if faults.is_empty() => {
                self.hashing.default = default;
                self.hashing.allowed = allowed;
                Ok(())
            }
            _ => Err(Faults(faults)),
        }
    }
}
