//! The rules of the cache by itself.

use std::fs;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use tempfile::TempDir;

use super::*;
use crate::{domain::Digest, stream::Outgoing};

fn cache(folder: &TempDir, max_size: u64) -> ImageCache {
    let opened = ImageCache::open(&Settings {
        folder: folder.path().to_owned(),
        max_size,
        stall_time: Duration::from_millis(20),
    });
    opened.expect("a folder that nobody uses")
}

fn key(byte: u8) -> Key {
    let digest = Digest::new("sha256".parse().expect("a name"), &[byte; 32]);
    Key::shared(&digest).expect("a key")
}

fn source(frames: &[&'static str]) -> Outgoing {
    let frames: Vec<_> = frames
        .iter()
        .map(|frame| Ok(Bytes::from_static(frame.as_bytes())))
        .collect();
    Box::pin(stream::iter(frames))
}

async fn pass(mut body: Outgoing) -> io::Result<()> {
    while let Some(frame) = body.next().await {
        frame?;
    }
    Ok(())
}

async fn begin(cache: &ImageCache, key: &Key, size: u64) -> (Filling, Following) {
    let begun = cache.begin(key, size).await.expect("room");
    (begun.0.expect("nobody is at it"), begun.1)
}

#[tokio::test]
async fn the_last_byte_is_held_back_until_the_rest_is_known_to_be_right() {
    let folder = TempDir::new().expect("a folder");
    let cache = cache(&folder, 100);
    let (mut filling, mut following) = begin(&cache, &key(1), 4).await;
    let body = filling.write(source(&["ab", "cd"])).expect("a thread");
    pass(body).await.expect("written");
    let mut got = Vec::new();
    while got.len() < 3 {
        got.extend(following.next().await.expect("bytes").expect("more"));
    }
    assert_eq!(got, b"abc");
    filling.reject();
    assert_eq!(following.next().await, Err(Lost::Wrong));
    assert!(matches!(cache.find(&key(1), 4).await, Found::Nothing));
}

#[tokio::test]
async fn what_is_given_up_tells_its_readers_and_leaves_nothing() {
    let folder = TempDir::new().expect("a folder");
    let cache = cache(&folder, 100);
    let (filling, mut following) = begin(&cache, &key(1), 4).await;
    let there = cache.begin(&key(1), 4).await.expect("room");
    assert!(there.0.is_none(), "one fills, the others follow");
    drop(filling);
    assert_eq!(following.next().await, Err(Lost::Incomplete));
    let left = fs::read_dir(folder.path().join("incomplete"));
    assert_eq!(left.expect("a folder").count(), 0);
}

#[tokio::test]
async fn what_is_being_written_has_its_room_promised() {
    let folder = TempDir::new().expect("a folder");
    let cache = cache(&folder, 10);
    assert!(cache.begin(&key(1), 11).await.is_none());
    let (first, _) = begin(&cache, &key(1), 6).await;
    assert!(cache.begin(&key(2), 6).await.is_none());
    drop(first);
    begin(&cache, &key(2), 6).await;
}

#[tokio::test]
async fn a_source_that_stalls_is_given_up() {
    let folder = TempDir::new().expect("a folder");
    let cache = cache(&folder, 10);
    let (mut filling, _) = begin(&cache, &key(1), 6).await;
    let body = filling.write(Box::pin(stream::pending()));
    let stalled = pass(body.expect("a thread")).await;
    let error = stalled.expect_err("nothing came");
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
}

#[tokio::test]
async fn a_folder_is_used_once_at_a_time() {
    let folder = TempDir::new().expect("a folder");
    let first = cache(&folder, 10);
    let settings = Settings {
        folder: folder.path().to_owned(),
        max_size: 10,
        stall_time: Duration::from_secs(1),
    };
    let second = ImageCache::open(&settings);
    let error = second.expect_err("the first uses it");
    assert_eq!(error.kind(), io::ErrorKind::ResourceBusy);
    drop(first);
    assert!(ImageCache::open(&settings).is_ok());
}
