//! What comes out of packed bytes, and what is refused.

use std::{
    io::{Seek as _, Write as _},
    process::{Command, Stdio},
};

use bytes::Bytes;
use futures_util::{TryStreamExt as _, stream};

use super::*;

/// Runs a program with `input`, and gives what it writes.
fn by(program: &str, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(input).expect("bytes");
    file.rewind().expect("the beginning");
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::from(file))
        .output()
        .expect("the program");
    assert!(output.status.success(), "{program}");
    output.stdout
}

fn packed(form: Compression, input: &[u8]) -> Vec<u8> {
    let program = match form {
        Compression::Gzip => "gzip",
        Compression::Xz => "xz",
        Compression::Zstd => "zstd",
        Compression::Bzip2 => "bzip2",
    };
    by(program, &["-c"], input)
}

const FORMS: [Compression; 4] = [
    Compression::Gzip,
    Compression::Xz,
    Compression::Zstd,
    Compression::Bzip2,
];

fn content() -> Vec<u8> {
    (0..700_000_u32)
        .flat_map(|number| (number / 7).to_le_bytes())
        .collect()
}

async fn collected(data: io::Result<Outgoing>) -> Result<Vec<u8>, String> {
    let frames: Vec<Bytes> = data
        .expect("a thread")
        .try_collect()
        .await
        .map_err(|error| error.to_string())?;
    Ok(frames.concat())
}

async fn unpacked(form: Compression, packed: Vec<u8>) -> Result<Vec<u8>, String> {
    let frames: Vec<_> = packed
        .chunks(5000)
        .map(|chunk| Ok(Bytes::copy_from_slice(chunk)))
        .collect();
    collected(decompress(form, Box::pin(stream::iter(frames)))).await
}

#[tokio::test]
async fn what_was_packed_comes_out() {
    for form in FORMS {
        let bytes = packed(form, &content());
        assert_eq!(Packing::of(&bytes), Some(Packing::Compressed(form)));
        assert_eq!(unpacked(form, bytes).await, Ok(content()), "{form}");
    }
}

#[tokio::test]
async fn several_members_are_one_after_the_other() {
    for form in FORMS {
        let bytes = [packed(form, b"one "), packed(form, b"two")].concat();
        assert_eq!(unpacked(form, bytes).await, Ok(b"one two".into()), "{form}");
    }
}

#[tokio::test]
async fn what_is_cut_off_anywhere_is_refused() {
    for form in FORMS {
        let bytes = packed(form, &content());
        for end in [9, bytes.len() / 2, bytes.len() - 1] {
            let refused = unpacked(form, bytes[..end].to_vec()).await;
            assert!(refused.is_err(), "{form} {end}");
        }
    }
}

#[tokio::test]
async fn what_follows_is_refused() {
    for form in FORMS {
        for more in [
            &b"\0"[..],
            b"trailing garbage that is long enough",
            &[0; 512],
        ] {
            // The form xz has zeros as padding.
            if form == Compression::Xz && more[0] == 0 {
                continue;
            }
            let bytes = [&packed(form, b"content"), more].concat();
            assert!(unpacked(form, bytes).await.is_err(), "{form} {more:?}");
        }
    }
}

#[tokio::test]
async fn padding_may_follow_xz() {
    let bytes = [&packed(Compression::Xz, b"content"), &[0; 512][..]].concat();
    assert_eq!(
        unpacked(Compression::Xz, bytes).await,
        Ok(b"content".into())
    );
}

#[tokio::test]
async fn what_is_damaged_is_refused() {
    for form in FORMS {
        let mut bytes = packed(form, &content());
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x55;
        assert!(unpacked(form, bytes).await.is_err(), "{form}");
    }
}

#[tokio::test]
async fn a_source_that_fails_is_not_taken_for_damage() {
    for form in FORMS {
        let head = Bytes::from(packed(form, &content())[..20].to_vec());
        let frames = [Ok(head), Err(io::Error::from(io::ErrorKind::TimedOut))];
        let mut data = decompress(form, Box::pin(stream::iter(frames))).expect("a thread");
        let error = loop {
            match data.try_next().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("it ended"),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut, "{form}");
    }
}

