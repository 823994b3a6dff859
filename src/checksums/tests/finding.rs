//! What a file says of one name.

use super::*;
use crate::domain::InvalidExpectation;

#[test]
fn every_line_that_names_the_file_is_expected() {
    let (md5, sha256) = (digits("a", 32), digits("b", 64));
    let file = read(&format!(
        "{md5}  one.img\nSHA256 (./dir/one.img) = {sha256}\n{}  two.img\n{md5} *one.img\n",
        digits("c", 64)
    ));
    let found = file.find(b"one.img").expect("lines");
    assert_eq!(
        found.expected.to_string(),
        format!("md5:{md5},sha256:{sha256}")
    );
    let lines: Vec<_> = found.lines.iter().map(|line| line.number).collect();
    assert_eq!(lines, [1, 2]);
    assert_eq!(
        found.lines[1].text,
        format!("SHA256 (./dir/one.img) = {sha256}")
    );
}

#[test]
fn only_the_whole_last_part_of_a_path_is_a_name() {
    let file = read(&format!("{}  dir/one.img.xz\n", digits("a", 64)));
    for name in ["one.img", "img.xz", "dir", "ONE.IMG.XZ", "", "One.img.xz"] {
        assert_eq!(found(&file, name), Err(NoMatch::Absent(name.to_owned())));
    }
    assert!(found(&file, "one.img.xz").is_ok());
}

#[test]
fn a_name_with_folders_is_the_whole_path() {
    let (first, second) = (digits("a", 64), digits("b", 64));
    let file = read(&format!(
        "{first}  ./x/disk\n{second}  y/disk\n{second}  disk"
    ));
    assert_eq!(found(&file, "x/disk"), Ok(format!("sha256:{first}")));
    assert_eq!(found(&file, "./y/disk"), Ok(format!("sha256:{second}")));
    assert_eq!(found(&file, "./disk"), Ok(format!("sha256:{second}")));
    assert!(found(&file, "z/disk").is_err());
}

#[test]
fn lines_that_contradict_each_other_are_refused() {
    let file = read(&format!(
        "{}  x/disk\n{}  y/disk\n",
        digits("a", 64),
        digits("b", 64)
    ));
    let refused = found(&file, "disk").expect_err("a contradiction");
    assert!(matches!(
        refused,
        NoMatch::Contradiction {
            fault: InvalidExpectation::Contradiction(_),
            ..
        }
    ));
}

#[test]
fn a_digest_alone_is_meant_if_it_is_the_only_one() {
    let (one, two) = (digits("a", 64), digits("b", 64));
    for text in [format!("{one}\n"), format!("# disk\n{one}  -\n")] {
        assert_eq!(found(&read(&text), "disk"), Ok(format!("sha256:{one}")));
    }
    for text in [format!("{one}\n{two}"), format!("{one}\n{two}  other")] {
        assert!(found(&read(&text), "disk").is_err(), "{text}");
    }
}

#[test]
fn a_line_for_the_file_that_cannot_be_understood_is_not_passed_over() {
    let good = digits("a", 64);
    for bad in [
        format!("{}  disk.img", &good[..63]),
        format!("SHA256 (disk.img) = {}", &good[..62]),
        "d41d8cd9  ./dir/disk.img".to_owned(),
        format!("disk.img: {good}"),
    ] {
        let file = read(&format!("{good}  disk.img\n{bad}\n{good}  other"));
        let refused = found(&file, "disk.img").expect_err("a refusal");
        assert!(
            matches!(refused, NoMatch::Malformed { line: 2, .. }),
            "{refused:?}"
        );
        assert!(found(&file, "other").is_ok());
    }
}

#[test]
fn an_algorithm_that_is_not_implemented_suffices_not() {
    let good = digits("a", 64);
    let file = read(&format!(
        "RMD160 (a) = {good}\nRMD160 (b) = {good}\nSHA256 (b) = {good}"
    ));
    let refused = found(&file, "a").expect_err("a refusal");
    assert!(matches!(refused, NoMatch::Algorithm { line: 1, .. }));
    assert_eq!(found(&file, "b"), Ok(format!("sha256:{good}")));
}

#[test]
fn only_what_is_in_the_frame_counts_and_keeps_its_line_numbers() {
    let good = digits("a", 64);
    let file = read(&format!(
        "\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n# disk: 1 bytes\n\
         SHA256 (disk) = {good}\n- SHA256 (-disk) = {good}\n\
         -----BEGIN PGP SIGNATURE-----\n\n{good}  other\n-----END PGP SIGNATURE-----\n\n"
    ));
    let found_lines = file.find(b"disk").expect("a line").lines;
    assert_eq!(found_lines[0].number, 6);
    assert!(found(&file, "-disk").is_ok());
    assert!(found(&file, "other").is_err());
}
