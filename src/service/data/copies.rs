//! The copies of an image: made from each other, added and taken away.

use std::slice;

use crate::{
    db::Transaction,
    domain::{
        Algorithm, Digest, DigestSource, ExpectedDigests, Image, ImageId, StoreId, StoresNeeded,
    },
    service::{
        Core, ServiceError,
        data::{
            gather::Shortfall,
            pipeline::{Arrived, Promised, Stored, Terms},
        },
        figures::Occasion,
    },
    store::{NamedStore, StoreError},
    stream::{self, Incoming, Progress},
};

impl Core {
    /// Takes verified copies of `image` into `sinks`, aside, from the best other copy that is what
    /// the image says: one that is damaged spreads nowhere.
    ///
    /// # Errors
    ///
    /// If a store that is needed did not take it, or if no copy is good. Nothing is kept then, nor
    /// when the future is dropped.
    #[tracing::instrument(name = "data.copy", level = "debug", skip_all, fields(image.id = %image.id))]
    pub(in crate::service) async fn copy(
        &self,
        image: &Image,
        sinks: &[NamedStore],
        needed: StoresNeeded,
        progress: &Progress,
    ) -> Result<Arrived, Shortfall> {
        let terms = self.terms_of_copy(image, progress)?;
        let mut last = None;
        for source in self.copies_besides(image, sinks) {
            let data = match self.read_copy(image, source).await {
                Ok(data) => data,
                Err(error) => {
                    told(image.id, source, &error);
                    last = Some(error.into());
                    continue;
                }
            };
            match self.receive(data, sinks, &terms, needed).await {
                Err(shortfall) if shortfall.stores.is_empty() => {
                    told(image.id, source, &shortfall.reason);
                    last = Some(shortfall.reason);
                }
                done => return done,
            }
        }
        Err(last.unwrap_or_else(|| no_copy(image.id)).into())
    }

    /// Makes the copy of `image` that `store` holds anew, from its other copies. The image's row
    /// is left as it is: [`Core::add_copies`] writes the new copy down.
    ///
    /// Whoever calls it holds the image, so that nobody else touches its bytes.
    ///
    /// # Errors
    ///
    /// If no other copy is good, or if the store does not take it: what the store held is only
    /// touched once the new copy is complete.
    #[expect(
        dead_code,
        reason = "copies are healed by who reads them again, which is to come"
    )]
    pub(in crate::service) async fn remake_copy(
        &self,
        image: &Image,
        store: &NamedStore,
    ) -> Result<Stored, ServiceError> {
        let sink = slice::from_ref(store);
        let progress = Progress::default();
        let arrived = self.copy(image, sink, StoresNeeded::All, &progress).await?;
        store.store.delete(image.id).await?;
        Ok(self.publish(image.id, arrived).await?)
    }

    /// Writes further copies of an image down, within `tx`, which has locked the image; `false` if
    /// it is not there any more.
    pub(in crate::service) async fn add_copies(
        &self,
        tx: &mut Transaction,
        id: ImageId,
        stored: &Stored,
        source: DigestSource,
    ) -> Result<bool, ServiceError> {
        let Some(image) = tx.find_image(id).await? else {
            return Ok(false);
        };
        let is_new = |store: &StoreId| stored.locations.iter().any(|new| new.store == *store);
        let mut locations = image.locations;
        locations.retain(|location| !is_new(&location.store));
        locations.extend_from_slice(&stored.locations);
        locations.sort_by_key(|location| self.parts.stores.rank(&location.store));
        let now = self.parts.clock.now();
        if !tx.save_locations(id, &locations, now).await? {
            return Ok(false);
        }
        self.record(tx, id, stored, source).await?;
        Ok(true)
    }

    /// Removes the bytes that a store holds of an image, then the record that it does.
    pub(in crate::service) async fn remove_copy(
        &self,
        id: ImageId,
        store: &StoreId,
    ) -> Result<(), ServiceError> {
        let named = self
            .parts
            .stores
            .get(store.as_str())
            .ok_or(ServiceError::NotHere(
                "the store of the data is not configured any more",
            ))?;
        named.store.delete(id).await?;
        let mut tx = self.parts.db.begin().await?;
        tx.remove_location(id, store).await?;
        Ok(tx.commit().await?)
    }

    /// The stores that hold a copy of the image, best first, but for `excluded`.
    pub(super) fn copies_besides<'a>(
        &'a self,
        image: &'a Image,
        excluded: &'a [NamedStore],
    ) -> impl Iterator<Item = &'a NamedStore> {
        self.parts.stores.iter().filter(move |named| {
            image.locations.iter().any(|at| at.store == named.id)
                && excluded.iter().all(|other| other.id != named.id)
        })
    }

    async fn read_copy(&self, image: &Image, source: &NamedStore) -> Result<Incoming, StoreError> {
        let size = image.size.unwrap_or(0);
        let data = source.store.open(image.id, 0..size).await?;
        Ok(stream::take_in(data))
    }

    /// A copy has the size and the digests that the image has.
    fn terms_of_copy(&self, image: &Image, progress: &Progress) -> Result<Terms, ServiceError> {
        let unsound = || ServiceError::internal("an image with data has no digest");
        let (Some(algorithm), Some(value)) = (&image.os_hash_algo, &image.os_hash_value) else {
            return Err(unsound());
        };
        let legacy: Option<Algorithm> = self.parts.settings.hashing.checksum.clone();
        let checksum = image.checksum.as_deref().zip(legacy);
        let mut digests = ExpectedDigests::default();
        let known = [(value.as_str(), algorithm.clone())]
            .into_iter()
            .chain(checksum);
        for (value, algorithm) in known {
            let digest = Digest::from_hex(algorithm, value).map_err(ServiceError::internal)?;
            digests.add(digest).map_err(ServiceError::internal)?;
        }
        let promised = Promised {
            occasion: Occasion::Import,
            size: image.size,
            digests,
            signature: None,
        };
        Ok(Terms {
            inspection: None,
            cap: image.size.unwrap_or(0),
            progress: progress.clone(),
            ..self.terms(image, promised)
        })
    }
}

fn no_copy(id: ImageId) -> ServiceError {
    ServiceError::Conflict(format!("no store holds a copy of image {id} to copy from"))
}

fn told(id: ImageId, source: &NamedStore, error: &(dyn std::error::Error + 'static)) {
    tracing::error!(
        image.id = %id,
        store.id = %source.id,
        error,
        "a copy of an image is not what it should be"
    );
}
