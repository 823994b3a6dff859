//! qcow2, versions 2 and 3; version 1 is recognised and refused.

use crate::inspect::{
    danger::{Danger, Printable},
    findings::{Detected, Variant},
    kept::{HEAD, Kept, Stop, array},
};

const MAGIC: &[u8] = b"QFI\xfb";

/// The header of version 2, and the least that version 3 has.
const HEADER_2: u32 = 72;
const HEADER_3: u32 = 104;

/// Incompatible features: dirty, corrupt, external data file, compression type, extended L2.
const KNOWN_FEATURES: u64 = 0b1_1111;
const DATA_FILE: u64 = 1 << 2;
const COMPRESSION_TYPE: u64 = 1 << 3;

/// The header extension that names the external data file.
const DATA_FILE_NAME: u32 = 0x4441_5441;

/// The length of a file's name at most.
const LONGEST_NAME: usize = 1023;

pub(super) fn is_there(kept: &Kept) -> bool {
    kept.head().starts_with(MAGIC)
}

pub(super) fn read(kept: &Kept, found: &mut Detected) -> Result<(), Stop> {
    let head = kept.head();
    let version = u32::from_be_bytes(array(head, 4)?);
    found.variant = Some(Variant::Version(version));
    let backing = u64::from_be_bytes(array(head, 8)?);
    if backing != 0 {
        let length = u32::from_be_bytes(array(head, 16)?);
        let name = name(head, backing, length);
        found.dangers.push(Danger::BackingFile { name });
    }
    found.set_size(u64::from_be_bytes(array(head, 24)?), 1)?;
    let (start, features) = match version {
        2 => (HEADER_2, 0),
        3 => (
            u32::from_be_bytes(array(head, 100)?),
            u64::from_be_bytes(array(head, 72)?),
        ),
        _ => {
            return Err(Stop::Unsafe(Danger::Version {
                version,
                supported: "2 and 3",
            }));
        }
    };
    if features & !KNOWN_FEATURES != 0 {
        found.dangers.push(Danger::UnknownFeatures {
            bits: features & !KNOWN_FEATURES,
        });
    }
    let data_file = extensions(head, start, version, backing);
    if features & DATA_FILE != 0 || matches!(data_file, Ok(Some(_))) {
        let name = data_file.clone().ok().flatten();
        found.dangers.push(Danger::DataFile { name });
    }
    data_file?;
    check_methods(head, start, features)?;
    Ok(())
}

/// Whether the header names methods of compression and encryption that exist.
fn check_methods(head: &[u8], header: u32, features: u64) -> Result<(), Danger> {
    let encryption = u32::from_be_bytes(array(head, 32)?);
    if encryption > 2 {
        return Err(Danger::Unknown {
            what: "encryption method",
            value: encryption.into(),
        });
    }
    if features & COMPRESSION_TYPE == 0 {
        return Ok(());
    }
    let [compression] = array(head, 104)?;
    if header <= HEADER_3 || compression > 1 {
        return Err(Danger::Unknown {
            what: "compression type",
            value: compression.into(),
        });
    }
    Ok(())
}

/// Goes through the header extensions, and gives the name of the external data file.
///
/// Extensions of unknown types may be ignored by the format's own rule; each must lie within the
/// first cluster, and before the backing file's name.
fn extensions(
    head: &[u8],
    header: u32,
    version: u32,
    backing: u64,
) -> Result<Option<Printable>, Danger> {
    let malformed = |what| Err(Danger::Malformed { what });
    let cluster_bits = u32::from_be_bytes(array(head, 20)?);
    if !(9..=21).contains(&cluster_bits) {
        return malformed("a cluster has less than 512 bytes or more than 2 MiB");
    }
    let cluster = 1_u64 << cluster_bits;
    let is_header = version == 2 || (header >= HEADER_3 && header.is_multiple_of(8));
    if !is_header || u64::from(header) > cluster {
        return malformed("the header's length is wrong");
    }
    let end = if backing == 0 {
        cluster
    } else {
        backing.min(cluster)
    };
    let mut data_file = None;
    let mut at = u64::from(header);
    while at < end {
        let Some(start) = usize::try_from(at).ok().filter(|at| at + 8 <= HEAD) else {
            return malformed("the header extensions are longer than 64 KiB");
        };
        let kind = u32::from_be_bytes(array(head, start)?);
        let length = u32::from_be_bytes(array(head, start + 4)?);
        if kind == 0 {
            break;
        }
        at += 8 + u64::from(length);
        if at > end {
            return malformed("a header extension is longer than its place");
        }
        if kind == DATA_FILE_NAME {
            let text = name(head, start as u64 + 8, length);
            data_file = Some(text.unwrap_or_else(|| Printable::new(b"")));
        }
        at = at.next_multiple_of(8);
    }
    Ok(data_file)
}

/// The name of a file that stands in the first bytes.
fn name(head: &[u8], offset: u64, length: u32) -> Option<Printable> {
    let start = usize::try_from(offset).ok()?;
    let length = usize::try_from(length).ok()?.min(LONGEST_NAME);
    let end = start.checked_add(length)?.min(head.len());
    let text = head.get(start..end).filter(|text| !text.is_empty())?;
    Some(Printable::new(text))
}
