//! Hostile images in QEMU's own format.

use super::{
    samples::{SIZE, extension, qcow2},
    *,
};

const COMPRESSION_TYPE: &[u8] = &[0, 0, 0, 0, 0, 0, 0, 1 << 3];

/// The sample with `extensions` behind its header.
fn extended(extensions: &[Vec<u8>]) -> Vec<u8> {
    with(qcow2(), 104, &extensions.concat())
}

fn version_2() -> Vec<u8> {
    with(with(qcow2(), 7, &[2]), 100, &[0; 4])
}

#[test]
fn a_good_image_tells_its_version_and_the_size_of_its_disk() {
    for (image, version) in [(qcow2(), 3), (version_2(), 2)] {
        let found = only(&image);
        assert_eq!(found.format, Format::Qcow2);
        assert_eq!(found.variant, Some(Variant::Version(version)));
        assert_eq!(found.virtual_size, Some(SIZE));
        assert_eq!(found.dangers, []);
    }
}

#[test]
fn a_backing_file_is_told_by_its_name_in_either_version() {
    for image in [qcow2(), version_2()] {
        let image = with(image, 8, &512_u64.to_be_bytes());
        let image = with(with(image, 16, &11_u32.to_be_bytes()), 512, b"/etc/passwd");
        assert_eq!(dangers(&image), ["has a backing file \"/etc/passwd\""]);
    }
}

#[test]
fn a_backing_file_whose_name_is_nowhere_is_told_all_the_same() {
    for offset in [1, 72, 1023, 1024, u64::from(u32::MAX), 1 << 63, u64::MAX] {
        for length in [0, 1, 1024, u32::MAX] {
            let image = with(qcow2(), 8, &offset.to_be_bytes());
            let found = only(&with(image, 16, &length.to_be_bytes()));
            let is_told = matches!(found.dangers.first(), Some(Danger::BackingFile { .. }));
            assert!(is_told, "{offset} {length}: {found:?}");
        }
    }
}

