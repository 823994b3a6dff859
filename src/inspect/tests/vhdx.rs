//! Hostile images in Hyper-V's format.

use super::{
    samples::{ITEMS, KIB, METADATA, MIB, REGIONS, SIZE, item, vhdx},
    *,
};

const PARENT_LOCATOR: [u8; 16] = [
    0x2d, 0x5f, 0xd3, 0xa8, 0x0b, 0xb3, 0x4d, 0x45, 0xab, 0xf7, 0xd3, 0xd8, 0x48, 0x34, 0xab, 0x0c,
];

/// The entry of the disk's size.
const SIZE_ENTRY: usize = METADATA + 64;

fn refused(image: &[u8], what: &str) {
    let told = dangers(image);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains(what), "{told:?}");
}

#[test]
fn a_good_image_tells_the_size_of_its_disk() {
    let found = only(&vhdx());
    assert_eq!(found.format, Format::Vhdx);
    assert_eq!(found.virtual_size, Some(SIZE));
    assert_eq!(found.dangers, []);
}

#[test]
fn the_items_may_stand_in_any_order() {
    let image = with(vhdx(), SIZE_ENTRY + 16, &(64 * 1024_u32).to_le_bytes());
    let image = with(
        image,
        METADATA + 32 + 16,
        &(64 * 1024 + 8_u32).to_le_bytes(),
    );
    let image = with(image, ITEMS, &[SIZE.to_le_bytes(), [0; 8]].concat());
    let found = only(&image);
    assert_eq!((found.virtual_size, found.dangers), (Some(SIZE), vec![]));
}

#[test]
fn a_disk_that_differs_from_another_is_refused() {
    let flagged = with(vhdx(), ITEMS + 4, &[2]);
    assert_eq!(dangers(&flagged), ["has a backing file"]);
    let located = with(vhdx(), METADATA + 10, &[3]);
    let located = with(located, METADATA + 96, &item(PARENT_LOCATOR, 65_552));
    assert_eq!(dangers(&located), ["has a backing file"]);
    let both = with(located, ITEMS + 4, &[2]);
    assert_eq!(dangers(&both), ["has a backing file"]);
    assert_eq!(only(&both).variant, Some(Variant::Differencing));
}

#[test]
fn a_table_of_regions_that_leads_nowhere_is_refused() {
    refused(&with(vhdx(), REGIONS, b"X"), "no signature");
    refused(&with(vhdx(), REGIONS + 8, &[0]), "no region holds");
    refused(&with(vhdx(), REGIONS + 16, &[0]), "no region holds");
    for count in [2048, u32::MAX] {
        let image = with(vhdx(), REGIONS + 8, &count.to_le_bytes());
        refused(&image, "more than 2047 entries");
    }
    let entry = &vhdx()[REGIONS + 16..REGIONS + 48];
    let twice = with(vhdx(), REGIONS + 8, &[2]);
    refused(&with(twice.clone(), REGIONS + 48, entry), "or in two");
    let required = with(with(twice, REGIONS + 48, &[1; 16]), REGIONS + 48 + 28, &[1]);
    refused(&required, "a region is required that nobody knows");
}

#[test]
fn metadata_in_an_impossible_place_are_refused() {
    for offset in [0, REGIONS as u64, MIB as u64 - 1] {
        let image = with(vhdx(), REGIONS + 32, &offset.to_le_bytes());
        refused(&image, "a wrong place");
    }
    for offset in [1 << 40, 1 << 63, u64::MAX - 65_536] {
        let image = with(vhdx(), REGIONS + 32, &u64::to_le_bytes(offset));
        refused(&image, "ends before its headers do");
    }
    let image = with(vhdx(), REGIONS + 32, &u64::MAX.to_le_bytes());
    refused(&image, "longer than any can be");
}

#[test]
fn a_table_of_metadata_that_cannot_be_is_refused() {
    refused(&with(vhdx(), METADATA, b"X"), "no signature");
    refused(&with(vhdx(), METADATA + 10, &[1]), "lack the disk's size");
    refused(
        &with(vhdx(), METADATA + 10, &[0xff, 0xff]),
        "more than 2047",
    );
    let entry = &vhdx()[SIZE_ENTRY..SIZE_ENTRY + 32];
    let third = with(vhdx(), METADATA + 10, &[3]);
    refused(&with(third.clone(), METADATA + 96, entry), "there twice");
    let unknown = with(third, METADATA + 96, &item([5; 16], 70_000));
    refused(&unknown, "required that nobody knows");
}

#[test]
fn items_in_impossible_places_are_refused() {
    for offset in [0, 32, 64 * 1024 - 1] {
        let image = with(vhdx(), SIZE_ENTRY + 16, &u32::to_le_bytes(offset));
        refused(&image, "a wrong place or length");
    }
    for length in [0, 7, 9, u32::MAX] {
        let image = with(vhdx(), SIZE_ENTRY + 20, &length.to_le_bytes());
        refused(&image, "a wrong place or length");
    }
    let far = with(vhdx(), SIZE_ENTRY + 16, &u32::MAX.to_le_bytes());
    refused(&far, "ends before its headers do");
    let across = with(vhdx(), SIZE_ENTRY + 16, &(64 * 1024 + 4_u32).to_le_bytes());
    refused(&across, "lies before the one that points to it");
}

#[test]
fn a_disk_larger_than_any_file_is_refused() {
    refused(
        &with(vhdx(), ITEMS + 15, &[0x80]),
        "more than 2^63 - 1 bytes",
    );
}

#[test]
fn a_header_that_is_cut_off_is_refused() {
    let good = vhdx();
    let places = [
        8,
        32 * KIB,
        64 * KIB,
        REGIONS,
        REGIONS + 64 * KIB,
        METADATA,
        ITEMS,
    ];
    for place in places {
        for length in place - 1..place + 2 {
            let findings = inspect(&good[..length]);
            if length < 8 {
                assert_eq!(findings.formats(), [Format::Raw]);
            } else {
                assert_eq!(
                    findings.detected[0].dangers,
                    [Danger::Truncated],
                    "{length}"
                );
            }
        }
    }
}
