//! The spool: what becomes of documents and of workers that share them.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
};

use serde_json::json;

use super::support::{DATA, Ground, document, good, inspect};
use crate::support::{Publisher, until};

#[test]
fn a_job_leaves_its_result_and_its_document_among_those_that_are_done() {
    let ground = Ground::new();
    ground.put("anything.json", &good("job-0001"));
    let log = ground.work(&["--worker-id", "worker-7"]);
    let result = ground.result("job-0001");
    assert_eq!(result["status"], "completed", "{result:#}");
    assert_eq!(result["worker_id"], "worker-7");
    assert_eq!(ground.files("jobs/done"), ["job-0001.json"]);
    assert_eq!(ground.files("jobs"), ["claimed", "done", "failed"]);
    assert_eq!(ground.files("jobs/claimed"), [""; 0]);
    assert!(log.contains("[10%] Verifying image checksum..."), "{log}");
    assert!(log.contains("[100%] Done"), "{log}");
}

#[test]
fn a_failed_job_leaves_its_reason_beside_its_document() {
    let ground = Ground::new();
    let checksum = format!("sha256:{}", "00".repeat(32));
    let image = json!({"path": ground.path("images/data"), "checksum": checksum});
    ground.put("job-0001.json", &inspect("job-0001", &image));
    ground.work(&[]);
    assert_eq!(
        ground.result("job-0001")["error"]["code"],
        "CHECKSUM_VERIFICATION_FAILED"
    );
    assert_eq!(
        ground.files("jobs/failed"),
        ["job-0001.json", "job-0001.reason.txt"]
    );
    let reason = fs::read_to_string(ground.path("jobs/failed/job-0001.reason.txt"));
    let reason = reason.expect("a reason");
    assert!(
        reason.starts_with("CHECKSUM_VERIFICATION_FAILED: Image checksum"),
        "{reason}"
    );
    assert_eq!(ground.files("jobs/done"), [""; 0]);
}

#[tokio::test]
async fn fault_6_a_file_that_is_renamed_in_is_taken() {
    let ground = Ground::new();
    let _worker = ground.start(&[]);
    until("it works", async || ground.path("jobs/claimed").exists()).await;
    ground.put("job-0001.json", &good("job-0001"));
    assert_eq!(
        ground.result_in_time("job-0001").await["status"],
        "completed"
    );
}

#[tokio::test]
async fn fault_6_a_half_written_file_is_left_alone_until_it_is_whole() {
    let ground = Ground::new();
    let _worker = ground.start(&[]);
    // The worker has looked once what came before is done.
    ground.put("job-0001.json", &good("job-0001"));
    ground.result_in_time("job-0001").await;
    let text = good("job-0002").to_string();
    let (first, rest) = text.split_at(text.len() / 2);
    let mut file = OpenOptions::new()
        .create_new(true)
        .append(true)
        .open(ground.path("jobs/job-0002.json"))
        .expect("a file");
    file.write_all(first.as_bytes()).expect("room");
    // Longer than a file that nobody writes may stay as it is.
    for id in ["job-0003", "job-0004"] {
        tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
        ground.put(&format!("{id}.json"), &good(id));
        ground.result_in_time(id).await;
    }
    assert_eq!(ground.files("jobs/failed"), [""; 0]);
    assert_eq!(ground.find_result("job-0002"), None);
    file.write_all(rest.as_bytes()).expect("room");
    drop(file);
    assert_eq!(
        ground.result_in_time("job-0002").await["status"],
        "completed"
    );
}

#[test]
fn fault_6_a_file_that_does_not_parse_is_put_away_with_its_reason() {
    let ground = Ground::new();
    fs::write(ground.path("jobs/torn one.json"), "{\"version\": \"1.0\",").expect("a file");
    fs::write(ground.path("jobs/list.json"), "[]").expect("a file");
    fs::write(ground.path("jobs/.hidden.json"), "{").expect("a file");
    fs::write(ground.path("jobs/notes.txt"), "no job").expect("a file");
    ground.work(&[]);
    assert_eq!(
        ground.files("jobs/failed"),
        [
            "list.json",
            "list.reason.txt",
            "torn_one.json",
            "torn_one.reason.txt"
        ]
    );
    let reason = fs::read_to_string(ground.path("jobs/failed/torn_one.reason.txt"));
    assert!(
        reason
            .expect("a reason")
            .starts_with("VALIDATION_ERROR: the document is not JSON")
    );
    assert_eq!(
        ground.files("jobs"),
        [".hidden.json", "claimed", "done", "failed", "notes.txt"]
    );
    assert_eq!(ground.results(), [""; 0]);
}

