//! What the engine makes of jobs.

use std::{
    fs::{self, File},
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::SystemTime,
};

use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::{
    domain::SystemClock,
    inspect::Rules,
    jobs::{document::Work, progress::Event},
};

/// SHA-256 of `data`.
const DATA: &str = "sha256:3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7";

/// What is heard of a job, and how often it was begun.
#[derive(Default)]
struct Heard {
    events: Mutex<Vec<Event>>,
    begun: Mutex<Vec<u32>>,
}

impl Listener for Heard {
    fn hear(&self, _job: &JobId, event: &Event) {
        self.events.lock().expect("events").push(event.clone());
    }
}

#[async_trait]
impl Ledger for Heard {
    async fn note(&self, begun: u32) -> bool {
        self.begun.lock().expect("counts").push(begun);
        true
    }
}

/// An engine over a folder of images.
struct Ground {
    folder: TempDir,
    engine: Engine,
}

impl Ground {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        fs::write(folder.path().join("data"), "data").expect("a file");
        let hashers = Arc::new(Hashers::builtin());
        let engine = Engine::new(Parts {
            roots: Roots::open(&[folder.path().to_owned()]).expect("a root"),
            keyrings: Keyrings::default(),
            demands_signatures: false,
            rules: Rules::default(),
            worker: Worker::new("worker-1".into(), Some("pool-1".into()), &hashers),
            clock: Arc::new(SystemClock),
            hashers,
        });
        Self { folder, engine }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// An image that takes minutes to read, and no room.
    fn vast(&self) {
        let file = File::create(self.path("vast")).expect("a file");
        file.set_len(1 << 40).expect("a sparse file");
    }

    fn job(&self, document: &Value) -> Arc<Job> {
        let job = self
            .engine
            .read(document.to_string().as_bytes(), Scope::Files);
        Arc::new(job.unwrap_or_else(|refused| panic!("{}", refused.failure)))
    }

    fn run(&self, document: &Value) -> (Run, Arc<Heard>) {
        let heard = Arc::new(Heard::default());
        let run = Run {
            job: self.job(document),
            begun: 0,
            cancel: CancellationToken::new(),
            stop: CancellationToken::new(),
            listener: Arc::clone(&heard) as Arc<dyn Listener>,
            ledger: Arc::clone(&heard) as Arc<dyn Ledger>,
            library: None,
        };
        (run, heard)
    }

    async fn result(&self, document: &Value) -> Value {
        done(self.engine.run(self.run(document).0).await)
    }
}

#[track_caller]
fn done(ended: Ended) -> Value {
    match ended {
        Ended::Done(outcome) => outcome.document,
        Ended::Left => panic!("the job was left"),
    }
}

fn document(operation: &str, data: &Value) -> Value {
    json!({
        "version": "1.0",
        "job_id": "job-0001",
        "created_at": "2026-01-30T10:00:00Z",
        "kind": "VMOperation",
        "operation": operation,
        "payload": {"type": format!("{operation}.v1"), "data": data},
    })
}

fn inspect(image: &Value) -> Value {
    document("guestkit.inspect", &json!({"image": image}))
}

/// The beginning of a qcow2 with a backing file, which reads as one of 1 GiB.
fn qcow2_with_backing_file() -> Vec<u8> {
    let mut image = vec![0; 0x1_0000];
    image[..4].copy_from_slice(b"QFI\xfb");
    image[4..8].copy_from_slice(&2_u32.to_be_bytes());
    image[8..16].copy_from_slice(&0x400_u64.to_be_bytes());
    image[16..20].copy_from_slice(&11_u32.to_be_bytes());
    image[20..24].copy_from_slice(&16_u32.to_be_bytes());
    image[24..32].copy_from_slice(&(1_u64 << 30).to_be_bytes());
    image[0x400..0x40b].copy_from_slice(b"/etc/shadow");
    image
}

