//! The figures of a process, as Prometheus reads them.

use std::{collections::BTreeMap, fs};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Engine, Ground, Process, Registry, on_every_engine, until};

on_every_engine![
    bytes_and_verifications_are_counted,
    requests_are_counted_by_the_template_of_their_path,
    queues_are_told,
    verifications_are_counted_by_where_the_bytes_come_from,
    copies_at_rest_are_told,
    images_that_nobody_verified_are_told,
    a_database_that_does_not_answer_takes_its_own_figures_along_and_no_others,
];

/// The figures of a process, by name and labels.
struct Figures(BTreeMap<String, f64>);

impl Figures {
    fn of(text: &str) -> Self {
        let lines = text
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty());
        let figure = |line: &str| {
            let (name, value) = line.rsplit_once(' ').expect("a name and a value");
            (name.to_owned(), value.parse().expect("a number"))
        };
        Self(lines.map(figure).collect())
    }

    /// What a process that answers says.
    async fn read(process: &Process) -> Self {
        let answer = process.call(Method::GET, "/metrics").send().await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), 200);
        let media_type = answer.headers()["content-type"].to_str().expect("ASCII");
        assert!(
            media_type.starts_with("text/plain; version=0.0.4"),
            "{media_type}"
        );
        Self::of(&answer.text().await.expect("a text"))
    }

    /// One of them; one that was never counted is 0, as Prometheus takes it.
    fn get(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or(0.0)
    }

    #[track_caller]
    fn expect(&self, name: &str, value: f64) {
        let found = self.get(name);
        assert!(
            (found - value).abs() < f64::EPSILON,
            "{name} is {found}, not {value}: {:#?}",
            self.0
        );
    }
}

fn verifications(result: &str, algorithm: &str, source: &str) -> String {
    format!(
        "hallmark_verifications_total{{result=\"{result}\",algorithm=\"{algorithm}\",\
         source=\"{source}\"}}"
    )
}

fn hashed(algorithm: &str, source: &str) -> String {
    format!("hallmark_hashed_bytes_total{{algorithm=\"{algorithm}\",source=\"{source}\"}}")
}

/// An image that is to have a digest under `algorithm`.
async fn chosen(process: &Process, algorithm: &str) -> String {
    let body = json!({
        "disk_format": "raw", "container_format": "bare", "os_hash_algo": algorithm,
    });
    let call = process.call(Method::POST, "/v2/images");
    let answer = call.body(body.to_string()).send().await.expect("an answer");
    let image: Value = serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON");
    image["id"].as_str().expect("an id").to_owned()
}

async fn upload(process: &Process, id: &str, checksum: Option<&str>) -> u16 {
    let call = process.call(Method::PUT, &format!("/v2/images/{id}/file"));
    let call = call
        .header("content-type", "application/octet-stream")
        .body("hallmark");
    let call = match checksum {
        Some(checksum) => call.header("x-image-checksum", checksum),
        None => call,
    };
    call.send().await.expect("an answer").status().as_u16()
}

async fn bytes_and_verifications_are_counted(engine: Engine) {
    let ground = Ground::new(engine, "").await;
    let process = ground.start().await;
    let before = Figures::read(&process).await;
    // The ones that an alarm is for are there before anything happens.
    assert!(
        before
            .0
            .contains_key(&verifications("failure", "sha256", "upload"))
    );
    let md5 = "md5:6e0ae4ec8e9c0b2e1d5ee5c9d8ce8f2f";

    let plain = process.image().await;
    assert_eq!(upload(&process, &plain, None).await, 204);
    let wrong = chosen(&process, "sha256").await;
    assert_eq!(upload(&process, &wrong, Some(md5)).await, 400);
    let read = process.call(Method::GET, &format!("/v2/images/{plain}/file"));
    let read = read.send().await.expect("an answer");
    assert_eq!(read.bytes().await.expect("bytes"), "hallmark");

    let after = Figures::read(&process).await;
    after.expect(&verifications("skipped", "sha512", "upload"), 1.0);
    after.expect(&verifications("failure", "md5", "upload"), 1.0);
    after.expect(&verifications("success", "md5", "upload"), 0.0);
    after.expect(&hashed("sha512", "upload"), 8.0);
    after.expect(&hashed("sha256", "upload"), 8.0);
    after.expect(&hashed("md5", "upload"), 16.0);
    after.expect(
        "hallmark_verification_seconds_count{source=\"upload\"}",
        2.0,
    );
    after.expect("hallmark_received_bytes_total{source=\"upload\"}", 16.0);
    after.expect("hallmark_sent_bytes_total", 8.0);
}

