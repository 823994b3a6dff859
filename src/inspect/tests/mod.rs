//! What the inspector is held to: images made by hand, good and hostile, and real ones.

mod disks;
mod judging;
mod qcow2;
mod real;
mod samples;
mod slices;
mod tables;
mod vhd;
mod vhdx;
mod vmdk;

use super::*;

/// What is found in `bytes`, which come at once.
fn inspect(bytes: &[u8]) -> Findings {
    let mut inspector = Inspector::new();
    inspector.update(bytes);
    inspector.finish()
}

/// The single format that is found in `bytes`.
fn only(bytes: &[u8]) -> Detected {
    let findings = inspect(bytes);
    let [found] = findings.detected.as_slice() else {
        panic!("not a single format: {findings:?}");
    };
    found.clone()
}

/// What is unsafe about `bytes`, which are of a single format, as the owner is told.
fn dangers(bytes: &[u8]) -> Vec<String> {
    only(bytes).dangers.iter().map(Danger::to_string).collect()
}

/// `sample` with `bytes` written over it at `at`.
fn with(mut sample: Vec<u8>, at: usize, bytes: &[u8]) -> Vec<u8> {
    sample[at..at + bytes.len()].copy_from_slice(bytes);
    sample
}

const fn bare(disk_format: &str) -> Declared<'_> {
    Declared {
        disk_format,
        container_format: "bare",
    }
}
