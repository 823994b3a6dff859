//! Delivering what is in the outbox, by one process at a time.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    db::Queued,
    domain::Notification,
    notify::{NotifyError, Published},
    service::{Core, ServiceError, lease},
};

/// How many notifications are delivered at a time at most.
const BATCH: u32 = 100;

/// After how many characters of payload a batch takes no further notification.
const BATCH_BYTES: u32 = 1 << 20;

/// How long a batch that is on its way may still take once the process is told to stop.
const GRACE: Duration = Duration::from_secs(5);

/// Use cases of the outbox.
#[derive(Clone)]
pub struct Notifications {
    core: Arc<Core>,
    /// Whether the last attempt of this process came to nothing.
    is_out: Arc<AtomicBool>,
}

/// What came of a look into the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relayed {
    /// Nothing is left to do here: all is delivered, or another process delivers it.
    Done,
    /// Notifications wait for somebody to deliver them to.
    Waiting,
}

impl Notifications {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            is_out: Arc::default(),
        }
    }

    /// Whether there is anybody to deliver to.
    #[must_use]
    pub fn are_on(&self) -> bool {
        self.core.parts.notifier.is_on()
    }

    /// Ends when this process has put something into the outbox.
    pub async fn queued(&self) {
        self.core.parts.db.outbox_filled().await;
    }

    /// Delivers what is in the outbox, the oldest first, and takes out what was confirmed. What
    /// was delivered but not taken out, because a process died in between, is delivered again
    /// with the same id.
    ///
    /// # Errors
    ///
    /// If the database cannot be used: the right to deliver then lapses.
    #[tracing::instrument(name = "notifications.relay", level = "debug", skip_all)]
    pub async fn relay(&self, stop: &CancellationToken) -> Result<Relayed, ServiceError> {
        if self.core.parts.db.read().await?.outbox_is_empty().await? {
            return Ok(Relayed::Done);
        }
        let holder = self.core.parts.ids.next();
        let mut delivered = Vec::new();
        loop {
            let batch = self.next(holder, &delivered).await?;
            if batch.is_empty() {
                return Ok(Relayed::Done);
            }
            let published = self.publish(holder, &batch, stop).await;
            let confirmed = published
                .as_ref()
                .map_or(0, |published| published.confirmed);
            delivered = batch.iter().map(|it| it.position).take(confirmed).collect();
            match published.map(|published| published.fault) {
                Some(None) if !stop.is_cancelled() => self.note_delivery(),
                Some(None) | None => {
                    self.leave(holder, &delivered).await?;
                    return Ok(Relayed::Done);
                }
                Some(Some(fault)) => {
                    self.leave(holder, &delivered).await?;
                    self.note_fault(&fault).await?;
                    return Ok(Relayed::Waiting);
                }
            }
        }
    }

    /// Takes `delivered` out, and gives the next notifications to deliver. None if there are
    /// none, and then others may deliver; or if another process does so already.
    async fn next(&self, holder: Uuid, delivered: &[i64]) -> Result<Vec<Queued>, ServiceError> {
        let parts = &self.core.parts;
        let now = parts.clock.now();
        let mut tx = parts.db.begin().await?;
        if !tx
            .hold_relay(holder, now, now.plus(parts.settings.lease))
            .await?
        {
            return Ok(Vec::new());
        }
        if !delivered.is_empty() {
            tx.delete_notifications(delivered).await?;
        }
        let batch = tx.list_notifications(BATCH, BATCH_BYTES).await?;
        if batch.is_empty() {
            // In the transaction that saw that nothing is left: whoever commits a notification
            // after this look finds the relay free.
            tx.release_relay(holder).await?;
        }
        tx.commit().await?;
        Ok(batch)
    }

    /// Takes `delivered` out, and lets others deliver the rest.
    async fn leave(&self, holder: Uuid, delivered: &[i64]) -> Result<(), ServiceError> {
        let parts = &self.core.parts;
        let now = parts.clock.now();
        let mut tx = parts.db.begin().await?;
        if tx.hold_relay(holder, now, now).await? {
            if !delivered.is_empty() {
                tx.delete_notifications(delivered).await?;
            }
            tx.release_relay(holder).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Delivers a batch; nothing is known of it if another process took over or this one stops.
    async fn publish(
        &self,
        holder: Uuid,
        batch: &[Queued],
        stop: &CancellationToken,
    ) -> Option<Published> {
        let parts = &self.core.parts;
        let length = parts.settings.lease;
        let renew = async || {
            let now = parts.clock.now();
            let mut tx = parts.db.begin().await?;
            let held = tx.hold_relay(holder, now, now.plus(length)).await?;
            tx.commit().await?;
            Ok(held)
        };
        let notifications: Vec<Notification> =
            batch.iter().map(|it| it.notification.clone()).collect();
        tokio::select! {
            published = parts.notifier.publish(&notifications) => Some(published),
            () = lease::hold(length, renew) => None,
            () = too_late(stop) => None,
        }
    }

    fn note_delivery(&self) {
        if self.is_out.swap(false, Ordering::Relaxed) {
            tracing::info!("notifications are delivered again");
        }
    }

    /// Logs the first fault of a series.
    async fn note_fault(&self, fault: &NotifyError) -> Result<(), ServiceError> {
        if !self.is_out.swap(true, Ordering::Relaxed) {
            let mut session = self.core.parts.db.read().await?;
            let waiting = session.count_notifications().await?;
            tracing::warn!(
                waiting,
                error = fault as &dyn Error,
                "notifications cannot be delivered, and are kept until they can"
            );
        }
        Ok(())
    }
}

async fn too_late(stop: &CancellationToken) {
    stop.cancelled().await;
    sleep(GRACE).await;
}
