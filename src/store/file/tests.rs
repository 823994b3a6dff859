//! The rules of the file store.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt as _};

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tempfile::TempDir;

use super::*;
use crate::{
    domain::{Ids as _, RandomIds},
    stream::Interrupted,
};

fn store(folder: &TempDir, perm: u32) -> FileStore {
    FileStore::open(&Settings {
        filesystem_store_datadir: folder.path().join("images"),
        filesystem_store_file_perm: perm,
    })
    .expect("a folder that can be written to")
}

fn data(frames: &[&'static str]) -> Incoming {
    let frames: Vec<_> = frames
        .iter()
        .map(|frame| Ok(Bytes::from_static(frame.as_bytes())))
        .collect();
    Box::pin(stream::iter(frames))
}

fn broken() -> Incoming {
    Box::pin(stream::iter([
        Ok(Bytes::from_static(b"some")),
        Err(Interrupted::BrokenOff("the wire was cut".into())),
    ]))
}

fn new_id() -> ImageId {
    RandomIds.next().into()
}

/// Every file below the folder, by its path, with its text.
fn files(folder: &TempDir) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.path().to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder.path()).expect("below");
                let text = fs::read_to_string(&path).expect("text");
                found.insert(name.display().to_string(), text);
            }
        }
    }
    found
}

#[tokio::test]
async fn what_was_taken_in_is_not_shown_before_it_is_published() {
    let folder = TempDir::new().expect("a folder");
    let (store, id) = (store(&folder, 0), new_id());

    let received = store
        .receive(id, data(&["he", "llo"]))
        .await
        .expect("taken in");
    assert_eq!(received.size(), 5);
    assert!(matches!(store.size(id).await, Err(StoreError::NotFound(_))));
    assert_eq!(store.unpublished().await.expect("a list"), [id]);

    received.publish().await.expect("published");
    assert_eq!(store.size(id).await.expect("there"), 5);
    assert_eq!(
        files(&folder),
        BTreeMap::from([(format!("images/{id}"), "hello".to_owned())])
    );
}

#[tokio::test]
async fn data_that_breaks_off_leaves_nothing() {
    let folder = TempDir::new().expect("a folder");
    let taken = store(&folder, 0).receive(new_id(), broken()).await;
    assert!(matches!(taken, Err(StoreError::Interrupted(_))));
    assert_eq!(files(&folder), BTreeMap::new());
}

#[tokio::test]
async fn what_is_dropped_unpublished_leaves_nothing() {
    let folder = TempDir::new().expect("a folder");
    drop(store(&folder, 0).receive(new_id(), data(&["x"])).await);
    assert_eq!(files(&folder), BTreeMap::new());
}

#[tokio::test]
async fn a_published_image_is_never_replaced() {
    let folder = TempDir::new().expect("a folder");
    let (store, id) = (store(&folder, 0), new_id());
    let publish = async |text| {
        let received = store.receive(id, data(&[text])).await.expect("taken in");
        received.publish().await
    };
    publish("first").await.expect("published");
    assert!(matches!(
        publish("second").await,
        Err(StoreError::Exists(_))
    ));
    assert_eq!(
        files(&folder),
        BTreeMap::from([(format!("images/{id}"), "first".to_owned())])
    );
}

#[tokio::test]
async fn a_copy_that_is_replaced_is_there_at_every_moment() {
    let folder = TempDir::new().expect("a folder");
    let (store, id) = (store(&folder, 0), new_id());
    let replace = async |text| {
        let received = store.receive(id, data(&[text])).await.expect("taken in");
        received.replace().await.expect("replaced");
    };
    // There need not be one.
    replace("first").await;
    let path = folder.path().join(format!("images/{id}"));
    let (tell, told) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut seen = std::collections::BTreeSet::new();
        let mut reads = 0;
        while !seen.contains("last") {
            seen.insert(fs::read_to_string(&path).expect("there"));
            reads += 1;
            if reads == 1 {
                tell.send(()).expect("somebody waits");
            }
        }
        seen
    });
    told.recv().expect("it reads");
    for _ in 0..100 {
        replace("other").await;
        replace("first").await;
    }
    replace("last").await;
    let seen = reader.join().expect("a file at every moment");
    assert!(
        seen.iter()
            .all(|text| ["first", "other", "last"].contains(&&**text)),
        "{seen:?}"
    );
    assert_eq!(
        files(&folder),
        BTreeMap::from([(format!("images/{id}"), "last".to_owned())])
    );
}