#[test]
fn a_name_is_short_and_printable_whatever_the_image_says() {
    let image = with(qcow2(), 8, &512_u64.to_be_bytes());
    let image = with(image, 16, &400_u32.to_be_bytes());
    let name = [b"\x1b[31m\r\n\xff".to_vec(), vec![b'a'; 393]].concat();
    let [told] = &dangers(&with(image, 512, &name))[..] else {
        panic!("not one danger");
    };
    assert!(
        told.starts_with(r#"has a backing file "\x1b[31m\r\n\xffaaa"#),
        "{told}"
    );
    assert!(told.ends_with("a…\""), "{told}");
    assert!(told.len() < 200, "{told}");
}

#[test]
fn an_external_data_file_is_told_by_the_feature_and_by_the_extension() {
    let feature = with(qcow2(), 79, &[1 << 2]);
    assert_eq!(dangers(&feature), ["has an external data file"]);
    let named = extended(&[
        extension(0x6803_f857, &[0; 48]),
        extension(0x4441_5441, b"/etc/shadow"),
    ]);
    assert_eq!(
        dangers(&named),
        ["has an external data file \"/etc/shadow\""]
    );
    let both = with(named, 79, &[1 << 2]);
    assert_eq!(
        dangers(&both),
        ["has an external data file \"/etc/shadow\""]
    );
}

#[test]
fn features_that_are_known_are_accepted_and_every_other_one_is_refused() {
    for bit in 0..64 {
        let image = with(qcow2(), 72, &(1_u64 << bit).to_be_bytes());
        let image = with(image, 100, &112_u32.to_be_bytes());
        match bit {
            2 => assert_eq!(dangers(&image), ["has an external data file"]),
            0 | 1 | 3 | 4 => assert_eq!(dangers(&image), [""; 0], "bit {bit}"),
            _ => assert_eq!(
                only(&image).dangers,
                [Danger::UnknownFeatures { bits: 1 << bit }]
            ),
        }
    }
}

#[test]
fn version_2_has_no_features() {
    let extension = extension(0xe279_2aca, b"qcow2");
    assert_eq!(dangers(&with(version_2(), 72, &extension)), [""; 0]);
}

#[test]
fn other_versions_are_refused() {
    for version in [0, 1, 4, u32::MAX] {
        assert_eq!(
            only(&with(qcow2(), 4, &version.to_be_bytes())).dangers,
            [Danger::Version {
                version,
                supported: "2 and 3"
            }]
        );
    }
}

#[test]
fn methods_that_nobody_knows_are_refused() {
    let zstd = with(with(qcow2(), 72, COMPRESSION_TYPE), 103, &[112, 1]);
    assert_eq!(dangers(&zstd), [""; 0]);
    assert_eq!(
        dangers(&with(zstd, 104, &[2])),
        ["has an unknown compression type: 2"]
    );
    assert_eq!(
        dangers(&with(qcow2(), 72, COMPRESSION_TYPE)),
        ["has an unknown compression type: 0"],
        "the header ends before the type"
    );
    assert_eq!(dangers(&with(qcow2(), 35, &[2])), [""; 0]);
    assert_eq!(
        dangers(&with(qcow2(), 32, &[0xff; 4])),
        ["has an unknown encryption method: 4294967295"]
    );
}

#[test]
fn a_disk_larger_than_any_file_is_refused() {
    assert_eq!(only(&with(qcow2(), 24, &[0x7f, 255])).dangers, []);
    let sign = with(qcow2(), 24, &[0x80]);
    assert_eq!(
        dangers(&sign),
        ["is malformed: the disk has more than 2^63 - 1 bytes"]
    );
    assert_eq!(only(&sign).virtual_size, None);
}

#[test]
fn clusters_and_headers_of_impossible_sizes_are_refused() {
    for bits in [0, 8, 22, 63, 64, u32::MAX] {
        let image = with(qcow2(), 20, &bits.to_be_bytes());
        assert!(dangers(&image)[0].contains("cluster"), "{bits}");
    }
    for length in [0, 72, 96, 105, 65_544, u32::MAX] {
        let image = with(qcow2(), 100, &length.to_be_bytes());
        assert!(dangers(&image)[0].contains("header's length"), "{length}");
    }
}

#[test]
fn header_extensions_of_unknown_types_are_passed_over_and_empty_ones_end() {
    let unknown = extension(0xdead_beef, b"abc");
    assert_eq!(dangers(&extended(&[unknown.clone(), unknown])), [""; 0]);
    // Nothing but extensions without data, up to the end of the cluster.
    let mut image = with(vec![0; 64 * 1024], 0, &qcow2());
    for at in (104..image.len()).step_by(8) {
        image = with(image, at, &0xdead_beef_u32.to_be_bytes());
    }
    assert_eq!(dangers(&image), [""; 0]);
}

#[test]
fn header_extensions_that_leave_their_place_are_refused() {
    for length in [65_425, u32::MAX - 7, u32::MAX] {
        let extension = [0xdead_beef_u32.to_be_bytes(), length.to_be_bytes()].concat();
        assert_eq!(
            dangers(&with(qcow2(), 104, &extension)),
            ["is malformed: a header extension is longer than its place"]
        );
    }
    // With large clusters there is room, but not for us.
    let extension = [0xdead_beef_u32.to_be_bytes(), 65_425_u32.to_be_bytes()].concat();
    let large = with(with(qcow2(), 20, &21_u32.to_be_bytes()), 104, &extension);
    assert_eq!(
        dangers(&large),
        ["is malformed: the header extensions are longer than 64 KiB"]
    );
}

#[test]
fn a_header_that_is_cut_off_is_refused() {
    for length in 4..112 {
        let found = only(&qcow2()[..length]);
        assert_eq!(found.dangers, [Danger::Truncated], "{length}");
    }
}
