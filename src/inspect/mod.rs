//! What a stream of bytes is as a disk image, and what of it would endanger whoever opens it.
//!
//! An [`Inspector`] is fed the bytes while they move and keeps a bounded part of them: the first
//! 64 KiB, the last bytes, and what the headers point to. Its [`Findings`] tell which formats
//! were recognised, the size of the disk, and each [`Danger`]; [`Rules`] judge them against what
//! the image's owner declared. Content alone decides which format is examined: a qcow2 that is
//! declared raw is examined as a qcow2.
//!
//! To add a format: one file here, one word in [`Format`], one line in `inspector`.

mod danger;
mod findings;
mod format;
mod gpt;
mod inspector;
mod iso;
mod kept;
mod luks;
mod ploop;
mod qcow2;
mod qed;
mod rules;
#[cfg(test)]
mod tests;
mod vdi;
mod vhd;
mod vhdx;
mod vmdk;

pub use self::{
    danger::{Danger, Printable, Table},
    findings::{Detected, Findings, Variant},
    format::Format,
    inspector::Inspector,
    rules::{Declared, Judgement, Rejection, Rules},
};
