//! One source for several readers, each of which gets all of it.

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use tokio::sync::mpsc;

use crate::stream::{Incoming, Interrupted};

/// How many frames wait for one reader. A frame of an upload has at most 256 KiB.
const DEPTH: usize = 2;

/// What a reader is handed.
enum Piece {
    Frame(Bytes),
    /// Nothing follows. Without it, the stream broke off.
    End,
}

/// Splits `source` into `count` streams of the same frames, uncopied, which move only while the
/// future that comes with them is polled.
///
/// The source waits for the slowest reader. A reader that is dropped slows it no more, and when
/// all of them are, nothing more is read. The future ends with the source, or with the reason why
/// the source broke off; the readers are then told only that it did.
pub fn fan_out(
    source: Incoming,
    count: usize,
) -> (
    Vec<Incoming>,
    impl Future<Output = Result<(), Interrupted>> + Send,
) {
    let (senders, readers) = (0..count)
        .map(|_| {
            let (sender, pieces) = mpsc::channel(DEPTH);
            (sender, reader(pieces))
        })
        .unzip();
    (readers, pump(source, senders))
}

async fn pump(
    mut source: Incoming,
    mut readers: Vec<mpsc::Sender<Piece>>,
) -> Result<(), Interrupted> {
    while !readers.is_empty() {
        let Some(frame) = source.next().await.transpose()? else {
            hand_out(&mut readers, || Piece::End).await;
            break;
        };
        hand_out(&mut readers, || Piece::Frame(frame.clone())).await;
    }
    Ok(())
}

/// Gives a piece to every reader, once it has room, and forgets those that are gone.
async fn hand_out(readers: &mut Vec<mpsc::Sender<Piece>>, piece: impl Fn() -> Piece) {
    let mut at = 0;
    while let Some(reader) = readers.get(at) {
        if reader.send(piece()).await.is_ok() {
            at += 1;
        } else {
            readers.swap_remove(at);
        }
    }
}

fn reader(pieces: mpsc::Receiver<Piece>) -> Incoming {
    Box::pin(stream::unfold(Some(pieces), |pieces| async move {
        let mut pieces = pieces?;
        match pieces.recv().await {
            Some(Piece::Frame(frame)) => Some((Ok(frame), Some(pieces))),
            Some(Piece::End) => None,
            None => Some((
                Err(Interrupted::BrokenOff("its source broke off".into())),
                None,
            )),
        }
    }))
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;

    fn source(frames: Vec<Result<&'static [u8], Interrupted>>) -> Incoming {
        let frames = frames
            .into_iter()
            .map(|frame| frame.map(Bytes::from_static));
        Box::pin(stream::iter(frames))
    }

    async fn read(mut reader: Incoming) -> Result<Vec<u8>, Interrupted> {
        let mut all = Vec::new();
        while let Some(frame) = reader.next().await {
            all.extend(frame?);
        }
        Ok(all)
    }

    #[tokio::test]
    async fn every_reader_gets_all_of_the_source() {
        let frames: Vec<_> = (0..50).map(|_| Ok(&b"ab"[..])).collect();
        let (readers, pump) = fan_out(source(frames), 3);
        let (read, pumped) = tokio::join!(join_all(readers.into_iter().map(read)), pump);
        assert!(pumped.is_ok());
        for all in read {
            assert_eq!(all.expect("bytes"), b"ab".repeat(50));
        }
    }

    #[tokio::test]
    async fn no_reader_takes_a_source_that_broke_off_for_a_whole_one() {
        let frames = vec![Ok(&b"ab"[..]), Err(Interrupted::TooLarge(2))];
        let (readers, pump) = fan_out(source(frames), 2);
        let (read, pumped) = tokio::join!(join_all(readers.into_iter().map(read)), pump);
        assert!(matches!(pumped, Err(Interrupted::TooLarge(2))));
        for all in read {
            assert!(matches!(all, Err(Interrupted::BrokenOff(_))));
        }
    }

    #[tokio::test]
    async fn a_reader_that_goes_away_stops_nobody_else() {
        let frames: Vec<_> = (0..50).map(|_| Ok(&b"ab"[..])).collect();
        let (mut readers, pump) = fan_out(source(frames), 2);
        drop(readers.remove(0));
        let stays = readers.remove(0);
        let (all, pumped) = tokio::join!(read(stays), pump);
        assert!(pumped.is_ok());
        assert_eq!(all.expect("bytes"), b"ab".repeat(50));
    }

    #[tokio::test]
    async fn without_readers_nothing_is_read() {
        let untouched = stream::poll_fn(|_| panic!("the source was read"));
        let (readers, pump) = fan_out(Box::pin(untouched), 0);
        assert!(readers.is_empty());
        assert!(pump.await.is_ok());
    }

    #[tokio::test]
    async fn the_source_waits_for_the_slowest_reader() {
        let frames: Vec<_> = (0..50).map(|_| Ok(&b"ab"[..])).collect();
        let (mut readers, pump) = fan_out(source(frames), 2);
        let mut slow = readers.remove(0);
        let quick = readers.remove(0);
        let mut rest = tokio::spawn(async { tokio::join!(read(quick), pump) });
        let early = tokio::select! {
            biased;
            _ = &mut rest => true,
            () = async { for _ in 0..1000 { tokio::task::yield_now().await; } } => false,
        };
        assert!(!early, "the source did not wait");
        while slow.next().await.is_some() {}
        let (all, pumped) = rest.await.expect("no panic");
        assert!(pumped.is_ok());
        assert_eq!(all.expect("bytes"), b"ab".repeat(50));
    }
}
