//! Files of the user's that are read whole, each within a bound.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use anyhow::bail;

/// The content of a file of the user's, or of standard input, if it has not too many bytes.
pub(super) fn read(path: &Path, most: usize) -> anyhow::Result<Vec<u8>> {
    let mut source: Box<dyn io::Read> = if path == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(path)?)
    };
    let mut content = Vec::new();
    let most = u64::try_from(most).unwrap_or(u64::MAX);
    let read = source.by_ref().take(most + 1).read_to_end(&mut content)?;
    if read as u64 > most {
        bail!("it has more than {most} bytes");
    }
    Ok(content)
}
