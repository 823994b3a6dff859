//! A part of bytes that come one after the other.

use std::io;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use crate::stream::{Incoming, Outgoing};

/// At most `most` bytes of `data`, without the first `skipped`.
pub(super) fn window(data: Incoming, skipped: u64, most: u64) -> Incoming {
    Box::pin(stream::try_unfold(
        (data, skipped, most),
        |(mut data, mut skip, mut left)| async move {
            while left > 0 {
                let Some(mut frame) = data.next().await.transpose()? else {
                    return Ok(None);
                };
                skip -= take(&mut frame, skip);
                if frame.is_empty() {
                    continue;
                }
                let rest = usize::try_from(left).unwrap_or(usize::MAX);
                frame.truncate(rest);
                left -= frame.len() as u64;
                return Ok(Some((frame, (data, skip, left))));
            }
            Ok(None)
        },
    ))
}

/// Takes at most `most` bytes off the front of `frame`, and tells how many.
fn take(frame: &mut Bytes, most: u64) -> u64 {
    let taken = usize::try_from(most).unwrap_or(usize::MAX).min(frame.len());
    drop(frame.split_to(taken));
    taken as u64
}

/// Bytes that came, to be given on.
pub(super) fn given(data: Incoming) -> Outgoing {
    Box::pin(data.map(|frame| frame.map_err(io::Error::other)))
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt as _;

    use super::*;

    async fn seen(skipped: u64, most: u64) -> Vec<u8> {
        let frames = [&b"abc"[..], b"", b"defg", b"h"].map(|frame| Ok(Bytes::from_static(frame)));
        let data: Incoming = Box::pin(stream::iter(frames));
        let frames: Vec<Bytes> = window(data, skipped, most)
            .try_collect()
            .await
            .expect("bytes");
        frames.concat()
    }

    #[tokio::test]
    async fn a_window_is_cut_wherever_frames_end() {
        for skipped in 0..=9 {
            for most in 0..=9 {
                let whole = b"abcdefgh";
                let from = skipped.min(whole.len());
                let to = (from + most).min(whole.len());
                let seen = seen(skipped as u64, most as u64).await;
                assert_eq!(seen, &whole[from..to], "{skipped} {most}");
            }
        }
    }
}