async fn requests_are_counted_by_the_template_of_their_path(engine: Engine) {
    let ground = Ground::new(engine, "").await;
    let process = ground.start().await;
    let image = process.image().await;
    for path in [
        format!("/v2/images/{image}"),
        format!("/v2/images/{image}?secret=1"),
        "/v2/images/00000000-0000-4000-8000-000000000000".to_owned(),
        "/v2/nothing/there".to_owned(),
        "/v2/nothing/else".to_owned(),
    ] {
        let call = process.call(Method::GET, &path);
        call.send().await.expect("an answer");
    }
    let odd = Method::from_bytes(b"BREW").expect("a method");
    let call = process.call(odd, "/v2/images");
    call.send().await.expect("an answer");

    let figures = Figures::read(&process).await;
    let requests = |route, method, status| {
        format!(
            "hallmark_http_requests_total{{route=\"{route}\",method=\"{method}\",\
             status=\"{status}\"}}"
        )
    };
    figures.expect(&requests("/v2/images/{image_id}", "GET", "200"), 2.0);
    figures.expect(&requests("/v2/images/{image_id}", "GET", "404"), 1.0);
    figures.expect(&requests("/v2/images", "POST", "201"), 1.0);
    figures.expect(&requests("none", "GET", "404"), 2.0);
    let seconds =
        "hallmark_http_request_seconds_count{route=\"/v2/images/{image_id}\",method=\"GET\"}";
    figures.expect(seconds, 3.0);
    let others = figures
        .0
        .keys()
        .filter(|name| name.contains("method=\"other\""));
    assert!(others.count() > 0);
    for name in figures.0.keys() {
        for hidden in [&*image, "secret", "BREW", "nothing"] {
            assert!(!name.contains(hidden), "{name}");
        }
    }
}

async fn queues_are_told(engine: Engine) {
    let settings = "[worker]\nconcurrency = 0\n[import_filtering_opts]\nallowed_ports = []\n\
                    [fetch]\nallowed_networks = [\"127.0.0.0/8\"]\n";
    let ground = Ground::new(engine, settings).await;
    let process = ground.start().await;
    let image = process.image().await;
    let body = json!({"method": {"name": "web-download", "uri": "http://127.0.0.1:1/x"}});
    let call = process.call(Method::POST, &format!("/v2/images/{image}/import"));
    let answer = call.body(body.to_string()).send().await.expect("an answer");
    assert_eq!(answer.status(), 202);

    let figures = Figures::read(&process).await;
    let tasks = |name, status| format!("{name}{{type=\"api_image_import\",status=\"{status}\"}}");
    figures.expect("hallmark_database_up", 1.0);
    figures.expect(&tasks("hallmark_tasks", "pending"), 1.0);
    figures.expect(&tasks("hallmark_tasks", "processing"), 0.0);
    assert!(figures.get(&tasks("hallmark_oldest_task_age_seconds", "pending")) > 0.0);
    figures.expect("hallmark_outbox_notifications", 0.0);
    assert!(figures.get("process_resident_memory_bytes") > 1e6);
}

/// The SHA-512 digest of `hallmark`, as coreutils give it.
const SHA512: &str = "sha512:9fdf492219d9f1cf2ad9f0ad1240b0d954be9cf75509a222c7d7bf926d83874bd2499b9cbcc1d250a9746dfa25e11f787e4a22abc8deca66fc989e860babe5ef";

async fn ask(process: &Process, path: &str, body: Option<Value>) {
    let call = process.call(Method::POST, path);
    let call = match body {
        Some(body) => call.body(body.to_string()),
        None => call,
    };
    assert_eq!(call.send().await.expect("an answer").status(), 202);
}

async fn ask_to_verify(process: &Process, id: &str) {
    ask(process, &format!("/v2/images/{id}/actions/verify"), None).await;
}

