//! Where the figures of this process come from.

use async_trait::async_trait;

/// What tells the figures of this process.
#[async_trait]
pub trait Figures: Send + Sync {
    /// All of them, in Prometheus' text format 0.0.4.
    async fn text(&self) -> String;
}
