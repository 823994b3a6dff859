//! The tasks API: what it creates, what it shows, and to whom.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Engine, Origin, Persona, Registry, Told, on_every_engine};

on_every_engine![
    a_task_creates_an_image_and_brings_its_data_in,
    the_task_is_shown_as_it_was_asked_for,
    the_digests_that_the_task_expects_hold,
    an_image_whose_data_are_not_to_be_had_goes_with_its_task,
    a_task_whose_process_stops_is_taken_over,
    an_address_that_may_not_be_asked_is_refused_at_once,
    a_malformed_task_is_refused_by_name,
    an_image_that_cannot_be_leaves_no_task,
    tasks_are_listed_page_by_page,
    tasks_are_filtered_and_sorted,
    a_list_that_makes_no_sense_is_refused,
    only_administrators_use_the_tasks_api_unless_the_policy_says_so,
    a_task_is_not_deleted_but_goes_by_itself,
    a_task_is_told_step_by_step,
    without_web_download_there_is_no_second_door,
    a_task_fills_the_store_that_it_names,
];

const DATA: &str = "bytes from elsewhere";
const SHA256: &str = "sha256:";

fn input(uri: &str) -> Value {
    json!({
        "import_from": uri, "import_from_format": "raw",
        "image_properties": {"name": "made", "container_format": "bare", "os_distro": "x"},
    })
}

fn task(input: &Value) -> Value {
    json!({"type": "import", "input": input})
}

async fn create(registry: &Registry, body: &Value) -> Answer {
    registry.post(Persona::ADMIN, "/v2/tasks", body).await
}

async fn created(registry: &Registry, input: &Value) -> Value {
    create(registry, &task(input)).await.expect(201).json()
}

async fn shown(registry: &Registry, task: &Value) -> Value {
    let path = task["self"].as_str().expect("a path");
    registry.get(Persona::ADMIN, path).await.expect(200).json()
}

async fn listed(registry: &Registry, query: &str) -> Value {
    let path = format!("/v2/tasks?{query}");
    registry.get(Persona::ADMIN, &path).await.expect(200).json()
}

fn ids(list: &Value) -> Vec<&str> {
    let tasks = list["tasks"].as_array().expect("a list");
    tasks
        .iter()
        .map(|task| task["id"].as_str().expect("an id"))
        .collect()
}

fn image_of(task: &Value) -> &str {
    task["image_id"].as_str().expect("an id")
}

async fn is_gone(registry: &Registry, task: &Value) -> bool {
    let path = format!("/v2/images/{}", image_of(task));
    registry.get(Persona::ADMIN, &path).await.status == 404
}

async fn a_task_creates_an_image_and_brings_its_data_in(engine: Engine) {
    let registry = Registry::open(engine).await;
    let origin = Origin::serving(DATA).await;
    let answer = create(&registry, &task(&input(&origin.url("a")))).await;
    let answer = answer.expect(201);
    let task = answer.json();
    assert_eq!(task["status"], "pending");
    assert!(
        answer
            .header("location")
            .ends_with(task["self"].as_str().expect("a path"))
    );
    let image = registry.shown(image_of(&task)).await;
    assert_eq!(image["status"], "importing");
    assert_eq!(image["disk_format"], "raw");

    registry.work().await;
    let image = registry.shown(image_of(&task)).await;
    assert_eq!(image["status"], "active", "{image}");
    assert_eq!(image["name"], "made");
    assert_eq!(image["os_distro"], "x");
    assert_eq!(image["owner"], Persona::ADMIN.project);
    let task = shown(&registry, &task).await;
    assert_eq!(task["status"], "success");
    assert_eq!(task["result"], json!({"image_id": image["id"]}));
    assert!(task["expires_at"].is_string());
    let file = format!("/v2/images/{}/file", image_of(&task));
    let answer = registry.get(Persona::ADMIN, &file).await.expect(200);
    assert_eq!(answer.text(), DATA);
}

