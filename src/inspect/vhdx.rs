//! VHDX: a table of regions, one of which holds a table of metadata.

use crate::inspect::{
    danger::Danger,
    findings::{Detected, Variant},
    kept::{Kept, Span, Stop, array},
};

/// The table of regions, and the table of metadata at the start of its region.
const REGIONS: Span = Span {
    offset: 192 * 1024,
    length: TABLE,
};
const TABLE: usize = 64 * 1024;

/// How long an entry is, in either table, and how many there are at most.
const ENTRY: usize = 32;
const MOST_ENTRIES: usize = 2047;

/// The first megabyte belongs to the headers.
const FIRST_REGION: u64 = 1024 * 1024;

/// In the file parameters: the disk is what differs from another one.
const HAS_PARENT: u32 = 1 << 1;

type Guid = [u8; 16];

const METADATA: Guid = guid(0x8b7c_a206, 0x4790, 0x4b9a, 0xb8fe_575f_050f_886e);
const BLOCKS: Guid = guid(0x2dc2_7766, 0xf623, 0x4200, 0x9d64_115e_9bfd_4a08);

const FILE_PARAMETERS: Guid = guid(0xcaa1_6737, 0xfa36, 0x4d43, 0xb3b6_33f0_aa44_e76b);
const DISK_SIZE: Guid = guid(0x2fa5_4224, 0xcd1b, 0x4876, 0xb211_5dbe_d83b_f4b8);
const DISK_ID: Guid = guid(0xbeca_12ab, 0xb2e6, 0x4523, 0x93ef_c309_e000_c746);
const LOGICAL_SECTOR: Guid = guid(0x8141_bf1d, 0xa96f, 0x4709, 0xba47_f233_a8fa_ab5f);
const PHYSICAL_SECTOR: Guid = guid(0xcda3_48c7, 0x445d, 0x4471, 0x9cc9_e988_5251_c556);
const PARENT_LOCATOR: Guid = guid(0xa8d3_5f2d, 0xb30b, 0x454d, 0xabf7_d3d8_4834_ab0c);

const KNOWN_ITEMS: [Guid; 6] = [
    FILE_PARAMETERS,
    DISK_SIZE,
    DISK_ID,
    LOGICAL_SECTOR,
    PHYSICAL_SECTOR,
    PARENT_LOCATOR,
];

/// The bytes of a GUID as Microsoft stores it.
const fn guid(a: u32, b: u16, c: u16, d: u64) -> Guid {
    let ([a0, a1, a2, a3], [b0, b1], [c0, c1]) =
        (a.to_le_bytes(), b.to_le_bytes(), c.to_le_bytes());
    let [d0, d1, d2, d3, d4, d5, d6, d7] = d.to_be_bytes();
    [
        a0, a1, a2, a3, b0, b1, c0, c1, d0, d1, d2, d3, d4, d5, d6, d7,
    ]
}

pub(super) fn is_there(kept: &Kept) -> bool {
    kept.head().starts_with(b"vhdxfile")
}

pub(super) fn read(kept: &Kept, found: &mut Detected) -> Result<(), Stop> {
    let region = metadata_region(kept.read(REGIONS)?)?;
    let table = kept.read(Span {
        offset: region,
        length: TABLE,
    })?;
    let items = Items::read(table, region)?;
    if items.has_parent_locator {
        found.dangers.push(Danger::BackingFile { name: None });
    }
    // A stream is read forwards.
    let (parameters, size) = if items.parameters.offset < items.size.offset {
        let parameters = kept.read(items.parameters)?;
        (parameters, kept.read(items.size)?)
    } else {
        let size = kept.read(items.size)?;
        (kept.read(items.parameters)?, size)
    };
    let has_parent = u32::from_le_bytes(array(parameters, 4)?) & HAS_PARENT != 0;
    if has_parent && !items.has_parent_locator {
        found.dangers.push(Danger::BackingFile { name: None });
    }
    if has_parent || items.has_parent_locator {
        found.variant = Some(Variant::Differencing);
    }
    found.set_size(u64::from_le_bytes(array(size, 0)?), 1)?;
    Ok(())
}

/// Where the region of the metadata begins.
fn metadata_region(table: &[u8]) -> Result<u64, Danger> {
    if !table.starts_with(b"regi") {
        return malformed("the table of regions has no signature");
    }
    let count = u32::from_le_bytes(array(table, 8)?);
    let mut metadata = None;
    for entry in entries(table, 16, count.into())? {
        let id: Guid = array(entry, 0)?;
        let is_required = u32::from_le_bytes(array(entry, 28)?) & 1 != 0;
        if id == METADATA {
            let offset = u64::from_le_bytes(array(entry, 16)?);
            if offset < FIRST_REGION || metadata.replace(offset).is_some() {
                return malformed("the metadata are in a wrong place, or in two");
            }
        } else if id != BLOCKS && is_required {
            return malformed("a region is required that nobody knows");
        }
    }
    metadata.ok_or(Danger::Malformed {
        what: "no region holds the metadata",
    })
}

/// What is to be known of the table of metadata.
struct Items {
    parameters: Span,
    size: Span,
    has_parent_locator: bool,
}

impl Items {
    fn read(table: &[u8], region: u64) -> Result<Self, Danger> {
        if !table.starts_with(b"metadata") {
            return malformed("the table of metadata has no signature");
        }
        let count = u16::from_le_bytes(array(table, 10)?);
        let (mut parameters, mut size, mut has_parent_locator) = (None, None, false);
        for entry in entries(table, ENTRY, count.into())? {
            let id: Guid = array(entry, 0)?;
            let is_required = u32::from_le_bytes(array(entry, 24)?) & 4 != 0;
            let place = match id {
                FILE_PARAMETERS => &mut parameters,
                DISK_SIZE => &mut size,
                _ if is_required && !KNOWN_ITEMS.contains(&id) => {
                    return malformed("an item of the metadata is required that nobody knows");
                }
                _ => {
                    has_parent_locator |= id == PARENT_LOCATOR;
                    continue;
                }
            };
            if place.replace(item(entry, region)?).is_some() {
                return malformed("an item of the metadata is there twice");
            }
        }
        let (Some(parameters), Some(size)) = (parameters, size) else {
            return malformed("the metadata lack the disk's size or the file's parameters");
        };
        Ok(Self {
            parameters,
            size,
            has_parent_locator,
        })
    }
}

/// Where an item of eight bytes stands.
fn item(entry: &[u8], region: u64) -> Result<Span, Danger> {
    let offset = u32::from_le_bytes(array(entry, 16)?);
    let length = u32::from_le_bytes(array(entry, 20)?);
    let within = usize::try_from(offset).is_ok_and(|offset| offset >= TABLE);
    let offset = region.checked_add(offset.into()).filter(|_| within);
    match offset {
        Some(offset) if length == 8 => Ok(Span { offset, length: 8 }),
        _ => malformed("an item of the metadata has a wrong place or length"),
    }
}

/// The entries of a table that begins with `header` bytes of other things.
fn entries(table: &[u8], header: usize, count: u64) -> Result<impl Iterator<Item = &[u8]>, Danger> {
    let count = usize::try_from(count)
        .ok()
        .filter(|count| *count <= MOST_ENTRIES)
        .ok_or(Danger::Malformed {
            what: "a table has more than 2047 entries",
        })?;
    let entries = table.get(header..).unwrap_or_default();
    Ok(entries.chunks_exact(ENTRY).take(count))
}

fn malformed<T>(what: &'static str) -> Result<T, Danger> {
    Err(Danger::Malformed { what })
}
