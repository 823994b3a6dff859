//! Purging the rows of deleted images, and looking before an upgrade.

use std::{fs, slice};

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Engine, Ground, Process, on_every_engine};

on_every_engine![
    rows_of_images_deleted_long_ago_go_and_their_ids_stay_used,
    what_is_young_or_has_bytes_or_a_task_is_not_purged,
    no_more_rows_are_purged_than_was_said,
    a_sound_registry_can_be_upgraded,
    what_keeps_an_upgrade_from_working_is_told,
];

const DATA: &str = "bytes of an image";

async fn active(process: &Process) -> String {
    let id = process.image().await;
    let call = process.call(Method::PUT, &format!("/v2/images/{id}/file"));
    let call = call.header("content-type", "application/octet-stream");
    let answer = call.body(DATA).send().await.expect("an answer");
    assert_eq!(answer.status(), 204);
    id
}

async fn delete(process: &Process, id: &str) {
    let call = process.call(Method::DELETE, &format!("/v2/images/{id}"));
    assert_eq!(call.send().await.expect("an answer").status(), 204);
}

/// What was deleted was deleted long ago.
async fn let_time_pass(ground: &Ground) {
    let statement = "UPDATE images SET deleted_at = 1 WHERE status = 'deleted'";
    ground.execute(statement).await;
}

fn purge(ground: &Ground, arguments: &[&str]) -> String {
    let mut words = vec!["db", "purge"];
    words.extend(arguments);
    let output = ground.output(&words);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).expect("text")
}

async fn rows_of_images_deleted_long_ago_go_and_their_ids_stay_used(engine: Engine) {
    let ground = Ground::new(engine, "").await;
    let process = ground.start().await;
    let (kept, gone) = (active(&process).await, active(&process).await);
    delete(&process, &gone).await;
    let_time_pass(&ground).await;
    assert_eq!(purge(&ground, &[]), "1 deleted images were purged\n");
    let images = ground.rows("SELECT id FROM images").await;
    assert_eq!(images, slice::from_ref(&kept));
    let digests = "SELECT DISTINCT image_id FROM image_digests";
    assert_eq!(ground.rows(digests).await, slice::from_ref(&kept));
    let tombstone = "SELECT id || ' ' || os_hash_algo FROM image_tombstones
                      WHERE os_hash_value IS NOT NULL AND checksum IS NOT NULL";
    assert_eq!(ground.rows(tombstone).await, [format!("{gone} sha512")]);

    // Neither by a request nor behind the registry's back.
    let body = json!({"id": gone}).to_string();
    let call = process.call(Method::POST, "/v2/images").body(body);
    assert_eq!(call.send().await.expect("an answer").status(), 409);
    for statement in [
        "DELETE FROM image_tombstones",
        "UPDATE image_tombstones SET os_hash_value = 'x'",
        "DELETE FROM images",
        "INSERT INTO images (id, visibility, status, min_disk, min_ram, protected, os_hidden,
                             created_at, updated_at)
         SELECT tombs.id, visibility, 'queued', min_disk, min_ram, protected, os_hidden,
                created_at, updated_at
           FROM images, image_tombstones AS tombs",
    ] {
        ground.refuses(statement).await;
    }
    let call = process.call(Method::GET, &format!("/v2/images/{gone}"));
    assert_eq!(call.send().await.expect("an answer").status(), 404);
    let call = process.call(Method::GET, &format!("/v2/images/{kept}/file"));
    let answer = call.send().await.expect("an answer");
    assert_eq!(answer.text().await.expect("a body"), DATA);
    assert_eq!(purge(&ground, &[]), "0 deleted images were purged\n");
}