#[test]
fn fault_6_a_job_does_not_run_again_when_its_file_has_another_name() {
    let ground = Ground::new();
    ground.put("first-name.json", &good("job-0001"));
    ground.work(&[]);
    let first = ground.result("job-0001");
    // The same job again, whose image has gone meanwhile: nothing looks.
    fs::remove_file(ground.path("images/data")).expect("the image");
    ground.put("second-name.json", &good("job-0001"));
    ground.work(&[]);
    assert_eq!(ground.result("job-0001"), first);
    assert_eq!(
        ground.files("jobs/done"),
        ["job-0001.2.json", "job-0001.json"]
    );
}

#[test]
fn fault_6_an_idempotency_key_is_known_after_a_restart() {
    let ground = Ground::new();
    let keyed = |id: &str| {
        let mut document = good(id);
        document["execution"] = json!({"idempotency_key": "weekly / scan"});
        document
    };
    ground.put("job-0001.json", &keyed("job-0001"));
    ground.work(&[]);
    fs::remove_file(ground.path("images/data")).expect("the image");
    ground.put("job-0002.json", &keyed("job-0002"));
    ground.work(&[]);
    let (first, second) = (ground.result("job-0001"), ground.result("job-0002"));
    assert_eq!(second["status"], "completed");
    assert_eq!(
        (&second["job_id"], &second["repeats"]),
        (&json!("job-0002"), &json!("job-0001"))
    );
    assert_eq!(second["data"], first["data"]);
    assert_eq!(
        ground.files("jobs/done"),
        ["job-0001.json", "job-0002.json"]
    );
}

#[test]
fn a_key_whose_job_may_end_otherwise_runs_again() {
    let ground = Ground::new();
    let keyed = |id: &str, more: serde_json::Value| {
        let mut document = inspect(id, &more);
        document["execution"] = json!({"idempotency_key": "k", "timeout_seconds": 1});
        document
    };
    ground.vast();
    ground.put("a.json", &keyed("job-0001", json!({"path": "vast"})));
    ground.work(&[]);
    assert_eq!(ground.result("job-0001")["error"]["code"], "TIMEOUT");
    ground.put(
        "b.json",
        &keyed("job-0002", json!({"path": "data", "checksum": DATA})),
    );
    ground.work(&[]);
    assert_eq!(ground.result("job-0002")["status"], "completed");
    assert_eq!(ground.result("job-0002")["repeats"], json!(null));
}

#[test]
fn a_refused_document_may_be_corrected_under_the_same_id() {
    let ground = Ground::new();
    let mut wrong = good("job-0001");
    wrong["kind"] = json!("Pod");
    ground.put("a.json", &wrong);
    ground.work(&[]);
    assert_eq!(
        ground.result("job-0001")["error"]["code"],
        "VALIDATION_ERROR"
    );
    ground.put("a.json", &good("job-0001"));
    ground.work(&[]);
    assert_eq!(ground.result("job-0001")["status"], "completed");
    // A refused one does not take the place of a result.
    ground.put("a.json", &wrong);
    ground.work(&[]);
    assert_eq!(ground.result("job-0001")["status"], "completed");
}

#[tokio::test]
async fn a_killed_workers_job_is_taken_up_again_as_often_as_it_allows() {
    let ground = Ground::new();
    ground.vast();
    let mut job = inspect("job-0001", &json!({"path": "vast"}));
    job["execution"] = json!({"max_attempts": 2});
    ground.put("a.json", &job);
    for attempt in ["1", "2"] {
        let worker = ground.start(&[]);
        until("the attempt is begun", async || {
            fs::read_to_string(ground.path("jobs/claimed/job-0001.begun"))
                .is_ok_and(|it| it == attempt)
        })
        .await;
        worker.kill();
        assert_eq!(ground.find_result("job-0001"), None);
    }
    ground.work(&[]);
    let result = ground.result("job-0001");
    assert_eq!(result["error"]["code"], "WORKER_LOST");
    assert_eq!(result["error"]["retry_recommended"], true);
    assert_eq!(result["execution_summary"]["attempt"], 2);
    assert_eq!(ground.files("jobs/claimed"), [""; 0]);
    assert_eq!(
        ground.files("jobs/failed"),
        ["job-0001.json", "job-0001.reason.txt"]
    );
}

