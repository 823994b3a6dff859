//! Receipts: signed statements that the bytes of an image were verified, or were found not to be what
//! they should be.
//!
//! A receipt is an in-toto statement (version 1) in a DSSE envelope, signed with an Ed25519 key of
//! the operator. Its subject is the image with the digests that were found; its predicate says
//! when, on what occasion and of which copy, and makes a chain of all receipts of a registry: each
//! has a number, and the SHA-256 of the envelope before it. Who has two receipts that follow each
//! other sees that nothing was put between them, taken out or changed, even by who has the key,
//! if somebody else kept the later one.

mod chain;
mod envelope;
mod error;
mod key;
mod statement;
#[cfg(test)]
mod tests;

pub use self::{
    chain::{Gap, check_chain},
    envelope::Envelope,
    error::ReceiptError,
    key::{PublicKey, Signer},
    statement::{Failure as FoundFailure, Statement},
};
