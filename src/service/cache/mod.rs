//! The image cache of this node: looking at it, filling it ahead of downloads, emptying it.
//!
//! Downloads use it by way of `data`. What it holds is written down in the database now and then
//! (`tend`), so that a download waits for no statement.

mod management;
mod prefetch;
mod tend;

use std::sync::Arc;

pub use self::management::CacheManagement;
use self::tend::key_of;
use crate::{
    domain::{CachedImage, Caller, ImageId, ImageStatus},
    policy::{Action, Target},
    service::{Core, NodeCache, ServiceError},
};

/// Use cases of this node's image cache.
#[derive(Clone)]
pub struct CacheService(Arc<Core>);

/// What the cache holds, and what it is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheState {
    /// The images it holds, the oldest first.
    pub cached: Vec<CachedImage>,
    /// Those it is to hold, in the order of the asking.
    pub queued: Vec<ImageId>,
}

/// What is to be emptied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emptied {
    /// The cache.
    Cache,
    /// What it is to hold.
    Queue,
    /// Both.
    Both,
}

impl CacheService {
    pub(super) const fn new(core: Arc<Core>) -> Self {
        Self(core)
    }

    /// What the cache holds, and what it is to hold.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Denied`]; [`ServiceError::NotHere`] if there is no cache.
    #[tracing::instrument(name = "cache.state", level = "debug", skip_all)]
    pub async fn state(&self, caller: &Caller) -> Result<CacheState, ServiceError> {
        self.check(caller, Action::CacheList)?;
        self.0.cache_state().await
    }

    /// Asks for the image to be brought into the cache. When this returns, the asking is durable.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchImage`], [`ServiceError::Denied`]; [`ServiceError::NotHere`] if there
    /// is no cache; [`ServiceError::Invalid`] unless the image is active.
    #[tracing::instrument(name = "cache.queue", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn queue(&self, caller: &Caller, id: ImageId) -> Result<(), ServiceError> {
        let image = {
            let mut session = self.0.parts.db.read().await?;
            let action = Action::CacheImage;
            let sighted = self.0.permitted(&mut session, caller, id, action).await?;
            sighted.image
        };
        self.0.node_cache()?;
        if image.status != ImageStatus::Active {
            return Err(ServiceError::Invalid(
                "Only images with status active can be targeted for queueing".into(),
            ));
        }
        self.0.ask_to_cache(id).await
    }

    /// Takes the image out of the cache and of what it is to hold, if it is there.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchImage`], [`ServiceError::Denied`]; [`ServiceError::NotHere`] if there
    /// is no cache.
    #[tracing::instrument(name = "cache.remove", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn remove(&self, caller: &Caller, id: ImageId) -> Result<(), ServiceError> {
        {
            let mut session = self.0.parts.db.read().await?;
            let action = Action::CacheDelete;
            self.0.permitted(&mut session, caller, id, action).await?;
        }
        self.0.uncache(id).await?;
        self.0.unqueue(id).await
    }

    /// Empties the cache, or what it is to hold.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Denied`]; [`ServiceError::NotHere`] if there is no cache.
    #[tracing::instrument(name = "cache.empty", level = "debug", skip_all)]
    pub async fn empty(&self, caller: &Caller, what: Emptied) -> Result<(), ServiceError> {
        self.check(caller, Action::CacheDelete)?;
        if what != Emptied::Queue {
            self.0.uncache_all().await?;
        }
        if what != Emptied::Cache {
            self.0.unqueue_all().await?;
        }
        Ok(())
    }

    /// The nodes whose caches hold the image.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchImage`], [`ServiceError::Denied`]; [`ServiceError::NotHere`] if there
    /// is no cache; [`ServiceError::Conflict`] if nodes do not know of each other.
    #[tracing::instrument(name = "cache.nodes", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn nodes(&self, caller: &Caller, id: ImageId) -> Result<Vec<String>, ServiceError> {
        let mut session = self.0.parts.db.read().await?;
        let action = Action::ListCachedNodes;
        self.0.permitted(&mut session, caller, id, action).await?;
        let cache = self.0.node_cache()?;
        if !cache.tells_nodes {
            return Err(ServiceError::Conflict(
                "Centralized caching is not enabled".into(),
            ));
        }
        drop(session);
        self.0.write_notes(cache).await?;
        let mut session = self.0.parts.db.read().await?;
        Ok(session.list_cached_nodes(id).await?)
    }

    /// Removes what does not belong into the cache.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Denied`]; [`ServiceError::NotHere`] if there is no cache.
    #[tracing::instrument(name = "cache.clean", level = "debug", skip_all)]
    pub async fn clean(&self, caller: &Caller) -> Result<(), ServiceError> {
        self.check(caller, Action::CacheClean)?;
        self.0.tend_cache().await
    }

    /// Removes what was not used for longest, until the rest is no larger than it may be; tells how
    /// many files went, and how many bytes they had.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Denied`]; [`ServiceError::NotHere`] if there is no cache.
    #[tracing::instrument(name = "cache.prune", level = "debug", skip_all)]
    pub async fn prune(&self, caller: &Caller) -> Result<(u64, u64), ServiceError> {
        self.check(caller, Action::CachePrune)?;
        let pruned = self.0.node_cache()?.files.prune().await;
        Ok((pruned.files, pruned.bytes))
    }

    /// Asks the policy, and then whether there is a cache.
    fn check(&self, caller: &Caller, action: Action) -> Result<(), ServiceError> {
        let policy = &self.0.parts.policy;
        policy.check(caller, action, &Target::none(caller))?;
        self.0.node_cache().map(drop)
    }
}

