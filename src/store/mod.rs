//! Where the bytes of images are kept.
//!
//! A store shows whole objects only: it takes bytes in aside and makes them durable
//! ([`Store::receive`]), and puts them in their place when it is told to
//! ([`Received::publish`]). What it holds already is only ever changed for a copy that is not what
//! it should be ([`Received::replace`]). To add a store: a folder here with its `Settings`, one line where
//! the application opens its stores, one line in `tests/it/store`.

mod error;
mod external;
pub mod file;
pub mod http;
mod registry;

use std::{
    collections::BTreeMap,
    ops::Range,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use serde_json::Value;

pub use self::{
    error::StoreError,
    external::{External, Found, InvalidAddress, Registered},
    registry::{NamedStore, Stores},
};
use crate::{
    domain::{ImageId, Timestamp},
    stream::{Incoming, Outgoing},
};

/// A place for the bytes of images, one object an image.
#[async_trait]
pub trait Store: Send + Sync {
    /// Takes in `data` to its end and makes it durable, without showing it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Interrupted`] if the data broke off, [`StoreError::Full`] if there is no
    /// room. Nothing is kept then, nor when the future is dropped.
    async fn receive(&self, id: ImageId, data: Incoming) -> Result<Box<dyn Received>, StoreError>;

    /// The bytes of the image in `range`.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] if the store does not hold the image, or not that many bytes.
    async fn open(&self, id: ImageId, range: Range<u64>) -> Result<Outgoing, StoreError>;

    /// How many bytes of the image the store holds.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] if it does not hold the image.
    async fn size(&self, id: ImageId) -> Result<u64, StoreError>;

    /// Removes the image's bytes; that there are none is no error.
    ///
    /// # Errors
    ///
    /// [`StoreError::InUse`] if something uses them;
    /// [`StoreError::Unavailable`] if they may still be there.
    async fn delete(&self, id: ImageId) -> Result<(), StoreError>;

    /// Whether something uses the image's bytes, so that they cannot be removed. A store whose bytes
    /// nothing else can use says no.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] if the store cannot tell.
    async fn in_use(&self, id: ImageId) -> Result<bool, StoreError> {
        let _ = id;
        Ok(false)
    }

    /// The images of which the store holds bytes, in no order.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] if the store cannot tell.
    async fn list(&self) -> Result<Vec<ImageId>, StoreError>;

    /// When the image's bytes were written; none if the store cannot tell.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotFound`] if it does not hold the image.
    async fn published_at(&self, id: ImageId) -> Result<Option<Timestamp>, StoreError>;

    /// The images of which the store holds bytes that were taken in and never published.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] if the store cannot tell.
    async fn unpublished(&self) -> Result<Vec<ImageId>, StoreError>;

    /// Removes what was taken in for the image and never published.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] if something may still be there.
    async fn delete_unpublished(&self, id: ImageId) -> Result<(), StoreError>;

    /// The address of the image's bytes; it holds no secret.
    fn url(&self, id: ImageId) -> String;

    /// The file of the image's bytes, if the store keeps them in one of this machine.
    fn path(&self, id: ImageId) -> Option<PathBuf> {
        let _ = id;
        None
    }

    /// What kind of store it is, as operators name it.
    fn kind(&self) -> &'static str;

    /// How it is set up, in Glance's words for its kind; no secret is among it.
    fn properties(&self) -> BTreeMap<&'static str, Value>;

    /// The places of others that the store reads; none if it holds bytes itself. One that reads
    /// others holds no image, takes in nothing and lists nothing.
    fn external(&self) -> Option<&dyn External> {
        None
    }
}

/// Bytes that a store has taken in and does not show yet. Dropped, they are gone.
#[async_trait]
pub trait Received: Send + Sync {
    /// How many bytes there are.
    fn size(&self) -> u64;

    /// The bytes, once more; none if the store cannot read what it does not show.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] if they cannot be read.
    async fn reopen(&self) -> Result<Option<Outgoing>, StoreError> {
        Ok(None)
    }

    /// The file of the bytes, if they are in one of this machine.
    fn path(&self) -> Option<&Path> {
        None
    }

    /// Puts the bytes in their place, durably.
    ///
    /// # Errors
    ///
    /// [`StoreError::Exists`] if the store holds bytes of the image already, which it keeps.
    async fn publish(self: Box<Self>) -> Result<(), StoreError>;

    /// Puts the bytes in their place, durably, instead of those that the store may hold of the
    /// image: who opens it gets the ones or the others, whole, at every moment.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] if the store cannot: it is not certain then which it holds.
    async fn replace(self: Box<Self>) -> Result<(), StoreError>;
}
