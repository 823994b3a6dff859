//! The first stage of the data path: bytes are counted, and too many are refused.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use futures_util::StreamExt as _;

use crate::stream::{Incoming, Interrupted};

/// How many bytes have come so far, for somebody who looks on.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<AtomicU64>);

impl Progress {
    /// The number of bytes so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Passes `source` on, and ends it with [`Interrupted::TooLarge`] before the first byte beyond
/// `max` bytes. Each byte passed on is counted in `progress`.
#[must_use]
pub fn limit(source: Incoming, max: u64, progress: Progress) -> Incoming {
    let mut total = 0_u64;
    Box::pin(source.map(move |frame| {
        let frame = frame?;
        total = total.saturating_add(frame.len() as u64);
        if total > max {
            return Err(Interrupted::TooLarge(max));
        }
        progress.0.store(total, Ordering::Relaxed);
        Ok(frame)
    }))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures_util::stream;

    use super::*;

    async fn through(max: u64, frames: &[&'static [u8]]) -> Result<u64, Interrupted> {
        let frames: Vec<_> = frames.iter().map(|f| Ok(Bytes::from_static(f))).collect();
        let progress = Progress::default();
        let mut limited = limit(Box::pin(stream::iter(frames)), max, progress.clone());
        while let Some(frame) = limited.next().await {
            frame?;
        }
        Ok(progress.bytes())
    }

    #[tokio::test]
    async fn as_many_bytes_as_are_allowed_pass() {
        assert_eq!(through(5, &[b"abc", b"de"]).await.ok(), Some(5));
    }

    #[tokio::test]
    async fn one_byte_more_than_allowed_is_refused() {
        assert!(matches!(
            through(4, &[b"abc", b"de"]).await,
            Err(Interrupted::TooLarge(4))
        ));
    }
}
