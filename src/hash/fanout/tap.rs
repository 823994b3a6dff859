//! Digests of a stream that passes by.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::oneshot;
use tokio_util::sync::PollSender;

use super::Running;
use crate::{
    domain::{Digest, Digests},
    hash::HashError,
};

impl Running {
    /// Hashes what passes through `stream`.
    ///
    /// Whoever reads the first value reads the stream; the second gives the digests afterwards.
    pub fn tap<S, E>(self, stream: S) -> (Tapped<S>, Pending)
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        let (frames, digests) = self
            .lanes
            .into_iter()
            .map(|lane| (PollSender::new(lane.frames), lane.digests))
            .unzip();
        let (ended, end) = oneshot::channel();
        let tap = Tap {
            lanes: frames,
            ended,
            bytes: 0,
        };
        let tapped = Tapped {
            stream,
            tap: Some(tap),
        };
        (tapped, Pending { end, digests })
    }
}

/// A stream whose frames also go to hash threads, unchanged and uncopied.
///
/// It waits until every thread has room for a frame before it takes one from the stream beneath,
/// so that a slow digest slows the sender. A thread that died slows nothing; [`Pending::join`]
/// tells of it.
#[derive(Debug)]
#[must_use = "streams do nothing unless read"]
pub struct Tapped<S> {
    stream: S,
    /// Gone once the stream ended or broke.
    tap: Option<Tap>,
}

#[derive(Debug)]
struct Tap {
    lanes: Vec<PollSender<Bytes>>,
    /// Told the number of bytes at the stream's end; dropped untold, there is no digest.
    ended: oneshot::Sender<u64>,
    bytes: u64,
}

impl Tap {
    /// Waits until each live thread takes a frame.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        for lane in &mut self.lanes {
            // An error means that the thread died, which its missing digests tell.
            let _ = ready!(lane.poll_reserve(cx));
        }
        Poll::Ready(())
    }

    /// Gives `frame` to every thread; each has room.
    fn hand_out(&mut self, frame: &Bytes) {
        self.bytes += frame.len() as u64;
        for lane in &mut self.lanes {
            // As above: a dead thread takes nothing.
            let _ = lane.send_item(frame.clone());
        }
    }

    /// Lets the threads finish, all bytes having passed.
    fn end(self) {
        // Whoever waited for digests may have gone.
        let _ = self.ended.send(self.bytes);
    }
}

impl<S, E> Stream for Tapped<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    type Item = Result<Bytes, E>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { stream, tap } = self.get_mut();
        let Some(running) = tap else {
            return Pin::new(stream).poll_next(cx);
        };
        ready!(running.poll_room(cx));
        let item = ready!(Pin::new(stream).poll_next(cx));
        match &item {
            Some(Ok(frame)) => running.hand_out(frame),
            Some(Err(_)) => *tap = None,
            None => {
                if let Some(tap) = tap.take() {
                    tap.end();
                }
            }
        }
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

/// The digests of a [`Tapped`] stream, to be had when it has ended.
#[derive(Debug)]
#[must_use = "digests that nobody joins are computed for nothing"]
pub struct Pending {
    end: oneshot::Receiver<u64>,
    digests: Vec<oneshot::Receiver<Vec<Digest>>>,
}

impl Pending {
    /// Gives the number of bytes that passed, with their digests in the order they were asked for.
    ///
    /// Waits while the tapped stream is neither read to its end nor dropped: who awaits this and
    /// still holds the stream waits for ever.
    ///
    /// # Errors
    ///
    /// [`HashError::Incomplete`] unless the tapped stream was read until it said that nothing
    /// follows: a stream that failed or was dropped early never gives digests.
    /// [`HashError::Died`] if a hash thread ended without its digests.
    pub async fn join(self) -> Result<(u64, Digests), HashError> {
        let bytes = self.end.await.map_err(|_| HashError::Incomplete)?;
        let mut digests = Vec::with_capacity(self.digests.len());
        for lane in self.digests {
            digests.extend(lane.await.map_err(|_| HashError::Died)?);
        }
        Ok((bytes, digests.into_iter().collect()))
    }
}
