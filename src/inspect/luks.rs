//! LUKS, version 1; version 2 is recognised and refused.

use crate::inspect::{
    danger::Danger,
    findings::{Detected, Variant},
    kept::{Kept, Stop, array},
};

pub(super) fn is_there(kept: &Kept) -> bool {
    kept.head().starts_with(b"LUKS\xba\xbe")
}

pub(super) fn read(kept: &Kept, found: &mut Detected) -> Result<(), Stop> {
    let head = kept.head();
    let version = u32::from(u16::from_be_bytes(array(head, 6)?));
    found.variant = Some(Variant::Version(version));
    if version != 1 {
        return Err(Stop::Unsafe(Danger::Version {
            version,
            supported: "1",
        }));
    }
    let sectors = u32::from_be_bytes(array(head, 104)?);
    // The last field of the last key slot.
    array::<4>(head, 588)?;
    if let Some(length) = kept.length() {
        let header = u64::from(sectors) * 512;
        let size = length.checked_sub(header).ok_or(Danger::Truncated)?;
        found.set_size(size, 1)?;
    }
    Ok(())
}
