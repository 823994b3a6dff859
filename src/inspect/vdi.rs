//! VDI.

use crate::inspect::{
    danger::Danger,
    findings::{Detected, Variant},
    kept::{Kept, Stop, array},
};

const MAGIC: [u8; 4] = 0xbeda_107f_u32.to_le_bytes();
const VERSION: u32 = 0x0001_0001;

pub(super) fn is_there(kept: &Kept) -> bool {
    array(kept.head(), 0x40) == Ok(MAGIC)
}

pub(super) fn read(kept: &Kept, found: &mut Detected) -> Result<(), Stop> {
    let head = kept.head();
    let version = u32::from_le_bytes(array(head, 0x44)?);
    if version != VERSION {
        return Err(Stop::Unsafe(Danger::Version {
            version,
            supported: "65537 (1.1)",
        }));
    }
    let kind = u32::from_le_bytes(array(head, 0x4c)?);
    let link: [u8; 32] = array(head, 0x1a8)?;
    let variant = match kind {
        1 => Variant::Dynamic,
        2 => Variant::Fixed,
        3 | 4 => Variant::Differencing,
        _ => {
            return Err(Stop::Unsafe(Danger::Unknown {
                what: "image type",
                value: kind.into(),
            }));
        }
    };
    // The ids of the image that this one differs from, and of that one's last change.
    if variant == Variant::Differencing || link != [0; 32] {
        found.dangers.push(Danger::BackingFile { name: None });
    }
    found.variant = Some(variant);
    found.set_size(u64::from_le_bytes(array(head, 0x170)?), 1)?;
    Ok(())
}
