//! A stage of the data path: one stream of bytes goes into several stores at once, aside.

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use tokio::pin;

use crate::{
    domain::{ImageId, Location, StoreId, StoresNeeded},
    service::ServiceError,
    store::{NamedStore, Received, StoreError},
    stream::{self, Incoming},
};

/// Bytes that lie aside in a store, complete and durable.
pub(in crate::service) struct Aside {
    pub(in crate::service) store: NamedStore,
    bytes: Box<dyn Received>,
}

impl Aside {
    /// How many bytes the store says it has.
    pub(super) fn size(&self) -> u64 {
        self.bytes.size()
    }

    /// The bytes themselves.
    pub(super) fn received(&self) -> &dyn Received {
        &*self.bytes
    }

    /// Where the bytes of the image `id` are once they are published.
    pub(in crate::service) fn location(&self, id: ImageId) -> Location {
        Location::new(self.store.id.clone(), self.store.store.url(id))
    }

    /// Puts the bytes in their place, durably.
    ///
    /// # Errors
    ///
    /// If the store cannot; whether they are in their place is not certain then.
    pub(in crate::service) async fn publish(self) -> Result<(), ServiceError> {
        Ok(self.bytes.publish().await?)
    }

    /// Puts the bytes in the place of those that the store may hold, durably.
    ///
    /// # Errors
    ///
    /// If the store cannot; which of them it holds is not certain then.
    pub(super) async fn replace(self) -> Result<(), ServiceError> {
        Ok(self.bytes.replace().await?)
    }
}

/// A store that does not hold the bytes, and why.
#[derive(Debug)]
pub(in crate::service) struct Missed {
    pub(in crate::service) store: StoreId,
    pub(in crate::service) reason: ServiceError,
}

/// Why bytes are not in the stores that they were meant for.
#[derive(Debug)]
pub(in crate::service) struct Shortfall {
    /// The stores whose fault it is; none: it is nobody's but the bytes' own.
    pub(in crate::service) stores: Vec<StoreId>,
    pub(in crate::service) reason: ServiceError,
}

impl From<ServiceError> for Shortfall {
    fn from(reason: ServiceError) -> Self {
        Self {
            stores: Vec::new(),
            reason,
        }
    }
}

impl From<Shortfall> for ServiceError {
    fn from(shortfall: Shortfall) -> Self {
        shortfall.reason
    }
}

impl Shortfall {
    /// None of the stores took the bytes; the first reason counts for all.
    pub(in crate::service) fn of(missed: Vec<Missed>) -> Self {
        let stores = missed.iter().map(|missed| missed.store.clone()).collect();
        let reason = missed.into_iter().next().map_or(
            ServiceError::NotHere("there is no store for the data"),
            |missed| missed.reason,
        );
        Self { stores, reason }
    }
}

/// What came of a pass into several stores.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) asides: Vec<Aside>,
    pub(super) missed: Vec<Missed>,
}

/// Takes `source` to its end into each of `sinks`, where it lies aside. If all are needed, the
/// first that fails ends it; otherwise the others go on.
///
/// # Errors
///
/// Why the source broke off. Nothing is kept then, nor when the future is dropped.
pub(super) async fn gather(
    id: ImageId,
    source: Incoming,
    sinks: &[NamedStore],
    needed: StoresNeeded,
) -> Result<Gathered, ServiceError> {
    let (readers, pump) = stream::fan_out(source, sinks.len());
    let taking = take(id, sinks, readers, needed);
    pin!(pump, taking);
    tokio::select! {
        // First, for it knows why a source broke off.
        biased;
        pumped = &mut pump => pumped.map_err(StoreError::Interrupted)?,
        gathered = &mut taking => return Ok(gathered),
    }
    Ok(taking.await)
}

async fn take(
    id: ImageId,
    sinks: &[NamedStore],
    readers: Vec<Incoming>,
    needed: StoresNeeded,
) -> Gathered {
    let mut takings: FuturesUnordered<_> = sinks
        .iter()
        .zip(readers)
        .map(|(sink, data)| async move { (sink, sink.store.receive(id, data).await) })
        .collect();
    let mut gathered = Gathered::default();
    while let Some((sink, taken)) = takings.next().await {
        match taken {
            Ok(bytes) => gathered.asides.push(Aside {
                store: sink.clone(),
                bytes,
            }),
            Err(reason) => {
                gathered.missed.push(Missed {
                    store: sink.id.clone(),
                    reason: reason.into(),
                });
                if needed == StoresNeeded::All {
                    break;
                }
            }
        }
    }
    gathered
}
