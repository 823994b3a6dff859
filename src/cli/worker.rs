//! `hallmark worker`: verification jobs from a folder.

use std::{fs, net::SocketAddr, num::NonZeroU16, path::PathBuf, sync::Arc};

use anyhow::Context as _;
use clap::Args;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::{
    cli::{ConfigFiles, Outcome, complain, figures, signals::stop_on_signals},
    config::Config,
    domain::SystemClock,
    hash::Hashers,
    jobs::{Engine, Log, Parts, Roots, Spool, SpoolPlace, Until, Worker},
    openpgp::{Keyring, Keyrings},
    telemetry,
};

/// The arguments of `hallmark worker`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder in which job documents (*.json) are put
    #[arg(long, value_name = "D")]
    jobs_dir: PathBuf,

    /// The folder of results
    #[arg(long, value_name = "R")]
    results_dir: PathBuf,

    /// A folder beneath which jobs may read images; may be repeated. Without any, every image is
    /// refused
    #[arg(long = "image-root", value_name = "DIR")]
    image_roots: Vec<PathBuf>,

    /// The keys of a publisher, whose signatures of checksum files are believed; may be repeated
    #[arg(long = "keyring", value_name = "PUBLISHER=FILE", value_parser = publisher)]
    keyrings: Vec<(String, PathBuf)>,

    /// Where documents lie while they are worked on: on the file system of the jobs' folder
    /// [default: claimed, in that folder]
    #[arg(long, value_name = "W")]
    work_dir: Option<PathBuf>,

    /// The pool this worker is in
    #[arg(long, value_name = "P")]
    pool: Option<String>,

    /// The name of this worker [default: worker-HOSTNAME]
    #[arg(long, value_name = "ID")]
    worker_id: Option<String>,

    /// How many jobs run at a time
    #[arg(long, value_name = "N", default_value = "4")]
    max_concurrent: NonZeroU16,

    /// Where Prometheus may read figures of this worker (/metrics), such as 127.0.0.1:9090
    #[arg(long, value_name = "ADDRESS")]
    metrics_bind: Option<SocketAddr>,

    /// End when no job waits any more
    #[arg(long)]
    once: bool,

    #[command(flatten)]
    files: ConfigFiles,
}

/// Runs jobs until the process is told to stop (SIGTERM or SIGINT): what runs then is left to the
/// next worker. Told again, it ends at once.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let Some(config) = arguments.files.load() else {
        return Ok(Outcome::Misconfigured);
    };
    telemetry::init(&config.log.settings, config.log.file.as_deref())?;
    let roots = match Roots::open(&arguments.image_roots) {
        Ok(roots) => roots,
        Err((folder, error)) => {
            complain(&format!("--image-root {}: {error}", folder.display()));
            return Ok(Outcome::Misconfigured);
        }
    };
    if roots.is_empty() {
        tracing::warn!("without --image-root every image is refused");
    }
    let engine = match trusted(&arguments.keyrings) {
        Ok(keyrings) => engine(arguments, &config, roots, keyrings),
        Err(error) => {
            complain(&format!("--keyring {error:#}"));
            return Ok(Outcome::Misconfigured);
        }
    };
    let runtime = Runtime::new().context("the runtime cannot be started")?;
    let outcome = runtime.block_on(work(arguments, engine));
    // A disk that does not answer must not keep the process.
    runtime.shutdown_background();
    outcome
}

async fn work(arguments: &Arguments, engine: Engine) -> anyhow::Result<Outcome> {
    let (stop, at_once) = (CancellationToken::new(), CancellationToken::new());
    stop_on_signals([stop.clone(), at_once.clone()])?;
    if let Some(address) = arguments.metrics_bind {
        figures::offer(address).await?;
    }
    let place = SpoolPlace {
        jobs: arguments.jobs_dir.clone(),
        results: arguments.results_dir.clone(),
        claimed: arguments.work_dir.clone(),
    };
    let most_at_once = arguments.max_concurrent.get().into();
    let spool = Spool::open(&place, engine.clone(), Arc::new(Log), most_at_once)?;
    tracing::info!(
        worker.id = engine.worker().id,
        jobs = %place.jobs.display(),
        "ready to work"
    );
    let until = if arguments.once {
        Until::Idle
    } else {
        Until::Stopped
    };
    tokio::select! {
        () = spool.work(until, &stop) => {
            tracing::info!("stopped");
            Ok(Outcome::Done)
        }
        () = at_once.cancelled() => {
            tracing::warn!("stopped at once: what was not finished is left to the next worker");
            Ok(Outcome::Failed)
        }
    }
}

fn engine(arguments: &Arguments, config: &Config, roots: Roots, keyrings: Keyrings) -> Engine {
    let hashers = Arc::new(Hashers::builtin());
    let id = arguments.worker_id.clone().unwrap_or_else(Worker::usual_id);
    let worker = Worker::new(id, arguments.pool.clone(), &hashers);
    Engine::new(Parts {
        hashers,
        roots,
        keyrings,
        demands_signatures: false,
        rules: config.inspection.clone(),
        worker,
        clock: Arc::new(SystemClock),
    })
}

/// A publisher, and the file of its keys.
fn publisher(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((publisher, file)) if !publisher.is_empty() && !file.is_empty() => {
            Ok((publisher.to_owned(), file.into()))
        }
        _ => Err("it must be PUBLISHER=FILE".to_owned()),
    }
}

/// Reads the keys of every publisher.
fn trusted(files: &[(String, PathBuf)]) -> anyhow::Result<Keyrings> {
    let mut keyrings = Keyrings::default();
    for (publisher, file) in files {
        let unusable = || format!("{publisher}={}", file.display());
        let bytes = fs::read(file).with_context(unusable)?;
        let keyring = Keyring::read(publisher, &bytes).with_context(unusable)?;
        keyrings.add(keyring)?;
    }
    Ok(keyrings)
}
