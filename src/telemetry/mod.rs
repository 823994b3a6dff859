//! What the program tells its operator: the log, and figures for Prometheus.

mod metrics;
mod process;
mod settings;

use std::{
    error::Error,
    fs::OpenOptions,
    io::{self, IsTerminal as _},
    path::Path,
    sync::Arc,
};

use tracing::{Subscriber, subscriber::SetGlobalDefaultError};
use tracing_subscriber::{
    EnvFilter,
    filter::ParseError,
    fmt::{MakeWriter, SubscriberBuilder, format},
};

pub use self::{metrics::Metrics, settings::*};

/// The client library of the broker logs every attempt to connect, and what the broker gives back
/// with its content. What matters of it we say ourselves.
const QUIET: &str = "lapin=off";

/// Why there is no log, or there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is not in the syntax of filters.
    #[error(transparent)]
    Filter(#[from] BadFilter),
    /// The file cannot be appended to.
    #[error("the log file cannot be opened")]
    File(#[source] io::Error),
    /// There is a log already.
    #[error("the log is set up already")]
    Twice(#[source] SetGlobalDefaultError),
    /// Nothing keeps the figures.
    #[error("no figures can be kept")]
    Figures(#[source] Box<dyn Error + Send + Sync>),
}

/// A text that is no filter of log lines.
#[derive(Debug, thiserror::Error)]
#[error(
    "level, or target=level, separated by commas; levels: off, error, warn, info, debug, trace"
)]
pub struct BadFilter(#[source] ParseError);

/// Whether `filter` is in the syntax of filters.
///
/// # Errors
///
/// [`BadFilter`], which says what is allowed, if it is not.
pub fn check_filter(filter: &str) -> Result<(), BadFilter> {
    parse(filter).map(drop)
}

/// Starts the log of this process: to `file`, behind what is in it, or else to standard error.
///
/// # Errors
///
/// [`TelemetryError`] if the settings are wrong, the file cannot be written, or there is a log
/// already.
pub fn init(settings: &Settings, file: Option<&Path>) -> Result<(), TelemetryError> {
    tracing::subscriber::set_global_default(subscriber(settings, file)?)
        .map_err(TelemetryError::Twice)
}

/// What writes the log.
fn subscriber(
    settings: &Settings,
    file: Option<&Path>,
) -> Result<Box<dyn Subscriber + Send + Sync>, TelemetryError> {
    let builder = tracing_subscriber::fmt().with_env_filter(parse(&settings.log_filter)?);
    let Some(path) = file else {
        let is_terminal = io::stderr().is_terminal();
        let builder = builder.with_ansi(is_terminal).with_writer(io::stderr);
        return Ok(finish(builder, settings.log_format));
    };
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .map_err(TelemetryError::File)?;
    let builder = builder.with_ansi(false).with_writer(Arc::new(file));
    Ok(finish(builder, settings.log_format))
}

fn finish<W>(
    builder: SubscriberBuilder<format::DefaultFields, format::Format, EnvFilter, W>,
    format: Format,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    match format {
        Format::Text => Box::new(builder.finish()),
        Format::Json => Box::new(builder.json().finish()),
    }
}

/// `filter`, behind what is in force unless it says otherwise.
fn parse(filter: &str) -> Result<EnvFilter, BadFilter> {
    EnvFilter::try_new(format!("{QUIET},{filter}")).map_err(BadFilter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_checked_before_it_is_used() {
        assert!(check_filter("info,hallmark=debug").is_ok());
        assert!(check_filter("hallmark=loud").is_err());
    }

    #[test]
    fn the_library_of_the_broker_is_silent_unless_it_is_named() {
        let filter = |text| parse(text).expect("a filter").to_string();
        assert!(filter("info").contains("lapin=off"));
        let named = filter("info,lapin=debug");
        assert!(
            named.contains("lapin=debug") && !named.contains("lapin=off"),
            "{named}"
        );
    }

    #[test]
    fn lines_are_added_to_the_file_that_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("hallmark.log");
        std::fs::write(&path, "before\n").expect("the file");
        let settings = Settings {
            log_format: Format::Json,
            ..Settings::default()
        };
        let log = subscriber(&settings, Some(&path)).expect("a log");
        tracing::subscriber::with_default(log, || {
            tracing::info!(image.id = "x", "image made");
            tracing::debug!("not wanted");
        });
        let text = std::fs::read_to_string(&path).expect("the file");
        let line = text.strip_prefix("before\n").expect("what was there");
        let line: serde_json::Value = serde_json::from_str(line).expect("one JSON object");
        assert_eq!(line["fields"]["message"], "image made");
        assert_eq!(line["fields"]["image.id"], "x");
    }

    #[test]
    fn a_file_that_cannot_be_written_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = subscriber(&Settings::default(), Some(folder.path()));
        assert!(matches!(log.map(drop), Err(TelemetryError::File(_))));
    }
}