#[tokio::test]
async fn an_image_that_is_what_it_should_be_completes_the_job() {
    let ground = Ground::new();
    let image = json!({"path": ground.path("data"), "checksum": DATA, "size_bytes": 4});
    let mut document = inspect(&image);
    document["observability"] = json!({"trace_id": "t-1"});
    document["execution"] = json!({"idempotency_key": "key-1", "attempt": 2, "max_attempts": 3});
    let result = ground.result(&document).await;
    assert_eq!(result["job_id"], "job-0001");
    assert_eq!(result["status"], "completed");
    assert_eq!(result["worker_id"], "worker-1");
    assert!(result["completed_at"].is_string() && result["failed_at"].is_null());
    assert_eq!(result["execution_summary"]["attempt"], 2);
    assert_eq!(result["execution_summary"]["idempotency_key"], "key-1");
    assert_eq!(result["observability"], json!({"trace_id": "t-1"}));
    assert_eq!(result["metrics"]["disk_read_bytes"], 4);
    assert_eq!(result["error"], Value::Null);
    let found = &result["data"]["images"][0];
    assert_eq!(found["checksum_verification"], "success");
    assert_eq!(
        format!(
            "sha256:{}",
            found["digests"]["sha256"].as_str().expect("hex")
        ),
        DATA
    );
    assert_eq!(
        (&found["format"], &found["safe"]),
        (&json!("raw"), &json!(true))
    );
}

#[tokio::test]
async fn progress_is_told_in_the_phases_of_the_protocol() {
    let ground = Ground::new();
    let (run, heard) = ground.run(&inspect(&json!({"path": "data", "checksum": DATA})));
    ground.engine.run(run).await;
    let events = heard.events.lock().expect("events");
    let told: Vec<_> = events
        .iter()
        .map(|event| (event.sequence, event.phase, event.progress_percent))
        .collect();
    assert_eq!(
        told,
        [
            (0, "validation", 5),
            (1, "validation", 10),
            (2, "inspection", 20),
            (3, "analysis", 80),
            (4, "export", 90),
            (5, "complete", 100),
        ]
    );
    assert_eq!(events[1].message, "Verifying image checksum...");
}

#[tokio::test]
async fn fault_2_a_mismatch_is_final_and_says_what_was_expected() {
    let ground = Ground::new();
    let checksum = format!("SHA256:{}", "AB".repeat(32));
    let path = ground.path("data");
    let mut document = inspect(&json!({"path": path, "checksum": checksum}));
    document["execution"] = json!({"max_attempts": 5});
    let (run, heard) = ground.run(&document);
    let result = done(ground.engine.run(run).await);
    assert_eq!(*heard.begun.lock().expect("counts"), [1]);
    assert_eq!(result["status"], "failed");
    let message = format!(
        "Image checksum verification failed for {}. The image may be corrupted or tampered with.",
        path.display()
    );
    assert_eq!(
        result["error"],
        json!({
            "code": "CHECKSUM_VERIFICATION_FAILED",
            "message": message,
            "phase": "validation",
            "details": {
                "expected": checksum.to_lowercase(),
                "actual": DATA,
                "algorithm": "sha256",
                "alias": "IMAGE_CHECKSUM_MISMATCH",
                "image": "image",
            },
            "recoverable": false,
            "retry_recommended": false,
        })
    );
    let found = &result["data"]["images"][0];
    assert_eq!(found["checksum_verification"], "failure");
    assert_eq!(found["format"], Value::Null, "what failed is not inspected");
}

#[tokio::test]
async fn every_checksum_of_a_list_must_hold() {
    let ground = Ground::new();
    let md5 = "md5:8d777f385d3dfec8815d20f7496026dc";
    let wrong = format!("sha1:{}", "00".repeat(20));
    for (checksums, status) in [
        (json!([DATA, md5]), "completed"),
        (json!([md5, wrong]), "failed"),
    ] {
        let result = ground
            .result(&inspect(&json!({"path": "data", "checksums": checksums})))
            .await;
        assert_eq!(result["status"], status, "{result:#}");
    }
}

#[tokio::test]
async fn fault_1_every_operation_on_an_image_verifies_it() {
    let ground = Ground::new();
    let image = json!({"path": "data", "checksum": format!("sha256:{}", "ab".repeat(32))});
    let data = json!({"image": image, "baseline": {"path": "data"}, "target": image});
    let on_images = crate::jobs::Operation::all()
        .filter(|operation| operation.subject() != crate::jobs::Subject::Nothing);
    for operation in on_images {
        let result = ground.result(&document(operation.name(), &data)).await;
        let code = &result["error"]["code"];
        assert_eq!(code, "CHECKSUM_VERIFICATION_FAILED", "{operation}");
    }
}

