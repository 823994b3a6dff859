//! `hallmark serve`: the API and the workers, in one process.

use anyhow::Context as _;
use clap::Args;
use tokio::{
    runtime::Runtime,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    cli::{ConfigFiles, Outcome},
    config::Config,
    telemetry,
};

/// The arguments of `hallmark serve`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    files: ConfigFiles,
}

/// Serves until the process is told to stop (SIGTERM or SIGINT), and lets what was begun end.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let Some(config) = arguments.files.load() else {
        return Ok(Outcome::Misconfigured);
    };
    telemetry::init(&config.log.settings, config.log.file.as_deref())?;
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    Runtime::new()
        .context("the runtime cannot be started")?
        .block_on(serve(config))?;
    Ok(Outcome::Done)
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    stop_on_signal(stop.clone())?;
    let app = App::open(config).await?;
    let listener = app.bind().await?;
    tracing::info!(
        address = %listener.local_addr()?,
        "ready to serve"
    );
    app.serve(listener, stop).await;
    tracing::info!("stopped");
    Ok(())
}

fn stop_on_signal(stop: CancellationToken) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => (),
            _ = interrupt.recv() => (),
        }
        tracing::info!("stopping");
        stop.cancel();
    });
    Ok(())
}
