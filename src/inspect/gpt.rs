//! Partition tables: MBR, and GPT with the MBR that protects it.

use crate::inspect::{
    danger::{Danger, Table},
    findings::{Detected, Variant},
    kept::{Kept, Stop, array},
};

/// Where the master boot record has its table, and how many entries of 16 bytes that has.
const MBR_TABLE: usize = 446;
const MBR_ENTRIES: usize = 4;

/// The type of the partition that covers a disk with a GPT.
const PROTECTIVE: u8 = 0xee;

/// Which block sizes a disk may have.
const BLOCKS: [usize; 2] = [512, 4096];

/// The fewest bytes of an entry in a GPT, and the most entries that are looked at.
const GPT_ENTRY: usize = 128;
const MOST_GPT_ENTRIES: usize = 128;

pub(super) fn is_there(kept: &Kept) -> bool {
    let head = kept.head();
    array(head, 510) == Ok([0x55, 0xaa]) && !is_fat(head)
}

/// Whether it is the first sector of a FAT file system, which ends like a boot record.
fn is_fat(head: &[u8]) -> bool {
    // Two copies of the table, on a fixed disk.
    array(head, 0x10) == Ok([2]) && array(head, 0x15) == Ok([0xf8])
}

pub(super) fn read(kept: &Kept, found: &mut Detected) -> Result<(), Stop> {
    let head = kept.head();
    let table = BLOCKS.into_iter().find_map(|block| Gpt::find(head, block));
    found.variant = Some(if table.is_some() {
        Variant::Gpt
    } else {
        Variant::Mbr
    });
    found.virtual_size = kept.length();
    check_mbr(head, &mut found.dangers)?;
    if let Some(table) = table {
        table.check(head, &mut found.dangers)?;
    }
    Ok(())
}

fn check_mbr(head: &[u8], dangers: &mut Vec<Danger>) -> Result<(), Danger> {
    let mut used = Vec::new();
    let mut is_protective = false;
    for index in 0..MBR_ENTRIES {
        let entry: [u8; 16] = array(head, MBR_TABLE + 16 * index)?;
        let kind = entry[4];
        if !matches!(entry[0], 0 | 0x80) {
            dangers.push(bad(
                Table::Mbr,
                index,
                "the boot flag is neither 0 nor 0x80",
            ));
        }
        if kind != 0 {
            used.push(index);
        }
        if kind == PROTECTIVE {
            is_protective = true;
            check_protective(index, &entry, dangers)?;
        }
    }
    if is_protective && used != [0] {
        dangers.push(Danger::Partition {
            table: Table::ProtectiveMbr,
            what: "other entries stand beside the one that protects a GPT".into(),
        });
    }
    if used.is_empty() {
        dangers.push(Danger::Partition {
            table: Table::Mbr,
            what: "no entry is in use".into(),
        });
    }
    Ok(())
}

fn check_protective(
    index: usize,
    entry: &[u8; 16],
    dangers: &mut Vec<Danger>,
) -> Result<(), Danger> {
    let table = Table::ProtectiveMbr;
    if array(entry, 1)? != [0, 2, 0] {
        dangers.push(bad(table, index, "the first CHS address is not 0/0/2"));
    }
    if u32::from_le_bytes(array(entry, 8)?) != 1 {
        dangers.push(bad(table, index, "the first block is not 1"));
    }
    Ok(())
}

fn bad(table: Table, index: usize, what: &str) -> Danger {
    Danger::Partition {
        table,
        what: format!("entry {index}: {what}"),
    }
}

/// The header of a GUID partition table.
struct Gpt {
    block: usize,
    /// The blocks that partitions may use, both included.
    usable: (u64, u64),
    entries_block: u64,
    entries: u32,
    entry_size: u32,
}

impl Gpt {
    fn find(head: &[u8], block: usize) -> Option<Self> {
        let header = head.get(block..)?;
        if !header.starts_with(b"EFI PART") {
            return None;
        }
        let long = |at| array(header, at).map(u64::from_le_bytes).ok();
        Some(Self {
            block,
            usable: (long(40)?, long(48)?),
            entries_block: long(72)?,
            entries: u32::from_le_bytes(array(header, 80).ok()?),
            entry_size: u32::from_le_bytes(array(header, 84).ok()?),
        })
    }

    /// Checks the entries that are among the first bytes, where every tool puts them.
    fn check(&self, head: &[u8], dangers: &mut Vec<Danger>) -> Result<(), Danger> {
        let size = usize::try_from(self.entry_size).unwrap_or(usize::MAX);
        if size < GPT_ENTRY || !size.is_power_of_two() {
            dangers.push(Danger::Partition {
                table: Table::Gpt,
                what: format!("an entry has {size} bytes"),
            });
            return Ok(());
        }
        let start = usize::try_from(self.entries_block).ok();
        let start = start.and_then(|start| start.checked_mul(self.block));
        let entries = start
            .and_then(|start| head.get(start..))
            .unwrap_or_default();
        let count = usize::try_from(self.entries).unwrap_or(usize::MAX);
        let entries = entries.chunks_exact(size).take(count.min(MOST_GPT_ENTRIES));
        for (index, entry) in entries.enumerate() {
            self.check_entry(index, entry, dangers)?;
        }
        Ok(())
    }

    fn check_entry(
        &self,
        index: usize,
        entry: &[u8],
        dangers: &mut Vec<Danger>,
    ) -> Result<(), Danger> {
        let is_used = array(entry, 0)? != [0; 16];
        let first = u64::from_le_bytes(array(entry, 32)?);
        let last = u64::from_le_bytes(array(entry, 40)?);
        if is_used && (first > last || first < self.usable.0 || last > self.usable.1) {
            dangers.push(bad(Table::Gpt, index, "it lies outside of the disk"));
        }
        Ok(())
    }
}
