//! Hostile images in Virtual PC's format.

use super::{
    samples::{KIB, SIZE, fixed_vhd, footer, mbr, vhd},
    *,
};

#[test]
fn a_disk_that_grows_is_known_by_its_start() {
    let found = only(&vhd());
    assert_eq!(found.format, Format::Vhd);
    assert_eq!(found.variant, Some(Variant::Dynamic));
    assert_eq!(found.virtual_size, Some(SIZE));
    assert_eq!(found.dangers, []);
}

#[test]
fn a_fixed_disk_is_known_by_its_footer_alone() {
    for length in [0, 512, 100 * KIB] {
        let found = only(&fixed_vhd(vec![0; length]));
        assert_eq!(found.format, Format::Vhd);
        assert_eq!(found.variant, Some(Variant::Fixed));
        assert_eq!(found.virtual_size, Some(length as u64));
        assert_eq!(found.dangers, []);
    }
}

#[test]
fn what_only_resembles_a_footer_is_none() {
    let good = fixed_vhd(vec![0; KIB]);
    let start = good.len() - 512;
    for at in [start, start + 64, start + 511] {
        let image = with(good.clone(), at, &[0x11]);
        assert_eq!(inspect(&image).formats(), [Format::Raw], "{at}");
    }
    let longer = [good, vec![0]].concat();
    assert_eq!(inspect(&longer).formats(), [Format::Raw]);
}

#[test]
fn a_fixed_disk_may_have_partitions() {
    let found = inspect(&fixed_vhd(mbr()));
    assert_eq!(found.formats(), [Format::Vhd, Format::Gpt]);
    let size = Some(mbr().len() as u64);
    let judged = Rules::default()
        .judge(bare("vhd"), &found)
        .expect("a good image");
    assert_eq!(judged.virtual_size, size);
}

#[test]
fn a_disk_that_differs_from_another_is_refused_and_the_other_is_named() {
    let footer = footer(SIZE, 4);
    let mut header = vec![0; 1024];
    let name: Vec<u8> = "c:\\base.vhd"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    header[64..64 + name.len()].copy_from_slice(&name);
    let image = [footer.clone(), header, footer].concat();
    assert_eq!(dangers(&image), [r#"has a backing file "c:\\base.vhd""#]);
    assert_eq!(only(&image).variant, Some(Variant::Differencing));
    for place in [1_u64 << 40, 1 << 63, u64::MAX] {
        let image = with(image.clone(), 16, &place.to_be_bytes());
        let cut = &image[..image.len() - 512];
        assert_eq!(dangers(cut), ["has a backing file"]);
    }
}

#[test]
fn a_footer_that_differs_from_its_copy_is_refused() {
    let image = vhd();
    let other = footer(SIZE + 512, 3);
    let image = [&image[..image.len() - 512], &other].concat();
    let told = "contradicts itself: the footer and its copy at the start differ";
    assert_eq!(dangers(&image), [told]);
    // A fixed disk whose own content pretends to be a disk that grows.
    assert_eq!(dangers(&fixed_vhd(vhd())), [told]);
}

#[test]
fn a_disk_that_grows_without_its_start_is_refused() {
    let image = [vec![0; KIB], footer(SIZE, 3)].concat();
    assert!(dangers(&image)[0].contains("no copy of its footer"));
}

#[test]
fn types_and_sizes_that_cannot_be_are_refused() {
    for kind in [0, 1, 5, u32::MAX] {
        let image = [vec![0; KIB], footer(512, kind)].concat();
        assert_eq!(
            dangers(&image),
            [format!("has an unknown disk type: {kind}")]
        );
    }
    let image = [vec![0; KIB], footer(1 << 63, 2)].concat();
    assert_eq!(
        dangers(&image),
        ["is malformed: the disk has more than 2^63 - 1 bytes"]
    );
    let image = [vec![0; KIB], footer(1 << 40, 2)].concat();
    assert_eq!(dangers(&image), ["ends before its headers do"]);
}

#[test]
fn a_header_that_is_cut_off_is_refused() {
    for length in 8..512 {
        assert_eq!(
            only(&vhd()[..length]).dangers,
            [Danger::Truncated],
            "{length}"
        );
    }
}
