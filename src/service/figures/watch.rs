//! What the database knows of queues and of copies, read when somebody wants to know.

use std::{sync::Arc, time::Duration};

use metrics::{Unit, describe_gauge, gauge};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

use super::{
    at_rest::{self, AtRest},
    cache, pass,
    units::{age, number},
};
use crate::{
    db::QueuedTasks,
    domain::{TaskKind, TaskStatus, Timestamp},
    jobs,
    service::{Core, ServiceError},
};

const UP: &str = "hallmark_database_up";
const TASKS: &str = "hallmark_tasks";
const OLDEST_TASK: &str = "hallmark_oldest_task_age_seconds";
const OUTBOX: &str = "hallmark_outbox_notifications";
const OLDEST_NOTIFICATION: &str = "hallmark_outbox_oldest_age_seconds";

/// How long what was read is good enough.
const FRESH: Duration = Duration::from_secs(5);

/// How long the database may take. Who reads the figures waits no longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Use cases of who watches the registry.
#[derive(Clone)]
pub struct Watch(Arc<Inner>);

struct Inner {
    core: Arc<Core>,
    /// When somebody looked last.
    looked: Mutex<Option<Instant>>,
}

/// What the database knows.
struct Queues {
    tasks: Vec<QueuedTasks>,
    notifications: u64,
    oldest_notification: Option<Timestamp>,
    at_rest: AtRest,
}

impl Watch {
    pub(in crate::service) fn new(core: Arc<Core>) -> Self {
        Self(Arc::new(Inner {
            core,
            looked: Mutex::new(None),
        }))
    }

    /// Says what the figures are. What is counted before has no description.
    pub fn introduce(&self) {
        let hashing = &self.0.core.parts.settings.hashing;
        pass::introduce(hashing.allowed.iter().chain([&hashing.default]));
        if self.0.core.parts.cache.is_some() {
            cache::introduce();
        }
        describe_gauge!(
            UP,
            "Whether the database answered when it was asked for figures"
        );
        describe_gauge!(
            TASKS,
            "Tasks that are not over, in the whole deployment; pending: nobody has begun"
        );
        describe_gauge!(
            OLDEST_TASK,
            Unit::Seconds,
            "How long ago the oldest of these tasks was accepted; 0 if there is none"
        );
        describe_gauge!(
            OUTBOX,
            "Notifications that wait to be delivered, in the whole deployment; 100000 stands for \
             more"
        );
        describe_gauge!(
            OLDEST_NOTIFICATION,
            Unit::Seconds,
            "How long the oldest of them has waited; 0 if there is none"
        );
        at_rest::introduce();
    }

    /// Brings the figures of queues up to date, unless they were a few seconds ago or somebody is
    /// at it. If the database does not tell, they are NaN.
    pub async fn look(&self) {
        let Ok(mut looked) = self.0.looked.try_lock() else {
            return;
        };
        if looked.is_some_and(|at| at.elapsed() < FRESH) {
            return;
        }
        let queues = timeout(PATIENCE, self.queues()).await;
        let queues = queues.map_err(ServiceError::internal).flatten();
        if let Err(error) = &queues {
            tracing::warn!(
                error = error as &dyn std::error::Error,
                "the database gives no figures"
            );
        }
        let queues = queues.ok();
        gauge!(UP).set(if queues.is_some() { 1.0 } else { 0.0 });
        show(queues.as_ref(), self.0.core.parts.clock.now());
        *looked = Some(Instant::now());
    }

    async fn queues(&self) -> Result<Queues, ServiceError> {
        let mut session = self.0.core.parts.db.read().await?;
        let tasks = session.count_live_tasks().await?;
        let (notifications, oldest_notification) = session.count_outbox().await?;
        let now = self.0.core.parts.clock.now();
        jobs::tell_waiting(session.count_waiting_jobs().await?);
        Ok(Queues {
            tasks,
            notifications,
            oldest_notification,
            at_rest: AtRest::read(&mut session, now).await?,
        })
    }
}

/// Sets the figures at the time `now`.
fn show(queues: Option<&Queues>, now: Timestamp) {
    for kind in TaskKind::ALL {
        for status in [TaskStatus::Pending, TaskStatus::Processing] {
            let (count, age) = queues.map_or((f64::NAN, f64::NAN), |queues| {
                let mut these = queues.tasks.iter();
                let these = these.find(|it| it.kind == kind && it.status == status);
                these.map_or((0.0, 0.0), |it| (number(it.count), age(it.since, now)))
            });
            let labels = [("type", kind.as_str()), ("status", status.as_str())];
            gauge!(TASKS, &labels).set(count);
            gauge!(OLDEST_TASK, &labels).set(age);
        }
    }
    let waiting = queues.map_or(f64::NAN, |queues| number(queues.notifications));
    gauge!(OUTBOX).set(waiting);
    let oldest = queues.map_or(f64::NAN, |queues| {
        queues.oldest_notification.map_or(0.0, |at| age(at, now))
    });
    gauge!(OLDEST_NOTIFICATION).set(oldest);
    at_rest::show(queues.map(|queues| &queues.at_rest), now);
}
