//! `hallmark serve`: the API and the workers, in one process.

use anyhow::Context as _;
use clap::Args;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    cli::{ConfigFiles, Outcome, signals::stop_on_signals},
    config::Config,
    telemetry,
};

/// The arguments of `hallmark serve`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    files: ConfigFiles,
}

/// Serves until the process is told to stop (SIGTERM or SIGINT), and lets what was begun end; told
/// again, it ends at once.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let Some(config) = arguments.files.load() else {
        return Ok(Outcome::Misconfigured);
    };
    telemetry::init(&config.log.settings, config.log.file.as_deref())?;
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let runtime = Runtime::new().context("the runtime cannot be started")?;
    let outcome = runtime.block_on(serve(config));
    // A disk that does not answer must not keep the process.
    runtime.shutdown_background();
    outcome
}

async fn serve(config: Config) -> anyhow::Result<Outcome> {
    let (stop, at_once) = (CancellationToken::new(), CancellationToken::new());
    stop_on_signals([stop.clone(), at_once.clone()])?;
    let app = App::open(config).await?;
    let listener = app.bind().await?;
    tracing::info!(
        address = %listener.local_addr()?,
        "ready to serve"
    );
    tokio::select! {
        () = app.serve(listener, stop) => {
            tracing::info!("stopped");
            Ok(Outcome::Done)
        }
        () = at_once.cancelled() => {
            tracing::warn!("stopped at once: what was not finished is given up");
            Ok(Outcome::Failed)
        }
    }
}
