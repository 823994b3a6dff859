//! What is known of an image's bytes, and what they must be when they are read again.

use crate::{
    db::Session,
    domain::{Algorithm, Digest, Expectation, ExpectedDigests, Image},
    service::{Core, ServiceError},
};

impl Core {
    /// Every digest that the image's bytes are known to have, as far as it can be computed here:
    /// an older registry may have used algorithms that this one lacks.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Internal`] if two of them contradict each other.
    pub(super) async fn known_digests(
        &self,
        session: &mut Session,
        image: &Image,
    ) -> Result<ExpectedDigests, ServiceError> {
        let hashers = &self.parts.hashers;
        let md5: Algorithm = "md5".parse().map_err(ServiceError::internal)?;
        let hash = image
            .os_hash_algo
            .as_ref()
            .zip(image.os_hash_value.as_ref());
        let checksum = image.checksum.as_ref().map(|value| (&md5, value));
        let mut known = ExpectedDigests::default();
        let mut add = |digest: Digest| {
            let length = hashers.digest_len(digest.algorithm());
            if length.is_some_and(|length| digest.value().len() == 2 * length) {
                known.add(digest).map_err(ServiceError::internal)?;
            }
            Ok::<_, ServiceError>(())
        };
        for (algorithm, value) in hash.into_iter().chain(checksum) {
            add(Digest::from_hex(algorithm.clone(), value).map_err(ServiceError::internal)?)?;
        }
        for record in session.list_digests(image.id).await? {
            add(record.digest)?;
        }
        Ok(known)
    }

    /// What the bytes of `image` must be, with the digests `known` of it, when they are read to
    /// find those under `wanted` as well; none if nothing is known that could be held against
    /// them.
    pub(super) fn expected_again(
        &self,
        image: &Image,
        known: &ExpectedDigests,
        wanted: &[Algorithm],
    ) -> Option<Expectation> {
        let first = known.iter().next()?.algorithm().clone();
        let extra = self.parts.settings.hashing.extra.iter().chain(wanted);
        let extra = extra.filter(|name| self.parts.hashers.supports(name));
        Some(Expectation {
            algorithm: first,
            checksum: None,
            size: image.size,
            digests: known.clone(),
            signature: None,
            extra: extra.cloned().collect(),
        })
    }
}
