//! What a tapped stream promises, and what a blocking read does.

use std::{
    convert::Infallible,
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    time::Duration,
};

use futures_util::{FutureExt as _, StreamExt as _, stream};
use proptest::prelude::*;

use super::*;

/// A hasher that shows `update` what it is fed, and holds `_held` until it is dropped.
struct Probe<F, H> {
    update: F,
    _held: H,
}

impl<F: FnMut(&[u8]) + Send, H: Send> Hasher for Probe<F, H> {
    fn update(&mut self, bytes: &[u8]) {
        (self.update)(bytes);
    }

    fn finish(self: Box<Self>) -> Box<[u8]> {
        Box::default()
    }
}

fn algorithm(name: &str) -> Algorithm {
    name.parse().expect("a name")
}

fn job<H: Send + 'static>(update: impl FnMut(&[u8]) + Send + 'static, held: H) -> Job {
    Job {
        algorithm: algorithm("probe"),
        hasher: Box::new(Probe {
            update,
            _held: held,
        }),
    }
}

/// A job that tells the name of the thread it runs on.
fn named_job(names: &Sender<String>) -> Job {
    let names = names.clone();
    let tell = move |_: &[u8]| {
        let name = thread::current().name().expect("a name").to_owned();
        names.send(name).expect("a listener");
    };
    job(tell, ())
}

fn running(jobs: Vec<Job>) -> Running {
    Threads::limited_to(16).spread(jobs).expect("threads")
}

fn start(names: &[&str]) -> Running {
    let algorithms: Vec<_> = names.iter().map(|name| algorithm(name)).collect();
    Hashers::builtin().start(&algorithms).expect("threads")
}

fn frames(count: usize) -> Vec<Result<Bytes, Infallible>> {
    (0..count)
        .map(|number| Ok(Bytes::from(format!("frame {number}, "))))
        .collect()
}

fn expected(name: &str, content: &[u8]) -> Digest {
    let mut hasher = Hashers::builtin()
        .hasher(&algorithm(name))
        .expect("implemented");
    hasher.update(content);
    Digest::new(algorithm(name), &hasher.finish())
}

/// Fails unless every sender of `ends` is dropped soon.
fn assert_all_dropped(ends: &Receiver<()>) {
    let end = ends.recv_timeout(Duration::from_secs(30));
    assert_eq!(end, Err(RecvTimeoutError::Disconnected));
}

#[tokio::test]
async fn a_stream_read_to_its_end_gives_its_size_and_digests_in_the_order_asked() {
    let content = b"first second".as_slice();
    let parts = [Ok::<_, Infallible>("first "), Ok(""), Ok("second")];
    let parts = parts.map(|part| part.map(Bytes::from));
    let (tapped, pending) = start(&["sha512", "md5", "blake3"]).tap(stream::iter(parts));
    let passed: Vec<_> = tapped.map(|frame| frame.expect("a frame")).collect().await;
    let (bytes, digests) = pending.join().await.expect("digests");
    assert_eq!(passed, ["first ", "", "second"]);
    assert_eq!(bytes, 12);
    let in_order = ["sha512", "md5", "blake3"].map(|name| expected(name, content));
    assert!(digests.iter().eq(&in_order));
}

#[tokio::test]
async fn a_stream_without_digests_is_counted() {
    let (tapped, pending) = start(&[]).tap(stream::iter(frames(2)));
    assert_eq!(tapped.count().await, 2);
    let (bytes, digests) = pending.join().await.expect("a count");
    assert_eq!((bytes, digests.iter().count()), (18, 0));
}

#[tokio::test]
async fn an_empty_stream_has_the_digest_of_nothing() {
    let (tapped, pending) = start(&["sha256"]).tap(stream::iter(frames(0)));
    assert_eq!(tapped.count().await, 0);
    let (bytes, digests) = pending.join().await.expect("digests");
    assert_eq!(bytes, 0);
    assert!(digests.iter().eq([&expected("sha256", b"")]));
}

