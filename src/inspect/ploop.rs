//! ploop, which is Parallels' expandable image.

use crate::inspect::{
    danger::Danger,
    findings::{Detected, Variant},
    kept::{Kept, Stop, array},
};

/// The size of the disk has 32 bits with the first, and 64 with the second.
const SHORT: &[u8] = b"WithoutFreeSpace";
const LONG: &[u8] = b"WithouFreSpacExt";

pub(super) fn is_there(kept: &Kept) -> bool {
    let head = kept.head();
    head.starts_with(SHORT) || head.starts_with(LONG)
}

pub(super) fn read(kept: &Kept, found: &mut Detected) -> Result<(), Stop> {
    let head = kept.head();
    let version = u32::from_le_bytes(array(head, 16)?);
    found.variant = Some(Variant::Version(version));
    if version != 2 {
        return Err(Stop::Unsafe(Danger::Version {
            version,
            supported: "2",
        }));
    }
    let sectors = if head.starts_with(SHORT) {
        u32::from_le_bytes(array(head, 36)?).into()
    } else {
        u64::from_le_bytes(array(head, 36)?)
    };
    found.set_size(sectors, 512)?;
    Ok(())
}
