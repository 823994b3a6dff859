//! What can be wrong with a checksum file, one of its lines, and what is looked for in it.

use crate::{
    domain::{Algorithm, InvalidExpectation},
    openpgp::{FrameError, SignatureError},
};

/// A file of which nothing can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChecksumFileError {
    /// The file is too large.
    #[error("a checksum file may have at most {0} bytes")]
    TooLarge(usize),
    /// A line is too long.
    #[error("line {line} has more than {most} bytes")]
    LongLine {
        /// Its number.
        line: usize,
        /// How many bytes a line may have.
        most: usize,
    },
    /// There are too many lines.
    #[error("a checksum file may have at most {0} lines")]
    TooManyLines(usize),
    /// There are bytes that no text has.
    #[error("line {line} has the byte {byte:#04x}, so that the file is no text")]
    Binary {
        /// The number of the line.
        line: usize,
        /// The byte.
        byte: u8,
    },
    /// No line has a digest.
    #[error("no line of it is a line of a checksum file")]
    NoEntries,
    /// The file begins like a clear-signed message, and is none.
    #[error(transparent)]
    Frame(#[from] FrameError),
}

/// Why a checksum file is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// Nothing of it can be used.
    #[error(transparent)]
    File(#[from] ChecksumFileError),
    /// Its signature is not good.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// It is not signed, and has to be.
    #[error("the checksum file is not signed, and has to be")]
    Unsigned,
}

/// Why a line tells no digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// It has no form that is known.
    #[error("not a line of a checksum file")]
    Form,
    /// No algorithm has digests of this length.
    #[error("no implemented hash algorithm has digests of {0} hexadecimal digits")]
    Length(usize),
    /// The value is no digest of the algorithm that the line names.
    #[error("not a {algorithm} digest, which has {digits} hexadecimal digits")]
    Value {
        /// The algorithm.
        algorithm: Algorithm,
        /// The length of its digests in hexadecimal digits.
        digits: usize,
    },
    /// There is no name where one has to be, or it is not escaped as the line says.
    #[error("the file name is missing or badly escaped")]
    Name,
}

/// Why a checksum file does not say what a file's digests are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoMatch {
    /// No line names the file.
    #[error("no line names {0:?}")]
    Absent(String),
    /// A line seems to name the file, and cannot be understood.
    #[error("line {line} names {name:?}: {fault}")]
    Malformed {
        /// The name.
        name: String,
        /// The number of the line.
        line: usize,
        /// What is wrong with it.
        fault: LineFault,
    },
    /// Only algorithms that are not implemented are named.
    #[error("line {line} names {name:?} with the algorithm {word:?}, which is not implemented")]
    Algorithm {
        /// The name.
        name: String,
        /// The number of the line.
        line: usize,
        /// What the line calls the algorithm.
        word: String,
    },
    /// Two lines contradict each other, or there are too many.
    #[error("the lines for {name:?} cannot all hold: {fault}")]
    Contradiction {
        /// The name.
        name: String,
        /// How.
        fault: InvalidExpectation,
    },
}
