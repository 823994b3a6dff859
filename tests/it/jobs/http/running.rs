//! How jobs are run: in which order, how often, by whom, and how they end.

use std::fs;

use hallmark::worker::Turn;
use serde_json::json;

use super::site::{ADMIN, Site, echo, executed, good_with, refusal};
use crate::{
    jobs::support::{DATA, good, inspect},
    support::{Call, Engine, on_every_engine},
};

on_every_engine![
    a_wrong_digest_fails_the_job_for_good,
    the_most_urgent_job_runs_first_and_of_equals_the_oldest,
    a_job_for_another_worker_or_pool_waits_for_it,
    a_job_whose_deadline_is_over_is_ended_by_anybody,
    a_job_that_takes_too_long_is_ended,
    a_key_whose_result_is_final_is_not_run_again,
    a_key_whose_job_may_end_otherwise_runs_again,
    two_jobs_of_one_key_never_run_at_once,
    a_job_does_not_run_beside_those_it_names,
    a_job_that_waits_is_cancelled_at_once,
    a_job_that_runs_is_cancelled,
    a_job_that_says_no_is_not_cancelled,
    what_runs_when_a_process_stops_is_left_without_counting_the_attempt,
    a_job_whose_worker_is_lost_is_begun_as_often_as_it_allows,
    results_outlive_the_process_and_go_when_their_time_is_over,
];

async fn a_wrong_digest_fails_the_job_for_good(engine: Engine) {
    let site = Site::open(engine).await;
    let checksum = format!("sha256:{}", "00".repeat(32));
    let image = json!({"path": "data", "checksum": checksum});
    let job = executed(inspect("job-0001", &image), json!({"max_attempts": 5}));
    let result = site.done(&job).await;
    assert_eq!(result["status"], "failed");
    let error = &result["error"];
    assert_eq!(error["code"], "CHECKSUM_VERIFICATION_FAILED");
    assert_eq!(error["retry_recommended"], false);
    assert_eq!(error["details"]["expected"], checksum);
    assert_eq!(error["details"]["actual"], DATA);
    assert_eq!(error["details"]["alias"], "IMAGE_CHECKSUM_MISMATCH");
    assert_eq!(site.shown("job-0001").await["attempts"], 1, "never retried");
}

async fn the_most_urgent_job_runs_first_and_of_equals_the_oldest(engine: Engine) {
    let site = Site::open(engine).await;
    for (id, priority, created_at) in [
        ("job-low-", 1, "2026-01-01T00:00:00Z"),
        ("job-young", 5, "2026-01-03T00:00:00Z"),
        ("job-old-", 5, "2026-01-02T00:00:00Z"),
        ("job-high", 10, "2026-01-04T00:00:00Z"),
    ] {
        let mut job = executed(echo(id), json!({"priority": priority}));
        job["created_at"] = json!(created_at);
        site.submit(&job).await.expect(201);
    }
    for id in ["job-high", "job-old-", "job-young", "job-low-"] {
        assert_eq!(site.status(id).await, "pending", "{id}");
        assert_eq!(site.run_one().await, Turn::Worked);
        assert_eq!(site.status(id).await, "completed", "{id}");
    }
    assert_eq!(site.run_one().await, Turn::Idle);
}

async fn a_job_for_another_worker_or_pool_waits_for_it(engine: Engine) {
    let more = "worker_id = \"worker-7\"\nworker_pool = \"fast\"";
    let site = Site::with(engine, more).await;
    let routed = |id: &str, routing: serde_json::Value, pools: serde_json::Value| {
        let mut job = echo(id);
        job["routing"] = routing;
        job["constraints"] = json!({"allowed_worker_pools": pools});
        job
    };
    let here = [
        routed("here-001", json!({"worker_id": "worker-7"}), json!([])),
        routed(
            "here-002",
            json!({"worker_pool": "fast"}),
            json!(["fast", "slow"]),
        ),
        routed("here-003", json!({}), json!(["slow", "fast", "fast"])),
    ];
    let elsewhere = [
        routed("else-001", json!({"worker_id": "worker-8"}), json!([])),
        routed("else-002", json!({"worker_pool": "slow"}), json!([])),
        routed("else-003", json!({}), json!(["slow"])),
        routed("else-004", json!({"worker_pool": "fast"}), json!(["slow"])),
    ];
    for job in elsewhere.iter().chain(&here) {
        site.submit(job).await.expect(201);
    }
    site.run().await;
    for job in &here {
        let shown = site.shown(job["job_id"].as_str().expect("an id")).await;
        assert_eq!(
            (&shown["status"], &shown["worker_id"]),
            (&json!("completed"), &json!("worker-7"))
        );
    }
    for job in &elsewhere {
        let id = job["job_id"].as_str().expect("an id");
        assert_eq!(site.status(id).await, "pending", "{id}");
    }
}

