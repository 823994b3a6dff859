//! The figures of a process that has no API, for Prometheus to read.

use std::net::SocketAddr;

use anyhow::Context as _;
use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use tokio::net::TcpListener;

use crate::telemetry::Metrics;

/// The media type of Prometheus' text format.
const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Begins to keep figures, and gives them at `address` as long as the process lives: `/metrics`,
/// and `/health` for who asks whether it does.
///
/// # Errors
///
/// If the address cannot be listened on.
pub(super) async fn offer(address: SocketAddr) -> anyhow::Result<()> {
    let metrics = Metrics::keep()?;
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("figures cannot be offered at {address}"))?;
    tracing::info!(address = %listener.local_addr()?, "figures are offered");
    let router = Router::new()
        .route("/metrics", get(tell))
        .route("/health", get(async || "OK\n"))
        .with_state(metrics);
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "figures are offered no longer"
            );
        }
    });
    Ok(())
}

async fn tell(State(metrics): State<Metrics>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], metrics.text())
}
