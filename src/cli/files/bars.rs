//! Progress bars on a terminal.

use std::{
    io::{self, IsTerminal as _},
    path::Path,
};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// Files larger than this, in bytes, get a progress bar.
const LONG_WORK: u64 = 64 * 1024 * 1024;

/// The bars of all files that are being read; invisible unless standard error is a terminal.
#[derive(Debug)]
pub(in crate::cli) struct Bars(Option<MultiProgress>);

impl Bars {
    /// Bars on standard error, if somebody sees them there.
    pub(in crate::cli) fn on_a_terminal() -> Self {
        Self(io::stderr().is_terminal().then(MultiProgress::new))
    }

    /// A bar for `size` bytes of the file; it goes when it is dropped.
    pub(super) fn begin(&self, file: &Path, size: u64) -> Bar {
        let Some(bars) = self.0.as_ref().filter(|_| size > LONG_WORK) else {
            return Bar(ProgressBar::hidden());
        };
        let bar = ProgressBar::new(size)
            .with_style(style())
            .with_message(file.display().to_string());
        Bar(bars.add(bar))
    }

    /// Writes to the terminal by `write` while no bar is in the way.
    pub(in crate::cli) fn aside<R>(&self, write: impl FnOnce() -> R) -> R {
        match &self.0 {
            Some(bars) => bars.suspend(write),
            None => write(),
        }
    }
}

/// How far the reading of one file is.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn advance(&self, bytes: u64) {
        self.0.inc(bytes);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[expect(
    clippy::expect_used,
    reason = "the template is constant and well formed"
)]
fn style() -> ProgressStyle {
    ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
        .expect("a well-formed template")
}
