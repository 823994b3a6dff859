//! Published bytes that no image has, and rows whose bytes are gone.

use std::{
    fs::{self, File},
    path::PathBuf,
    time::{Duration, SystemTime},
};

use axum::http::Method;
use futures_util::future::join_all;
use hallmark::service::Orphans;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{DATA, ask, copies, import, staged};
use crate::support::{Engine, Fault, Ground, Persona, Registry, on_every_engine, until};

on_every_engine![
    bytes_that_a_failed_upload_left_are_removed_once_they_are_old,
    bytes_that_a_failed_import_left_are_removed,
    bytes_of_deleted_and_purged_images_are_removed,
    bytes_that_another_store_has_by_right_are_removed,
    bytes_that_an_image_has_or_waits_for_stay,
    bytes_of_a_delayed_deletion_stay,
    files_that_were_never_the_registrys_stay,
    a_store_that_is_out_of_order_is_looked_through_later,
    two_processes_remove_each_orphan_once,
    an_image_can_take_data_while_its_orphan_is_looked_for,
    a_copy_whose_bytes_went_before_its_row_is_forgotten,
    a_copy_is_not_forgotten_if_no_other_is_there,
    what_a_killed_process_left_is_removed_by_the_next,
];

async fn look(registry: &Registry) -> Orphans {
    let stop = CancellationToken::new();
    let looked = registry.app().maintenance().remove_orphans(&stop).await;
    looked.expect("a database")
}

fn file(registry: &Registry, store: &str, name: &str) -> PathBuf {
    registry.folder().join("stores").join(store).join(name)
}

/// Makes the file as old as if it had been left an hour ago.
fn age(path: &PathBuf) {
    let file = File::options().write(true).open(path).expect("a file");
    let then = SystemTime::now() - Duration::from_hours(1);
    file.set_modified(then).expect("a time");
}

/// Leaves old bytes in a store.
fn leave(registry: &Registry, store: &str, name: &str) {
    let path = file(registry, store, name);
    fs::write(&path, "left behind").expect("a file");
    age(&path);
}

fn removed(count: usize) -> Orphans {
    Orphans {
        removed: count,
        ..Orphans::default()
    }
}

async fn bytes_that_a_failed_upload_left_are_removed_once_they_are_old(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    stores.set("slow", Fault::Stray);
    registry
        .upload(Persona::MEMBER, &id, DATA)
        .await
        .expect(503);
    stores.set("slow", Fault::None);
    assert_eq!(registry.shown(&id).await["status"], "queued");
    let left = copies(&id, &["slow"]);
    assert_eq!(registry.files(), left);

    let young = Orphans {
        left: 1,
        ..Orphans::default()
    };
    assert_eq!(look(&registry).await, young);
    assert_eq!(registry.files(), left);
    age(&file(&registry, "slow", &id));
    assert_eq!(look(&registry).await, removed(1));
    assert_eq!(registry.files(), Vec::<String>::new());
    assert_eq!(look(&registry).await, Orphans::default());

    registry
        .upload(Persona::MEMBER, &id, DATA)
        .await
        .expect(204);
    age(&file(&registry, "slow", &id));
    assert_eq!(look(&registry).await, Orphans::default());
    assert_eq!(registry.shown(&id).await["status"], "active");
}

async fn bytes_that_a_failed_import_left_are_removed(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "").await;
    let id = staged(&registry).await;
    stores.set("fast", Fault::Stray);
    import(&registry, &id, json!({"stores": ["fast", "slow"]})).await;
    registry.work().await;
    stores.set("fast", Fault::None);
    assert_eq!(registry.shown(&id).await["status"], "queued");
    assert_eq!(registry.files(), copies(&id, &["fast"]));
    age(&file(&registry, "fast", &id));
    assert_eq!(look(&registry).await, removed(1));
    assert_eq!(registry.files(), Vec::<String>::new());
}