#[tokio::test]
async fn what_runs_when_a_worker_is_stopped_is_left_to_the_next() {
    let ground = Ground::new();
    ground.vast();
    let mut job = inspect("job-0001", &json!({"path": "vast"}));
    job["execution"] = json!({"timeout_seconds": 2});
    ground.put("a.json", &job);
    let worker = ground.start(&[]);
    until("the job is begun", async || {
        ground.path("jobs/claimed/job-0001.begun").exists()
    })
    .await;
    worker.stop();
    assert_eq!(ground.files("jobs/claimed"), ["job-0001.json"]);
    // The only attempt did not count.
    ground.work(&[]);
    assert_eq!(ground.result("job-0001")["error"]["code"], "TIMEOUT");
}

#[tokio::test]
async fn several_workers_share_a_spool_and_run_each_job_once() {
    let ground = Ground::new();
    let workers: Vec<_> = (0..3)
        .map(|number| ground.start(&["--worker-id", &format!("worker-{number}")]))
        .collect();
    let ids: Vec<_> = (0..60).map(|number| format!("job-{number:04}")).collect();
    for id in &ids {
        ground.put(&format!("{id}.json"), &good(id));
    }
    for id in &ids {
        assert_eq!(ground.result_in_time(id).await["status"], "completed");
    }
    until("all is put away", async || {
        ground.files("jobs/done").len() == ids.len()
    })
    .await;
    for worker in workers {
        worker.stop();
    }
    let done: Vec<_> = ids.iter().map(|id| format!("{id}.json")).collect();
    assert_eq!(ground.files("jobs/done"), done);
    assert_eq!(ground.files("jobs/claimed"), [""; 0]);
}

#[test]
fn fault_7_the_most_urgent_job_runs_first_and_no_more_at_a_time_than_allowed() {
    let ground = Ground::new();
    for (id, priority) in [
        ("job-low-1", 1),
        ("job-high", 10),
        ("job-usual", 5),
        ("job-low-2", 1),
    ] {
        let mut job = good(id);
        job["execution"] = json!({"priority": priority});
        ground.put(&format!("{id}.json"), &job);
    }
    let log = ground.work(&["--max-concurrent", "1"]);
    let begun: Vec<_> = log
        .lines()
        .filter(|line| line.contains("[5%]"))
        .map(|line| {
            let rest = line.split("job.id=").nth(1).expect("a job");
            rest.split_whitespace().next().expect("an id").to_owned()
        })
        .collect();
    assert_eq!(
        begun,
        ["job-high", "job-usual", "job-low-1", "job-low-2"],
        "{log}"
    );
    let ends = log
        .lines()
        .filter(|line| line.contains("[5%]") || line.contains("a job ended"));
    let kinds: Vec<_> = ends.map(|line| line.contains("[5%]")).collect();
    assert_eq!(kinds, [true, false].repeat(4), "one after the other: {log}");
}

#[test]
fn fault_7_a_job_for_another_worker_waits_for_it() {
    let ground = Ground::new();
    let mut routed = good("job-0001");
    routed["routing"] = json!({"worker_id": "worker-2", "worker_pool": "pool-2"});
    ground.put("a.json", &routed);
    let mut late = routed.clone();
    late["job_id"] = json!("job-0002");
    late["execution"] = json!({"deadline": "2026-01-30T10:00:01Z"});
    ground.put("b.json", &late);
    ground.work(&["--worker-id", "worker-1"]);
    assert_eq!(ground.find_result("job-0001"), None);
    assert_eq!(
        ground.result("job-0002")["error"]["code"],
        "DEADLINE_EXCEEDED"
    );
    ground.work(&["--worker-id", "worker-2", "--pool", "pool-2"]);
    assert_eq!(ground.result("job-0001")["status"], "completed");
}

#[tokio::test]
async fn fault_7_a_job_does_not_run_beside_those_it_names() {
    let ground = Ground::new();
    ground.vast();
    let mut first = inspect("job-0001", &json!({"path": "vast"}));
    first["execution"] = json!({"timeout_seconds": 4, "priority": 9});
    ground.put("a.json", &first);
    let mut second = good("job-0002");
    second["routing"] = json!({"anti_affinity": {"concurrent_jobs": ["job-0001"]}});
    ground.put("b.json", &second);
    let _worker = ground.start(&[]);
    until("the first is begun", async || {
        ground.path("jobs/claimed/job-0001.begun").exists()
    })
    .await;
    ground.put("c.json", &good("job-0003"));
    ground.result_in_time("job-0003").await;
    if ground.path("jobs/claimed/job-0001.json").exists() {
        assert_eq!(ground.find_result("job-0002"), None);
    }
    ground.result_in_time("job-0002").await;
    assert_eq!(ground.result("job-0001")["error"]["code"], "TIMEOUT");
}

