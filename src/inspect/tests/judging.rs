//! What is accepted as what.

use super::{
    samples::{
        KIB, SIZE, all, descriptor, fixed_vhd, gpt, iso, mbr, qcow2, stream_optimized, vmdk,
    },
    *,
};

const WORDS: [&str; 15] = [
    "ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop", "gpt",
    "luks", "qed", "dmg",
];

fn judge(rules: &Rules, declared: &str, image: &[u8]) -> Result<Judgement, String> {
    let judged = rules.judge(bare(declared), &inspect(image));
    judged.map_err(|rejection| rejection.to_string())
}

fn accepted(declared: &str, image: &[u8]) -> Option<u64> {
    judge(&Rules::default(), declared, image)
        .expect(declared)
        .virtual_size
}

fn rejected(declared: &str, image: &[u8]) -> String {
    judge(&Rules::default(), declared, image).expect_err(declared)
}

fn backed() -> Vec<u8> {
    with(qcow2(), 8, &8_u64.to_be_bytes())
}

#[test]
fn content_is_accepted_as_what_it_is_and_as_raw_and_as_nothing_else() {
    for (found, image) in all() {
        for declared in WORDS {
            let judged = judge(&Rules::default(), declared, &image);
            let is_untold = ["ami", "ari", "aki", "ploop", "dmg"].contains(&declared);
            let is_any_disk = ["raw", "gpt"].contains(&found);
            if declared == found || declared == "raw" || (is_untold && is_any_disk) {
                assert!(judged.is_ok(), "{declared} {found}: {judged:?}");
            } else {
                assert_eq!(
                    judged.expect_err(declared),
                    format!("Image disk_format {declared} does not match stream data {found}")
                );
            }
        }
    }
}

#[test]
fn the_disk_is_as_large_as_the_format_says_and_as_the_file_if_it_is_declared_raw() {
    assert_eq!(accepted("qcow2", &qcow2()), Some(SIZE));
    assert_eq!(accepted("raw", &qcow2()), Some(KIB as u64));
    assert_eq!(accepted("raw", &[1, 2, 3]), Some(3));
    assert_eq!(accepted("aki", &[1, 2, 3]), None);
    assert_eq!(accepted("ami", &mbr()), None);
    assert_eq!(accepted("gpt", &gpt()), Some(gpt().len() as u64));
    assert_eq!(accepted("vhd", &fixed_vhd(vec![0; KIB])), Some(KIB as u64));
}

#[test]
fn an_empty_image_is_raw_and_has_no_size() {
    assert_eq!(accepted("raw", &[]), None);
    assert_eq!(accepted("aki", &[]), None);
    assert_eq!(
        rejected("qcow2", &[]),
        "Image disk_format qcow2 does not match stream data raw"
    );
}

#[test]
fn only_what_is_bare_is_judged() {
    let declared = Declared {
        disk_format: "vhd",
        container_format: "ovf",
    };
    let judged = Rules::default().judge(declared, &inspect(&backed()));
    assert_eq!(judged, Ok(Judgement::default()));
}

#[test]
fn unsafe_content_is_rejected_whatever_it_is_declared_to_be() {
    let told = "Image failed safety checks: the qcow2 image has a backing file";
    let lenient = Rules {
        require_image_format_match: false,
        gpt_safety_checks_nonfatal: vec!["mbr".into(), "backing_file".into()],
        ..Rules::default()
    };
    for declared in ["raw", "qcow2"] {
        assert!(rejected(declared, &backed()).starts_with(told));
    }
    for declared in WORDS {
        let judged = judge(&lenient, declared, &backed()).expect_err(declared);
        assert!(judged.starts_with(told), "{declared}: {judged}");
    }
}

#[test]
fn a_mismatch_is_tolerated_if_the_operator_says_so_and_the_size_is_then_not_known() {
    let rules = Rules {
        require_image_format_match: false,
        ..Rules::default()
    };
    let judged = judge(&rules, "vhd", &qcow2()).expect("a safe image");
    assert_eq!(judged.virtual_size, None);
    assert_eq!(
        judged.tolerated,
        [Rejection::Mismatch {
            declared: "vhd".into(),
            found: Format::Qcow2
        }]
    );
}