async fn the_task_is_shown_as_it_was_asked_for(engine: Engine) {
    let registry = Registry::open(engine).await;
    let mut asked = input("https://example.org/a?b=c");
    asked["image_properties"]["tags"] = json!(["é"]);
    let answer = create(&registry, &task(&asked)).await.expect(201);
    let made = answer.json();
    assert_eq!(made, shown(&registry, &made).await);
    asked["backend"] = json!("file");
    assert_eq!(made["input"], asked);
    assert_eq!(made["type"], "import");
    assert_eq!(made["owner"], Persona::ADMIN.project);
    assert_eq!(made["user_id"], Persona::ADMIN.user);
    assert_eq!(made["request_id"], answer.header("x-openstack-request-id"));
    assert_eq!(made["message"], "");
    assert_eq!(made["result"], Value::Null);
    assert_eq!(made.get("expires_at"), None);
    assert_eq!(made["schema"], "/v2/schemas/task");

    let path = format!("/v2/images/{}/tasks", image_of(&made));
    let of_image = registry.get(Persona::ADMIN, &path).await.expect(200).json();
    assert_eq!(of_image["tasks"][0]["id"], made["id"]);
    assert_eq!(of_image["tasks"][0]["input"], asked);
}

async fn the_digests_that_the_task_expects_hold(engine: Engine) {
    let registry = Registry::open(engine).await;
    let origin = Origin::serving(DATA).await;
    let right = registry.active_image(Persona::ADMIN, json!({"os_hash_algo": "sha256"}), DATA);
    let right = registry.shown(&right.await).await["os_hash_value"].clone();
    let right = format!("{SHA256}{}", right.as_str().expect("a digest"));
    let wrong = format!("{SHA256}{}", "ab".repeat(32));
    for (checksum, status) in [(right, "success"), (wrong, "failure")] {
        let mut input = input(&origin.url("a"));
        input["checksum"] = json!(checksum);
        let made = created(&registry, &input).await;
        assert_eq!(made["input"]["checksum"], checksum);
        registry.work().await;
        let made = shown(&registry, &made).await;
        assert_eq!(made["status"], status, "{made}");
        if status == "failure" {
            let message = made["message"].as_str().expect("a text");
            assert!(
                message.starts_with("CHECKSUM_VERIFICATION_FAILED: "),
                "{message}"
            );
            assert!(is_gone(&registry, &made).await);
        }
    }
    assert_eq!(registry.files().len(), 2, "{:?}", registry.files());
}

async fn an_image_whose_data_are_not_to_be_had_goes_with_its_task(engine: Engine) {
    let registry = Registry::open(engine).await;
    let origin = Origin::serving(DATA).await;
    let made = created(&registry, &input(&origin.url("missing"))).await;
    registry.work().await;
    let made = shown(&registry, &made).await;
    assert_eq!(made["status"], "failure");
    assert_eq!(made["result"], Value::Null);
    let message = made["message"].as_str().expect("a text");
    assert!(message.starts_with("DATA_INTERRUPTED: "), "{message}");
    assert!(is_gone(&registry, &made).await);
    assert_eq!(registry.files(), Vec::<String>::new());

    // Its id is used up, as that of any image.
    let mut again = input(&origin.url("a"));
    again["image_properties"]["id"] = made["image_id"].clone();
    create(&registry, &task(&again)).await.expect(409);
}

async fn a_task_whose_process_stops_is_taken_over(engine: Engine) {
    let registry = Registry::open(engine).await;
    let origin = Origin::serving(DATA).await;
    let made = created(&registry, &input(&origin.url("a"))).await;
    registry
        .execute(
            "UPDATE tasks
                SET status = 'processing', holder = 'gone', lease_until = 1, attempts = 1",
        )
        .await;
    registry.work().await;
    assert_eq!(shown(&registry, &made).await["status"], "success");
    let image = registry.shown(image_of(&made)).await;
    assert_eq!(image["status"], "active");
}