async fn until_counted(process: &Process, name: &str) {
    let counted = async || Figures::read(process).await.get(name) > 0.0;
    until(&format!("{name} counts something"), counted).await;
}

async fn verifications_are_counted_by_where_the_bytes_come_from(engine: Engine) {
    let ground = Ground::new(engine, "[verification]\nverify_reads = true\n").await;
    let process = ground.start().await;
    let id = process.image().await;
    assert_eq!(upload(&process, &id, Some(SHA512)).await, 204);
    let staged = process.image().await;
    let call = process.call(Method::PUT, &format!("/v2/images/{staged}/stage"));
    let call = call.header("content-type", "application/octet-stream");
    let answer = call.body("hallmark").send().await.expect("an answer");
    assert_eq!(answer.status(), 204);
    let import = json!({"method": {"name": "glance-direct", "checksum": SHA512}});
    ask(
        &process,
        &format!("/v2/images/{staged}/import"),
        Some(import),
    )
    .await;
    process.until_status(&staged, "active").await;
    ask_to_verify(&process, &id).await;
    until_counted(&process, &hashed("sha512", "verify")).await;
    let hash = json!({"os_hash_algo": "sha256"});
    ask(&process, &format!("/v2/images/{id}/hash"), Some(hash)).await;
    until_counted(&process, &hashed("sha256", "backfill")).await;
    let download = async |process: &Process| {
        let call = process.call(Method::GET, &format!("/v2/images/{id}/file"));
        call.send().await.expect("an answer").bytes().await
    };
    assert_eq!(download(&process).await.expect("bytes"), "hallmark");
    let file = ground.folder().join("data/images").join(&id);
    fs::write(file, "HALLMARK").expect("a file");
    download(&process).await.expect_err("it is not the image");
    // The copy is looked at because of that, and not to scrub it.
    let looked_at = "hallmark_scrub_copies_total{result=\"damaged\",purpose=\"read\"}";
    until_counted(&process, looked_at).await;

    let figures = Figures::read(&process).await;
    for source in ["upload", "import", "verify", "backfill", "read"] {
        figures.expect(&verifications("success", "sha512", source), 1.0);
        let seconds = format!("hallmark_verification_seconds_count{{source=\"{source}\"}}");
        assert!(figures.get(&seconds) > 0.0, "{source}");
        assert!(figures.get(&hashed("sha512", source)) > 0.0, "{source}");
    }
    figures.expect(&verifications("failure", "sha512", "read"), 1.0);
    figures.expect(&hashed("sha512", "read"), 16.0);

    // A process scrubs as soon as it starts.
    process.kill();
    ground
        .execute("UPDATE image_copies SET checked_at = 1")
        .await;
    let process = ground.start().await;
    until_counted(&process, &verifications("failure", "sha512", "scrub")).await;
    until_counted(&process, &verifications("success", "sha512", "scrub")).await;
    let figures = Figures::read(&process).await;
    figures.expect(&hashed("sha512", "scrub"), 16.0);
    figures.expect("hallmark_verification_seconds_count{source=\"scrub\"}", 2.0);
}

