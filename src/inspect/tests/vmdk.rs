//! Hostile images in `VMware`'s format.

use super::{
    samples::{DESCRIPTOR, SIZE, descriptor, stream_optimized, vmdk},
    *,
};

const GOOD: &str = "monolithicSparse";

/// The dangers of a sparse image with the good descriptor, in which `old` stands as `new`.
fn replaced(old: &str, new: &str) -> Vec<String> {
    let text = descriptor(GOOD);
    assert!(text.contains(old), "{old}");
    dangers(&vmdk(&text.replacen(old, new, 1)))
}

fn create_type(image: &[u8]) -> Option<Variant> {
    only(image).variant
}

#[test]
fn a_good_image_tells_its_type_and_the_size_of_its_disk() {
    for (image, name) in [
        (vmdk(&descriptor(GOOD)), GOOD),
        (stream_optimized(), "streamOptimized"),
    ] {
        let found = only(&image);
        assert_eq!(found.dangers, [], "{name}");
        assert_eq!(found.format, Format::Vmdk);
        assert_eq!(found.variant, Some(Variant::CreateType(name.into())));
        assert_eq!(found.virtual_size, Some(SIZE));
    }
}

#[test]
fn an_extent_that_may_be_another_file_is_refused() {
    for line in [
        r#"RW 20480 FLAT "disk-flat.vmdk" 0"#,
        r#"RW 20480 SPARSE "/etc/passwd""#,
        r#"RW 20480 SPARSE "../other.vmdk""#,
        r#"RW 20480 SPARSE "C:\other.vmdk""#,
        r#"RW 20480 VMFS "disk-flat.vmdk""#,
        r#"RDONLY 20480 SESPARSE "disk.vmdk""#,
        "noaccess 20480 ZERO",
        "RW",
        "RW 1 SPARSE \"a.vmdk\"\nRW 1 SPARSE \"b.vmdk\"",
        "RW\t1\tFLAT\t\"a.vmdk\"",
    ] {
        let told = replaced(r#"RW 20480 SPARSE "disk.vmdk""#, line);
        assert_eq!(told.len(), 1, "{line}: {told:?}");
        assert!(
            told[0].starts_with("has an extent outside of it: "),
            "{told:?}"
        );
    }
}

#[test]
fn a_disk_that_differs_from_another_is_refused() {
    for (line, told) in [
        ("parentCID=12345678", "has a backing file"),
        (
            "parentCID=ffffffff\nparentFileNameHint=\"/etc/passwd\"",
            "has a backing file \"/etc/passwd\"",
        ),
        (
            "parentCID=ffffffff\n# parentFileNameHint=\"/etc/passwd\"",
            "has a backing file",
        ),
        (
            "parentCID=ffffffff\nPARENTFILENAMEHINT = x",
            "has a backing file \"x\"",
        ),
    ] {
        assert_eq!(replaced("parentCID=ffffffff", line), [told]);
    }
}

#[test]
fn a_descriptor_that_may_be_read_in_two_ways_is_refused() {
    const TYPE: &str = "createType=\"monolithicSparse\"";
    let told = "is malformed: the descriptor has no createType, or more than one";
    for line in [
        "",
        "# createType=\"monolithicSparse\"",
        "createType=\"monolithicSparse\"\ncreateType=\"monolithicFlat\"",
        "CREATETYPE=\"monolithicSparse\"\ncreateType=\"monolithicFlat\"",
        "# createType=\"monolithicFlat\"\ncreateType=\"monolithicSparse\"",
        &format!("createType=\"{}\"", "x".repeat(100)),
    ] {
        assert_eq!(replaced(TYPE, line), [told], "{line}");
    }
}

#[test]
fn a_descriptor_with_anything_strange_is_refused() {
    for (line, told) in [
        (
            "what is this",
            "is malformed: the descriptor has a strange line",
        ),
        (
            "two words=1",
            "is malformed: the descriptor has a strange line",
        ),
        ("=", "is malformed: the descriptor has a strange line"),
        ("n\u{e9}=1", "is malformed: the descriptor is not ASCII"),
    ] {
        assert_eq!(replaced("version=1", line), [told], "{line}");
    }
    let told = replaced("RW 20480 SPARSE \"disk.vmdk\"", "");
    assert_eq!(told, ["is malformed: no extent is described"]);
}

#[test]
fn what_follows_the_descriptors_end_is_not_read() {
    let text = descriptor(GOOD);
    let mut image = vmdk(&text);
    image = with(image, DESCRIPTOR + text.len() + 1, b"parentFileNameHint=x");
    assert_eq!(dangers(&image), [""; 0]);
}

#[test]
fn a_descriptor_in_a_wrong_place_or_too_long_is_refused() {
    let good = vmdk(&descriptor(GOOD));
    for (start, sectors) in [
        (0, 2),
        (2, 2),
        (u64::MAX, 2),
        (1, 2049),
        (1, u64::MAX),
        (1, 1 << 63),
        (1 << 55, 1 << 55),
    ] {
        let image = with(good.clone(), 28, &u64::to_le_bytes(start));
        let image = with(image, 36, &u64::to_le_bytes(sectors));
        let told = dangers(&image);
        assert!(told[0].contains("not in the second sector"), "{told:?}");
    }
    let long = with(good, 36, &2048_u64.to_le_bytes());
    assert_eq!(dangers(&long), ["ends before its headers do"]);
}

#[test]
fn a_long_descriptor_is_read_to_its_end() {
    let filler = format!("ddb.comment = \"{}\"\n", "x".repeat(80)).repeat(5000);
    let text = descriptor(GOOD) + &filler;
    assert_eq!(dangers(&vmdk(&text)), [""; 0]);
    let hostile = text + "parentFileNameHint=\"/etc/passwd\"\n";
    assert_eq!(
        dangers(&vmdk(&hostile)),
        ["has a backing file \"/etc/passwd\""]
    );
}

#[test]
fn a_header_that_makes_readers_take_extents_for_files_is_refused() {
    let empty = with(vmdk(&descriptor(GOOD)), 12, &[0; 8]);
    assert_eq!(
        dangers(&empty),
        ["is malformed: it is a piece of a disk, without a descriptor"]
    );
    let huge = with(vmdk(&descriptor(GOOD)), 12, &[0xff; 8]);
    assert_eq!(
        dangers(&huge),
        ["is malformed: the disk has more than 2^63 - 1 bytes"]
    );
}

#[test]
fn versions_that_nobody_knows_are_refused() {
    for version in [0, 4, u32::MAX] {
        let image = with(vmdk(&descriptor(GOOD)), 4, &version.to_le_bytes());
        assert_eq!(
            only(&image).dangers,
            [Danger::Version {
                version,
                supported: "1 to 3"
            }]
        );
    }
}

#[test]
fn a_piece_of_a_disk_is_refused() {
    let piece = with(vmdk(&descriptor(GOOD)), 28, &[0; 16]);
    let told = ["is malformed: it is a piece of a disk, without a descriptor"];
    assert_eq!(dangers(&piece), told);
    assert_eq!(dangers(b"COWD\x01\0\0\0"), told);
}

#[test]
fn a_descriptor_alone_is_recognised_however_it_is_dressed_and_refused() {
    let text = descriptor("monolithicFlat").replace("SPARSE", "FLAT");
    for image in [
        text.clone(),
        text.replace("# Disk DescriptorFile\n", ""),
        text.replace("# Disk DescriptorFile", "#"),
        text.replace("# Disk DescriptorFile", "\n  \r\n# \u{e9}\n"),
        text.replace("version=1", "\tVERSION=1"),
        format!("#\0\n{}", text.replace("# Disk DescriptorFile\n", "")),
        text.replace("# Disk DescriptorFile\nversion=1\n", "x=1\n"),
        descriptor(GOOD),
    ] {
        let found = only(image.as_bytes());
        assert_eq!(found.format, Format::Vmdk, "{image}");
        assert!(!found.dangers.is_empty(), "{image}");
        assert_eq!(found.virtual_size, None);
    }
    assert_eq!(
        dangers(descriptor(GOOD).as_bytes()),
        [r#"has an extent outside of it: "RW 20480 SPARSE \"disk.vmdk\"""#]
    );
    assert_eq!(
        create_type(text.as_bytes()),
        Some(Variant::CreateType("monolithicFlat".into()))
    );
}

#[test]
fn text_of_another_kind_is_no_descriptor() {
    for text in [
        "",
        "\n",
        "#!/bin/sh\nexit 0\n",
        "version: 1\n",
        "#cloud-config\n",
    ] {
        assert_eq!(inspect(text.as_bytes()).formats(), [Format::Raw], "{text}");
    }
}

#[test]
fn a_footer_that_says_something_else_than_the_header_is_refused() {
    let good = stream_optimized();
    let footer = good.len() - 1024;
    let marker = footer - 512;
    for (at, bytes, what) in [
        (footer, &b"XXXX"[..], "no footer"),
        (footer + 4, &[2], "describe different disks"),
        (footer + 12, &[1], "describe different disks"),
        (footer + 28, &[9], "describe different disks"),
        (footer + 36, &[9], "describe different disks"),
        (footer + 56, &[0xff; 8], "another footer"),
        (marker + 8, &[1], "no marker"),
        (marker + 12, &[2], "no marker"),
        (marker + 511, &[1], "no marker"),
        (footer + 512, &[1], "end of the stream"),
        (footer + 512 + 12, &[1], "end of the stream"),
        (footer + 1023, &[1], "end of the stream"),
    ] {
        let told = dangers(&with(good.clone(), at, bytes));
        assert_eq!(told.len(), 1, "{at}");
        assert!(told[0].starts_with("contradicts itself"), "{told:?}");
        assert!(told[0].contains(what), "{told:?}");
    }
    let cut = &good[..good.len() - 1];
    assert!(dangers(cut)[0].contains("no footer"));
}

#[test]
fn a_header_that_is_cut_off_is_refused() {
    let good = vmdk(&descriptor(GOOD));
    for length in 4..good.len() {
        assert_eq!(
            only(&good[..length]).dangers,
            [Danger::Truncated],
            "{length}"
        );
    }
    for length in [64, 512, 1535] {
        let cut = &stream_optimized()[..length];
        assert_eq!(only(cut).dangers, [Danger::Truncated], "{length}");
    }
}
