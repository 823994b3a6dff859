//! Bringing images into the cache that somebody asked for.

use tokio_util::sync::CancellationToken;

use super::CacheService;
use crate::{
    domain::ImageId,
    service::{NodeCache, ServiceError, data::Prefetched},
};

impl CacheService {
    /// Whether there is a cache.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.parts.cache.is_some()
    }

    /// Ends when somebody asked for an image.
    pub async fn asked(&self) {
        self.0.cache_asked.notified().await;
    }

    /// Brings the images that were asked for into the cache, one after the other, and tells how
    /// many are there now. What cannot be brought for the time being stays for another time. When
    /// `stop` is called, the rest stays as well.
    ///
    /// # Errors
    ///
    /// If the database cannot be used.
    #[tracing::instrument(name = "cache.prefetch", level = "debug", skip_all)]
    pub async fn prefetch(&self, stop: &CancellationToken) -> Result<usize, ServiceError> {
        let Some(cache) = &self.0.parts.cache else {
            return Ok(0);
        };
        let asked = {
            let mut session = self.0.parts.db.read().await?;
            session.list_to_cache(&cache.node).await?
        };
        let mut count = 0;
        for id in asked {
            let fetched = tokio::select! {
                fetched = self.fetch(id) => fetched?,
                () = stop.cancelled() => break,
            };
            match fetched {
                Prefetched::Cached => count += 1,
                Prefetched::Impossible => {
                    tracing::warn!(image.id = %id, "an image cannot be put into the cache");
                }
                Prefetched::Later => continue,
            }
            self.end(cache, id).await?;
        }
        Ok(count)
    }

    async fn fetch(&self, id: ImageId) -> Result<Prefetched, ServiceError> {
        let image = {
            let mut session = self.0.parts.db.read().await?;
            session.find_image(id).await?
        };
        let Some(image) = image else {
            return Ok(Prefetched::Impossible);
        };
        self.0.prefetch(&image).await.or_else(|error| {
            tracing::warn!(
                image.id = %id,
                error = &error as &dyn std::error::Error,
                "an image cannot be read for the cache"
            );
            Ok(Prefetched::Later)
        })
    }

    /// What was fetched is known to be there before it is asked for no more.
    async fn end(&self, cache: &NodeCache, id: ImageId) -> Result<(), ServiceError> {
        self.0.write_notes(cache).await?;
        let mut tx = self.0.parts.db.begin().await?;
        tx.end_to_cache(&cache.node, id).await?;
        Ok(tx.commit().await?)
    }
}