#[tokio::test]
async fn a_decoder_that_wants_too_much_memory_is_refused() {
    let bytes = by("xz", &["-c", "-T1", "--lzma2=preset=0,dict=192MiB"], b"x");
    assert!(unpacked(Compression::Xz, bytes).await.is_err());
    let bytes = by("zstd", &["-c", "--long=28"], &content());
    assert!(unpacked(Compression::Zstd, bytes).await.is_err());
}

/// A zip archive of files, made by Info-ZIP.
fn zipped(files: &[(&str, &[u8])], options: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).expect("a file");
    }
    let status = Command::new("zip")
        .current_dir(folder.path())
        .args(["-q", "-r"])
        .args(options)
        .args(["a.zip", "."])
        .status();
    assert!(status.expect("zip").success());
    std::fs::read(folder.path().join("a.zip")).expect("an archive")
}

async fn unzipped(archive: &[u8]) -> Result<Vec<u8>, String> {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(archive).expect("bytes");
    collected(unzip(file)).await
}

#[tokio::test]
async fn the_member_of_a_zip_comes_out() {
    for options in [&["-9"][..], &["-0"], &["-fz"]] {
        let archive = zipped(&[("disk", &content())], options);
        assert_eq!(Packing::of(&archive), Some(Packing::Zip));
        assert_eq!(unzipped(&archive).await, Ok(content()), "{options:?}");
    }
    // Written into a pipe: its sizes stand behind the member.
    let piped = by("zip", &["-q", "-", "-"], &content());
    assert_eq!(unzipped(&piped).await, Ok(content()));
}

#[tokio::test]
async fn a_zip_with_another_number_of_members_is_refused() {
    let two = zipped(&[("a", b"1"), ("b", b"2")], &[]);
    let refused = unzipped(&two).await.expect_err("two");
    assert_eq!(refused, "the archive has 2 members; allowed: 1");
    let none = [&b"PK\x05\x06"[..], &[0; 18]].concat();
    assert_eq!(Packing::of(&none), Some(Packing::Zip));
    let refused = unzipped(&none).await.expect_err("none");
    assert_eq!(refused, "the archive has 0 members; allowed: 1");
}

#[tokio::test]
async fn two_members_of_one_name_are_two() {
    let mut two = zipped(&[("a", b"1"), ("b", b"2")], &["-0"]);
    for at in 0..two.len() {
        if two[at] == b'b' && two[at + 1..].first() != Some(&b'a') {
            two[at] = b'a';
        }
    }
    assert!(unzipped(&two).await.is_err());
}

#[tokio::test]
async fn what_stands_around_a_zip_is_refused() {
    let archive = zipped(&[("disk", &content())], &[]);
    for (before, behind) in [(&b"MZ.."[..], &b""[..]), (b"", b"\0"), (b"", &[7; 700])] {
        let bytes = [before, &archive, behind].concat();
        assert!(unzipped(&bytes).await.is_err(), "{before:?}");
    }
    for end in [archive.len() - 1, archive.len() / 2, 30] {
        assert!(unzipped(&archive[..end]).await.is_err(), "{end}");
    }
}

#[tokio::test]
async fn a_directory_is_not_read_that_cannot_be_of_one_member() {
    // What looks like a second end may be where another reader sees one.
    let mut two = zipped(&[("disk", &content())], &[]);
    let comment = two.len() - 2;
    two[comment..].copy_from_slice(&22_u16.to_le_bytes());
    two.extend([&b"PK\x05\x06"[..], &[0; 18]].concat());
    let refused = unzipped(&two).await.expect_err("two ends");
    assert!(refused.contains("more than one end"), "{refused}");
    let mut long = zipped(&[("disk", &content())], &[]);
    let size = long.len() - 10;
    long[size..size + 4].copy_from_slice(&0x00ff_ffff_u32.to_le_bytes());
    let refused = unzipped(&long).await.expect_err("a long directory");
    assert!(refused.contains("too long"), "{refused}");
}

#[tokio::test]
async fn a_damaged_or_encrypted_member_is_refused() {
    let mut damaged = zipped(&[("disk", &content())], &["-0"]);
    damaged[1000] ^= 1;
    assert!(unzipped(&damaged).await.is_err());
    let encrypted = zipped(&[("disk", b"content")], &["-P", "secret"]);
    let refused = unzipped(&encrypted).await.expect_err("encrypted");
    assert_eq!(refused, "the archive's member is encrypted");
}

/// Bits, the highest of a byte first.
#[derive(Default)]
struct Bits(Vec<u8>, usize);

