//! The part of a stream that is kept for inspection, of bounded size.

use crate::inspect::danger::Danger;

/// How many of the first bytes are kept; all formats but a fixed VHD show themselves there.
pub(super) const HEAD: usize = 64 * 1024;
/// How many of the last bytes are kept.
pub(super) const TAIL: usize = 1536;
/// How long a part is at most that is kept because a header points to it.
pub(super) const LONGEST_SPAN: usize = 1024 * 1024;
/// How many such parts there are at most.
const MOST_WINDOWS: usize = 4;

/// A part of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// Where it begins.
    pub offset: u64,
    /// How many bytes it has.
    pub length: usize,
}

impl Span {
    const fn end(self) -> Option<u64> {
        self.offset.checked_add(self.length as u64)
    }
}

/// Why the reading of a header stops.
#[derive(Debug)]
pub(super) enum Stop {
    /// A part is needed that has not come yet.
    Wanted(Span),
    /// There is no going on.
    Unsafe(Danger),
}

impl From<Danger> for Stop {
    fn from(danger: Danger) -> Self {
        Self::Unsafe(danger)
    }
}

/// The `N` bytes of a header from `at` on.
///
/// # Errors
///
/// [`Danger::Truncated`] if it has not so many.
pub(super) fn array<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], Danger> {
    let rest = bytes.get(at..).ok_or(Danger::Truncated)?;
    rest.first_chunk().copied().ok_or(Danger::Truncated)
}

/// What is kept of a stream.
///
/// - `head` is complete before anything is read from it, unless the stream is shorter.
/// - A window only ever holds bytes that arrived, so that it is never larger than the stream.
#[derive(Debug, Default)]
pub(super) struct Kept {
    head: Vec<u8>,
    windows: Vec<Window>,
    /// Ends with the last `TAIL` bytes; longer, so that it need not move with every slice.
    tail: Vec<u8>,
    length: u64,
    has_ended: bool,
}

/// A part that a header points to.
#[derive(Debug)]
struct Window {
    span: Span,
    bytes: Vec<u8>,
}

impl Window {
    /// How many bytes are to come, from `position` on, until it is complete.
    fn missing(&self, position: u64) -> Option<u64> {
        let is_complete = self.bytes.len() == self.span.length;
        let end = self.span.end().filter(|_| !is_complete)?;
        end.checked_sub(position).filter(|missing| *missing > 0)
    }

    /// Takes what belongs to it of `bytes`, which stand at `position`.
    fn take(&mut self, bytes: &[u8], position: u64) {
        let skipped = self.span.offset.saturating_sub(position);
        let rest = usize::try_from(skipped).ok().and_then(|at| bytes.get(at..));
        let missing = self.span.length - self.bytes.len();
        if let Some(rest) = rest {
            self.bytes
                .extend_from_slice(&rest[..missing.min(rest.len())]);
        }
    }
}

/// What [`Kept::take`] did.
pub(super) struct Taken {
    /// How many bytes it took.
    pub bytes: usize,
    /// Whether something that is waited for is complete now.
    pub is_news: bool,
}

