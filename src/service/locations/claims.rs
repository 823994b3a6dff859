//! What is said of bytes that are to be registered: of their address, and of their digests.

use crate::{
    domain::{Algorithm, Claimed, Digest, ExpectedDigests, Image, StoreId},
    service::{Core, ServiceError},
    store::NamedStore,
};

/// The schemes of addresses that would have the registry read its own files or settings.
const NEVER: [&str; 3] = ["file", "filesystem", "swift+config"];

/// What bytes must be because of what was said of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::service) struct Claim {
    /// The algorithm that is wanted as `os_hash_algo`.
    pub(in crate::service) algorithm: Option<Algorithm>,
    /// The digests that they must have.
    pub(in crate::service) expected: ExpectedDigests,
}

/// Why digests that somebody claims cannot be an image's, in words for who claims them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::service) enum ClaimFault {
    /// They are no digests that could be checked or chosen here.
    Malformed(String),
    /// The image has others, or chose another algorithm.
    Contradicts(String),
}

impl Core {
    /// The store that reads what is at `url`, if that may be an image's. No refusal holds the
    /// address, which may hold a signature.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Invalid`]
    pub(super) fn store_of(&self, url: &str) -> Result<StoreId, ServiceError> {
        let invalid = |why: String| ServiceError::Invalid(format!("Invalid location: {why}"));
        let scheme = url
            .split(':')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let reads = |named: &&NamedStore| {
            !NEVER.contains(&scheme.as_str())
                && named
                    .external()
                    .is_some_and(|external| external.schemes().contains(&scheme.as_str()))
        };
        let named = self.parts.stores.iter().find(reads).ok_or_else(|| {
            let schemes = self.schemes().join(", ");
            invalid(if schemes.is_empty() {
                "no store here reads what others have".to_owned()
            } else {
                format!("its scheme is not one of {schemes}")
            })
        })?;
        if let Some(external) = named.external() {
            external
                .check(url)
                .map_err(|refused| invalid(refused.to_string()))?;
        }
        Ok(named.id.clone())
    }

    /// The schemes of the addresses that can be registered.
    pub(super) fn schemes(&self) -> Vec<&'static str> {
        let mut schemes = Vec::new();
        for external in self.parts.stores.iter().filter_map(NamedStore::external) {
            schemes.extend(external.schemes());
        }
        schemes.sort_unstable();
        schemes.dedup();
        schemes
    }

    /// What `claimed` means for bytes of `image`.
    ///
    /// # Errors
    ///
    /// [`ClaimFault`]
    pub(super) fn claim(&self, image: &Image, claimed: &Claimed) -> Result<Claim, ClaimFault> {
        let algorithm = claimed.algorithm.parse().map_err(malformed)?;
        let hash = self.digest("os_hash_value", &algorithm, &claimed.value)?;
        let checksum = match &claimed.checksum {
            None => None,
            Some(value) => {
                // Whatever digests the operator has computed, this is what the attribute holds.
                let md5 = "md5".parse().map_err(malformed)?;
                Some(self.digest("checksum", &md5, value)?)
            }
        };
        if image.status.has_data() && image.os_hash_value.is_none() {
            return Err(ClaimFault::Contradicts(
                "os_hash_value can be set with the first location alone".into(),
            ));
        }
        agrees("os_hash_algo", image.os_hash_algo.as_ref(), &algorithm)?;
        agrees(
            "os_hash_value",
            image.os_hash_value.as_deref(),
            hash.value(),
        )?;
        if let Some(checksum) = &checksum {
            agrees("checksum", image.checksum.as_deref(), checksum.value())?;
        }
        if image.os_hash_algo.is_none() {
            self.check_open(&algorithm)?;
        }
        let mut expected = ExpectedDigests::default();
        for digest in [hash].into_iter().chain(checksum) {
            let added = expected.add(digest);
            added.map_err(|error| ClaimFault::Contradicts(error.to_string()))?;
        }
        Ok(Claim {
            algorithm: Some(algorithm),
            expected,
        })
    }

    /// Refuses an algorithm that neither may be chosen nor is the default.
    fn check_open(&self, algorithm: &Algorithm) -> Result<(), ClaimFault> {
        let hashing = &self.parts.settings.hashing;
        let mut open: Vec<_> = [&hashing.default]
            .into_iter()
            .chain(&hashing.allowed)
            .collect();
        if open.contains(&algorithm) {
            return Ok(());
        }
        open.sort_unstable();
        open.dedup();
        let names: Vec<_> = open.into_iter().map(Algorithm::as_str).collect();
        Err(ClaimFault::Malformed(format!(
            "os_hash_algo must be one of {}, not {algorithm}",
            names.join(", ")
        )))
    }

    fn digest(&self, name: &str, algorithm: &Algorithm, value: &str) -> Result<Digest, ClaimFault> {
        let hashers = &self.parts.hashers;
        let length = hashers.digest_len(algorithm).ok_or_else(|| {
            let known = hashers.names().collect::<Vec<_>>().join(", ");
            let why = format!("os_hash_algo must be one of {known}, not {algorithm}");
            ClaimFault::Malformed(why)
        })?;
        let digest = Digest::from_hex(algorithm.clone(), value)
            .map_err(|_| malformed(format!("{name} is not a valid hexadecimal value")))?;
        if digest.value().len() != 2 * length {
            return Err(malformed(format!(
                "{name} is not the correct size for {algorithm} (should be {length} bytes)"
            )));
        }
        Ok(digest)
    }
}

fn malformed(why: impl std::fmt::Display) -> ClaimFault {
    ClaimFault::Malformed(why.to_string())
}

fn agrees<T>(name: &str, known: Option<&T>, said: &T) -> Result<(), ClaimFault>
where
    T: PartialEq + ?Sized,
{
    match known {
        Some(known) if known != said => Err(ClaimFault::Contradicts(format!(
            "{name} is already set with a different value"
        ))),
        _ => Ok(()),
    }
}
