//! Who may do what to which jobs, and lists of them.

use std::fs;

use axum::http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::site::{ADMIN, Site, echo, ids, refusal};
use crate::support::{Engine, Persona, Registry, on_every_engine};

on_every_engine![
    jobs_are_for_administrators_and_capabilities_for_readers,
    nobody_is_told_anything,
    who_the_operator_lets_sees_the_jobs_of_its_own_project_alone,
    jobs_of_several_projects_may_have_one_id,
    a_list_has_pages_and_can_be_filtered,
];

const PATHS: [(Method, &str); 5] = [
    (Method::GET, "/v1/jobs"),
    (Method::GET, "/v1/jobs/job-0001"),
    (Method::GET, "/v1/jobs/job-0001/result"),
    (Method::POST, "/v1/jobs/job-0001/cancel"),
    (Method::POST, "/v1/jobs"),
];

async fn jobs_are_for_administrators_and_capabilities_for_readers(engine: Engine) {
    let site = Site::open(engine).await;
    site.submit(&echo("job-0001")).await.expect(201);
    for persona in [Persona::MEMBER, Persona::READER] {
        for (method, path) in PATHS {
            let call = site.registry.call(method.clone(), path).by(persona);
            let call = if path == "/v1/jobs" && method == Method::POST {
                call.json(&echo("job-0001"))
            } else {
                call
            };
            refusal(&call.send().await, 403, "FORBIDDEN");
        }
        let told = site.registry.get(persona, "/v1/capabilities").await;
        told.expect(200);
    }
    assert_eq!(site.status("job-0001").await, "pending");
}

async fn nobody_is_told_anything(engine: Engine) {
    let site = Site::open(engine).await;
    for prefix in ["", "/api"] {
        for (method, path) in PATHS.into_iter().chain([(Method::GET, "/v1/capabilities")]) {
            let path = format!("{prefix}{path}");
            let answer = site.registry.call(method, &path).send().await;
            refusal(&answer, 401, "UNAUTHORIZED");
        }
        let unknown = format!("{prefix}/v1/jobs/a/b/c");
        let answer = site.registry.call(Method::GET, &unknown).send().await;
        refusal(&answer, 401, "UNAUTHORIZED");
    }
}

/// Rules that let members do everything to jobs.
async fn ruled(engine: Engine, rules: &str) -> (Registry, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("policy.yaml");
    fs::write(&file, rules).expect("a file");
    let settings = format!("[oslo_policy]\npolicy_file = \"{}\"", file.display());
    (Registry::with(engine, &settings).await, folder)
}

const MEMBERS: &str = "submit_job: role:member\nget_job: role:member\nget_jobs: role:member\n\
                       cancel_job: role:member\n";

async fn who_the_operator_lets_sees_the_jobs_of_its_own_project_alone(engine: Engine) {
    let (registry, _folder) = ruled(engine, MEMBERS).await;
    let (member, stranger) = (Persona::MEMBER, Persona::STRANGER);
    let submit = async |by, id| registry.post(by, "/v1/jobs", &echo(id)).await;
    submit(member, "job-0001").await.expect(201);
    submit(ADMIN, "job-0002").await.expect(201);
    for path in ["/v1/jobs/job-0001", "/v1/jobs/job-0001?project_id=alpha"] {
        registry.get(member, path).await.expect(200);
        registry.get(ADMIN, path).await.expect(200);
        refusal(&registry.get(stranger, path).await, 404, "NOT_FOUND");
    }
    let foreign = registry.get(member, "/v1/jobs/job-0002").await;
    let missing = registry.get(member, "/v1/jobs/job-0003").await;
    assert_eq!(
        foreign.text().replace("job-0002", "x"),
        missing.text().replace("job-0003", "x"),
        "it does not exist"
    );
    for (method, path) in [
        (Method::GET, "/v1/jobs/job-0001/result"),
        (Method::POST, "/v1/jobs/job-0001/cancel"),
    ] {
        let answer = registry.call(method, path).by(stranger).send().await;
        let body = refusal(&answer, 404, "NOT_FOUND");
        assert_eq!(body["message"], "there is no job job-0001");
    }
    let list = async |by, query: &str| {
        let answer = registry.get(by, &format!("/v1/jobs{query}")).await;
        answer.expect(200).json()["data"].clone()
    };
    for (by, query, expected) in [
        (member, "", &["job-0001"][..]),
        (stranger, "", &[]),
        (stranger, "?project_id=alpha", &[]),
        (ADMIN, "", &["job-0002", "job-0001"]),
        (ADMIN, "?project_id=alpha", &["job-0001"]),
    ] {
        let page = list(by, query).await;
        assert_eq!(ids(&page), expected, "{by:?} {query}");
        assert_eq!(page["total"], expected.len());
    }
    // An id of another project's job is free.
    submit(stranger, "job-0001").await.expect(201);
    let homeless = Persona {
        project: "",
        ..Persona::MEMBER
    };
    refusal(&submit(homeless, "job-0009").await, 403, "FORBIDDEN");
}

