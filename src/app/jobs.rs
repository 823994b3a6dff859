//! What runs verification jobs, opened as the configuration says.

use std::{sync::Arc, time::Duration};

use anyhow::anyhow;

use crate::{
    config::Config,
    domain::Clock,
    hash::Hashers,
    jobs::{Engine, Parts, Roots, Worker},
    openpgp::Keyrings,
    service::JobSettings,
};

/// An engine over the folders that the configuration names.
pub(super) fn engine(
    config: &Config,
    clock: Arc<dyn Clock>,
    keyrings: Keyrings,
) -> anyhow::Result<Engine> {
    let settings = &config.jobs;
    let roots = Roots::open(&settings.image_roots)
        .map_err(|(folder, error)| anyhow!("[jobs] image_roots: {}: {error}", folder.display()))?;
    let hashers = Arc::new(Hashers::builtin());
    let id = settings.worker_id.clone().unwrap_or_else(Worker::usual_id);
    let worker = Worker::new(id, settings.worker_pool.clone(), &hashers);
    Ok(Engine::new(Parts {
        hashers,
        roots,
        keyrings,
        demands_signatures: config.publishers.signatures_required,
        rules: config.inspection.clone(),
        worker,
        clock,
    }))
}

/// How jobs are kept.
pub(super) fn settings(config: &Config) -> JobSettings {
    JobSettings {
        at_once: config.jobs.max_concurrent,
        most_waiting: config.jobs.max_queued,
        time_to_live: Duration::from_hours(config.jobs.result_time_to_live),
    }
}
