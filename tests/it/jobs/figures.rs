//! Figures of the worker, as Prometheus reads them.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
};

use serde_json::json;

use super::support::{DATA, Ground, good, inspect};
use crate::support::until;

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("an address")
}

/// What is told under `path`, if anybody listens.
fn told(address: SocketAddr, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    write!(stream, "GET {path} HTTP/1.0\r\n\r\n").ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    Some(text)
}

#[tokio::test]
async fn fault_11_what_cannot_be_checked_is_counted_and_fault_9_nothing_stays_active() {
    let ground = Ground::new();
    let address = free_address();
    let checksum = |algorithm: &str| format!("{algorithm}:{}", "00".repeat(32));
    let images = [
        json!({"path": "data", "checksum": DATA}),
        json!({"path": "data"}),
        json!({"path": "data", "checksum": checksum("sha256")}),
        json!({"path": "data", "checksum": checksum("crc32")}),
        json!({"path": "data", "checksum": "sha256:xyz"}),
        json!({"path": "missing", "checksum": DATA}),
    ];
    for (number, image) in images.iter().enumerate() {
        let id = format!("job-{number:04}");
        ground.put(&format!("{id}.json"), &inspect(&id, image));
    }
    let _worker = ground.start(&["--metrics-bind", &address.to_string()]);
    for number in 0..images.len() {
        ground.result_in_time(&format!("job-{number:04}")).await;
    }
    until("all is counted", async || {
        let text = told(address, "/metrics").unwrap_or_default();
        [
            "guestkit_checksum_verifications_total{status=\"success\"} 1",
            "guestkit_checksum_verifications_total{status=\"skipped\"} 1",
            "guestkit_checksum_verifications_total{status=\"failure\"} 4",
            "guestkit_worker_jobs_total{operation=\"guestkit.inspect\",status=\"completed\"} 2",
            "guestkit_worker_jobs_total{operation=\"guestkit.inspect\",status=\"failed\"} 2",
            "guestkit_worker_jobs_total{operation=\"unknown\",status=\"failed\"} 2",
            "guestkit_worker_active_jobs 0",
            "guestkit_worker_queue_depth 0",
            "guestkit_worker_disk_read_bytes_total 12",
        ]
        .iter()
        .all(|line| text.lines().any(|it| it == *line))
    })
    .await;
    assert!(told(address, "/health").is_some_and(|text| text.ends_with("OK\n")));
    ground.put("again.json", &good("job-0000"));
    until("it is put away", async || {
        ground.files("jobs/done").len() == 3
    })
    .await;
    let text = told(address, "/metrics").expect("figures");
    assert!(text.contains("guestkit_worker_active_jobs 0\n"), "{text}");
}

#[test]
fn an_address_that_is_taken_stops_the_start() {
    let ground = Ground::new();
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let output = ground.output(&["--once", "--metrics-bind", &address]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains(&address));
}
