//! VMDK: sparse images that hold their descriptor, and descriptors that stand alone.

mod descriptor;

use self::descriptor::Descriptor;
use crate::inspect::{
    danger::{Danger, Printable},
    findings::{Detected, Variant},
    kept::{Kept, LONGEST_SPAN, Span, Stop, TAIL, array},
};

const SPARSE: &[u8] = b"KDMV";
/// An extent of ESX servers, which has its descriptor in a file of its own.
const ESX_SPARSE: &[u8] = b"COWD";

const SECTOR: u64 = 512;

/// Instead of the place of the grain directory: it is told by the footer.
const AT_END: u64 = u64::MAX;

/// The types of the markers around a footer.
const FOOTER_MARKER: u32 = 3;
const END_MARKER: u32 = 0;

pub(super) fn is_there(kept: &Kept) -> bool {
    let head = kept.head();
    head.starts_with(SPARSE) || head.starts_with(ESX_SPARSE) || descriptor::is_text(head)
}

pub(super) fn read(kept: &Kept, found: &mut Detected) -> Result<(), Stop> {
    let head = kept.head();
    if head.starts_with(ESX_SPARSE) {
        return Err(no_descriptor());
    }
    if !head.starts_with(SPARSE) {
        return alone(head, found);
    }
    let header = Header::read(head)?;
    header.check()?;
    if header.directory == AT_END
        && let Some(last) = kept.last::<TAIL>()
    {
        check_footer(&header, last)?;
    } else if header.directory == AT_END && kept.length().is_some() {
        return Err(Danger::Truncated.into());
    }
    found.set_size(header.capacity, SECTOR)?;
    let text = kept.read(header.descriptor()?)?;
    describe(text, found)?;
    Ok(())
}

/// A descriptor without data: whatever disk it describes is in other files.
fn alone(head: &[u8], found: &mut Detected) -> Result<(), Stop> {
    let descriptor = describe(head, found)?;
    if found.dangers.is_empty() {
        found.dangers.push(Danger::ExtentOutside {
            line: Printable::new(descriptor.first_extent.as_bytes()),
        });
    }
    Ok(())
}

fn describe(text: &[u8], found: &mut Detected) -> Result<Descriptor, Danger> {
    let descriptor = Descriptor::parse(text)?;
    found.variant = Some(Variant::CreateType(descriptor.create_type.clone()));
    found.dangers.extend(descriptor.dangers.iter().cloned());
    Ok(descriptor)
}

fn no_descriptor() -> Stop {
    Stop::Unsafe(Danger::Malformed {
        what: "it is a piece of a disk, without a descriptor",
    })
}

/// The header of a sparse image; its footer has the same fields.
#[derive(Debug)]
struct Header {
    version: u32,
    /// The size of the disk in sectors.
    capacity: u64,
    /// Where the descriptor begins, and how long it is, in sectors.
    descriptor: (u64, u64),
    /// Where the grain directory is, in sectors.
    directory: u64,
}

impl Header {
    fn read(bytes: &[u8]) -> Result<Self, Danger> {
        let long = |at| array(bytes, at).map(u64::from_le_bytes);
        Ok(Self {
            version: u32::from_le_bytes(array(bytes, 4)?),
            capacity: long(12)?,
            descriptor: (long(28)?, long(36)?),
            directory: long(56)?,
        })
    }

    fn check(&self) -> Result<(), Stop> {
        if !(1..=3).contains(&self.version) {
            return Err(Stop::Unsafe(Danger::Version {
                version: self.version,
                supported: "1 to 3",
            }));
        }
        // With no capacity, the extents of the descriptor are taken for files.
        if self.capacity == 0 || self.descriptor.1 == 0 {
            return Err(no_descriptor());
        }
        Ok(())
    }

    fn descriptor(&self) -> Result<Span, Danger> {
        let (start, sectors) = self.descriptor;
        let length = sectors.checked_mul(SECTOR);
        let length = length.and_then(|length| usize::try_from(length).ok());
        match length.filter(|length| *length <= LONGEST_SPAN) {
            Some(length) if start == 1 => Ok(Span {
                offset: SECTOR,
                length,
            }),
            _ => Err(Danger::Malformed {
                what: "the descriptor is not in the second sector, or is longer than 1 MiB",
            }),
        }
    }
}

/// Whether the footer, which readers believe more than the header, says the same.
fn check_footer(header: &Header, last: &[u8; TAIL]) -> Result<(), Danger> {
    let (marker, rest) = last.split_at(512);
    let (footer, end) = rest.split_at(512);
    let inconsistent = |what| Err(Danger::Inconsistent { what });
    if !footer.starts_with(SPARSE) {
        return inconsistent("no footer is where the header promises one");
    }
    let footer = Header::read(footer)?;
    if footer.version != header.version
        || footer.capacity != header.capacity
        || footer.descriptor != header.descriptor
    {
        return inconsistent("the header and the footer describe different disks");
    }
    if footer.directory == AT_END {
        return inconsistent("the footer promises another footer");
    }
    if !is_marker(marker, FOOTER_MARKER)? {
        return inconsistent("the footer has no marker");
    }
    if !is_marker(end, END_MARKER)? || array(end, 0)? != [0; 8] {
        return inconsistent("the end of the stream has no marker");
    }
    Ok(())
}

/// Whether the sector is a marker of this kind, with nothing behind it.
fn is_marker(sector: &[u8], kind: u32) -> Result<bool, Danger> {
    let size = u32::from_le_bytes(array(sector, 8)?);
    let is_kind = u32::from_le_bytes(array(sector, 12)?) == kind;
    Ok(size == 0 && is_kind && sector[16..].iter().all(|byte| *byte == 0))
}