#[tokio::test]
async fn each_image_of_a_job_is_told_also_behind_one_that_fails() {
    let ground = Ground::new();
    let images = json!([{"path": "missing"}, {"path": "data", "checksum": DATA}, {"path": "../x"}]);
    let result = ground
        .result(&document("hallmark.verify", &json!({"images": images})))
        .await;
    assert_eq!(result["error"]["code"], "IMAGE_NOT_FOUND");
    let found = &result["data"]["images"];
    assert_eq!(found[0]["error"]["code"], "IMAGE_NOT_FOUND");
    assert_eq!(found[1]["checksum_verification"], "success");
    assert_eq!(found[2]["error"]["code"], "PATH_NOT_ALLOWED");
}

#[tokio::test]
async fn what_endangers_whoever_opens_an_image_is_told() {
    let ground = Ground::new();
    fs::write(ground.path("disk"), qcow2_with_backing_file()).expect("a file");
    let result = ground
        .result(&inspect(&json!({"path": "disk", "format": "raw"})))
        .await;
    assert_eq!(result["status"], "completed");
    let found = &result["data"]["images"][0];
    assert_eq!(found["checksum_verification"], "skipped");
    assert_eq!(found["format"], "qcow2");
    assert_eq!(found["virtual_size_bytes"], 1_u64 << 30);
    assert_eq!(found["backing_file"], "/etc/shadow");
    assert_eq!(found["safe"], false);
    assert_eq!(found["findings"][0]["check"], "backing_file");

    let strict = json!({"image": {"path": "disk"}, "options": {"fail_on_critical": true}});
    let result = ground.result(&document("guestkit.profile", &strict)).await;
    assert_eq!(result["error"]["code"], "IMAGE_UNSAFE");
    assert_eq!(result["error"]["recoverable"], false);
}

#[tokio::test]
async fn an_image_of_another_size_is_not_read() {
    let ground = Ground::new();
    let result = ground
        .result(&inspect(&json!({"path": "data", "size_bytes": 5})))
        .await;
    assert_eq!(result["error"]["code"], "IMAGE_SIZE_MISMATCH");
    assert_eq!(result["error"]["details"]["actual"], 4);
    assert_eq!(result["metrics"], Value::Null);
}

#[tokio::test]
async fn an_echo_gives_its_data_back() {
    let ground = Ground::new();
    for operation in ["system.echo", "test.echo"] {
        let result = ground
            .result(&document(operation, &json!({"a": [1]})))
            .await;
        assert_eq!(result["status"], "completed");
        assert_eq!(result["data"], json!({"echo": {"a": [1]}}));
    }
}

#[tokio::test]
async fn fault_3_the_timeout_fires_while_an_image_is_read() {
    let ground = Ground::new();
    ground.vast();
    let mut document = inspect(&json!({"path": "vast", "checksum": DATA}));
    document["execution"] = json!({"timeout_seconds": 1, "max_attempts": 2});
    let (run, heard) = ground.run(&document);
    let result = done(ground.engine.run(run).await);
    assert_eq!(result["status"], "failed");
    assert_eq!(result["error"]["code"], "TIMEOUT");
    assert_eq!(result["error"]["recoverable"], true);
    assert_eq!(
        result["execution_summary"]["attempt"], 2,
        "it may be tried again"
    );
    assert_eq!(*heard.begun.lock().expect("counts"), [1, 2]);
}

#[tokio::test]
async fn fault_7_a_job_that_runs_can_be_cancelled_unless_it_says_no() {
    let ground = Ground::new();
    ground.vast();
    let mut document = inspect(&json!({"path": "vast"}));
    let (run, _) = ground.run(&document);
    let cancel = run.cancel.clone();
    let running = tokio::spawn({
        let engine = ground.engine.clone();
        async move { engine.run(run).await }
    });
    tokio::task::yield_now().await;
    cancel.cancel();
    let result = done(running.await.expect("no panic"));
    assert_eq!(result["status"], "cancelled");
    assert_eq!(result["error"]["code"], "CANCELLED");

    document["execution"] = json!({"cancellable": false, "timeout_seconds": 1});
    let (run, _) = ground.run(&document);
    run.cancel.cancel();
    let result = done(ground.engine.run(run).await);
    assert_eq!(result["error"]["code"], "TIMEOUT");
}

#[tokio::test]
async fn a_job_that_is_stopped_is_left_and_the_attempt_does_not_count() {
    let ground = Ground::new();
    ground.vast();
    let (run, heard) = ground.run(&inspect(&json!({"path": "vast"})));
    let stop = run.stop.clone();
    let running = tokio::spawn({
        let engine = ground.engine.clone();
        async move { engine.run(run).await }
    });
    tokio::task::yield_now().await;
    stop.cancel();
    assert_eq!(running.await.expect("no panic"), Ended::Left);
    assert_eq!(*heard.begun.lock().expect("counts"), [1, 0]);
}

