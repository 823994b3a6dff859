//! What is in compressed bytes.

use async_compression::tokio::bufread::{BzDecoder, GzipDecoder, XzDecoder, ZstdDecoder};
use tokio::io::AsyncRead;
use tokio_util::io::{ReaderStream, StreamReader};

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

fn steps(decoder: impl AsyncRead + Send + 'static) -> Outgoing {
    Box::pin(ReaderStream::with_capacity(decoder, STEP))
}
