//! Stores that fail when they are told to.

use std::{
    collections::BTreeMap,
    io,
    ops::Range,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use hallmark::{
    domain::{ImageId, StoreId, Timestamp},
    store::{
        NamedStore, Received, Store, StoreError, Stores,
        file::{FileStore, Settings},
    },
    stream::{Incoming, Outgoing},
};
use serde_json::Value;
use tokio::sync::watch;

/// What goes wrong with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// It takes some bytes, and then no more.
    Receive,
    /// It takes bytes, and cannot put them in their place.
    Publish,
    /// It puts bytes in their place, says that it did not, and does not remove them.
    Stray,
    /// It takes bytes, and never comes to the end of putting them in their place.
    Hang,
    /// It does not give bytes.
    Open,
    /// It never comes to giving bytes.
    Stall,
    /// It breaks off after so many bytes.
    BreakOff(u64),
    /// It breaks off after so many bytes, and never again.
    BreakOffOnce(u64),
    /// After so many bytes it gives none until something else goes wrong with it, or nothing.
    Pause(u64),
    /// It gives other bytes than it took.
    Alter,
    /// It does not remove bytes.
    Delete,
    /// It does not remove bytes, for something uses them.
    InUse,
}

/// The stores of a registry, best first: `fast`, `slow` (the default) and `spare`.
#[derive(Clone)]
pub struct FaultyStores(Vec<(StoreId, Arc<FaultyStore>)>);

impl FaultyStores {
    /// The names, best first.
    pub const NAMES: [&str; 3] = ["fast", "slow", "spare"];

    /// Stores in order, below `folder`.
    pub fn below(folder: &Path) -> Self {
        let open = |name: &str| {
            let store = FileStore::open(&Settings {
                filesystem_store_datadir: folder.join("stores").join(name),
                ..Settings::default()
            });
            let store = FaultyStore {
                inner: store.expect("a folder"),
                fault: Arc::new(Mutex::new(Fault::None)),
                changes: watch::Sender::new(()),
                opened: AtomicUsize::new(0),
            };
            (name.parse().expect("an id"), Arc::new(store))
        };
        Self(Self::NAMES.map(open).into())
    }

    /// From now on, this goes wrong with the store.
    pub fn set(&self, name: &str, fault: Fault) {
        let mut stores = self.0.iter();
        let found = stores.find(|(id, _)| id.as_str() == name);
        let (_, store) = found.expect("a store");
        *store.fault.lock().expect("a fault") = fault;
        store.changes.send_replace(());
    }

    /// How often something was read from the stores, all together.
    pub fn opened(&self) -> usize {
        let stores = self.0.iter();
        let opened = stores.map(|(_, store)| store.opened.load(Ordering::SeqCst));
        opened.sum()
    }

    /// The stores as a registry takes them.
    pub fn stores(&self) -> Stores {
        let stores = self.0.iter().zip([30, 20, 10]);
        let named = stores.map(|((id, store), weight)| NamedStore {
            id: id.clone(),
            description: None,
            weight,
            store: Arc::clone(store) as Arc<dyn Store>,
        });
        let default = "slow".parse().expect("an id");
        Stores::new(named.collect(), default).expect("stores")
    }
}

struct FaultyStore {
    inner: FileStore,
    fault: Arc<Mutex<Fault>>,
    /// Tells of new faults.
    changes: watch::Sender<()>,
    opened: AtomicUsize,
}

impl FaultyStore {
    fn has(&self, fault: Fault) -> bool {
        *self.fault.lock().expect("a fault") == fault
    }
}

fn out_of_order() -> StoreError {
    StoreError::Unavailable(io::Error::other("the store is out of order"))
}

#[async_trait]
impl Store for FaultyStore {
    async fn receive(
        &self,
        id: ImageId,
        mut data: Incoming,
    ) -> Result<Box<dyn Received>, StoreError> {
        if self.has(Fault::Receive) {
            data.next().await.transpose()?;
            return Err(out_of_order());
        }
        Ok(Box::new(FaultyReceived {
            inner: self.inner.receive(id, data).await?,
            fault: Arc::clone(&self.fault),
        }))
    }

