//! Bad partition tables.

use super::{
    samples::{gpt, mbr, partition},
    *,
};

/// The checks that complain, each with its text.
fn complaints(image: &[u8]) -> Vec<(&'static str, String)> {
    let found = only(image);
    let dangers = found.dangers.iter();
    dangers.map(|one| (one.check(), one.to_string())).collect()
}

fn complains(image: &[u8], check: &str, what: &str) {
    let told = complaints(image);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, check, "{told:?}");
    assert!(told[0].1.contains(what), "{told:?}");
}

#[test]
fn good_tables_are_accepted_and_the_disk_is_as_large_as_the_file() {
    for (image, variant) in [(mbr(), Variant::Mbr), (gpt(), Variant::Gpt)] {
        let found = only(&image);
        assert_eq!(found.format, Format::Gpt);
        assert_eq!(found.variant, Some(variant));
        assert_eq!(found.virtual_size, Some(image.len() as u64));
        assert_eq!(found.dangers, []);
    }
}

#[test]
fn a_table_behind_blocks_of_4096_bytes_is_found() {
    let good = gpt();
    let mut image = with(mbr(), 446, &partition(0, 0xee, 1));
    image = with(image, 4096, &good[512..1024]);
    image = with(image, 8192, &good[1024..1152]);
    assert_eq!(only(&image).variant, Some(Variant::Gpt));
    assert_eq!(complaints(&image), []);
    let outside = with(image, 8192 + 40, &20_001_u64.to_le_bytes());
    complains(&outside, "gpt", "entry 0");
}

#[test]
fn a_boot_flag_that_no_tool_writes_is_refused() {
    for (entry, flag) in [(0, 1), (3, 0x81), (2, 0xff)] {
        let image = with(mbr(), 446 + 16 * entry, &[flag]);
        complains(&image, "mbr", &format!("entry {entry}: the boot flag"));
    }
}

#[test]
fn a_boot_record_without_partitions_is_refused() {
    complains(&with(mbr(), 446 + 4, &[0]), "mbr", "no entry is in use");
}

#[test]
fn a_protective_entry_stands_alone_and_begins_where_it_must() {
    let beside = with(gpt(), 462, &partition(0, 0x83, 2048));
    complains(&beside, "gptmbr", "other entries");
    let second = with(with(gpt(), 446, &[0; 16]), 462, &partition(0, 0xee, 1));
    complains(&second, "gptmbr", "other entries");
    complains(
        &with(gpt(), 446, &partition(0, 0xee, 2)),
        "gptmbr",
        "first block",
    );
    complains(&with(gpt(), 447, &[1]), "gptmbr", "CHS");
}

#[test]
fn entries_of_a_gpt_lie_within_the_disk() {
    let entry = |first: u64, last: u64| {
        let image = with(gpt(), 1024 + 32, &first.to_le_bytes());
        with(image, 1024 + 40, &last.to_le_bytes())
    };
    for (first, last) in [
        (33, 100),
        (100, 20_001),
        (200, 100),
        (u64::MAX, 0),
        (0, u64::MAX),
    ] {
        complains(&entry(first, last), "gpt", "entry 0: it lies outside");
    }
    assert_eq!(complaints(&entry(100, 100)), []);
}

#[test]
fn entries_of_a_gpt_have_a_size_that_can_be() {
    for size in [0, 1, 64, 129, u32::MAX] {
        let image = with(gpt(), 512 + 84, &size.to_le_bytes());
        complains(&image, "gpt", &format!("an entry has {size} bytes"));
    }
    let large = with(gpt(), 512 + 84, &(1_u32 << 31).to_le_bytes());
    assert_eq!(
        complaints(&large),
        [],
        "none of them is among the first bytes"
    );
}

#[test]
fn entries_in_a_place_that_is_not_kept_are_not_looked_at() {
    for block in [200, 1 << 55, 1 << 63, u64::MAX] {
        let image = with(gpt(), 512 + 72, &block.to_le_bytes());
        assert_eq!(complaints(&image), []);
    }
}

#[test]
fn no_more_entries_are_read_than_the_header_counts() {
    let image = with(gpt(), 1024 + 128, &[1; 128]);
    complains(&image, "gpt", "entry 1");
    let counted = with(image, 512 + 80, &1_u32.to_le_bytes());
    assert_eq!(complaints(&counted), []);
}

#[test]
fn a_fat_file_system_is_no_boot_record() {
    let image = with(with(mbr(), 0x10, &[2]), 0x15, &[0xf8]);
    assert_eq!(inspect(&image).formats(), [Format::Raw]);
    assert_eq!(inspect(&mbr()[..511]).formats(), [Format::Raw]);
}