async fn jobs_of_several_projects_may_have_one_id(engine: Engine) {
    let rules = format!("{MEMBERS}get_job: 'user_id:%(user_id)s or role:admin'\n");
    let rules = rules.replacen("get_job: role:member\n", "", 1);
    let (registry, _folder) = ruled(engine, &rules).await;
    for persona in [Persona::MEMBER, Persona::STRANGER] {
        let answer = registry.post(persona, "/v1/jobs", &echo("job-0001")).await;
        answer.expect(201);
    }
    for (project, user) in [("alpha", "mia"), ("beta", "sam")] {
        let path = format!("/v1/jobs/job-0001?project_id={project}");
        let job = registry.get(ADMIN, &path).await.expect(200).json();
        assert_eq!(job["data"]["user_id"], user);
    }
    let newest = registry.get(ADMIN, "/v1/jobs/job-0001").await.expect(200);
    assert_eq!(newest.json()["data"]["project_id"], "beta");
    // The rule of this operator is about the user.
    let colleague = Persona {
        user: "max",
        ..Persona::MEMBER
    };
    let answer = registry.get(colleague, "/v1/jobs/job-0001").await;
    refusal(&answer, 404, "NOT_FOUND");
    let page = registry.get(colleague, "/v1/jobs").await.expect(200).json();
    assert_eq!(page["data"]["jobs"], json!([]));
}

async fn a_list_has_pages_and_can_be_filtered(engine: Engine) {
    let site = Site::open(engine).await;
    for number in 0..5 {
        site.submit(&echo(&format!("job-{number:04}")))
            .await
            .expect(201);
    }
    site.run_one().await;
    site.cancel("job-0004").await.expect(200);
    let page =
        async |query: &str| -> Value { site.get(query).await.expect(200).json()["data"].clone() };
    let mut seen = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        let page = page(&query).await;
        assert_eq!(page["total"], 5);
        seen.extend(ids(&page));
        match page["next"].as_str() {
            Some(next) => query = format!("?limit=2&marker={next}"),
            None => break,
        }
    }
    let newest_first: Vec<_> = (0..5).rev().map(|it| format!("job-{it:04}")).collect();
    assert_eq!(seen, newest_first);
    assert_eq!(ids(&page("?status=completed").await), ["job-0000"]);
    assert_eq!(ids(&page("?status=cancelled").await), ["job-0004"]);
    let pending = page("?status=pending&limit=1").await;
    assert_eq!(
        (ids(&pending), &pending["total"]),
        (vec!["job-0003".to_owned()], &json!(3))
    );
    assert_eq!(ids(&page("?limit=0").await), [""; 0]);
    for query in ["?status=Done", "?limit=x", "?marker=x", "?sort=a"] {
        refusal(&site.get(query).await, 400, "BAD_REQUEST");
    }
}
