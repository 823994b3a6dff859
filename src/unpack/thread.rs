//! Work that makes bytes, on a thread of its own.

use std::{io, thread};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use tokio::{runtime::Handle, sync::mpsc};

use crate::stream::Outgoing;

/// How many pieces wait for the reader.
const DEPTH: usize = 2;

/// What the reader is handed.
pub(super) enum Piece {
    Frame(io::Result<Bytes>),
    /// Nothing follows. Without it, the work broke off.
    End,
}

/// Where the work puts what it makes.
pub(super) struct Out(mpsc::Sender<Piece>);

impl Out {
    /// Hands on a frame, once there is room; `false` if nobody reads any more.
    pub(super) fn give(&self, frame: Bytes) -> bool {
        self.0.blocking_send(Piece::Frame(Ok(frame))).is_ok()
    }
}

/// What `work` makes. It ends when it is done, or as soon as nobody reads any more.
pub(super) fn push(
    work: impl FnOnce(&Out) -> io::Result<()> + Send + 'static,
) -> io::Result<Outgoing> {
    spawn(move |sender| {
        let out = Out(sender);
        let last = match work(&out) {
            Ok(()) => Piece::End,
            Err(error) => Piece::Frame(Err(error)),
        };
        // Nobody may be there to hear it.
        let _ = out.0.blocking_send(last);
    })
}

/// What `source` gives, polled on the thread instead of where it is read.
pub(super) fn pull(mut source: Outgoing) -> io::Result<Outgoing> {
    let runtime = Handle::current();
    spawn(move |sender| {
        runtime.block_on(async move {
            while let Some(frame) = source.next().await {
                let is_last = frame.is_err();
                if sender.send(Piece::Frame(frame)).await.is_err() || is_last {
                    return;
                }
            }
            // Nobody may be there to hear it.
            let _ = sender.send(Piece::End).await;
        });
    })
}

fn spawn(work: impl FnOnce(mpsc::Sender<Piece>) + Send + 'static) -> io::Result<Outgoing> {
    let (sender, pieces) = mpsc::channel(DEPTH);
    thread::Builder::new()
        .name("unpack".into())
        .spawn(move || work(sender))?;
    let read = stream::try_unfold(Some(pieces), async |pieces| {
        let Some(mut pieces) = pieces else {
            return Ok(None);
        };
        match pieces.recv().await {
            Some(Piece::Frame(frame)) => Ok(Some((frame?, Some(pieces)))),
            Some(Piece::End) => Ok(None),
            None => Err(io::Error::other("the thread that unpacks broke off")),
        }
    });
    Ok(Box::pin(read))
}