async fn an_address_that_may_not_be_asked_is_refused_at_once(engine: Engine) {
    let settings = "[auth]\nstrategy = \"trusted_headers\"";
    let registry = Registry::configured(engine, settings).await;
    for uri in [
        "http://127.0.0.1/a",
        "http://169.254.169.254/latest/meta-data",
        "http://example.org:22/a",
        "file:///etc/passwd",
        "filesystem:///etc/passwd",
        "swift+config://a/b",
        "a",
    ] {
        let refused = create(&registry, &task(&input(uri))).await;
        let text = refused.expect(400).text();
        assert!(text.contains("import_from"), "{uri}: {text}");
    }
    assert!(ids(&listed(&registry, "").await).is_empty());
    let images = registry.get(Persona::ADMIN, "/v2/images").await.json();
    assert_eq!(images["images"], json!([]));
}

async fn a_malformed_task_is_refused_by_name(engine: Engine) {
    let registry = Registry::open(engine).await;
    let uri = "http://127.0.0.1:1/a";
    let with = |key: &str, value: Value| {
        let mut input = input(uri);
        input[key] = value;
        task(&input)
    };
    for (body, named) in [
        (json!([]), "object"),
        (json!({}), "'type' is required"),
        (json!({"type": "import"}), "'input' is required"),
        (json!({"type": "import", "input": null}), "input"),
        (json!({"type": "import", "input": {}}), "import_from"),
        (json!({"type": 5, "input": {}}), "type"),
        (json!({"type": "export", "input": {}}), "import"),
        (json!({"type": "clone", "input": {}}), "import"),
        (json!({"type": "api_image_import", "input": {}}), "/import"),
        (
            json!({"type": "location_import", "input": {}}),
            "/locations",
        ),
        (
            json!({"type": "import", "input": input(uri), "status": "success"}),
            "status",
        ),
        (with("import_from", json!("")), "import_from"),
        (with("import_from", json!(5)), "import_from"),
        (
            with("import_from_format", Value::Null),
            "import_from_format",
        ),
        (with("import_from_format", json!("teapot")), "disk_format"),
        (with("image_properties", json!([])), "image_properties"),
        (with("image_properties", json!({"name": 5})), "name"),
        (
            with("image_properties", json!({"disk_format": "qcow2"})),
            "does not convert",
        ),
        (with("checksum", json!("")), "checksum"),
        (with("checksum", json!("sha1:ab")), "sha1"),
        (with("checksum", json!(5)), "checksum"),
        (with("publisher", json!("x")), "checksum_url"),
        (with("checksum_url", json!("file:///a")), "checksum_url"),
        (with("backend", json!(5)), "backend"),
        (with("convert", json!(true)), "convert"),
    ] {
        let text = create(&registry, &body).await.expect(400).text();
        assert!(text.contains(named), "{body}: {text}");
    }
    let call = registry.call(Method::POST, "/v2/tasks").by(Persona::ADMIN);
    call.send().await.expect(400);
    assert!(ids(&listed(&registry, "").await).is_empty());
}

async fn an_image_that_cannot_be_leaves_no_task(engine: Engine) {
    let registry = Registry::open(engine).await;
    let taken = registry.image(Persona::ADMIN, json!({})).await;
    for (properties, status) in [
        (json!({"id": taken}), 409),
        (json!({"status": "active"}), 403),
        (json!({"os_glance_x": "y"}), 403),
        (json!({"os_hash_algo": "crc32"}), 400),
        (json!({"expected_checksum": "sha256:ab"}), 400),
    ] {
        let mut input = input("http://127.0.0.1:1/a");
        input["image_properties"] = properties;
        create(&registry, &task(&input)).await.expect(status);
    }
    let mut input = input("http://127.0.0.1:1/a");
    input["backend"] = json!("nowhere");
    create(&registry, &task(&input)).await.expect(409);
    assert!(ids(&listed(&registry, "").await).is_empty());
    let images = registry.get(Persona::ADMIN, "/v2/images").await.json();
    assert_eq!(images["images"].as_array().map(Vec::len), Some(1));
}

