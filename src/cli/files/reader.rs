//! The digests of one file, read only if they are not known already.

use std::{
    fs::{File, Metadata},
    io,
    path::Path,
};

use anyhow::bail;

use super::{Bars, Cache, Input, cache::Identity};
use crate::{
    domain::{Algorithm, Clock as _, Digest, Digests, SystemClock},
    hash::{Effort, Hashers},
};

/// What reading a file gave.
#[derive(Debug)]
pub(in crate::cli) struct Found {
    /// Its size in bytes.
    pub(in crate::cli) size: u64,
    /// Its digests, in the order they were asked for.
    pub(in crate::cli) digests: Digests,
}

/// Reads files, on any thread.
#[derive(Debug)]
pub(in crate::cli) struct Reader {
    hashers: Hashers,
    cache: Option<Cache>,
    bars: Bars,
}

impl Reader {
    /// A reader that asks `cache`, and shows on a terminal how far it is.
    pub(in crate::cli) fn new(cache: Option<Cache>) -> Self {
        Self {
            hashers: Hashers::builtin(),
            cache,
            bars: Bars::on_a_terminal(),
        }
    }

    pub(in crate::cli) fn hashers(&self) -> &Hashers {
        &self.hashers
    }

    pub(in crate::cli) fn bars(&self) -> &Bars {
        &self.bars
    }

    /// Keeps for the next time what was read; to be called at the end.
    ///
    /// # Errors
    ///
    /// If the cache cannot be written.
    pub(in crate::cli) fn keep(&self) -> io::Result<()> {
        self.cache.as_ref().map_or(Ok(()), Cache::save)
    }

    /// Opens `input` and gives its digests.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or changes meanwhile.
    pub(in crate::cli) fn digests(
        &self,
        input: &Input,
        algorithms: &[Algorithm],
        effort: Effort,
    ) -> anyhow::Result<Found> {
        if let Some(file) = input.open()? {
            return self.digests_of(&file, input.name(), algorithms, effort);
        }
        let running = self.hashers.start(algorithms)?;
        let (size, digests) = running.read(io::stdin().lock())?;
        Ok(Found { size, digests })
    }

    /// Gives the digests of `file`, which has just been opened under the name `path`.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or changes meanwhile.
    pub(in crate::cli) fn digests_of(
        &self,
        file: &File,
        path: &Path,
        algorithms: &[Algorithm],
        effort: Effort,
    ) -> anyhow::Result<Found> {
        let now = SystemClock.now();
        let before = file.metadata()?;
        let cache = self.cache.as_ref().filter(|_| before.is_file());
        let identity = Identity::from(&before);
        let known = cache.map_or_else(Vec::new, |cache| cache.find(path, &identity));
        let missing = not_among(&known, algorithms);
        if missing.is_empty() {
            return Ok(Found {
                size: before.len(),
                digests: in_order_of(algorithms, &known),
            });
        }
        let bar = self.bars.begin(path, before.len());
        let advance = |bytes| bar.advance(bytes);
        let (size, fresh) = self.hashers.read_file(file, &missing, effort, &advance)?;
        let after = file.metadata()?;
        if changed(&before, &after, size) {
            bail!("it was changed while it was read");
        }
        if let Some(cache) = cache
            && identity == Identity::from(&after)
            && identity.is_settled(now)
        {
            cache.add(path, identity, fresh.iter());
        }
        let all: Vec<_> = known.into_iter().chain(fresh.iter().cloned()).collect();
        Ok(Found {
            size,
            digests: in_order_of(algorithms, &all),
        })
    }
}

/// Whether what was read of a file is something that it may never have been.
fn changed(before: &Metadata, after: &Metadata, size: u64) -> bool {
    let written = |metadata: &Metadata| metadata.modified().ok();
    before.is_file() && (size != after.len() || written(before) != written(after))
}

fn not_among(known: &[Digest], algorithms: &[Algorithm]) -> Vec<Algorithm> {
    let is_missing = |algorithm: &&Algorithm| known.iter().all(|it| it.algorithm() != *algorithm);
    algorithms.iter().filter(is_missing).cloned().collect()
}

/// The digests that were asked for, each once.
fn in_order_of(algorithms: &[Algorithm], digests: &[Digest]) -> Digests {
    let first = |place: usize| !algorithms[..place].contains(&algorithms[place]);
    let under = |algorithm: &Algorithm| digests.iter().find(|it| it.algorithm() == algorithm);
    (0..algorithms.len())
        .filter(|place| first(*place))
        .filter_map(|place| under(&algorithms[place]).cloned())
        .collect()
}