impl Kept {
    /// Takes the next bytes, up to where something is complete that is waited for.
    ///
    /// That place depends on the stream alone, not on how it is cut into slices.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Taken {
        let to_news = self.to_news();
        let count = to_news.map_or(bytes.len(), |limit| {
            usize::try_from(limit).map_or(bytes.len(), |limit| limit.min(bytes.len()))
        });
        let bytes = &bytes[..count];
        let room = HEAD - self.head.len();
        self.head.reserve_exact(room);
        self.head.extend_from_slice(&bytes[..room.min(count)]);
        for window in &mut self.windows {
            window.take(bytes, self.length);
        }
        self.take_tail(bytes);
        self.length = self.length.saturating_add(count as u64);
        Taken {
            bytes: count,
            is_news: to_news == Some(count as u64),
        }
    }

    /// How many bytes are to come until something is complete that is waited for.
    fn to_news(&self) -> Option<u64> {
        if self.head.len() < HEAD {
            return Some((HEAD - self.head.len()) as u64);
        }
        let missing = self
            .windows
            .iter()
            .map(|window| window.missing(self.length));
        missing.flatten().min()
    }

    fn take_tail(&mut self, bytes: &[u8]) {
        let last = &bytes[bytes.len().saturating_sub(TAIL)..];
        if self.tail.len() + last.len() > 2 * TAIL {
            let old = self.tail.len() - TAIL.min(self.tail.len());
            self.tail.drain(..old);
        }
        self.tail.extend_from_slice(last);
    }

    /// Notes that nothing more comes.
    pub(super) fn end(&mut self) {
        self.has_ended = true;
    }

    /// Has a part of what is to come kept.
    pub(super) fn want(&mut self, span: Span) {
        let is_known = self.windows.iter().any(|window| window.span == span);
        if is_known || self.windows.len() == MOST_WINDOWS {
            return;
        }
        let start = usize::try_from(span.offset).unwrap_or(usize::MAX);
        let bytes = self.head.get(start..).unwrap_or_default().to_vec();
        self.windows.push(Window { span, bytes });
    }

    /// The first bytes: `HEAD` of them, or all if the stream is shorter.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// Whether the first bytes are known, so that formats can be told.
    pub(super) fn is_readable(&self) -> bool {
        self.has_ended || self.head.len() == HEAD
    }

    /// How many bytes there were, once it has ended.
    pub(super) fn length(&self) -> Option<u64> {
        self.has_ended.then_some(self.length)
    }

    /// The last `N` bytes of a stream that has ended, if it has so many; at most `TAIL`.
    pub(super) fn last<const N: usize>(&self) -> Option<&[u8; N]> {
        const { assert!(N <= TAIL, "no more is kept") }
        self.tail.last_chunk().filter(|_| self.has_ended)
    }

    /// The bytes of `span`.
    ///
    /// # Errors
    ///
    /// [`Stop::Wanted`] if they are to come; otherwise why they cannot be had.
    pub(super) fn read(&self, span: Span) -> Result<&[u8], Stop> {
        let end = span.end().filter(|_| span.length <= LONGEST_SPAN);
        let end = end.ok_or(Danger::Malformed {
            what: "a header is longer than any can be",
        })?;
        let range = usize::try_from(span.offset)
            .ok()
            .zip(usize::try_from(end).ok());
        if let Some(bytes) = range.and_then(|(start, end)| self.head.get(start..end)) {
            return Ok(bytes);
        }
        let window = self.windows.iter().find(|window| window.span == span);
        if let Some(window) = window.filter(|window| window.bytes.len() == span.length) {
            return Ok(&window.bytes);
        }
        // Only while nothing but the head has come, all that came is kept.
        let is_past = self.length > self.head.len() as u64 && span.offset < self.length;
        if self.has_ended && (window.is_some() || end > self.length) {
            return Err(Danger::Truncated.into());
        }
        if window.is_none() && is_past {
            return Err(Stop::Unsafe(Danger::Malformed {
                what: "a header lies before the one that points to it",
            }));
        }
        Err(Stop::Wanted(span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(kept: &Kept) -> usize {
        let windows = kept.windows.iter().map(|window| window.bytes.capacity());
        kept.head.capacity() + kept.tail.capacity() + windows.sum::<usize>()
    }

    #[test]
    fn what_is_kept_does_not_grow_with_the_stream() {
        for length in [1, 100, TAIL, 1_000_000] {
            let slice = vec![7; length];
            let mut kept = Kept::default();
            for _ in 0..8_000_000 / length {
                let mut rest = slice.as_slice();
                while !rest.is_empty() {
                    rest = &rest[kept.take(rest).bytes..];
                }
            }
            assert!(held(&kept) <= HEAD + 3 * TAIL, "{length}: {}", held(&kept));
        }
    }

    #[test]
    fn nothing_is_set_aside_for_what_has_not_come() {
        let mut kept = Kept::default();
        for offset in 0..100 {
            kept.want(Span {
                offset: 1 << (offset % 60),
                length: LONGEST_SPAN,
            });
        }
        assert_eq!(kept.windows.len(), MOST_WINDOWS);
        assert_eq!(held(&kept), 0);
    }
}
