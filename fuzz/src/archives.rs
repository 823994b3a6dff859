//! What is inside packed bytes.

use std::{
    fs::File,
    io::{self, Seek as _, Write as _},
    sync::OnceLock,
};

use axum::body::Bytes;
use futures_util::{StreamExt as _, stream};
use hallmark::{
    domain::Compression,
    stream::Outgoing,
    unpack::{decompress, unlha, unzip},
};
use tokio::runtime::{Builder, Runtime};

/// How much is read of what comes out: the reader bounds it.
const MOST: usize = 1 << 20;

const FORMS: [Compression; 4] = [
    Compression::Gzip,
    Compression::Xz,
    Compression::Zstd,
    Compression::Bzip2,
];

/// What came of packed bytes.
#[derive(PartialEq, Eq)]
enum Outcome {
    /// They were read whole.
    Whole(Vec<u8>),
    /// There is more in them than was read.
    More,
    Refused,
}

/// Packed bytes. The first byte says how they are packed: as zip, as lha, or in one of the forms;
/// the second in which pieces they arrive.
pub fn archive(data: &[u8]) {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let [kind, piece, packed @ ..] = data else {
        return;
    };
    let runtime = RUNTIME.get_or_init(|| {
        let runtime = Builder::new_current_thread().build();
        runtime.expect("a runtime")
    });
    match usize::from(*kind) % (FORMS.len() + 2) {
        0 => runtime.block_on(read_archive(packed, unzip)),
        1 => runtime.block_on(read_archive(packed, unlha)),
        form => {
            let piece = usize::from(*piece) + 1;
            runtime.block_on(read_stream(packed, FORMS[form - 2], piece));
        }
    }
}

/// An archive holds the same each time.
async fn read_archive(packed: &[u8], unpack: fn(File) -> io::Result<Outgoing>) {
    let first = outcome(unpack(file(packed))).await;
    let second = outcome(unpack(file(packed))).await;
    assert!(first == second, "it is read in two ways");
}

fn file(packed: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(packed).expect("bytes");
    file.rewind().expect("the beginning");
    file
}

/// In which pieces the bytes arrive makes no difference.
async fn read_stream(packed: &[u8], form: Compression, piece: usize) {
    let whole = outcome(decompress(form, in_pieces(packed, usize::MAX))).await;
    let cut = outcome(decompress(form, in_pieces(packed, piece))).await;
    // How much comes out before a fault is found may depend on it.
    if whole != Outcome::More && cut != Outcome::More {
        assert!(whole == cut, "pieces make a difference");
    }
}

fn in_pieces(packed: &[u8], piece: usize) -> Outgoing {
    let pieces = packed.chunks(piece.min(packed.len()).max(1));
    let pieces: Vec<_> = pieces
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    Box::pin(stream::iter(pieces))
}

async fn outcome(unpacked: io::Result<Outgoing>) -> Outcome {
    let mut unpacked = unpacked.expect("a thread");
    let mut found = Vec::new();
    while let Some(frame) = unpacked.next().await {
        match frame {
            Ok(frame) => found.extend_from_slice(&frame),
            Err(error) => {
                let told = error.to_string();
                assert!(!told.contains("the thread that unpacks"), "{told}");
                return Outcome::Refused;
            }
        }
        if found.len() > MOST {
            return Outcome::More;
        }
    }
    Outcome::Whole(found)
}
