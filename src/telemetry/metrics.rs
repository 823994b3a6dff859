//! The figures of this process, kept for Prometheus to read.

use std::{
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, SystemTime},
};

use metrics::{Unit, describe_gauge, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::telemetry::{TelemetryError, process};

/// The bounds of the histograms whose names end in `_seconds`: from a request that reads one row
/// to the verification of an image of terabytes.
const SECONDS: [f64; 16] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0, 120.0, 600.0,
    3600.0,
];

/// The bounds of the histograms of jobs, which dashboards of the guestkit worker know: 1 second
/// to 2048.
const JOB_SECONDS: [f64; 12] = [
    1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0,
];

/// How often the values of histograms are sorted into their buckets. Until then each takes room.
const UPKEEP: Duration = Duration::from_secs(5);

/// The one keeper of this process, once there is one: the macros of `metrics` find no other.
static KEPT: Mutex<Option<Metrics>> = Mutex::new(None);

/// What the macros of the crate `metrics` have counted in this process.
///
/// Without one, they count nothing and cost next to nothing.
#[derive(Debug, Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Begins to keep figures. Who asks again gets the same ones: there is one set in a process,
    /// whatever runs in it.
    ///
    /// # Errors
    ///
    /// [`TelemetryError::Figures`] if another keeper is set up, or the system gives no thread.
    pub fn keep() -> Result<Self, TelemetryError> {
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(metrics) = &*kept {
            return Ok(metrics.clone());
        }
        let metrics = Self(install()?);
        metrics.sort_now_and_then()?;
        introduce();
        *kept = Some(metrics.clone());
        Ok(metrics)
    }

    /// All figures in Prometheus' text format, with some about the process itself.
    #[must_use]
    pub fn text(&self) -> String {
        process::note();
        self.0.render()
    }

    fn sort_now_and_then(&self) -> Result<(), TelemetryError> {
        let handle = self.0.clone();
        let work = move || {
            loop {
                thread::sleep(UPKEEP);
                handle.run_upkeep();
            }
        };
        let thread = thread::Builder::new().name("metrics".into()).spawn(work);
        thread.map_err(|error| TelemetryError::Figures(error.into()))?;
        Ok(())
    }
}

fn install() -> Result<PrometheusHandle, TelemetryError> {
    let buckets = [
        (Matcher::Suffix("_seconds".into()), &SECONDS[..]),
        (
            Matcher::Full("guestkit_worker_jobs_duration_seconds".into()),
            &JOB_SECONDS,
        ),
        (
            Matcher::Full("guestkit_handler_duration_seconds".into()),
            &JOB_SECONDS,
        ),
    ];
    let mut builder = PrometheusBuilder::new();
    for (names, bounds) in buckets {
        builder = builder
            .set_buckets_for_metric(names, bounds)
            .map_err(|error| TelemetryError::Figures(error.into()))?;
    }
    builder
        .install_recorder()
        .map_err(|error| TelemetryError::Figures(error.into()))
}

/// What never changes.
fn introduce() {
    describe_gauge!(
        "hallmark_build_info",
        "Always 1; the labels say what runs here"
    );
    gauge!("hallmark_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    describe_gauge!(
        "process_start_time_seconds",
        Unit::Seconds,
        "When the process began to keep figures, in seconds since 1970"
    );
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    gauge!("process_start_time_seconds").set(since.unwrap_or_default().as_secs_f64());
    process::describe();
}

#[cfg(test)]
mod tests {
    use metrics::{counter, histogram};

    use super::*;

    #[test]
    fn what_is_counted_anywhere_in_the_process_is_told() {
        let metrics = Metrics::keep().expect("a keeper");
        counter!("hallmark_test_total", "kind" => "a").increment(2);
        histogram!("hallmark_test_seconds").record(0.02);
        histogram!("guestkit_handler_duration_seconds").record(3.0);
        let text = Metrics::keep().expect("the same").text();
        assert_eq!(metrics.text().lines().count(), text.lines().count());
        for line in [
            "hallmark_test_total{kind=\"a\"} 2",
            "# TYPE hallmark_test_seconds histogram",
            "hallmark_test_seconds_bucket{le=\"0.01\"} 0",
            "hallmark_test_seconds_bucket{le=\"0.025\"} 1",
            "guestkit_handler_duration_seconds_bucket{le=\"2\"} 0",
            "guestkit_handler_duration_seconds_bucket{le=\"4\"} 1",
            "# TYPE process_resident_memory_bytes gauge",
            concat!(
                "hallmark_build_info{version=\"",
                env!("CARGO_PKG_VERSION"),
                "\"} 1"
            ),
        ] {
            assert!(text.lines().any(|it| it == line), "{line}\n{text}");
        }
    }
}