#[tokio::test]
async fn fault_7_deadline_and_constraints_are_held() {
    let ground = Ground::new();
    fs::write(ground.path("disk"), qcow2_with_backing_file()).expect("a file");
    let past = json!("2026-01-30T10:00:01Z");
    for (section, field, value, code) in [
        ("execution", "deadline", past, "DEADLINE_EXCEEDED"),
        (
            "constraints",
            "required_capabilities",
            json!(["guestkit.inspect", "fs.lvm"]),
            "CONSTRAINT_NOT_MET",
        ),
        (
            "constraints",
            "required_features",
            json!(["selinux"]),
            "CONSTRAINT_NOT_MET",
        ),
        (
            "constraints",
            "minimum_worker_version",
            json!("999.0"),
            "CONSTRAINT_NOT_MET",
        ),
    ] {
        let mut document = inspect(&json!({"path": "data", "checksum": DATA}));
        document[section] = json!({field: value});
        let (run, heard) = ground.run(&document);
        let result = done(ground.engine.run(run).await);
        assert_eq!(result["error"]["code"], code, "{field}");
        assert_eq!(
            *heard.begun.lock().expect("counts"),
            [0; 0],
            "{field}: nothing was begun"
        );
    }
    let mut document = inspect(&json!({"path": "data", "checksum": DATA}));
    document["constraints"] = json!({
        "required_capabilities": ["guestkit.inspect", "disk.qcow2", "checksum.sha256"],
        "minimum_worker_version": Worker::version(),
        "maximum_disk_size_gb": 1,
    });
    assert_eq!(ground.result(&document).await["status"], "completed");
}

#[tokio::test]
async fn fault_7_an_image_larger_than_allowed_is_refused_by_its_file_and_by_its_disk() {
    let ground = Ground::new();
    ground.vast();
    let mut large = qcow2_with_backing_file();
    large[24..32].copy_from_slice(&(2_u64 << 30).to_be_bytes());
    fs::write(ground.path("disk"), large).expect("a file");
    for name in ["vast", "disk"] {
        let mut document = inspect(&json!({"path": name}));
        document["constraints"] = json!({"maximum_disk_size_gb": 1});
        let result = ground.result(&document).await;
        assert_eq!(result["error"]["code"], "CONSTRAINT_NOT_MET", "{name}");
        assert_eq!(result["error"]["details"]["maximum"], 1_u64 << 30);
    }
}

#[test]
fn fault_7_a_job_is_run_where_it_is_routed() {
    let ground = Ground::new();
    for (section, field, value, place) in [
        ("routing", "worker_id", json!("worker-1"), Place::Here),
        ("routing", "worker_id", json!("worker-2"), Place::Elsewhere),
        ("routing", "worker_pool", json!("pool-1"), Place::Here),
        ("routing", "worker_pool", json!("pool-2"), Place::Elsewhere),
        (
            "constraints",
            "allowed_worker_pools",
            json!(["pool-0", "pool-1"]),
            Place::Here,
        ),
        (
            "constraints",
            "allowed_worker_pools",
            json!(["pool-0"]),
            Place::Elsewhere,
        ),
        (
            "constraints",
            "allowed_worker_pools",
            json!([]),
            Place::Here,
        ),
    ] {
        let mut document = inspect(&json!({"path": "data"}));
        document[section] = json!({field: value});
        let job = ground.job(&document);
        assert_eq!(ground.engine.worker().place(&job), place, "{field} {value}");
    }
}

#[tokio::test]
async fn a_job_whose_attempts_are_used_up_does_not_run_again() {
    let ground = Ground::new();
    let mut document = inspect(&json!({"path": "data"}));
    document["execution"] = json!({"max_attempts": 2});
    let (mut run, heard) = ground.run(&document);
    run.begun = 2;
    let result = done(ground.engine.run(run).await);
    assert_eq!(result["error"]["code"], "WORKER_LOST");
    assert_eq!(result["execution_summary"]["attempt"], 2);
    assert_eq!(*heard.begun.lock().expect("counts"), [0; 0]);
}

