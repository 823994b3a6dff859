//! The figures of this process, put together for the API.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    api::{self, Figures},
    config::Config,
    service::Watch,
    telemetry::Metrics,
};

/// What was counted, and what the database knows at the moment.
struct Scrape {
    metrics: Metrics,
    watch: Watch,
}

#[async_trait]
impl Figures for Scrape {
    async fn text(&self) -> String {
        self.watch.look().await;
        self.metrics.text()
    }
}

/// Begins to keep figures, if somebody may read them.
pub(super) fn keep(config: &Config) -> anyhow::Result<Option<Metrics>> {
    if config.server.metrics.is_empty() {
        return Ok(None);
    }
    Ok(Some(Metrics::keep()?))
}

/// What tells `metrics`, with what `watch` sees.
pub(super) fn told(metrics: Metrics, watch: Watch) -> Arc<dyn Figures> {
    watch.introduce();
    api::introduce_figures();
    Arc::new(Scrape { metrics, watch })
}
