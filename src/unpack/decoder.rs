//! What is in compressed bytes.

use std::io;

use async_compression::tokio::bufread::{BzDecoder, GzipDecoder, XzDecoder, ZstdDecoder};
use futures_util::StreamExt as _;
use tokio::io::AsyncRead;
use tokio_util::io::{ReaderStream, StreamReader};

use super::UnpackError;
use crate::{domain::Compression, stream::Outgoing};

/// How many bytes one step gives at most.
const STEP: usize = 256 * 1024;

/// How much memory a decoder may take: what the highest presets of xz and zstd need.
const MEMORY: u64 = 128 << 20;

/// What is in `data`, all members one after the other. It fails with `UnexpectedEof` if they end
/// before their content does.
pub(super) fn decompressed(form: Compression, data: Outgoing) -> Outgoing {
    let source = StreamReader::new(data);
    match form {
        Compression::Gzip => {
            let mut decoder = GzipDecoder::new(source);
            decoder.multiple_members(true);
            steps(decoder)
        }
        Compression::Bzip2 => {
            let mut decoder = BzDecoder::new(source);
            decoder.multiple_members(true);
            steps(decoder)
        }
        Compression::Xz => {
            let mut decoder = XzDecoder::with_mem_limit(source, MEMORY);
            decoder.multiple_members(true);
            steps(decoder)
        }
        // Its own limit for the window is as much.
        Compression::Zstd => {
            let mut decoder = ZstdDecoder::new(source);
            decoder.multiple_members(true);
            steps(decoder)
        }
    }
}

/// As [`decompressed`], with what is wrong with `data` told from what is wrong with reading them.
pub(super) fn judged(form: Compression, data: Outgoing) -> Outgoing {
    let marked = data.map(|frame| frame.map_err(|error| io::Error::other(Unread(error))));
    let inside = decompressed(form, Box::pin(marked));
    Box::pin(inside.map(|frame| frame.map_err(told)))
}

/// An error of the source, on its way through a decoder.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Unread(io::Error);

fn told(error: io::Error) -> io::Error {
    let error = match error.downcast::<Unread>() {
        Ok(unread) => return unread.0,
        Err(error) => error,
    };
    io::Error::other(match error.kind() {
        io::ErrorKind::UnexpectedEof => UnpackError::CutOff,
        _ => UnpackError::Damaged(error.to_string()),
    })
}

fn steps(decoder: impl AsyncRead + Send + 'static) -> Outgoing {
    Box::pin(ReaderStream::with_capacity(decoder, STEP))
}
