//! QED: recognised, and always refused, as nobody supports it any more.

use crate::inspect::{
    danger::Danger,
    findings::Detected,
    kept::{Kept, Stop, array},
};

pub(super) fn is_there(kept: &Kept) -> bool {
    kept.head().starts_with(b"QED\0")
}

pub(super) fn read(kept: &Kept, found: &mut Detected) -> Result<(), Stop> {
    found.dangers.push(Danger::Banned);
    found.set_size(u64::from_le_bytes(array(kept.head(), 48)?), 1)?;
    Ok(())
}