    async fn open(&self, id: ImageId, range: Range<u64>) -> Result<Outgoing, StoreError> {
        self.opened.fetch_add(1, Ordering::SeqCst);
        let mut changes = self.changes.subscribe();
        let fault = *self.fault.lock().expect("a fault");
        match fault {
            Fault::Pause(after) if after < range.end - range.start => {
                let middle = range.start + after;
                let part = self.inner.open(id, range.start..middle).await?;
                let rest = self.inner.open(id, middle..range.end).await?;
                let pause = stream::once(async move {
                    // The store may be gone, which ends the pause as well.
                    let _ = changes.changed().await;
                    stream::empty()
                });
                Ok(Box::pin(part.chain(pause.flatten()).chain(rest)))
            }
            Fault::Open => Err(out_of_order()),
            Fault::Stall => std::future::pending().await,
            Fault::BreakOff(after) | Fault::BreakOffOnce(after)
                if after < range.end - range.start =>
            {
                if fault == Fault::BreakOffOnce(after) {
                    *self.fault.lock().expect("a fault") = Fault::None;
                }
                let part = range.start..range.start + after;
                let part = self.inner.open(id, part).await?;
                let end = stream::iter([Err(io::Error::other("the wire was cut"))]);
                Ok(Box::pin(part.chain(end)))
            }
            Fault::Alter => {
                let data = self.inner.open(id, range).await?;
                let alter = |frame: Bytes| frame.iter().map(|byte| byte ^ 1).collect();
                Ok(Box::pin(data.map(move |frame| frame.map(alter))))
            }
            _ => self.inner.open(id, range).await,
        }
    }

    async fn size(&self, id: ImageId) -> Result<u64, StoreError> {
        self.inner.size(id).await
    }

    async fn in_use(&self, _: ImageId) -> Result<bool, StoreError> {
        Ok(self.has(Fault::InUse))
    }

    async fn delete(&self, id: ImageId) -> Result<(), StoreError> {
        let strays = self.has(Fault::Stray) && self.inner.size(id).await.is_ok();
        if self.has(Fault::Delete) || strays {
            return Err(out_of_order());
        }
        if self.has(Fault::InUse) {
            return Err(StoreError::InUse(id));
        }
        self.inner.delete(id).await
    }

    async fn list(&self) -> Result<Vec<ImageId>, StoreError> {
        self.inner.list().await
    }

    async fn published_at(&self, id: ImageId) -> Result<Option<Timestamp>, StoreError> {
        self.inner.published_at(id).await
    }

    async fn unpublished(&self) -> Result<Vec<ImageId>, StoreError> {
        self.inner.unpublished().await
    }

    async fn delete_unpublished(&self, id: ImageId) -> Result<(), StoreError> {
        self.inner.delete_unpublished(id).await
    }

    fn url(&self, id: ImageId) -> String {
        self.inner.url(id)
    }

    fn kind(&self) -> &'static str {
        self.inner.kind()
    }

    fn properties(&self) -> BTreeMap<&'static str, Value> {
        self.inner.properties()
    }
}

struct FaultyReceived {
    inner: Box<dyn Received>,
    fault: Arc<Mutex<Fault>>,
}

#[async_trait]
impl Received for FaultyReceived {
    fn size(&self) -> u64 {
        self.inner.size()
    }

    async fn publish(self: Box<Self>) -> Result<(), StoreError> {
        let fault = *self.fault.lock().expect("a fault");
        match fault {
            Fault::Publish => Err(out_of_order()),
            Fault::Stray => {
                self.inner.publish().await?;
                Err(out_of_order())
            }
            Fault::Hang => std::future::pending().await,
            _ => self.inner.publish().await,
        }
    }

    async fn replace(self: Box<Self>) -> Result<(), StoreError> {
        let fault = *self.fault.lock().expect("a fault");
        match fault {
            Fault::Publish => Err(out_of_order()),
            Fault::Hang => std::future::pending().await,
            _ => self.inner.replace().await,
        }
    }
}
