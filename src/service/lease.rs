//! Holding on to something for as long as work goes on.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::db::DbError;

/// Renews a lease three times in its length, and ends when it is lost: taken over, no longer
/// wanted, or not renewed in time.
pub(super) async fn hold<F>(length: Duration, mut renew: impl FnMut() -> F)
where
    F: Future<Output = Result<bool, DbError>>,
{
    let mut renewed = Instant::now();
    loop {
        sleep(length / 3).await;
        match renew().await {
            Ok(true) => renewed = Instant::now(),
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a lease could not be renewed"
                );
                if renewed.elapsed() >= length {
                    return;
                }
            }
        }
    }
}
