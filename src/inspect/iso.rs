//! ISO 9660 and UDF.

use crate::inspect::{
    findings::{Detected, Variant},
    kept::{HEAD, Kept, Stop, array},
};

/// Where the volume descriptors begin, and how long one is.
const DESCRIPTORS: usize = 32 * 1024;
const DESCRIPTOR: usize = 2048;

/// The descriptor of type 1 is the primary one.
const PRIMARY: u8 = 1;

pub(super) fn is_there(kept: &Kept) -> bool {
    variant(kept.head()).is_some()
}

pub(super) fn read(kept: &Kept, found: &mut Detected) -> Result<(), Stop> {
    found.variant = variant(kept.head());
    let mut iso = descriptors(kept.head()).take_while(|descriptor| is(descriptor, *b"CD001"));
    if let Some(primary) = iso.find(|descriptor| descriptor.first() == Some(&PRIMARY)) {
        let blocks = u32::from_le_bytes(array(primary, 80)?);
        let block = u16::from_le_bytes(array(primary, 128)?);
        found.set_size(blocks.into(), block.into())?;
    }
    Ok(())
}

fn variant(head: &[u8]) -> Option<Variant> {
    let first = descriptors(head).next()?;
    if is(first, *b"CD001") {
        return Some(Variant::Iso9660);
    }
    let mut udf = descriptors(head).take_while(|one| !is(one, *b"TEA01"));
    let is_udf = udf.any(|one| is(one, *b"NSR02") || is(one, *b"NSR03"));
    let may_be = [b"BEA01", b"NSR02", b"NSR03"]
        .iter()
        .any(|id| is(first, **id));
    (may_be && is_udf).then_some(Variant::Udf)
}

/// The descriptors within the first bytes, which are whole.
fn descriptors(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let area = head.get(DESCRIPTORS..head.len().min(HEAD));
    area.unwrap_or_default().chunks_exact(DESCRIPTOR)
}

fn is(descriptor: &[u8], id: [u8; 5]) -> bool {
    array(descriptor, 1) == Ok(id)
}