async fn what_is_young_or_has_bytes_or_a_task_is_not_purged(engine: Engine) {
    let settings = "[DEFAULT]\ndelayed_delete = true\nscrub_time = 3600\n
        [worker]\nconcurrency = 0\n[fetch]\nallowed_networks = [\"127.0.0.0/8\"]\n
        [import_filtering_opts]\nallowed_ports = []";
    let ground = Ground::new(engine, settings).await;
    let process = ground.start().await;
    let (waiting, tasked, young) = (
        active(&process).await,
        process.image().await,
        process.image().await,
    );
    let body = json!({"method": {"name": "web-download", "uri": "http://127.0.0.1:1/a"}});
    let call = process.call(Method::POST, &format!("/v2/images/{tasked}/import"));
    let answer = call.body(body.to_string()).send().await;
    assert_eq!(answer.expect("an answer").status(), 202);
    for id in [&waiting, &tasked] {
        delete(&process, id).await;
    }
    let_time_pass(&ground).await;
    delete(&process, &young).await;
    assert_eq!(
        purge(&ground, &["--age_in_days", "1", "--max_rows", "-1"]),
        "0 deleted images were purged\n"
    );
    assert_eq!(ground.rows("SELECT id FROM images").await.len(), 3);
    assert_eq!(
        purge(&ground, &["--age-in-days", "0"]),
        "1 deleted images were purged\n"
    );
}

async fn no_more_rows_are_purged_than_was_said(engine: Engine) {
    let ground = Ground::new(engine, "").await;
    let process = ground.start().await;
    for _ in 0..5 {
        let id = process.image().await;
        delete(&process, &id).await;
    }
    let_time_pass(&ground).await;
    for (most, purged) in [("0", 0), ("2", 2), ("-1", 3)] {
        let told = purge(&ground, &["--max-rows", most]);
        assert_eq!(told, format!("{purged} deleted images were purged\n"));
    }
    for wrong in [
        ["--max-rows", "-2"],
        ["--age-in-days", "-1"],
        ["--age-in-days", "40000"],
    ] {
        let output = ground.output(&["db", "purge", wrong[0], wrong[1]]);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
}

fn check(ground: &Ground) -> (Option<i32>, Value) {
    let output = ground.output(&["status", "upgrade", "check", "--json"]);
    let json = serde_json::from_slice(&output.stdout).expect("JSON");
    (output.status.code(), json)
}

/// The result and the details of one check.
fn of(report: &Value, name: &str) -> (u64, String) {
    let checks = report["checks"].as_array().expect("checks");
    let found = checks.iter().find(|check| check["check"] == name);
    let found = found.unwrap_or_else(|| panic!("no check {name}: {report}"));
    let details = found["details"].as_str().unwrap_or_default().to_owned();
    (found["result"].as_u64().expect("a number"), details)
}

async fn a_sound_registry_can_be_upgraded(engine: Engine) {
    let ground = Ground::new(engine, "").await;
    let process = ground.start().await;
    active(&process).await;
    let (status, report) = check(&ground);
    assert_eq!(status, Some(0), "{report}");
    assert_eq!(report["name"], "Upgrade Check Results");
    for name in [
        "Configuration",
        "Policy files",
        "Stores",
        "Database schema",
        "Stores of images",
        "Copies of images",
        "Digests of images",
    ] {
        assert_eq!(of(&report, name), (0, String::new()));
    }
    let output = ground.output(&["status", "upgrade", "check"]);
    let table = String::from_utf8(output.stdout).expect("text");
    assert!(table.contains("| Upgrade Check Results"), "{table}");
    assert!(table.contains("| Result: Success"), "{table}");
}

async fn what_keeps_an_upgrade_from_working_is_told(engine: Engine) {
    let mut ground = Ground::new(engine, "").await;
    let process = ground.start().await;
    active(&process).await;
    process.stop();

    ground
        .execute("UPDATE image_copies SET state = 'damaged'")
        .await;
    ground.set_up("[DEFAULT]\nhashing_algorithm = \"sha256\"");
    let (status, report) = check(&ground);
    assert_eq!(status, Some(1), "{report}");
    assert!(of(&report, "Configuration").1.contains("deprecated"));
    assert!(of(&report, "Copies of images").1.contains("damaged"));
    assert!(of(&report, "Digests of images").1.contains("backfill"));

    let folder = ground.folder().join("data/images");
    fs::rename(&folder, ground.folder().join("away")).expect("a folder");
    let (status, report) = check(&ground);
    assert_eq!(status, Some(1), "{report}");
    assert!(of(&report, "Stores").1.contains("not there"));
    fs::write(&folder, "").expect("a file");
    let (status, report) = check(&ground);
    assert_eq!(status, Some(2), "{report}");
    assert_eq!(of(&report, "Stores").0, 2);
    fs::remove_file(&folder).expect("a file");

    ground
        .execute("UPDATE image_copies SET store = 'elsewhere'")
        .await;
    let (status, report) = check(&ground);
    assert_eq!(status, Some(2), "{report}");
    assert!(of(&report, "Stores of images").1.contains("elsewhere"));

    ground
        .execute(
            "UPDATE _sqlx_migrations SET version = 99990101000000 WHERE version = 20261121000100",
        )
        .await;
    let (status, report) = check(&ground);
    assert_eq!(status, Some(2), "{report}");
    assert_eq!(of(&report, "Database schema").0, 2);

    ground.set_up("[DEFAULT]\nbind_port = 0");
    let (status, report) = check(&ground);
    assert_eq!(status, Some(2), "{report}");
    assert!(of(&report, "Configuration").1.contains("bind_port"));
}