async fn bytes_of_deleted_and_purged_images_are_removed(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let deleted = registry.image(Persona::MEMBER, json!({})).await;
    let path = format!("/v2/images/{deleted}");
    registry.delete(Persona::MEMBER, &path).await.expect(204);
    let purged = "0ABCDEF0-0000-4000-8000-00000000000f";
    registry
        .execute(
            "INSERT INTO image_tombstones (id, deleted_at)
             VALUES ('0ABCDEF0-0000-4000-8000-00000000000f', 1)",
        )
        .await;
    leave(&registry, "fast", &deleted);
    leave(&registry, "spare", purged);
    assert_eq!(look(&registry).await, removed(2));
    assert_eq!(registry.files(), Vec::<String>::new());
}

async fn bytes_that_another_store_has_by_right_are_removed(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    age(&file(&registry, "slow", &id));
    leave(&registry, "fast", &id);
    leave(&registry, "spare", &id);
    assert_eq!(look(&registry).await, removed(2));
    assert_eq!(registry.files(), copies(&id, &["slow"]));
    let path = format!("/v2/images/{id}/file");
    let read = registry.get(Persona::MEMBER, &path).await.expect(200);
    assert_eq!(read.text(), DATA);
}

async fn bytes_that_an_image_has_or_waits_for_stay(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let active = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    // A copy to `fast` is to be made.
    let body = json!({"method": {"name": "copy-image"}, "stores": ["fast"]});
    let asked = ask(&registry, Persona::ADMIN, &active, &body).await;
    asked.expect(202);
    leave(&registry, "fast", &active);
    // Somebody brings data in.
    let claimed = registry.image(Persona::MEMBER, json!({})).await;
    registry
        .execute(
            "INSERT INTO image_claims (image_id, holder, lease_until)
             SELECT id, '00000000-0000-4000-8000-000000000000', 9000000000000000
               FROM images WHERE status = 'queued'",
        )
        .await;
    leave(&registry, "slow", &claimed);
    // An import waits to be run.
    let importing = staged(&registry).await;
    import(&registry, &importing, json!({})).await;
    leave(&registry, "slow", &importing);
    let files = registry.files();
    assert_eq!(look(&registry).await, Orphans::default());
    assert_eq!(registry.files(), files);
}

async fn bytes_of_a_delayed_deletion_stay(engine: Engine) {
    let later = "delayed_delete = true\nscrub_time = 3600";
    let (registry, _) = Registry::several(engine, later).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    let path = format!("/v2/images/{id}");
    registry.delete(Persona::MEMBER, &path).await.expect(204);
    age(&file(&registry, "slow", &id));
    leave(&registry, "fast", &id);
    assert_eq!(look(&registry).await, removed(1));
    assert_eq!(registry.files(), copies(&id, &["slow"]));
}

async fn files_that_were_never_the_registrys_stay(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let unknown = "00000000-0000-4000-8000-000000000000";
    let queued = registry.image(Persona::MEMBER, json!({})).await;
    leave(&registry, "fast", unknown);
    leave(&registry, "fast", "notes.txt");
    leave(&registry, "slow", &format!("{queued}.bak"));
    let files = registry.files();
    assert_eq!(files.len(), 3);
    for _ in 0..2 {
        let foreign = Orphans {
            foreign: 1,
            ..Orphans::default()
        };
        assert_eq!(look(&registry).await, foreign);
    }
    assert_eq!(registry.files(), files);
}

async fn a_store_that_is_out_of_order_is_looked_through_later(engine: Engine) {
    let (registry, stores) = Registry::several(engine, "").await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    leave(&registry, "fast", &id);
    leave(&registry, "spare", &id);
    for fault in [Fault::Delete, Fault::InUse] {
        stores.set("fast", fault);
        leave(&registry, "spare", &id);
        let part = Orphans {
            removed: 1,
            left: 1,
            foreign: 0,
        };
        assert_eq!(look(&registry).await, part);
        assert_eq!(registry.files(), copies(&id, &["fast"]));
    }
    stores.set("fast", Fault::None);
    assert_eq!(look(&registry).await, removed(1));
    // Nothing holds the image.
    registry
        .upload(Persona::MEMBER, &id, DATA)
        .await
        .expect(204);
}