async fn tasks_are_listed_page_by_page(engine: Engine) {
    let registry = Registry::open(engine).await;
    let mut made = Vec::new();
    for _ in 0..5 {
        let task = created(&registry, &input("http://127.0.0.1:1/a")).await;
        made.push(task["id"].as_str().expect("an id").to_owned());
    }
    made.reverse();
    let all = listed(&registry, "").await;
    assert_eq!(ids(&all), made);
    assert_eq!(all["first"], "/v2/tasks");
    assert_eq!(all["schema"], "/v2/schemas/tasks");
    assert_eq!(all.get("next"), None);
    assert_eq!(all["tasks"][0].get("input"), None);

    let mut found = Vec::new();
    let mut path = Some("/v2/tasks?limit=2&sort_key=status".to_owned());
    while let Some(next) = path {
        let page = registry.get(Persona::ADMIN, &next).await.expect(200).json();
        found.extend(ids(&page).into_iter().map(str::to_owned));
        assert_eq!(page["first"], "/v2/tasks?limit=2&sort_key=status");
        path = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(found, made);
    assert!(ids(&listed(&registry, "limit=0").await).is_empty());
}

async fn tasks_are_filtered_and_sorted(engine: Engine) {
    let registry = Registry::open(engine).await;
    let origin = Origin::serving(DATA).await;
    let done = created(&registry, &input(&origin.url("a"))).await;
    let failed = created(&registry, &input(&origin.url("missing"))).await;
    registry.work().await;
    let waiting = created(&registry, &input(&origin.url("a"))).await;
    let image = registry.image(Persona::MEMBER, json!({})).await;
    let body = json!({"method": {"name": "web-download", "uri": origin.url("a")}});
    let path = format!("/v2/images/{image}/import");
    registry
        .post(Persona::MEMBER, &path, &body)
        .await
        .expect(202);

    let id = |task: &Value| task["id"].as_str().expect("an id").to_owned();
    let found = listed(&registry, "status=success").await;
    assert_eq!(ids(&found), [id(&done)]);
    let found = listed(&registry, "status=failure&type=import").await;
    assert_eq!(ids(&found), [id(&failed)]);
    let found = listed(&registry, "type=import&sort_dir=asc").await;
    assert_eq!(ids(&found), [id(&done), id(&failed), id(&waiting)]);
    let of_member = listed(&registry, "type=api_image_import").await;
    assert_eq!(of_member["tasks"][0]["owner"], Persona::MEMBER.project);
    let found = listed(&registry, "sort_key=owner&sort_dir=asc").await;
    assert_eq!(ids(&found)[0], ids(&of_member)[0]);
    let found = listed(&registry, "sort_key=expires_at&sort_dir=desc&limit=2").await;
    assert_eq!(ids(&found), [id(&failed), id(&done)]);
    let found = listed(&registry, "whatever=x").await;
    assert_eq!(ids(&found).len(), 4);
}

async fn a_list_that_makes_no_sense_is_refused(engine: Engine) {
    let registry = Registry::open(engine).await;
    for query in [
        "limit=x",
        "limit=-1",
        "status=done",
        "status=",
        "type=export",
        "sort_key=input",
        "sort_dir=up",
        "marker=zzz",
        "marker=0abcdef0-0000-4000-8000-00000000000f",
    ] {
        let path = format!("/v2/tasks?{query}");
        registry.get(Persona::ADMIN, &path).await.expect(400);
    }
    for id in ["zzz", "0abcdef0-0000-4000-8000-00000000000f"] {
        let path = format!("/v2/tasks/{id}");
        registry.get(Persona::ADMIN, &path).await.expect(404);
    }
}

async fn only_administrators_use_the_tasks_api_unless_the_policy_says_so(engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("policy.yaml");
    std::fs::write(&file, "tasks_api_access: role:member\n").expect("a file");
    let settings = format!("[oslo_policy]\npolicy_file = \"{}\"", file.display());
    for (settings, open) in [(String::new(), false), (settings, true)] {
        let registry = Registry::with(engine, &settings).await;
        let of_admin = created(&registry, &input("http://127.0.0.1:1/a")).await;
        let body = task(&input("http://127.0.0.1:1/a"));
        let answer = registry.post(Persona::MEMBER, "/v2/tasks", &body).await;
        let list = registry.get(Persona::MEMBER, "/v2/tasks").await;
        let others = of_admin["self"].as_str().expect("a path");
        let others = registry.get(Persona::MEMBER, others).await;
        if !open {
            for refused in [answer, list, others] {
                refused.expect(403);
            }
            continue;
        }
        let own = answer.expect(201).json();
        assert_eq!(
            ids(&list.expect(200).json()),
            [own["id"].as_str().expect("an id")]
        );
        others.expect(404);
        let marker = format!("/v2/tasks?marker={}", of_admin["id"].as_str().expect("one"));
        registry.get(Persona::MEMBER, &marker).await.expect(400);
        let path = own["self"].as_str().expect("a path");
        registry.get(Persona::MEMBER, path).await.expect(200);
        registry.get(Persona::STRANGER, path).await.expect(404);
        registry.get(Persona::ADMIN, path).await.expect(200);
        assert_eq!(registry.shown(image_of(&own)).await["owner"], "alpha");
    }
}

async fn a_task_is_not_deleted_but_goes_by_itself(engine: Engine) {
    let registry = Registry::open(engine).await;
    let origin = Origin::serving(DATA).await;
    let made = created(&registry, &input(&origin.url("a"))).await;
    registry.work().await;
    let path = made["self"].as_str().expect("a path");
    let refused = registry.delete(Persona::ADMIN, path).await.expect(405);
    assert_eq!(refused.header("allow"), "GET");
    registry.get(Persona::ADMIN, path).await.expect(200);

    // Its time is over before anybody sweeps.
    registry.execute("UPDATE tasks SET expires_at = 1").await;
    registry.get(Persona::ADMIN, path).await.expect(404);
    assert!(ids(&listed(&registry, "").await).is_empty());
    let image = registry.shown(image_of(&made)).await;
    assert_eq!(image["status"], "active");
}

async fn a_task_is_told_step_by_step(engine: Engine) {
    let settings = "[oslo_messaging_notifications]\ndriver = [\"log\"]";
    let registry = Registry::with(engine, settings).await;
    let origin = Origin::serving(DATA).await;
    let kinds = |told: Vec<Told>| -> Vec<String> {
        let about = told.into_iter().filter(|told| told.event != "image.update");
        about.map(|told| told.event).collect()
    };
    created(&registry, &input(&origin.url("a"))).await;
    registry.work().await;
    assert_eq!(
        kinds(registry.told().await),
        [
            "image.create",
            "task.create",
            "task.processing",
            "image.prepare",
            "image.upload",
            "image.activate",
            "task.success",
            "task.run"
        ]
    );
    registry.execute("DELETE FROM notifications").await;
    created(&registry, &input(&origin.url("missing"))).await;
    registry.work().await;
    assert_eq!(
        kinds(registry.told().await),
        [
            "image.create",
            "task.create",
            "task.processing",
            "image.prepare",
            "image.upload",
            "image.delete",
            "task.failure",
            "task.run"
        ]
    );
}

async fn without_web_download_there_is_no_second_door(engine: Engine) {
    let settings = "[DEFAULT]\nenabled_import_methods = [\"glance-direct\"]";
    let registry = Registry::with(engine, settings).await;
    let body = task(&input("http://127.0.0.1:1/a"));
    let text = create(&registry, &body).await.expect(400).text();
    assert!(text.contains("web-download"), "{text}");
    assert!(ids(&listed(&registry, "").await).is_empty());
}

async fn a_task_fills_the_store_that_it_names(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let origin = Origin::serving(DATA).await;
    for (backend, store) in [(None, "slow"), (Some("fast"), "fast")] {
        let mut input = input(&origin.url("a"));
        if let Some(backend) = backend {
            input["backend"] = json!(backend);
        }
        let made = created(&registry, &input).await;
        assert_eq!(made["input"]["backend"], store);
        registry.work().await;
        assert_eq!(registry.shown(image_of(&made)).await["stores"], store);
    }
}