async fn copies_at_rest_are_told(engine: Engine) {
    let ground = Ground::new(engine, "[worker]\nchecks = 0\n").await;
    let process = ground.start().await;
    let unsound = |state| format!("hallmark_unsound_copies{{state=\"{state}\"}}");
    let checks = |status| format!("hallmark_checks{{status=\"{status}\"}}");
    let (oldest, waited) = (
        "hallmark_scrub_oldest_age_seconds",
        "hallmark_checks_oldest_age_seconds",
    );
    let figures = Figures::read(&process).await;
    for name in [&unsound("damaged"), &checks("waiting"), &checks("running")] {
        assert!(figures.0.contains_key(name), "{name}");
        figures.expect(name, 0.0);
    }
    figures.expect(oldest, 0.0);
    figures.expect(waited, 0.0);
    let mut ids = Vec::new();
    for _ in 0..3 {
        let id = process.image().await;
        assert_eq!(upload(&process, &id, None).await, 204);
        ask_to_verify(&process, &id).await;
        ids.push(id);
    }
    // One that is damaged and was read last in 1970; one that is being read.
    ground
        .execute(
            "UPDATE image_copies SET state = 'damaged', reason = 'a test', checked_at = 1
              WHERE image_id = (SELECT MIN(id) FROM images)",
        )
        .await;
    ground
        .execute(
            "UPDATE checks SET holder = 'x', lease_until = 9000000000000000, begun_at = asked_at
              WHERE image_id = (SELECT MIN(id) FROM images)",
        )
        .await;
    ground.execute("UPDATE checks SET asked_at = 1").await;
    process.kill();
    let process = ground.start().await;
    let figures = Figures::read(&process).await;
    figures.expect(&unsound("damaged"), 1.0);
    figures.expect(&unsound("missing"), 0.0);
    figures.expect(&unsound("unreadable"), 0.0);
    figures.expect(&checks("waiting"), 2.0);
    figures.expect(&checks("running"), 1.0);
    for name in [oldest, waited] {
        // More than fifty years.
        assert!(figures.get(name) > 1.6e9, "{name}: {}", figures.get(name));
    }
    // A copy that was never read counts from when its image was created.
    ground
        .execute(
            "UPDATE image_copies SET state = 'unverified', verified_at = NULL, checked_at = 0,
                    reason = NULL",
        )
        .await;
    process.kill();
    let process = ground.start().await;
    let figures = Figures::read(&process).await;
    figures.expect(&unsound("damaged"), 0.0);
    let age = figures.get(oldest);
    assert!(age > 0.0 && age < 3600.0, "{age}");
}

async fn images_that_nobody_verified_are_told(engine: Engine) {
    let ground = Ground::new(engine, "").await;
    let process = ground.start().await;
    let id = process.image().await;
    assert_eq!(upload(&process, &id, None).await, 204);
    let name = "hallmark_unverified_images";
    Figures::read(&process).await.expect(name, 0.0);
    ground.execute("UPDATE images SET trusted_at = 1").await;
    process.kill();
    let process = ground.start().await;
    Figures::read(&process).await.expect(name, 1.0);
}

async fn a_database_that_does_not_answer_takes_its_own_figures_along_and_no_others(engine: Engine) {
    let ground = Ground::new(engine, "").await;
    let process = ground.start().await;
    let image = process.image().await;
    ground.execute("ALTER TABLE tasks RENAME TO gone").await;
    let figures = Figures::read(&process).await;
    figures.expect("hallmark_database_up", 0.0);
    let tasks = "hallmark_tasks{type=\"api_image_import\",status=\"pending\"}";
    assert!(figures.get(tasks).is_nan(), "{}", figures.get(tasks));
    for name in [
        "hallmark_outbox_notifications",
        "hallmark_scrub_oldest_age_seconds",
    ] {
        assert!(figures.get(name).is_nan(), "{name}");
    }
    let created =
        "hallmark_http_requests_total{route=\"/v2/images\",method=\"POST\",status=\"201\"}";
    figures.expect(created, 1.0);
    assert_eq!(process.shown(&image).await["status"], "queued");
}

#[tokio::test]
async fn figures_are_told_to_whom_the_operator_names_and_not_through_a_proxy() {
    let read = async |registry: &Registry| {
        let call = registry.call(Method::GET, "/metrics");
        call.send().await.status.as_u16()
    };
    let registry = Registry::open(Engine::Sqlite).await;
    assert_eq!(read(&registry).await, 200);
    let call = registry.call(Method::GET, "/metrics");
    let proxied = call.header("x-forwarded-for", "127.0.0.1").send().await;
    proxied.expect(404);
    for settings in [
        "[telemetry]\nmetrics = false",
        "[telemetry]\nmetrics_allowed_source_ranges = [\"192.0.2.0/24\"]",
        "[telemetry]\nmetrics_allowed_source_ranges = []",
    ] {
        let registry = Registry::with(Engine::Sqlite, settings).await;
        assert_eq!(read(&registry).await, 404, "{settings}");
    }
}

#[tokio::test]
async fn figures_are_read_and_nothing_else() {
    let registry = Registry::open(Engine::Sqlite).await;
    let head = registry.call(Method::HEAD, "/metrics").send().await;
    assert!(head.expect(200).body.is_empty());
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let answer = registry.call(method, "/metrics").send().await;
        assert!(answer.status.is_client_error(), "{}", answer.status);
    }
}