async fn two_processes_remove_each_orphan_once(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let twin = registry.twin().await;
    let mut ids = Vec::new();
    for _ in 0..6 {
        let id = registry.image(Persona::MEMBER, json!({})).await;
        leave(&registry, "fast", &id);
        ids.push(id);
    }
    let stop = CancellationToken::new();
    let apps = [registry.app(), &twin, registry.app(), &twin];
    let looks = apps.map(|app| app.maintenance().remove_orphans(&stop));
    for looked in join_all(looks).await {
        assert_eq!(looked.expect("a database").foreign, 0);
    }
    assert_eq!(registry.files(), Vec::<String>::new());
    let claims = registry.rows("SELECT image_id FROM image_claims").await;
    assert_eq!(claims, Vec::<String>::new());
    for id in ids {
        registry
            .upload(Persona::MEMBER, &id, DATA)
            .await
            .expect(204);
    }
}

/// Many times over, since who locks what first is a matter of chance.
async fn an_image_can_take_data_while_its_orphan_is_looked_for(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let stop = CancellationToken::new();
    for _ in 0..8 {
        let id = registry.image(Persona::MEMBER, json!({})).await;
        leave(&registry, "slow", &id);
        let (uploaded, looked) = tokio::join!(
            registry.upload(Persona::MEMBER, &id, DATA),
            registry.app().maintenance().remove_orphans(&stop),
        );
        looked.expect("a database");
        match uploaded.status.as_u16() {
            204 => {}
            409 => {
                let again = registry.upload(Persona::MEMBER, &id, DATA).await;
                again.expect(204);
            }
            other => panic!("{other}: {}", uploaded.text()),
        }
        let path = format!("/v2/images/{id}/file");
        let read = registry.get(Persona::MEMBER, &path).await.expect(200);
        assert_eq!(read.text(), DATA);
    }
}

/// As of a process that died while it took the image out of a store.
async fn lapse(registry: &Registry) {
    registry
        .execute(
            "INSERT INTO image_claims (image_id, holder, lease_until)
             SELECT id, '00000000-0000-4000-8000-000000000000', 1 FROM images",
        )
        .await;
    let swept = registry.app().maintenance().sweep().await;
    assert_eq!(swept.expect("a sweep").abandoned, 1);
}

async fn a_copy_whose_bytes_went_before_its_row_is_forgotten(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let id = staged(&registry).await;
    import(&registry, &id, json!({"all_stores": true})).await;
    registry.work().await;
    fs::remove_file(file(&registry, "fast", &id)).expect("a copy");
    lapse(&registry).await;
    let shown = registry.shown(&id).await;
    assert_eq!(shown["stores"], "slow,spare");
    assert_eq!(shown["status"], "active");
    let path = format!("/v2/images/{id}/file");
    registry.get(Persona::MEMBER, &path).await.expect(200);
}

async fn a_copy_is_not_forgotten_if_no_other_is_there(engine: Engine) {
    let (registry, _) = Registry::several(engine, "").await;
    let id = staged(&registry).await;
    import(&registry, &id, json!({"stores": ["fast", "slow"]})).await;
    registry.work().await;
    for store in ["fast", "slow"] {
        fs::remove_file(file(&registry, store, &id)).expect("a copy");
    }
    lapse(&registry).await;
    assert_eq!(registry.shown(&id).await["stores"], "fast,slow");
}

async fn what_a_killed_process_left_is_removed_by_the_next(engine: Engine) {
    let settings = "[worker]\nlease = 3\norphan_interval = 1";
    let ground = Ground::new(engine, settings).await;
    let process = ground.start().await;
    let (queued, deleted) = (process.image().await, process.image().await);
    let call = process.call(Method::DELETE, &format!("/v2/images/{deleted}"));
    assert_eq!(call.send().await.expect("an answer").status(), 204);
    process.kill();
    // What it had put in its place when it died, before any row said so.
    let images = ground.folder().join("data/images");
    for id in [&queued, &deleted] {
        let path = images.join(id);
        fs::write(&path, DATA).expect("a file");
        age(&path);
    }
    fs::write(images.join("notes.txt"), "an operator's own").expect("a file");
    let next = ground.start().await;
    let is_clean = async || ground.files() == ["images/notes.txt"];
    until("the bytes are gone", is_clean).await;
    let call = next.call(Method::PUT, &format!("/v2/images/{queued}/file"));
    let call = call.header("content-type", "application/octet-stream");
    let answer = call.body(DATA).send().await.expect("an answer");
    assert_eq!(answer.status(), 204);
    next.stop();
}
