//! The application: the only place that knows every part, and wires them together.

mod figures;
mod jobs;
mod limits;
mod parts;
mod secrets;
mod server;
mod staging;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use self::parts::{Given, open_database, open_policy, open_synced_database};
use self::server::{Patience, within};
use crate::{
    api::{self, Api, ApiState},
    config::Config,
    domain::RandomIds,
    service::{CheckService, Maintenance, Services},
    worker::Worker,
};

/// How long tasks and uploads whose connections were cut have to put themselves back, even if the
/// time to end is over.
const CLEARING: Duration = Duration::from_secs(5);

/// A registry that is ready to serve.
pub struct App {
    router: Router,
    worker: Worker,
    maintenance: Maintenance,
    listen: SocketAddr,
    grace: Option<Duration>,
}

/// The use cases of copies that are read again, for who serves nothing. The database must have the
/// schema of this program.
///
/// # Errors
///
/// What cannot be opened, and why.
pub async fn open_checks(mut config: Config) -> anyhow::Result<CheckService> {
    // The folder of the cache belongs to the process that serves.
    config.image_cache = None;
    let core = Box::pin(parts::open(config, Given::default())).await?;
    Ok(Services::new(core).checks)
}

impl App {
    /// Opens everything the configuration names. An embedded database gets its schema here.
    ///
    /// # Errors
    ///
    /// What cannot be opened, and why.
    pub async fn open(config: Config) -> anyhow::Result<Self> {
        let given = Given {
            limits: limits::open(&config)?,
            ..Given::default()
        };
        Box::pin(Self::with(config, given)).await
    }

    /// As [`App::open`], with what is `given` instead of what the configuration names; of
    /// Keystone's limits none but those.
    ///
    /// # Errors
    ///
    /// What cannot be opened, and why.
    pub async fn with(config: Config, given: Given) -> anyhow::Result<Self> {
        let listen = config.server.listen;
        let grace = config.server.graceful_shutdown;
        let settings = parts::api_settings(&config);
        let authenticator = parts::authenticator(&config)?;
        let metrics = figures::keep(&config)?;
        let worker_settings = config.worker.clone();
        let services = Services::new(Box::pin(parts::open(config, given)).await?);
        let worker = Worker::new(&services, worker_settings);
        let maintenance = services.maintenance.clone();
        let router = api::router(ApiState::new(Api {
            images: services.images,
            data: services.data,
            members: services.members,
            metadefs: services.metadefs,
            imports: services.imports,
            tasks: services.tasks,
            locations: services.locations,
            checks: services.checks,
            jobs: services.jobs,
            cache: services.cache,
            cache_management: services.cache_management,
            receipts: services.receipts,
            quotas: services.quotas,
            stores: services.stores,
            discovery: services.discovery,
            figures: metrics.map(|metrics| figures::told(metrics, services.watch)),
            authenticator,
            ids: Arc::new(RandomIds),
            settings,
        }));
        Ok(Self {
            router,
            worker,
            maintenance,
            listen,
            grace,
        })
    }

    /// The routes, for who brings requests otherwise than by a socket.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// The workers, for who wants to run tasks one at a time.
    #[must_use]
    pub const fn worker(&self) -> &Worker {
        &self.worker
    }

    /// What keeps the registry clean.
    #[must_use]
    pub const fn maintenance(&self) -> &Maintenance {
        &self.maintenance
    }

    /// Listens where the configuration says.
    ///
    /// # Errors
    ///
    /// If the address cannot be listened on.
    pub async fn bind(&self) -> anyhow::Result<TcpListener> {
        TcpListener::bind(self.listen)
            .await
            .with_context(|| format!("cannot listen on {}", self.listen))
    }

    /// Answers requests and runs tasks until `stop` is called; then lets what was begun end, for
    /// as long as the configuration says.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) {
        let workers = tokio::spawn(self.worker.run(stop.clone()));
        let patience = Patience::with_grace(self.grace);
        let told = server::serve(listener, self.router, stop, patience).await;
        let left = self
            .grace
            .map(|grace| grace.saturating_sub(told.elapsed()).max(CLEARING));
        let ending = async {
            if let Err(panic) = workers.await {
                tracing::error!(
                    error = &panic as &dyn std::error::Error,
                    "the workers did not end in order"
                );
            }
            self.maintenance.drain().await;
        };
        if !within(left, ending).await {
            tracing::warn!("work that did not come to its end is given up");
        }
    }
}
