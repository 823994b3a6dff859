//! What the cache keeps, and what it never says.

use std::{fs::Permissions, os::unix::fs::PermissionsExt as _, thread};

use proptest::prelude::*;

use super::*;
use crate::domain::{Clock as _, SystemClock, Timestamp};

fn digest(text: &str) -> Digest {
    let (algorithm, value) = text.split_once(':').expect("alg:hex");
    Digest::from_hex(algorithm.parse().expect("a name"), value).expect("a digest")
}

fn identity(size: u64) -> Identity {
    Identity {
        device: 1,
        inode: 2,
        size,
        modified: (3, 4),
        changed: (-5, 6),
    }
}

fn opened(file: &Path) -> Cache {
    let (cache, problem) = Cache::open(file.to_owned());
    assert!(problem.is_none(), "{problem:?}");
    cache
}

/// A cache in a folder of its own that knows one file.
fn one_entry() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cache");
    let cache = opened(&file);
    cache.add(Path::new("/a"), identity(7), [digest("md5:ab")].iter());
    cache.save().expect("room");
    (folder, file)
}

#[test]
fn a_digest_is_found_again_for_the_same_file_alone() {
    let (_folder, file) = one_entry();
    let cache = opened(&file);
    assert_eq!(
        cache.find(Path::new("/a"), &identity(7)),
        [digest("md5:ab")]
    );
    assert_eq!(cache.find(Path::new("/b"), &identity(7)), []);
    let others: [fn(&mut Identity); 5] = [
        |it| it.device += 1,
        |it| it.inode += 1,
        |it| it.size += 1,
        |it| it.modified.1 += 1,
        |it| it.changed.1 += 1,
    ];
    for other in others {
        let mut identity = identity(7);
        other(&mut identity);
        assert_eq!(cache.find(Path::new("/a"), &identity), [], "{identity:?}");
    }
}

#[test]
fn what_two_processes_add_is_kept_of_both() {
    let (_folder, file) = one_entry();
    thread::scope(|scope| {
        for number in 0_u64..8 {
            let file = &file;
            scope.spawn(move || {
                let cache = opened(file);
                let path = PathBuf::from(format!("/{number}"));
                cache.add(&path, identity(number), [digest("sha1:cd")].iter());
                cache.add(Path::new("/a"), identity(7), [digest("sha1:cd")].iter());
                cache.save().expect("room");
            });
        }
    });
    let cache = opened(&file);
    for number in 0..8 {
        let path = PathBuf::from(format!("/{number}"));
        assert_eq!(cache.find(&path, &identity(number)), [digest("sha1:cd")]);
    }
    let both = [digest("md5:ab"), digest("sha1:cd")];
    assert_eq!(cache.find(Path::new("/a"), &identity(7)), both);
}

#[test]
fn what_was_known_of_a_file_before_it_changed_is_forgotten() {
    let (_folder, file) = one_entry();
    let cache = opened(&file);
    cache.add(Path::new("/a"), identity(8), [digest("sha1:cd")].iter());
    cache.save().expect("room");
    let cache = opened(&file);
    assert_eq!(cache.find(Path::new("/a"), &identity(7)), []);
    assert_eq!(
        cache.find(Path::new("/a"), &identity(8)),
        [digest("sha1:cd")]
    );
}

#[test]
fn a_cache_with_any_byte_changed_or_missing_says_nothing() {
    let (_folder, file) = one_entry();
    let sound = fs::read(&file).expect("the cache");
    let changed = (0..sound.len()).map(|place| {
        let mut damaged = sound.clone();
        damaged[place] ^= 1;
        damaged
    });
    let cut = (0..sound.len()).map(|len| sound[..len].to_vec());
    for damaged in changed.chain(cut).chain([[&sound[..], b"x\n"].concat()]) {
        fs::write(&file, damaged).expect("room");
        let (cache, problem) = Cache::open(file.clone());
        assert!(matches!(problem, Some(Unusable::Damaged)), "{problem:?}");
        assert_eq!(cache.find(Path::new("/a"), &identity(7)), []);
    }
    // And it is replaced by a sound one.
    let (cache, _) = Cache::open(file.clone());
    cache.add(Path::new("/b"), identity(1), [digest("md5:ab")].iter());
    cache.save().expect("room");
    assert_eq!(opened(&file).find(Path::new("/b"), &identity(1)).len(), 1);
}

#[test]
fn a_cache_that_others_may_write_to_says_nothing() {
    let (_folder, file) = one_entry();
    for mode in [0o620, 0o602] {
        fs::set_permissions(&file, Permissions::from_mode(mode)).expect("ours");
        let (cache, problem) = Cache::open(file.clone());
        assert!(matches!(problem, Some(Unusable::Open)), "{problem:?}");
        assert_eq!(cache.find(Path::new("/a"), &identity(7)), []);
    }
}

#[test]
fn the_cache_is_for_its_owner_alone() {
    let (folder, file) = one_entry();
    let mode = fs::metadata(file).expect("the cache").mode();
    assert_eq!(mode & 0o777, 0o600);
    let left = fs::read_dir(folder.path()).expect("the folder").count();
    assert_eq!(left, 2, "the cache and its lock");
}

#[test]
fn a_file_changed_within_the_step_of_a_clock_is_not_settled() {
    let now = SystemClock.now();
    let second = now.as_micros() / 1_000_000;
    for (modified, changed, settled) in [
        (0, 0, true),
        (second - 3, second - 3, true),
        (second - 2, 0, false),
        (0, second - 2, false),
        (second, 0, false),
        (second + 1_000, 0, false),
        (i64::MAX, 0, false),
    ] {
        let identity = Identity {
            modified: (modified, 0),
            changed: (changed, 0),
            ..identity(1)
        };
        assert_eq!(identity.is_settled(now), settled, "{identity:?}");
    }
    assert!(!identity(1).is_settled(Timestamp::from_micros(0)));
}

fn entries() -> impl Strategy<Value = Entries> {
    let numbers = (any::<u64>(), any::<u64>(), any::<u64>());
    let times = (any::<(i64, i64)>(), any::<(i64, i64)>());
    let identity =
        (numbers, times).prop_map(|((device, inode, size), (modified, changed))| Identity {
            device,
            inode,
            size,
            modified,
            changed,
        });
    let digest = ("[a-z0-9_]{1,10}", prop::collection::vec(any::<u8>(), 1..64))
        .prop_map(|(name, value)| Digest::new(name.parse().expect("a name"), &value));
    let digests = prop::collection::vec(digest, 1..4);
    let entry = (identity, digests).prop_map(|(identity, digests)| Entry { identity, digests });
    let path = prop::collection::vec(any::<u8>(), 0..20).prop_map(|name| {
        use std::os::unix::ffi::OsStringExt as _;
        PathBuf::from(std::ffi::OsString::from_vec(name))
    });
    prop::collection::hash_map(path, entry, 0..8)
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(entries in entries()) {
        prop_assert_eq!(text::read(&text::written(&entries)), Some(entries));
    }

    #[test]
    fn no_bytes_are_too_strange(text in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(text::read(&text), None);
    }
}