async fn a_job_whose_deadline_is_over_is_ended_by_anybody(engine: Engine) {
    let site = Site::open(engine).await;
    let mut job = good_with("job-0001", json!({"deadline": "2026-01-30T10:00:01Z"}));
    job["routing"] = json!({"worker_id": "worker-of-another-machine"});
    let result = site.done(&job).await;
    assert_eq!(result["error"]["code"], "DEADLINE_EXCEEDED");
    assert_eq!(
        site.shown("job-0001").await["attempts"],
        0,
        "it was never begun"
    );
}

async fn a_job_that_takes_too_long_is_ended(engine: Engine) {
    let site = Site::open(engine).await;
    site.vast();
    let job = executed(
        inspect("job-0001", &json!({"path": "vast"})),
        json!({"timeout_seconds": 1}),
    );
    let result = site.done(&job).await;
    assert_eq!(result["status"], "failed");
    assert_eq!(result["error"]["code"], "TIMEOUT");
}

async fn a_key_whose_result_is_final_is_not_run_again(engine: Engine) {
    let site = Site::open(engine).await;
    let key = json!({"idempotency_key": "weekly / scan \u{1F4BE}"});
    site.done(&good_with("job-0001", key.clone())).await;
    // Nothing looks for the image any more.
    fs::remove_file(site.image("data")).expect("the image");
    let second = site.done(&good_with("job-0002", key.clone())).await;
    assert_eq!(second["status"], "completed");
    assert_eq!(
        (&second["job_id"], &second["repeats"]),
        (&json!("job-0002"), &json!("job-0001"))
    );
    assert_eq!(site.shown("job-0002").await["attempts"], 0);
    let other = site
        .done(&good_with("job-0003", json!({"idempotency_key": "x"})))
        .await;
    assert_eq!(other["error"]["code"], "IMAGE_NOT_FOUND");
}

async fn a_key_whose_job_may_end_otherwise_runs_again(engine: Engine) {
    let site = Site::open(engine).await;
    site.vast();
    let keyed = |document| {
        let execution = json!({"idempotency_key": "k", "timeout_seconds": 1});
        executed(document, execution)
    };
    let first = site
        .done(&keyed(inspect("job-0001", &json!({"path": "vast"}))))
        .await;
    assert_eq!(first["error"]["code"], "TIMEOUT");
    site.submit(&keyed(good("job-0002"))).await.expect(201);
    site.cancel("job-0002").await.expect(200);
    let third = site.done(&keyed(good("job-0003"))).await;
    assert_eq!(
        (&third["status"], &third["repeats"]),
        (&json!("completed"), &json!(null))
    );
}

async fn two_jobs_of_one_key_never_run_at_once(engine: Engine) {
    let site = Site::open(engine).await;
    site.vast();
    let key = json!({"idempotency_key": "k", "priority": 9});
    let first = executed(inspect("job-0001", &json!({"path": "vast"})), key.clone());
    site.submit(&first).await.expect(201);
    let (running, stop) = site.begin("job-0001").await;
    site.submit(&good_with("job-0002", key)).await.expect(201);
    assert_eq!(site.run_one().await, Turn::Idle);
    site.submit(&good("job-0003")).await.expect(201);
    assert_eq!(site.run_one().await, Turn::Worked);
    assert_eq!(site.status("job-0003").await, "completed");
    site.cancel("job-0001").await.expect(200);
    running.await.expect("an end");
    drop(stop);
    site.run().await;
    assert_eq!(site.status("job-0002").await, "completed");
}

async fn a_job_does_not_run_beside_those_it_names(engine: Engine) {
    let site = Site::open(engine).await;
    site.vast();
    let first = inspect("job-0001", &json!({"path": "vast"}));
    site.submit(&first).await.expect(201);
    let (running, _stop) = site.begin("job-0001").await;
    let mut second = good("job-0002");
    let names = ["job-0001", "no job at all", "job-0001"];
    second["routing"] = json!({"anti_affinity": {"concurrent_jobs": names}});
    site.submit(&second).await.expect(201);
    assert_eq!(site.run_one().await, Turn::Idle);
    site.cancel("job-0001").await.expect(200);
    running.await.expect("an end");
    site.run().await;
    assert_eq!(site.status("job-0002").await, "completed");
}

