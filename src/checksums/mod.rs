//! Checksum files, as publishers put them beside their images and as `sha256sum` writes them.
//!
//! A [`ChecksumFile`] is read from the bytes of a file, its name, and the algorithms that there
//! are. It has the file's lines in their order ([`ChecksumFile::lines`], for who checks each file
//! that is named), and finds what it says of one file ([`ChecksumFile::find`], for who has that
//! file).
//!
//! Understood are lines of coreutils (`<digits>  name`, `<digits> *name`, a backslash before a
//! line whose name is escaped), of BSD (`SHA256 (name) = <digits>`), of OpenSSL (`SHA2-256(name)=
//! <digits>`), and digits alone. Comments (`#`) and empty lines say nothing. Lines may end as on
//! Windows, and the file may begin with the mark of UTF-8. If the file is in the frame of a
//! clear-signed message, only what is inside the frame is read; whether the signature is right is
//! not asked here.
//!
//! Where a line does not say its algorithm, the number of digits does, and if several algorithms
//! have so many, the name of the file (`SHA3-256SUMS`, `disk.img.blake3`), or else the usual one.

mod error;
mod file;
mod find;
mod limits;
mod line;
mod signed;
#[cfg(test)]
mod tests;
mod words;

pub use self::{
    error::{ChecksumFileError, Distrust, LineFault, NoMatch},
    file::{ChecksumFile, Content, Line},
    find::{Match, MatchedLine},
    limits::Limits,
    line::{Entry, Value},
    signed::{Given, Trust},
};
