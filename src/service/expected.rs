//! What the digests of an image's bytes must be, from all who said it.

use super::{Core, ServiceError};
use crate::domain::{ExpectedDigests, Image, property_names};

impl Core {
    /// What is expected of the bytes of `image`: by `field` of the request, and by the image
    /// itself.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Invalid`] if a digest cannot be checked, or if two contradict each other.
    pub(super) fn expected(
        &self,
        image: &Image,
        field: &str,
        mut said: ExpectedDigests,
    ) -> Result<ExpectedDigests, ServiceError> {
        self.check_expected(field, &said)?;
        for name in [
            property_names::EXPECTED_CHECKSUM,
            property_names::STAGED_CHECKSUM,
        ] {
            let Some(Some(text)) = image.properties.get(name) else {
                continue;
            };
            let kept: ExpectedDigests = text.parse().map_err(|error| unfit(name, &error))?;
            self.check_expected(name, &kept)?;
            said.merge(kept)
                .map_err(|error| unfit(&format!("{field} and {name}"), &error))?;
        }
        Ok(said)
    }

    /// Refuses digests that `field` gives and that nothing could be held against.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Invalid`] with the field, and what is allowed.
    pub(super) fn check_expected(
        &self,
        field: &str,
        expected: &ExpectedDigests,
    ) -> Result<(), ServiceError> {
        let hashers = &self.parts.hashers;
        for digest in expected.iter() {
            let Some(length) = hashers.digest_len(digest.algorithm()) else {
                let known = hashers.names().collect::<Vec<_>>().join(", ");
                let error = format!("{} is not one of {known}", digest.algorithm());
                return Err(unfit(field, &error));
            };
            let (digits, value) = (2 * length, digest.value());
            if value.len() != digits {
                let given = value.len();
                let fits = |name: &&str| {
                    let length = name.parse().ok().and_then(|name| hashers.digest_len(&name));
                    length.is_some_and(|length| 2 * length == given)
                };
                let fitting: Vec<_> = hashers.names().filter(fits).collect();
                let mut error = format!(
                    "a {} digest has {digits} hexadecimal digits, not {given}",
                    digest.algorithm(),
                );
                if !fitting.is_empty() {
                    error = format!("{error}; so many has one of {}", fitting.join(", "));
                }
                return Err(unfit(field, &error));
            }
        }
        Ok(())
    }
}

fn unfit(field: &str, error: &impl std::fmt::Display) -> ServiceError {
    ServiceError::Invalid(format!("Invalid expected digest in {field}: {error}"))
}