async fn a_job_that_waits_is_cancelled_at_once(engine: Engine) {
    let site = Site::open(engine).await;
    site.submit(&good("job-0001")).await.expect(201);
    let answer = site.cancel("job-0001").await.expect(200).json();
    assert_eq!(answer["data"]["status"], "cancelled");
    assert_eq!(site.run_one().await, Turn::Idle);
    let result = site.result("job-0001").await;
    assert_eq!(
        (&result["status"], &result["error"]["code"]),
        (&json!("cancelled"), &json!("CANCELLED"))
    );
    site.cancel("job-0001").await.expect(200);
    site.done(&good("job-0002")).await;
    refusal(&site.cancel("job-0002").await, 409, "CONFLICT");
    refusal(&site.cancel("job-0003").await, 404, "NOT_FOUND");
}

async fn a_job_that_runs_is_cancelled(engine: Engine) {
    let site = Site::open(engine).await;
    site.vast();
    let job = inspect("job-0001", &json!({"path": "vast"}));
    site.submit(&job).await.expect(201);
    let (running, _stop) = site.begin("job-0001").await;
    let early = site.get("/job-0001/result").await;
    assert_eq!(
        refusal(&early, 404, "NOT_FOUND")["details"]["status"],
        "running"
    );
    let answer = site.cancel("job-0001").await.expect(200).json();
    assert_eq!(answer["data"]["status"], "running");
    running.await.expect("an end");
    assert_eq!(site.result("job-0001").await["error"]["code"], "CANCELLED");
    assert!(site.shown("job-0001").await["cancel_requested_at"].is_string());
}

async fn a_job_that_says_no_is_not_cancelled(engine: Engine) {
    let site = Site::open(engine).await;
    let job = good_with("job-0001", json!({"cancellable": false}));
    site.submit(&job).await.expect(201);
    refusal(&site.cancel("job-0001").await, 409, "CONFLICT");
    site.run().await;
    assert_eq!(site.status("job-0001").await, "completed");
}

async fn what_runs_when_a_process_stops_is_left_without_counting_the_attempt(engine: Engine) {
    let site = Site::open(engine).await;
    site.vast();
    let job = executed(
        inspect("job-0001", &json!({"path": "vast"})),
        json!({"timeout_seconds": 3}),
    );
    site.submit(&job).await.expect(201);
    let (running, stop) = site.begin("job-0001").await;
    stop.cancel();
    running.await.expect("an end");
    let shown = site.shown("job-0001").await;
    assert_eq!(
        (&shown["status"], &shown["attempts"]),
        (&json!("pending"), &json!(0))
    );
    // Its only attempt is still to be made.
    site.run().await;
    assert_eq!(site.result("job-0001").await["error"]["code"], "TIMEOUT");
}

async fn a_job_whose_worker_is_lost_is_begun_as_often_as_it_allows(engine: Engine) {
    let site = Site::open(engine).await;
    for (id, most) in [("job-0001", 1), ("job-0002", 2)] {
        let job = good_with(id, json!({"max_attempts": most}));
        site.submit(&job).await.expect(201);
    }
    // As a process leaves them that began both and was killed.
    site.registry
        .execute(
            "UPDATE jobs SET status = 'running', holder = 'gone', lease_until = 1, attempts = 1, \
             started_at = 1",
        )
        .await;
    site.run().await;
    let lost = site.result("job-0001").await;
    assert_eq!(lost["error"]["code"], "WORKER_LOST");
    assert_eq!(lost["error"]["retry_recommended"], true);
    assert_eq!(site.status("job-0002").await, "completed");
    assert_eq!(site.shown("job-0002").await["attempts"], 2);
}

async fn results_outlive_the_process_and_go_when_their_time_is_over(engine: Engine) {
    let site = Site::open(engine).await;
    let result = site.done(&good("job-0001")).await;
    let next = site.registry.twin().await;
    let call: Call = site
        .registry
        .call(axum::http::Method::GET, "/v1/jobs/job-0001/result");
    let answer = call.by(ADMIN).to(next.router()).send().await;
    assert_eq!(answer.expect(200).json()["data"], result);
    let swept = site.registry.app().maintenance().sweep().await;
    assert_eq!(swept.expect("a sweep").jobs, 0);
    site.registry
        .execute("UPDATE jobs SET expires_at = 1 WHERE expires_at IS NOT NULL")
        .await;
    let swept = site.registry.app().maintenance().sweep().await;
    assert_eq!(swept.expect("a sweep").jobs, 1);
    refusal(&site.get("/job-0001").await, 404, "NOT_FOUND");
    refusal(&site.get("/job-0001/result").await, 404, "NOT_FOUND");
}
