//! Throughput of every algorithm, and of digests fanned out over threads.
#![expect(
    clippy::expect_used,
    reason = "a benchmark may stop at the first fault"
)]

use std::{convert::Infallible, hint::black_box};

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput};
use futures_util::{StreamExt as _, stream};
use hallmark::{domain::Algorithm, hash::Hashers};
use tokio::runtime::Runtime;

const KIB: usize = 1024;

/// About what the HTTP server hands over at a time.
const FRAME: usize = 256 * KIB;

/// Frames of one fanned-out stream, 64 MiB together.
const FRAMES: usize = 256;

fn algorithm(name: &str) -> Algorithm {
    name.parse().expect("a name")
}

/// One running hasher per algorithm and chunk size, on one thread.
fn each_algorithm(criterion: &mut Criterion) {
    let hashers = Hashers::builtin();
    let mut group = criterion.benchmark_group("hash");
    for size in [64 * KIB, 1024 * KIB] {
        let chunk = vec![0x5a; size];
        group.throughput(Throughput::Bytes(size as u64));
        for name in hashers.names() {
            let mut hasher = hashers.hasher(&algorithm(name)).expect("implemented");
            let id = BenchmarkId::new(name, format!("{} KiB", size / KIB));
            group.bench_function(id, |bencher| {
                bencher.iter(|| hasher.update(black_box(&chunk)));
            });
        }
    }
    group.finish();
}

/// A stream of 64 MiB through the fan-out: the two digests of an upload, and each alone.
fn fan_out(criterion: &mut Criterion) {
    let hashers = Hashers::builtin();
    let runtime = Runtime::new().expect("a runtime");
    let frame = Bytes::from(vec![0x5a; FRAME]);
    let mut group = criterion.benchmark_group("fan-out");
    group.sample_size(10);
    group.throughput(Throughput::Bytes((FRAME * FRAMES) as u64));
    for names in [
        &["md5"][..],
        &["sha512"],
        &["md5", "sha512"],
        &["sha256"],
        &["blake3"],
        &[],
    ] {
        let algorithms: Vec<_> = names.iter().map(|name| algorithm(name)).collect();
        let id = if names.is_empty() {
            "none".to_owned()
        } else {
            names.join("+")
        };
        group.bench_function(id, |bencher| {
            bencher.iter(|| runtime.block_on(hash_stream(&hashers, &algorithms, &frame)));
        });
    }
    group.finish();
}

async fn hash_stream(hashers: &Hashers, algorithms: &[Algorithm], frame: &Bytes) {
    let frames = stream::repeat_with(|| Ok::<_, Infallible>(frame.clone())).take(FRAMES);
    let running = hashers.start(algorithms).expect("threads");
    let (tapped, pending) = running.tap(frames);
    tapped
        .for_each(|frame| async { drop(black_box(frame)) })
        .await;
    black_box(pending.join().await.expect("digests"));
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    each_algorithm(&mut criterion);
    fan_out(&mut criterion);
    criterion.final_summary();
}
