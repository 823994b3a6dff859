//! Hostile images in the formats of few fields: VDI, QED, LUKS, ploop, ISO.

use super::{
    samples::{KIB, SIZE, iso, luks, ploop, vdi},
    *,
};

#[test]
fn good_images_tell_the_size_of_their_disk() {
    for (image, format, size) in [
        (vdi(), Format::Vdi, SIZE),
        (luks(), Format::Luks, 512 * 3),
        (ploop(), Format::Ploop, SIZE),
        (iso(), Format::Iso, SIZE),
    ] {
        let found = only(&image);
        assert_eq!(found.format, format);
        assert_eq!(found.virtual_size, Some(size), "{format}");
        assert_eq!(found.dangers, [], "{format}");
    }
}

#[test]
fn a_vdi_that_differs_from_another_is_refused() {
    for kind in [3, 4] {
        assert_eq!(dangers(&with(vdi(), 0x4c, &[kind])), ["has a backing file"]);
    }
    for place in [0x1a8, 0x1b7, 0x1b8, 0x1c7] {
        assert_eq!(dangers(&with(vdi(), place, &[1])), ["has a backing file"]);
    }
    assert_eq!(dangers(&with(vdi(), 0x4c, &[2])), [""; 0]);
}

#[test]
fn a_vdi_of_another_kind_or_version_is_refused() {
    assert_eq!(
        dangers(&with(vdi(), 0x4c, &[5])),
        ["has an unknown image type: 5"]
    );
    assert_eq!(
        dangers(&with(vdi(), 0x44, &[2])),
        ["has version 65538 of its format; supported: 65537 (1.1)"]
    );
    assert!(dangers(&with(vdi(), 0x177, &[0x80]))[0].contains("2^63"));
}

#[test]
fn a_qed_is_refused_whatever_it_holds() {
    let image = with(vec![0; KIB], 0, b"QED\0");
    let found = only(&with(image, 48, &SIZE.to_le_bytes()));
    assert_eq!(found.format, Format::Qed);
    assert_eq!(found.virtual_size, Some(SIZE));
    assert_eq!(found.dangers, [Danger::Banned]);
    assert_eq!(only(b"QED\0").dangers, [Danger::Banned, Danger::Truncated]);
}

#[test]
fn luks_is_accepted_in_its_first_version_alone() {
    for version in [0, 2, u16::MAX] {
        assert_eq!(
            only(&with(luks(), 6, &version.to_be_bytes())).dangers,
            [Danger::Version {
                version: version.into(),
                supported: "1"
            }]
        );
    }
}

#[test]
fn luks_whose_data_would_begin_behind_its_end_is_refused() {
    let image = with(luks(), 104, &[0xff; 4]);
    assert_eq!(only(&image).dangers, [Danger::Truncated]);
}

#[test]
fn a_ploop_of_another_version_or_impossible_size_is_refused() {
    assert_eq!(
        dangers(&with(ploop(), 16, &[1])),
        ["has version 1 of its format; supported: 2"]
    );
    let huge = with(ploop(), 36, &[0xff; 8]);
    assert!(dangers(&huge)[0].contains("2^63"));
    let short = with(huge, 0, b"WithoutFreeSpace");
    let size = u64::from(u32::MAX) * 512;
    assert_eq!(
        only(&short).virtual_size,
        Some(size),
        "the upper half is not used"
    );
}

#[test]
fn headers_that_are_cut_off_are_refused() {
    for (image, signature, header) in [(vdi(), 0x44, 0x1c8), (luks(), 6, 592), (ploop(), 16, 44)] {
        for length in signature..header {
            let found = only(&image[..length]);
            assert_eq!(
                found.dangers,
                [Danger::Truncated],
                "{} {length}",
                found.format
            );
        }
        assert_eq!(inspect(&image[..signature - 1]).formats(), [Format::Raw]);
    }
}

#[test]
fn the_primary_descriptor_of_a_disc_may_follow_others() {
    let boot = with(iso(), 32 * KIB, b"\0CD001\x01");
    let descriptor = iso()[32 * KIB..34 * KIB].to_vec();
    let image = with(boot, 34 * KIB, &descriptor);
    assert_eq!(only(&image).virtual_size, Some(SIZE));
    let without = with(iso(), 32 * KIB, b"\x02CD001\x01");
    assert_eq!(only(&without).virtual_size, None);
}

#[test]
fn a_udf_disc_is_known_by_the_descriptors_that_follow() {
    let udf = with(vec![0; 40 * KIB], 32 * KIB, b"\0BEA01\x01");
    assert_eq!(inspect(&udf).formats(), [Format::Raw]);
    for version in [b"NSR02", b"NSR03"] {
        let found = only(&with(udf.clone(), 34 * KIB + 1, version));
        assert_eq!(
            (found.format, found.variant),
            (Format::Iso, Some(Variant::Udf))
        );
        assert_eq!(
            only(&with(iso(), 32 * KIB + 1, version)).format,
            Format::Iso
        );
    }
    let ended = with(udf, 34 * KIB, b"\0TEA01\x01");
    let ended = with(ended, 36 * KIB, b"\0NSR02\x01");
    assert_eq!(inspect(&ended).formats(), [Format::Raw]);
}

#[test]
fn a_disc_that_is_cut_off_before_its_first_descriptor_ends_is_none() {
    assert_eq!(inspect(&iso()[..34 * KIB - 1]).formats(), [Format::Raw]);
    assert_eq!(inspect(&iso()[..34 * KIB]).formats(), [Format::Iso]);
}
