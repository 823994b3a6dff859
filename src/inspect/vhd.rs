//! VHD: fixed, which has nothing but a footer, and dynamic, whose footer has a copy at the start.

use crate::inspect::{
    danger::{Danger, Printable},
    findings::{Detected, Variant},
    kept::{Kept, Stop, array},
};

const COOKIE: &[u8] = b"conectix";
const FOOTER: usize = 512;

/// Where a dynamic disk's own header has the name of the disk it differs from, in UTF-16.
const PARENT_NAME: usize = 64;
const PARENT_NAME_BYTES: usize = 512;

pub(super) fn is_there(kept: &Kept) -> bool {
    kept.head().starts_with(COOKIE) || footer(kept).is_some()
}

pub(super) fn read(kept: &Kept, found: &mut Detected) -> Result<(), Stop> {
    let head = kept.head();
    let footer = footer(kept);
    let copy = head.starts_with(COOKIE);
    let header = match footer {
        Some(footer) if !copy => *footer,
        _ => array::<FOOTER>(head, 0)?,
    };
    if copy && footer.is_some_and(|footer| facts(footer) != facts(&header)) {
        found.dangers.push(Danger::Inconsistent {
            what: "the footer and its copy at the start differ",
        });
    }
    let size = u64::from_be_bytes(array(&header, 48)?);
    let variant = match u32::from_be_bytes(array(&header, 60)?) {
        2 => Variant::Fixed,
        3 => Variant::Dynamic,
        4 => Variant::Differencing,
        kind => {
            return Err(Stop::Unsafe(Danger::Unknown {
                what: "disk type",
                value: kind.into(),
            }));
        }
    };
    found.variant = Some(variant.clone());
    if variant == Variant::Differencing {
        let name = parent_name(head, u64::from_be_bytes(array(&header, 16)?));
        found.dangers.push(Danger::BackingFile { name });
    }
    if variant != Variant::Fixed && !copy {
        return Err(Stop::Unsafe(Danger::Malformed {
            what: "a disk that grows has no copy of its footer at the start",
        }));
    }
    found.set_size(size, 1)?;
    if variant == Variant::Fixed
        && let Some(length) = kept.length()
        && size > length
    {
        found.dangers.push(Danger::Truncated);
    }
    Ok(())
}

/// The footer, if the stream has ended with one whose checksum is right.
fn footer(kept: &Kept) -> Option<&[u8; FOOTER]> {
    let footer = kept.last::<FOOTER>()?;
    let checksum = u32::from_be_bytes(array(footer, 64).ok()?);
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    let expected = !(sum(&footer[..64]) + sum(&footer[68..]));
    (footer.starts_with(COOKIE) && checksum == expected).then_some(footer)
}

/// What must be the same wherever it stands: the place of the header, the sizes, the geometry,
/// the type.
fn facts(footer: &[u8; FOOTER]) -> (&[u8], &[u8]) {
    (&footer[16..24], &footer[40..64])
}

fn parent_name(head: &[u8], header: u64) -> Option<Printable> {
    let start = usize::try_from(header).ok()?.checked_add(PARENT_NAME)?;
    let end = start.checked_add(PARENT_NAME_BYTES)?;
    let units = head.get(start..end)?.as_chunks::<2>().0.iter();
    let units = units.map(|unit| u16::from_be_bytes(*unit));
    let text: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
    let text = String::from_utf16_lossy(&text);
    (!text.is_empty()).then(|| Printable::new(text.as_bytes()))
}