#[tokio::test]
async fn a_stream_that_fails_gives_no_digest_even_if_read_on() {
    let parts = [
        Ok(Bytes::from("good")),
        Err("broken"),
        Ok(Bytes::from("more")),
    ];
    let (tapped, pending) = start(&["md5"]).tap(stream::iter(parts));
    assert_eq!(tapped.count().await, 3);
    assert!(matches!(pending.join().await, Err(HashError::Incomplete)));
}

#[tokio::test]
async fn a_stream_dropped_after_its_last_frame_but_before_its_end_gives_no_digest() {
    let (tapped, pending) = start(&["md5"]).tap(stream::iter(frames(3)));
    assert_eq!(tapped.take(3).count().await, 3);
    assert!(matches!(pending.join().await, Err(HashError::Incomplete)));
}

#[tokio::test]
async fn a_stream_never_read_gives_no_digest() {
    let (tapped, pending) = start(&["md5"]).tap(stream::iter(frames(3)));
    drop(tapped);
    assert!(matches!(pending.join().await, Err(HashError::Incomplete)));
}

#[tokio::test]
async fn a_hasher_that_panics_stops_no_frame_and_gives_no_digest() {
    let count = 4 * WAITING_FRAMES;
    let panicking = job(|_| panic!("a hasher out of order"), ());
    let healthy = job(|_| (), ());
    let (tapped, pending) = running(vec![panicking, healthy]).tap(stream::iter(frames(count)));
    assert_eq!(tapped.count().await, count);
    assert!(matches!(pending.join().await, Err(HashError::Died)));
}

#[test]
fn a_slow_digest_slows_the_reader() {
    let (open, gate) = channel::<()>();
    // Until the gate is gone, the first frame is not done with.
    let wait = move |_: &[u8]| {
        let _ = gate.recv();
    };
    let slow = job(wait, ());
    let (count, bytes) = (40, 9 * 10 + 10 * 30);
    let (mut tapped, pending) = running(vec![slow]).tap(stream::iter(frames(count)));
    let mut passed = 0;
    while let Some(Some(_)) = tapped.next().now_or_never() {
        passed += 1;
    }
    assert!((1..=WAITING_FRAMES + 1).contains(&passed), "{passed}");
    drop(open);
    let rest = futures_util::future::join(tapped.count(), pending.join());
    let (rest, joined) = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime")
        .block_on(rest);
    assert_eq!(passed + rest, count);
    assert_eq!(joined.expect("digests").0, bytes);
}

#[tokio::test]
async fn hash_threads_are_given_the_frames_themselves() {
    let (saw, seen) = channel();
    let watch = move |bytes: &[u8]| saw.send(bytes.as_ptr().addr()).expect("a listener");
    let frame = Bytes::from(vec![7; 4096]);
    let parts = [Ok::<_, Infallible>(frame.clone())];
    let (mut tapped, pending) = running(vec![job(watch, ())]).tap(stream::iter(parts));
    let passed = tapped.next().await.expect("a frame").expect("a frame");
    assert!(tapped.next().await.is_none());
    pending.join().await.expect("digests");
    assert_eq!(passed.as_ptr(), frame.as_ptr());
    assert!(seen.iter().eq([frame.as_ptr().addr()]));
}

#[test]
fn hash_threads_end_when_the_stream_is_dropped() {
    let (held, ends) = channel::<()>();
    let jobs = (0..3).map(|_| job(|_| (), held.clone())).collect();
    drop(held);
    let (mut tapped, _pending) = running(jobs).tap(stream::iter(frames(3)));
    assert!(tapped.next().now_or_never().is_some());
    drop(tapped);
    assert_all_dropped(&ends);
}

#[test]
fn hash_threads_end_when_the_stream_fails_although_it_is_kept() {
    let (held, ends) = channel::<()>();
    let parts = [Ok(Bytes::from("good")), Err("broken")];
    let (mut tapped, _pending) = running(vec![job(|_| (), held)]).tap(stream::iter(parts));
    assert!(tapped.next().now_or_never().is_some());
    let failed = tapped.next().now_or_never();
    assert!(matches!(failed, Some(Some(Err("broken")))));
    assert_all_dropped(&ends);
}

#[test]
fn hash_threads_end_when_nothing_is_tapped() {
    let (held, ends) = channel::<()>();
    drop(running(vec![job(|_| (), held)]));
    assert_all_dropped(&ends);
}