impl Core {
    fn node_cache(&self) -> Result<&NodeCache, ServiceError> {
        self.parts.cache.as_ref().ok_or(ServiceError::NotHere(
            "Caching via API is not supported at this site.",
        ))
    }

    async fn cache_state(&self) -> Result<CacheState, ServiceError> {
        let cache = self.node_cache()?;
        self.write_notes(cache).await?;
        let mut cached = self.cached_rows(cache).await?;
        cached.retain(|row| {
            row.about.is_some() && key_of(row).is_some_and(|it| cache.files.has(&it))
        });
        let mut session = self.parts.db.read().await?;
        let queued = session.list_to_cache(&cache.node).await?;
        Ok(CacheState { cached, queued })
    }

    async fn ask_to_cache(&self, id: ImageId) -> Result<(), ServiceError> {
        let cache = self.node_cache()?;
        let mut tx = self.parts.db.begin().await?;
        tx.ask_to_cache(&cache.node, id, self.parts.clock.now())
            .await?;
        tx.commit().await?;
        self.cache_asked.notify_one();
        Ok(())
    }

    /// Takes an image out of the cache. Its file goes with it unless other images have it, too.
    async fn uncache(&self, id: ImageId) -> Result<(), ServiceError> {
        let cache = self.node_cache()?;
        self.write_notes(cache).await?;
        let mut tx = self.parts.db.begin().await?;
        tx.remove_cached(&cache.node, id).await?;
        tx.commit().await?;
        self.tend_cache().await
    }

    /// Takes all images out of the cache, and tells how many there were.
    async fn uncache_all(&self) -> Result<usize, ServiceError> {
        let cache = self.node_cache()?;
        let count = self.cache_state().await?.cached.len();
        cache.files.remove(cache.files.keys()).await;
        self.tend_cache().await?;
        Ok(count)
    }

    async fn unqueue(&self, id: ImageId) -> Result<(), ServiceError> {
        let cache = self.node_cache()?;
        let mut tx = self.parts.db.begin().await?;
        tx.end_to_cache(&cache.node, id).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets what the cache is to hold, and tells how many images that were.
    async fn unqueue_all(&self) -> Result<usize, ServiceError> {
        let cache = self.node_cache()?;
        let mut tx = self.parts.db.begin().await?;
        let queued = tx.list_to_cache(&cache.node).await?;
        for id in &queued {
            tx.end_to_cache(&cache.node, *id).await?;
        }
        tx.commit().await?;
        Ok(queued.len())
    }
}
