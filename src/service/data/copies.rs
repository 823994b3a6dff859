//! The copies of an image: made from each other, added and taken away.

use std::{slice, sync::Arc};

use crate::{
    db::Transaction,
    domain::{
        Algorithm, Digest, DigestSource, Expectation, ExpectedDigests, Image, ImageId, Location,
        StoreId, StoresNeeded,
    },
    service::{
        Core, ServiceError,
        data::{
            gather::Shortfall,
            pipeline::{Arrived, Promised, Stored, Terms},
        },
        figures::Occasion,
    },
    store::{NamedStore, Registered},
    stream::{self, Pace, Progress},
};

/// Where copies of an image are made from, and how fast that is read; none: as fast as it can be.
struct Origins<'a> {
    /// The copies, with their addresses.
    copies: Vec<(&'a NamedStore, &'a str)>,
    pace: Option<&'a Arc<Pace>>,
}

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
        let origins = Origins {
            copies: self.copies_besides(image, sinks).collect(),
            pace: None,
        };
        self.copy_from(origins, sinks, &terms, needed).await
    }

    /// Takes a verified copy of `image` into `store`, aside, from the first of `sources` that is
    /// what is expected. They are read no faster than copies are read again.
    ///
    /// # Errors
    ///
    /// As [`Core::copy`].
    pub(in crate::service) async fn copy_anew(
        &self,
        image: &Image,
        sources: &[&NamedStore],
        store: &NamedStore,
        expectation: Expectation,
    ) -> Result<Arrived, Shortfall> {
        let is_source = |named: &NamedStore| sources.iter().any(|source| source.id == named.id);
        let copies = self.copies_besides(image, &[]);
        let origins = Origins {
            copies: copies.filter(|&(named, _)| is_source(named)).collect(),
            pace: Some(&self.pace),
        };
        let promised = Promised {
            occasion: Occasion::Heal,
            size: image.size,
            digests: ExpectedDigests::default(),
            signature: None,
        };
        let terms = Terms {
            inspection: None,
            cap: image.size.unwrap_or(0),
            expectation,
            ..self.terms(image, promised)
        };
        let sink = slice::from_ref(store);
        self.copy_from(origins, sink, &terms, StoresNeeded::All)
            .await
    }

    /// Puts what arrived in the place of what its stores may hold of the image. Its row is left as
    /// it is.
    ///
    /// Whoever calls it holds the image, so that nobody else touches its bytes.
    ///
    /// # Errors
    ///
    /// If a store cannot: which bytes it holds is not certain then.
    pub(in crate::service) async fn replace(&self, arrived: Arrived) -> Result<(), ServiceError> {
        for aside in arrived.asides {
            aside.replace().await?;
        }
        Ok(())
    }

    async fn copy_from(
        &self,
        origins: Origins<'_>,
        sinks: &[NamedStore],
        terms: &Terms,
        needed: StoresNeeded,
    ) -> Result<Arrived, Shortfall> {
        let mut last = None;
        for (source, url) in origins.copies {
            let bytes = Registered {
                image: terms.id,
                url,
                size: terms.cap,
            };
            let data = match source.open(bytes, 0..terms.cap).await {
                Ok(data) => data,
                Err(error) => {
                    told(terms.id, source, &error);
                    last = Some(error.into());
                    continue;
                }
            };
            let data = match origins.pace {
                Some(pace) => stream::paced(data, Arc::clone(pace)),
                None => data,
            };
            let data = stream::take_in(data);
            match self.receive(data, sinks, terms, needed).await {
                Err(shortfall) if shortfall.stores.is_empty() => {
                    told(terms.id, source, &shortfall.reason);
                    last = Some(shortfall.reason);
                }
                done => return done,
            }
        }
        Err(last.unwrap_or_else(|| no_copy(terms.id)).into())
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
        let is_new = |at: &Location| {
            let mut new = stored.locations.iter();
            new.any(|new| new.store == at.store && new.url == at.url)
        };
        if image.os_hash_value.is_none() {
            self.confirm_trusted(tx, &image, stored).await?;
        }
        let mut locations = image.locations;
        locations.retain(|location| !is_new(location));
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

    /// The copies of the image with their addresses, best first, but for those in `excluded`: the
    /// stores' own before those that others have.
    pub(super) fn copies_besides<'a>(
        &'a self,
        image: &'a Image,
        excluded: &'a [NamedStore],
    ) -> impl Iterator<Item = (&'a NamedStore, &'a str)> {
        let stores = || self.parts.stores.iter();
        let own = stores().filter(|named| named.external().is_none());
        let others = stores().filter(|named| named.external().is_some());
        let sources = own
            .chain(others)
            .filter(|named| excluded.iter().all(|other| other.id != named.id));
        sources.flat_map(move |named| {
            let there = image.locations.iter().filter(|at| at.store == named.id);
            there.map(move |at| (named, at.url.as_str()))
        })
    }

    /// A copy has the size and the digests that the image has.
    pub(in crate::service) fn terms_of_copy(
        &self,
        image: &Image,
        progress: &Progress,
    ) -> Result<Terms, ServiceError> {
        // One whose location was taken at its word may have none.
        let hash = image
            .os_hash_value
            .as_deref()
            .zip(image.os_hash_algo.clone());
        let legacy: Option<Algorithm> = self.parts.settings.hashing.checksum.clone();
        let checksum = image.checksum.as_deref().zip(legacy);
        let mut digests = ExpectedDigests::default();
        for (value, algorithm) in hash.into_iter().chain(checksum) {
            let digest = Digest::from_hex(algorithm, value).map_err(ServiceError::internal)?;
            digests.add(digest).map_err(ServiceError::internal)?;
        }
        let promised = Promised {
            occasion: Occasion::Import,
            size: image.size,
            digests,
            signature: None,
        };
        let terms = self.terms(image, promised);
        Ok(Terms {
            // What has a digest was looked into when it came.
            inspection: terms.inspection.filter(|_| image.os_hash_value.is_none()),
            cap: image.size.unwrap_or(0),
            progress: progress.clone(),
            ..terms
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
