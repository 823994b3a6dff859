//! A part of an image's bytes.

use std::ops::Range;

/// The bytes a client asks for (RFC 9110 §14.1.2, one range of unit `bytes`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteRange {
    /// From this offset to the end: `a-`.
    From(u64),
    /// From the first offset to the second, both included: `a-b`.
    Between(u64, u64),
    /// This many at the end: `-n`.
    Last(u64),
}

impl ByteRange {
    /// The bytes meant, of `size` bytes in all; none if no byte is meant.
    #[must_use]
    pub fn within(self, size: u64) -> Option<Range<u64>> {
        let range = match self {
            Self::From(first) => first..size,
            Self::Between(first, last) => first..last.saturating_add(1).min(size),
            Self::Last(count) => size.saturating_sub(count)..size,
        };
        (range.start < range.end).then_some(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_ends_where_the_bytes_end() {
        assert_eq!(ByteRange::From(3).within(10), Some(3..10));
        assert_eq!(ByteRange::Between(0, 0).within(10), Some(0..1));
        assert_eq!(ByteRange::Between(5, 500).within(10), Some(5..10));
        assert_eq!(ByteRange::Last(3).within(10), Some(7..10));
        assert_eq!(ByteRange::Last(30).within(10), Some(0..10));
    }

    #[test]
    fn a_range_without_bytes_is_none() {
        assert_eq!(ByteRange::From(10).within(10), None);
        assert_eq!(ByteRange::Between(7, 3).within(10), None);
        assert_eq!(ByteRange::Last(0).within(10), None);
        assert_eq!(ByteRange::Last(5).within(0), None);
        assert_eq!(ByteRange::Between(0, u64::MAX).within(0), None);
    }
}
