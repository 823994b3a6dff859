//! Signatures of publishers (OpenPGP, RFC 9580) and the keys that the operator trusts for them.
//!
//! [`Keyrings`] holds the keys of each publisher, read from files that the operator names. It
//! verifies detached signatures of some bytes and [`ClearSigned`] messages; a [`Signed`] tells
//! whose signature is good. A good signature
//!
//! - was made by a key of a keyring, or by a subkey that such a key binds and that confirms it,
//! - with flags that allow it to sign, neither expired nor revoked at the time of asking,
//! - over a text or some bytes, at a time after its key was made and not in the future,
//! - has not expired, and says nothing critical that is not understood here,
//! - and is of algorithms that are not broken, see [`SignatureFault`].
//!
//! The operator's files are trusted: keys sign themselves and their subkeys by SHA-1 as well, for
//! the keys of some publishers are that old, and nobody else can write such a file.
//!
//! Reading packets and the mathematics are the library's; what is accepted is decided here.

mod certificate;
mod cleartext;
mod error;
mod keyring;
mod packets;
mod strength;
#[cfg(test)]
mod tests;
mod verify;

pub use self::{
    cleartext::ClearSigned,
    error::{FrameError, KeyringError, Refusal, SignatureError, SignatureFault},
    keyring::{Keyring, Keyrings},
    verify::Signed,
};
