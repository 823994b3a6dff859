//! What holds however the stream is cut, and however hostile it is.

use std::time::{Duration, Instant};

use proptest::{collection::vec, prelude::*, sample::select};

use super::{
    samples::{DESCRIPTOR, ITEMS, KIB, METADATA, REGIONS, all, descriptor, mbr, qcow2, vhdx, vmdk},
    *,
};

const DECLARED: [&str; 8] = ["raw", "qcow2", "vhd", "vmdk", "iso", "gpt", "aki", "luks"];

/// Where the headers of all formats are; what is changed there is most likely to matter.
const PLACES: [usize; 12] = [
    0,
    64,
    100,
    446,
    512,
    DESCRIPTOR + 100,
    1024,
    32 * KIB,
    REGIONS,
    METADATA,
    METADATA + 64,
    ITEMS,
];

/// What is found in `image`, cut into slices of these lengths in turn, and the first rejection
/// that was certain before the end.
fn in_slices(
    image: &[u8],
    lengths: &[usize],
    rules: &Rules,
    declared: Declared<'_>,
) -> (Findings, Option<Rejection>) {
    let mut inspector = Inspector::new();
    let mut rejection = None;
    let mut rest = image;
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (slice, more) = rest.split_at((*length).min(rest.len()));
        inspector.update(slice);
        rejection = rejection.or_else(|| inspector.early(rules, declared));
        rest = more;
    }
    (inspector.finish(), rejection)
}

/// An image with some bytes changed, and something behind it.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let images: Vec<Vec<u8>> = all().into_iter().map(|(_, image)| image).collect();
    let change = (select(&PLACES[..]), 0..100_usize, any::<u8>());
    let changes = vec(change, 0..6);
    (select(images), changes, 0..200_usize * KIB, any::<u8>()).prop_map(
        |(mut image, changes, more, fill)| {
            image.extend(vec![fill; if fill > 100 { 0 } else { more }]);
            for (place, at, byte) in changes {
                if let Some(old) = image.get_mut(place + at) {
                    *old = byte;
                }
            }
            image
        },
    )
}

fn lengths() -> impl Strategy<Value = Vec<usize>> {
    let length = prop_oneof![1..600_usize, 1..70_000_usize, Just(64 * KIB), Just(512)];
    vec(length, 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_same_bytes_give_the_same_findings_however_they_are_cut(
        image in hostile(),
        lengths in lengths(),
        declared in select(&DECLARED[..]),
        require in any::<bool>(),
    ) {
        let rules = Rules { require_image_format_match: require, ..Rules::default() };
        let (findings, early) = in_slices(&image, &lengths, &rules, bare(declared));
        prop_assert_eq!(&findings, &inspect(&image));
        prop_assert_eq!(findings.length, Some(image.len() as u64));
        if early.is_some() {
            let judged = rules.judge(bare(declared), &findings);
            prop_assert!(judged.is_err(), "{early:?} was not certain: {judged:?}");
        }
    }

    #[test]
    fn no_stream_of_random_bytes_behind_a_signature_is_too_much(
        signature in select(vec![
            &b"QFI\xfb\0\0\0\x03"[..], b"QFI\xfb\0\0\0\x02", b"KDMV\x01\0\0\0", b"vhdxfile",
            b"conectix", b"LUKS\xba\xbe\0\x01", b"WithouFreSpacExt\x02\0\0\0", b"QED\0", b"version=1\n",
        ]),
        random in vec(any::<u8>(), 0..2000),
    ) {
        let image = [signature, &random].concat();
        let findings = inspect(&image);
        prop_assert!(!findings.detected.is_empty());
    }
}

#[test]
fn single_bytes_give_what_all_of_them_at_once_give() {
    for (word, image) in all() {
        let short = &image[..image.len().min(70 * KIB)];
        let (findings, _) = in_slices(short, &[1], &Rules::default(), bare(word));
        assert_eq!(findings, inspect(short), "{word}");
    }
}

#[test]
fn an_image_may_end_anywhere() {
    for (word, image) in all() {
        for length in 0..image.len().min(1600) {
            let findings = inspect(&image[..length]);
            assert_eq!(findings.length, Some(length as u64), "{word}");
        }
    }
}

#[test]
fn what_the_header_shows_is_told_before_the_rest_has_come() {
    let backed = with(qcow2(), 8, &8_u64.to_be_bytes());
    let flagged = with(vhdx(), ITEMS + 4, &[2]);
    let filler = "ddb.x = \"y\"\n".repeat(10_000);
    let text = descriptor("monolithicFlat") + &filler;
    for (declared, image, after) in [
        ("raw", backed.clone(), 64 * KIB),
        ("qcow2", backed, 64 * KIB),
        ("qcow2", vec![0; KIB], 64 * KIB),
        ("vmdk", mbr(), 64 * KIB),
        ("raw", with(mbr(), 446, &[7]), 64 * KIB),
        ("vhdx", flagged, ITEMS + 16),
        ("vmdk", vmdk(&text), vmdk(&text).len()),
    ] {
        let rules = Rules::default();
        let mut inspector = Inspector::new();
        let stream = [image, vec![0; 3000 * KIB]].concat();
        inspector.update(&stream[..after - 1]);
        assert_eq!(inspector.early(&rules, bare(declared)), None);
        inspector.update(&stream[after - 1..after]);
        let early = inspector.early(&rules, bare(declared));
        assert!(early.is_some(), "{declared}");
        inspector.update(&stream[after..]);
        assert_eq!(
            rules.judge(bare(declared), &inspector.finish()).err(),
            early
        );
    }
}

#[test]
fn what_may_still_end_as_a_fixed_vhd_is_not_rejected_early() {
    for start in [mbr(), vec![0; 100 * KIB], with(mbr(), 446, &[7])] {
        let mut inspector = Inspector::new();
        inspector.update(&start);
        assert_eq!(inspector.early(&Rules::default(), bare("vhd")), None);
        let judged = Rules::default().judge(bare("vhd"), &inspector.finish());
        assert!(
            matches!(judged, Err(Rejection::Mismatch { .. })),
            "{judged:?}"
        );
    }
}

#[test]
fn a_slice_behind_the_headers_costs_the_same_however_long_it_is() {
    let slice = vec![0; 1024 * KIB];
    let mut inspector = Inspector::new();
    let start = Instant::now();
    // 64 GiB: looking at each byte would take minutes.
    for _ in 0..64 * 1024 {
        inspector.update(&slice);
    }
    let elapsed = start.elapsed();
    assert!(elapsed < Duration::from_secs(10), "{elapsed:?}");
    assert_eq!(inspector.finish().length, Some(64 << 30));
}