/// Two files take turns under one name while jobs run: what is told to be verified is what was
/// inspected.
#[tokio::test]
async fn fault_4_what_is_inspected_is_what_was_hashed() {
    let ground = Ground::new();
    let (image, evil) = (ground.path("image"), qcow2_with_backing_file());
    fs::write(&image, "data").expect("a file");
    let over = Arc::new(AtomicBool::new(false));
    let swapping = {
        let (over, image) = (Arc::clone(&over), image.clone());
        thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                for content in [&evil[..], b"data"] {
                    replace(&image, content);
                }
            }
        })
    };
    let mut verified = 0;
    for _ in 0..300 {
        let result = ground
            .result(&inspect(&json!({"path": image, "checksum": DATA})))
            .await;
        if result["status"] == "completed" {
            verified += 1;
            assert_eq!(result["data"]["images"][0]["format"], "raw");
        }
    }
    over.store(true, Ordering::Relaxed);
    swapping.join().expect("no panic");
    assert!(verified > 0, "the right file was there now and then");
}

fn replace(path: &Path, content: &[u8]) {
    let aside = path.with_extension("aside");
    fs::write(&aside, content).expect("a file");
    fs::rename(&aside, path).expect("a rename");
}

#[tokio::test]
async fn an_image_that_changes_while_it_is_read_is_not_verified() {
    let ground = Ground::new();
    let file = File::create(ground.path("image")).expect("a file");
    file.set_len(64 << 20).expect("a sparse file");
    let over = Arc::new(AtomicBool::new(false));
    let touching = {
        let over = Arc::clone(&over);
        thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                file.set_modified(SystemTime::now()).expect("a time");
            }
        })
    };
    let result = ground.result(&inspect(&json!({"path": "image"}))).await;
    over.store(true, Ordering::Relaxed);
    touching.join().expect("no panic");
    assert_eq!(result["error"]["code"], "IMAGE_CHANGED");
    assert_eq!(result["error"]["retry_recommended"], true);
}

#[test]
fn fault_9_no_job_stays_counted_as_active() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let figures = recorder.handle();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            let ground = Ground::new();
            ground.vast();
            let missing = inspect(&json!({"path": "missing"}));
            let mut late = missing.clone();
            late["execution"] = json!({"deadline": "2026-01-30T10:00:01Z"});
            let mut slow = inspect(&json!({"path": "vast"}));
            slow["execution"] = json!({"timeout_seconds": 1});
            let right = inspect(&json!({"path": "data", "checksum": DATA}));
            for document in [missing, late, slow, right] {
                ground.result(&document).await;
            }
            let refused = ground.engine.read(b"{}", Scope::Files).expect_err("no job");
            let none = ground.engine.refuse(None, &refused.failure);
            assert_eq!(none, None);
        });
    });
    let figures = figures.render();
    for line in [
        "guestkit_worker_active_jobs 0",
        "guestkit_worker_jobs_total{operation=\"guestkit.inspect\",status=\"completed\"} 1",
        "guestkit_worker_jobs_total{operation=\"guestkit.inspect\",status=\"failed\"} 2",
        "guestkit_worker_jobs_total{operation=\"guestkit.inspect\",status=\"timeout\"} 1",
        "guestkit_worker_jobs_total{operation=\"unknown\",status=\"failed\"} 1",
        "guestkit_handler_executions_total{handler=\"guestkit-inspect\",status=\"success\"} 1",
        "guestkit_handler_executions_total{handler=\"guestkit-inspect\",status=\"error\"} 2",
    ] {
        assert!(figures.lines().any(|it| it == line), "{line}\n{figures}");
    }
}

#[test]
fn a_refused_document_has_a_result_if_it_has_an_id() {
    let ground = Ground::new();
    let mut document = inspect(&json!({"path": "data"}));
    document["kind"] = json!("Pod");
    let refused = ground
        .engine
        .read(document.to_string().as_bytes(), Scope::Files)
        .expect_err("no job");
    let result = ground
        .engine
        .refuse(refused.id.as_ref(), &refused.failure)
        .expect("a result");
    assert_eq!(
        (&result["job_id"], &result["status"]),
        (&json!("job-0001"), &json!("failed"))
    );
    assert_eq!(result["error"]["code"], "VALIDATION_ERROR");
    assert_eq!(ground.engine.refuse(None, &refused.failure), None);
    assert!(matches!(
        ground.job(&inspect(&json!({"path": "a"}))).work,
        Work::Verify { .. }
    ));
}