#[tokio::test]
async fn a_range_gives_its_bytes_and_no_others() {
    let folder = TempDir::new().expect("a folder");
    let (store, id) = (store(&folder, 0), new_id());
    let text: &'static str = Box::leak("0123456789".repeat(200_000).into_boxed_str());
    let received = store.receive(id, data(&[text])).await.expect("taken in");
    received.publish().await.expect("published");

    for range in [
        0..2_000_000,
        524_287..524_289,
        7..8,
        1_999_999..2_000_000,
        600_000..1_800_001,
    ] {
        let part = store.open(id, range.clone()).await.expect("open");
        let part: Vec<Bytes> = part.try_collect().await.expect("bytes");
        let index = |at: u64| usize::try_from(at).expect("a small number");
        let expected = &text.as_bytes()[index(range.start)..index(range.end)];
        assert_eq!(part.concat(), expected, "{range:?}");
    }
    let beyond = store.open(id, 0..2_000_001).await;
    assert!(matches!(beyond, Err(StoreError::NotFound(_))));
}

#[tokio::test]
async fn a_file_that_shrinks_while_it_is_read_is_an_error() {
    let folder = TempDir::new().expect("a folder");
    let (store, id) = (store(&folder, 0), new_id());
    let received = store.receive(id, data(&["hello"])).await.expect("taken in");
    received.publish().await.expect("published");
    let bytes = store.open(id, 0..5).await.expect("open");
    fs::write(folder.path().join(format!("images/{id}")), "he").expect("written");
    assert!(bytes.try_collect::<Vec<_>>().await.is_err());
}

#[tokio::test]
async fn deleting_what_is_not_there_is_no_error() {
    let folder = TempDir::new().expect("a folder");
    store(&folder, 0).delete(new_id()).await.expect("deleted");
}

#[tokio::test]
async fn a_crash_leaves_partial_files_that_can_be_found_and_removed() {
    let folder = TempDir::new().expect("a folder");
    let (store, id) = (store(&folder, 0), new_id());
    let left = folder.path().join(format!("images/.incoming/{id}.0123"));
    fs::write(left, "partial").expect("written");

    assert_eq!(store.unpublished().await.expect("a list"), [id]);
    store.delete_unpublished(new_id()).await.expect("nothing");
    assert_eq!(store.unpublished().await.expect("a list"), [id]);
    store.delete_unpublished(id).await.expect("removed");
    assert_eq!(files(&folder), BTreeMap::new());
}

#[tokio::test]
async fn files_have_the_permissions_the_operator_asks_for() {
    let folder = TempDir::new().expect("a folder");
    let (store, id) = (store(&folder, 640), new_id());
    let received = store.receive(id, data(&["x"])).await.expect("taken in");
    received.publish().await.expect("published");
    let path = folder.path().join(format!("images/{id}"));
    let mode = fs::metadata(path).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[tokio::test]
async fn only_images_are_listed() {
    let folder = TempDir::new().expect("a folder");
    let (store, id) = (store(&folder, 0), new_id());
    fs::write(folder.path().join("images/lost+found.txt"), "x").expect("written");
    fs::write(folder.path().join(format!("images/{id}")), "x").expect("written");
    assert_eq!(store.list().await.expect("a list"), [id]);
    assert_eq!(
        store.url(id),
        format!("file://{}/images/{id}", folder.path().display())
    );
    let _ = store.open(id, 0..0).await.expect("open").next().await;
}

#[test]
fn a_folder_is_known_by_the_first_id_that_it_is_given() {
    let folder = TempDir::new().expect("a folder");
    let (first, again) = (store(&folder, 0), store(&folder, 0));
    assert_eq!(first.find_area().expect("an answer"), None);
    let (id, other) = (RandomIds.next(), RandomIds.next());
    assert_eq!(first.area(id).expect("an id"), id);
    assert_eq!(again.area(other).expect("an id"), id);
    assert_eq!(again.find_area().expect("an answer"), Some(id));
    let names: Vec<_> = files(&folder).into_keys().collect();
    assert_eq!(names, ["images/.area"]);
}

#[test]
fn of_many_that_give_a_folder_an_id_at_once_one_does() {
    let folder = TempDir::new().expect("a folder");
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let store = store(&folder, 0);
            std::thread::spawn(move || store.area(RandomIds.next()).expect("an id"))
        })
        .collect();
    let told = threads
        .into_iter()
        .map(|thread| thread.join().expect("an end"));
    let told: std::collections::BTreeSet<_> = told.collect();
    assert_eq!(told.len(), 1);
}

#[tokio::test]
async fn what_a_folder_is_known_by_is_no_image() {
    let folder = TempDir::new().expect("a folder");
    let store = store(&folder, 0);
    store.area(RandomIds.next()).expect("an id");
    assert_eq!(store.list().await.expect("a list"), []);
    fs::write(folder.path().join("images/.area"), "?").expect("a file");
    let error = store.area(RandomIds.next()).expect_err("no id");
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
}