#[test]
fn an_algorithm_asked_for_twice_is_computed_once() {
    let (_, digests) = start(&["md5", "sha1", "md5"])
        .read(&b"x"[..])
        .expect("digests");
    let once = ["md5", "sha1"].map(|name| expected(name, b"x"));
    assert!(digests.iter().eq(&once));
}

#[test]
fn an_algorithm_that_is_not_implemented_starts_nothing() {
    let hashers = Hashers::builtin();
    let refused = hashers.start(&[algorithm("md5"), algorithm("crc32")]);
    assert!(matches!(refused, Err(HashError::Unknown { .. })));
    assert_eq!(hashers.threads.live.load(Ordering::Relaxed), 0);
}

#[test]
fn each_digest_has_a_thread_until_the_limit_is_reached() {
    let (names, told) = channel();
    let threads = Threads::limited_to(3);
    let two = || vec![named_job(&names), named_job(&names)];
    let first = threads.spread(two()).expect("threads");
    let second = threads.spread(two()).expect("a thread");
    first.read(&b"x"[..]).expect("digests");
    assert!(told.try_iter().eq(["hash-probe", "hash-probe"]));
    second.read(&b"x"[..]).expect("digests");
    assert!(told.try_iter().eq(["hash-shared", "hash-shared"]));
    // Both have ended, so there is room again.
    let third = threads.spread(two()).expect("threads");
    third.read(&b"x"[..]).expect("digests");
    assert!(told.try_iter().eq(["hash-probe", "hash-probe"]));
}

#[test]
fn a_thread_that_panicked_is_no_longer_counted() {
    let (held, ends) = channel::<()>();
    let threads = Threads::limited_to(1);
    let panicking = job(|_| panic!("a hasher out of order"), held);
    let outcome = threads.spread(vec![panicking]).map(|it| it.read(&b"x"[..]));
    assert!(matches!(outcome, Ok(Err(HashError::Died))));
    assert_all_dropped(&ends);
    let (names, told) = channel();
    let next = threads.spread(vec![named_job(&names)]).expect("a thread");
    next.read(&b"x"[..]).expect("digests");
    assert!(told.try_iter().eq(["hash-probe"]));
}

/// Gives its bytes a few at a time, interrupted before each part.
struct Stuttering<'a> {
    content: &'a [u8],
    interrupt: bool,
}

impl io::Read for Stuttering<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.interrupt = !self.interrupt;
        if self.interrupt {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let len = buffer.len().min(70_000);
        self.content.read(&mut buffer[..len])
    }
}

#[test]
fn a_reader_is_hashed_to_its_end_whatever_it_gives_at_a_time() {
    // More parts than there are buffers, so that these are used again.
    let content: Vec<u8> = (0..=250).cycle().take(3_000_000).collect();
    let stuttering = Stuttering {
        content: &content,
        interrupt: false,
    };
    let (bytes, digests) = start(&["sha1", "sha256"])
        .read(stuttering)
        .expect("digests");
    assert_eq!(bytes, 3_000_000);
    let in_order = ["sha1", "sha256"].map(|name| expected(name, &content));
    assert!(digests.iter().eq(&in_order));
}

#[test]
fn a_reader_that_fails_gives_no_digest() {
    struct Failing;
    impl io::Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::TimedOut.into())
        }
    }
    let outcome = start(&["md5"]).read(io::Read::chain(&b"good"[..], Failing));
    let Err(HashError::Unreadable(cause)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(cause.kind(), io::ErrorKind::TimedOut);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_tapped_stream_has_the_digest_of_its_frames_together(
        parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..40),
    ) {
        let content = parts.concat();
        let frames = parts.into_iter().map(|part| Ok::<_, Infallible>(Bytes::from(part)));
        let (tapped, pending) = start(&["md5", "sha512"]).tap(stream::iter(frames));
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let (bytes, digests) = runtime.block_on(async {
            tapped.count().await;
            pending.join().await.expect("digests")
        });
        prop_assert_eq!(bytes, content.len() as u64);
        let in_order = ["md5", "sha512"].map(|name| expected(name, &content));
        prop_assert!(digests.iter().eq(&in_order));
    }
}
