//! How much a checksum file may hold.

/// Bounds of a checksum file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes the file may have.
    pub bytes: usize,
    /// The most bytes one of its lines may have.
    pub line: usize,
    /// The most lines it may have that are neither empty nor comments.
    pub lines: usize,
}

impl Limits {
    /// For files from elsewhere: the largest that distributions publish have some thousand lines.
    pub const PUBLISHED: Self = Self {
        bytes: 16 * 1024 * 1024,
        line: 16 * 1024,
        lines: 100_000,
    };

    /// For files of whoever runs the program, which may list a whole file system.
    pub const LOCAL: Self = Self {
        bytes: 1024 * 1024 * 1024,
        line: 16 * 1024,
        lines: 10_000_000,
    };
}
