//! The older calls that manage the image cache of this node.

use std::sync::Arc;

use crate::{
    domain::{CachedImage, Caller, ImageId},
    policy::{Action, Target},
    service::{Core, ServiceError},
};

/// Use cases of who manages the cache by the older calls. They are there if the operator wants
/// them, and one rule is asked for all.
#[derive(Clone)]
pub struct CacheManagement(Arc<Core>);

impl CacheManagement {
    pub(in crate::service) const fn new(core: Arc<Core>) -> Self {
        Self(core)
    }

    /// The images that the cache holds.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NotHere`], [`ServiceError::Denied`]
    pub async fn cached(&self, caller: &Caller) -> Result<Vec<CachedImage>, ServiceError> {
        self.check(caller)?;
        Ok(self.0.cache_state().await?.cached)
    }

    /// Takes an image out of the cache, if it is there.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NotHere`], [`ServiceError::Denied`]
    pub async fn uncache(&self, caller: &Caller, id: ImageId) -> Result<(), ServiceError> {
        self.check(caller)?;
        self.0.uncache(id).await
    }

    /// Takes all images out of the cache, and tells how many there were.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NotHere`], [`ServiceError::Denied`]
    pub async fn uncache_all(&self, caller: &Caller) -> Result<usize, ServiceError> {
        self.check(caller)?;
        self.0.uncache_all().await
    }

    /// The images that the cache is to hold.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NotHere`], [`ServiceError::Denied`]
    pub async fn queued(&self, caller: &Caller) -> Result<Vec<ImageId>, ServiceError> {
        self.check(caller)?;
        Ok(self.0.cache_state().await?.queued)
    }

    /// Asks for an image to be brought into the cache. One that cannot be is forgotten when its
    /// turn comes.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NotHere`], [`ServiceError::Denied`]; [`ServiceError::NoSuchImage`] if there
    /// is none.
    pub async fn queue(&self, caller: &Caller, id: ImageId) -> Result<(), ServiceError> {
        self.check(caller)?;
        {
            let mut session = self.0.parts.db.read().await?;
            self.0.sight(&mut session, caller, id).await?;
        }
        self.0.ask_to_cache(id).await
    }

    /// Asks no more for an image.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NotHere`], [`ServiceError::Denied`]
    pub async fn unqueue(&self, caller: &Caller, id: ImageId) -> Result<(), ServiceError> {
        self.check(caller)?;
        self.0.unqueue(id).await
    }

    /// Asks for nothing any more, and tells how many images were asked for.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NotHere`], [`ServiceError::Denied`]
    pub async fn unqueue_all(&self, caller: &Caller) -> Result<usize, ServiceError> {
        self.check(caller)?;
        self.0.unqueue_all().await
    }

    /// Whether these calls are there, and the caller may use them.
    fn check(&self, caller: &Caller) -> Result<(), ServiceError> {
        if !self.0.node_cache()?.has_older_calls {
            return Err(ServiceError::NotHere(
                "the flavor has no cachemanagement at this site",
            ));
        }
        let policy = &self.0.parts.policy;
        let target = Target::none(caller);
        Ok(policy.check(caller, Action::ManageImageCache, &target)?)
    }
}
