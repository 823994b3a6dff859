//! How a process that goes on for long is told to stop.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Calls one of `stops` at each signal to end, in their order.
pub(super) fn stop_on_signals(stops: [CancellationToken; 2]) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        for stop in stops {
            tokio::select! {
                _ = terminate.recv() => (),
                _ = interrupt.recv() => (),
            }
            tracing::info!("stopping");
            stop.cancel();
        }
    });
    Ok(())
}