#[test]
fn a_disc_that_boots_from_usb_sticks_counts_as_a_disc() {
    let mut image = iso();
    image[..1024].copy_from_slice(&gpt()[..1024]);
    // Two kinds of boot loaders do not get along in one table.
    image[462..478].fill(1);
    assert_eq!(inspect(&image).formats(), [Format::Iso, Format::Gpt]);
    assert_eq!(accepted("iso", &image), Some(SIZE));
    assert_eq!(accepted("raw", &image), Some(image.len() as u64));
    assert_eq!(
        rejected("gpt", &image),
        "Image disk_format gpt does not match stream data iso"
    );
}

#[test]
fn content_of_several_formats_is_rejected() {
    let image = [qcow2(), vec![0; 40 * KIB]].concat();
    let disc = with(image.clone(), 32 * KIB, b"\x01CD001\x01");
    let table = with(image, 510, &[0x55, 0xaa]);
    for declared in WORDS {
        assert_eq!(
            rejected(declared, &disc),
            "Multiple formats detected: qcow2,iso"
        );
        assert_eq!(
            rejected(declared, &table),
            "Multiple formats detected: qcow2,gpt"
        );
        assert_eq!(
            rejected(declared, &fixed_vhd(qcow2())),
            "Multiple formats detected: qcow2,vhd"
        );
    }
}

#[test]
fn a_bad_table_is_rejected_in_a_disk_and_ignored_in_what_is_none() {
    let bad = with(mbr(), 446, &[0x42]);
    for declared in ["raw", "gpt"] {
        assert_eq!(
            rejected(declared, &bad),
            "Image failed safety checks: the gpt image has a bad partition table: entry 0: the \
             boot flag is neither 0 nor 0x80"
        );
    }
    for declared in ["ami", "ari", "aki", "ploop"] {
        assert_eq!(accepted(declared, &bad), None);
    }
    assert_eq!(
        accepted("vhd", &fixed_vhd(bad.clone())),
        Some(bad.len() as u64)
    );
    assert!(rejected("raw", &fixed_vhd(bad)).contains("boot flag"));
}

#[test]
fn checks_of_tables_are_relaxed_by_their_names() {
    let flag = with(mbr(), 446, &[0x42]);
    let protective = with(gpt(), 447, &[1]);
    let entry = with(gpt(), 1024 + 40, &[0; 8]);
    for (name, relaxed) in [
        ("mbr", [true, true, false]),
        ("gptmbr", [false, true, false]),
        ("gpt", [false, false, true]),
        ("", [false, false, false]),
    ] {
        let rules = Rules {
            gpt_safety_checks_nonfatal: vec![name.into()],
            ..Rules::default()
        };
        for (image, relaxed) in [&flag, &protective, &entry].into_iter().zip(relaxed) {
            let judged = judge(&rules, "raw", image);
            assert_eq!(judged.is_ok(), relaxed, "{name}");
            let told = judged.map_or(1, |judgement| judgement.tolerated.len());
            assert_eq!(told, 1, "{name}: what is tolerated is told");
        }
    }
}

#[test]
fn a_vmdk_has_one_of_the_types_that_are_allowed() {
    let rules = |allowed: &[&str]| Rules {
        vmdk_allowed_types: allowed.iter().map(|word| (*word).to_owned()).collect(),
        ..Rules::default()
    };
    assert!(judge(&rules(&["STREAMoptimized"]), "vmdk", &stream_optimized()).is_ok());
    assert_eq!(
        judge(
            &rules(&["monolithicSparse", "vmfs"]),
            "vmdk",
            &stream_optimized()
        ),
        Err(
            "Image failed safety checks: the vmdk image is of the type \"streamOptimized\"; \
             allowed: monolithicSparse, vmfs"
                .into()
        )
    );
    let none = judge(&rules(&[]), "raw", &stream_optimized()).expect_err("nothing is allowed");
    assert!(none.ends_with("allowed: none"), "{none}");
    let flat = vmdk(&descriptor("monolithicFlat").replace("SPARSE", "FLAT"));
    let flat = judge(&rules(&["monolithicFlat"]), "vmdk", &flat).expect_err("another file");
    assert!(flat.contains("has an extent outside of it"), "{flat}");
}