#[tokio::test]
async fn fault_7_a_job_is_cancelled_by_a_file_whether_it_runs_or_waits() {
    let ground = Ground::new();
    ground.vast();
    ground.put("a.json", &inspect("job-0001", &json!({"path": "vast"})));
    ground.put("b.json", &good("job-0002"));
    fs::write(ground.path("jobs/job-0002.cancel"), "").expect("a file");
    let _worker = ground.start(&[]);
    assert_eq!(
        ground.result_in_time("job-0002").await["status"],
        "cancelled"
    );
    until("the first is begun", async || {
        ground.path("jobs/claimed/job-0001.begun").exists()
    })
    .await;
    fs::write(ground.path("jobs/job-0001.cancel"), "").expect("a file");
    let result = ground.result_in_time("job-0001").await;
    assert_eq!(result["error"]["code"], "CANCELLED");
    until("the requests are gone", async || {
        ground
            .files("jobs")
            .iter()
            .all(|name| !name.ends_with(".cancel"))
    })
    .await;
}

#[test]
fn an_image_is_refused_where_no_root_is_named() {
    let ground = Ground::new();
    ground.put(
        "a.json",
        &document("job-0001", "system.echo", &json!("hello")),
    );
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_hallmark"))
        .args([
            "worker",
            "--once",
            "--jobs-dir",
            "jobs",
            "--results-dir",
            "results",
        ])
        .current_dir(ground.path(""))
        .output()
        .expect("a process");
    assert!(output.status.success());
    assert_eq!(ground.result("job-0001")["data"], json!({"echo": "hello"}));
    let words = ["--image-root", "/nowhere/at/all", "--once"];
    let output = ground.output(&words);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nowhere/at/all"));
}

#[test]
fn a_signed_checksum_file_is_held_by_the_keys_that_are_named() {
    let (publisher, ground) = (Publisher::new(), Ground::new());
    let sums = format!("{}  data\n", &DATA["sha256:".len()..]);
    let put = |name: &str, bytes: &[u8]| {
        fs::write(ground.path("images").join(name), bytes).expect("a file");
    };
    put("SUMS", sums.as_bytes());
    put("SUMS.gpg", &publisher.sign(sums.as_bytes()));
    let image = json!({
        "path": "data", "checksum_file": "SUMS", "signature_file": "SUMS.gpg",
        "publisher": "example",
    });
    ground.put("a.json", &inspect("job-0001", &image));
    ground.work(&[]);
    let result = ground.result("job-0001");
    assert_eq!(result["error"]["code"], "CHECKSUM_SIGNATURE_REFUSED");
    ground.put("b.json", &inspect("job-0002", &image));
    let keyring = format!("example={}", publisher.keyring().display());
    ground.work(&["--keyring", &keyring]);
    let result = ground.result("job-0002");
    assert_eq!(result["status"], "completed", "{result:#}");
    let signature = &result["data"]["images"][0]["checksum_file"]["signature"];
    assert_eq!(signature["key"], publisher.fingerprint());
    for words in [
        ["--keyring", "example=/nowhere/at/all"],
        ["--keyring", "example"],
    ] {
        assert_eq!(ground.output(&words).status.code(), Some(2), "{words:?}");
    }
}

#[test]
fn what_needs_a_network_or_a_registry_is_refused_in_a_spool() {
    let ground = Ground::new();
    for (number, (image, field)) in [
        (
            json!({"path": "data", "checksum_url": "http://127.0.0.1/SUMS"}),
            "checksum_url",
        ),
        (
            json!({"path": "data", "checksum_file": "S", "signature_url": "http://127.0.0.1/S"}),
            "signature_url",
        ),
        (
            json!({"image_id": "00000000-0000-4000-8000-000000000000"}),
            "image_id",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("job-{number:04}");
        ground.put("a.json", &inspect(&id, &image));
        ground.work(&[]);
        let error = ground.result(&id)["error"].clone();
        assert_eq!(error["code"], "VALIDATION_ERROR");
        assert_eq!(
            error["details"]["field"],
            format!("payload.data.image.{field}")
        );
    }
}