impl Bits {
    fn put(&mut self, count: usize, value: usize) {
        for at in (0..count).rev() {
            if self.1.is_multiple_of(8) {
                self.0.push(0);
            }
            let bit = u8::from(value >> at & 1 == 1);
            *self.0.last_mut().expect("a byte") |= bit << (7 - self.1 % 8);
            self.1 += 1;
        }
    }
}

/// The data of an lha member by its method `-lh5-`: a block for each run of a byte, whose code takes
/// no bits as there is no other.
fn lh5(runs: &[(u8, usize)]) -> Vec<u8> {
    let mut bits = Bits::default();
    for (byte, count) in runs {
        bits.put(16, *count);
        for (count, code) in [(5, 0), (9, usize::from(*byte)), (4, 0)] {
            bits.put(count, 0);
            bits.put(count, code);
        }
    }
    bits.0
}

/// An lha archive of members, each with its method, its data and what is in them. No program that
/// makes some is free; `lha` of Debian's package lhasa reads this.
fn lha(members: &[(&str, &[u8], &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (method, data, content) in members {
        let crc = content.iter().fold(0_u16, |crc, byte| {
            (0..8).fold(crc ^ u16::from(*byte), |crc, _| {
                (crc >> 1) ^ if crc & 1 == 1 { 0xa001 } else { 0 }
            })
        });
        let size = |bytes: &[u8]| u32::try_from(bytes.len()).expect("a size").to_le_bytes();
        let (packed, size) = (size(data), size(content));
        let mut head = method.as_bytes().to_vec();
        head.extend([&packed[..], &size, &[0; 4], &[0x20, 0, 4], b"disk"].concat());
        head.extend(crc.to_le_bytes());
        let sum = head.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        archive.extend([u8::try_from(head.len()).expect("a length"), sum]);
        archive.extend([&head[..], data].concat());
    }
    archive.push(0);
    archive
}

async fn unpacked_lha(archive: &[u8]) -> Result<Vec<u8>, String> {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(archive).expect("bytes");
    file.rewind().expect("the beginning");
    collected(unlha(file)).await
}

#[tokio::test]
async fn the_member_of_an_lha_comes_out() {
    let stored = lha(&[("-lh0-", &content(), &content())]);
    assert_eq!(Packing::of(&stored), Some(Packing::Lha));
    assert_eq!(unpacked_lha(&stored).await, Ok(content()));
    let runs = [(b'a', 1), (b'b', 65_535), (0, 40_000), (255, 2)];
    let content: Vec<u8> = runs
        .iter()
        .flat_map(|(byte, count)| vec![*byte; *count])
        .collect();
    let packed = lha(&[("-lh5-", &lh5(&runs), &content)]);
    assert!(packed.len() < 100);
    assert_eq!(unpacked_lha(&packed).await, Ok(content));
}

#[tokio::test]
async fn an_lha_that_is_not_one_whole_member_is_refused() {
    let one = ("-lh0-", &b"content"[..], &b"content"[..]);
    let refused = unpacked_lha(&lha(&[one, one])).await.expect_err("two");
    assert_eq!(refused, "the archive has 2 members; allowed: 1");
    assert!(unpacked_lha(&lha(&[])).await.is_err());
    let folder = ("-lhd-", &b""[..], &b""[..]);
    let refused = unpacked_lha(&lha(&[folder])).await.expect_err("a folder");
    assert_eq!(refused, "the archive's member is a folder");
    let strange = ("-lh9-", &b"content"[..], &b"content"[..]);
    assert!(unpacked_lha(&lha(&[strange])).await.is_err());
    let other = ("-lh0-", &b"content"[..], &b"another"[..]);
    assert!(unpacked_lha(&lha(&[other])).await.is_err());
    let archive = lha(&[one]);
    for end in [archive.len() - 2, 25, 10] {
        assert!(unpacked_lha(&archive[..end]).await.is_err(), "{end}");
    }
    let followed = [&archive[..], b"more"].concat();
    assert!(unpacked_lha(&followed).await.is_err());
}

#[test]
fn what_is_not_packed_is_left_alone() {
    for head in [&b"QFI\xfb\0\0\0\x03"[..], b"", b"PK", &[0; 8]] {
        assert_eq!(Packing::of(head), None, "{head:?}");
    }
    assert_eq!(Packing::of(b"\x20\x10-lh5-\0"), Some(Packing::Lha));
}
