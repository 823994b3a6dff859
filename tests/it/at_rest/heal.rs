//! A copy that is not what it should be is made anew from another one, if the operator wants that.

use std::{fs, sync::Arc};

use axum::http::Method;
use hallmark::worker::Turn;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{DAMAGED, DATA, ask, copies};
use crate::support::{Engine, Fault, FaultyStores, Persona, Registry, on_every_engine, until};

/// Notifications go to the outbox, and stay there.
const HEAL: &str = "
[verification]
on_damage = \"heal\"
[worker]
lease = 3
max_attempts = 2
[oslo_messaging_notifications]
driver = [\"log\"]
";

/// The next attempt of whatever waits need not be waited for.
const DUE: &str = "UPDATE checks SET due_at = 1";

on_every_engine![
    a_damaged_copy_is_made_anew,
    a_missing_copy_is_made_anew,
    a_copy_is_made_anew_only_if_the_operator_wants_that,
    an_image_whose_copies_are_all_damaged_is_closed,
    a_copy_that_turns_out_to_be_damaged_as_well_heals_nothing,
    a_store_that_does_not_take_the_new_copy_keeps_the_old_one,
    a_copy_is_not_sound_before_it_was_read_back,
    a_store_that_holds_nothing_at_all_is_not_written_to,
    an_image_that_somebody_works_on_has_its_turn_later,
    an_image_that_is_deleted_before_the_new_copy_is_in_place_leaves_nothing,
    an_image_that_is_deleted_once_the_new_copy_is_in_place_leaves_nothing,
    a_process_that_stopped_before_the_new_copy_was_in_place_is_succeeded,
    a_process_that_stopped_before_the_new_copy_was_read_back_is_succeeded,
    a_missing_copy_whose_process_stopped_is_made_by_another,
    a_process_that_is_told_to_stop_leaves_the_copy_to_others,
    two_processes_heal_a_copy_once,
    downloads_meanwhile_get_the_right_bytes,
    a_copy_that_is_known_to_be_bad_is_read_last,
    an_image_that_was_closed_heals_once_a_copy_was_put_right,
];

/// An image that the stores `fast` and `slow` hold.
async fn image(registry: &Registry) -> String {
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let call = registry.call(Method::PUT, &format!("/v2/images/{id}/stage"));
    call.by(Persona::MEMBER).data(DATA).send().await.expect(204);
    let path = format!("/v2/images/{id}/import");
    let body = json!({"method": {"name": "glance-direct"}, "stores": ["fast", "slow"]});
    let asked = registry.post(Persona::MEMBER, &path, &body).await;
    asked.expect(202);
    registry.work().await;
    id
}

async fn twofold(engine: Engine, settings: &str) -> (Registry, FaultyStores, String) {
    let (registry, stores) = Registry::several(engine, settings).await;
    let id = image(&registry).await;
    (registry, stores, id)
}

fn file(registry: &Registry, store: &str, id: &str) -> std::path::PathBuf {
    registry.folder().join(format!("stores/{store}/{id}"))
}

/// Replaces a copy by other bytes, behind the registry's back.
fn damage(registry: &Registry, store: &str, id: &str) {
    fs::write(file(registry, store, id), DAMAGED).expect("a file");
}

fn read(registry: &Registry, store: &str, id: &str) -> String {
    fs::read_to_string(file(registry, store, id)).expect("a file")
}

/// The files that hold the image, and no others.
fn whole(id: &str) -> Vec<String> {
    ["fast", "slow"]
        .map(|store| format!("stores/{store}/{id}"))
        .into()
}

/// The states of the copies in `fast` and `slow`.
async fn states(registry: &Registry, id: &str) -> [String; 2] {
    let known = copies(registry, id).await;
    let state = |store: &str| {
        let mut copies = known.iter();
        let copy = copies.find(|copy| copy["store"] == store).expect("a copy");
        copy["state"].as_str().expect("a state").to_owned()
    };
    ["fast", "slow"].map(state)
}

async fn copy(registry: &Registry, store: &str, id: &str) -> Value {
    let known = copies(registry, id).await;
    let mut copies = known.into_iter();
    copies.find(|copy| copy["store"] == store).expect("a copy")
}

/// How often others are to be told of `event`.
async fn told(registry: &Registry, event: &str) -> usize {
    let told = registry.told().await;
    told.iter().filter(|told| told.event == event).count()
}

/// Has the copies read, and `fast` found to be damaged; it is not made anew yet.
async fn find_damaged(registry: &Registry, id: &str) {
    damage(registry, "fast", id);
    registry
        .execute("UPDATE image_copies SET checked_at = 1 WHERE store = 'fast'")
        .await;
    assert_eq!(registry.scrub().await, 1);
    assert_eq!(states(registry, id).await, ["damaged", "ok"]);
    assert_eq!(copy(registry, "fast", id).await["pending"], true);
}

/// Nothing waits, nobody holds anything, and nothing lies aside.
async fn assert_at_rest(registry: &Registry, files: Vec<String>) {
    for query in [
        "SELECT store FROM checks",
        "SELECT holder FROM image_claims",
    ] {
        assert_eq!(registry.rows(query).await, Vec::<String>::new(), "{query}");
    }
    assert_eq!(registry.files(), files);
}

async fn a_damaged_copy_is_made_anew(engine: Engine) {
    let (registry, _, id) = twofold(engine, HEAL).await;
    damage(&registry, "fast", &id);
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    registry.check().await;

    assert_eq!(states(&registry, &id).await, ["ok", "ok"]);
    assert_eq!(read(&registry, "fast", &id), DATA);
    assert_at_rest(&registry, whole(&id)).await;
    let copy = copy(&registry, "fast", &id).await;
    assert_eq!(copy.get("reason"), None);
    assert_eq!(copy["verified_at"], copy["checked_at"]);
    let image = registry.shown(&id).await;
    assert_eq!(
        (&image["status"], &image["stores"]),
        (&json!("active"), &json!("fast,slow"))
    );
    let known = registry.digests(&id).await;
    let mut digests = known["digests"].as_array().expect("digests").iter();
    assert!(
        digests.any(|digest| digest["source"] == "scrub" && digest["store"] == "fast"),
        "{known}"
    );

    assert_eq!(told(&registry, "image.damaged").await, 1);
    let told = registry.told().await;
    let healed: Vec<_> = told
        .iter()
        .filter(|told| told.event == "image.healed")
        .collect();
    assert_eq!(healed.len(), 1);
    assert_eq!(healed[0].priority, "INFO");
    let payload = &healed[0].payload;
    assert_eq!(payload["id"], json!(id));
    assert_eq!(
        (&payload["backend"], &payload["before"], &payload["state"]),
        (&json!("fast"), &json!("damaged"), &json!("ok"))
    );
}

async fn a_missing_copy_is_made_anew(engine: Engine) {
    let (registry, _, id) = twofold(engine, HEAL).await;
    // A store that holds nothing at all would not be believed.
    let other = image(&registry).await;
    fs::remove_file(file(&registry, "fast", &id)).expect("a file");
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    registry.check().await;
    assert_eq!(states(&registry, &id).await, ["ok", "ok"]);
    assert_eq!(read(&registry, "fast", &id), DATA);
    let mut files = [whole(&id), whole(&other)].concat();
    files.sort();
    assert_at_rest(&registry, files).await;
}

async fn a_copy_is_made_anew_only_if_the_operator_wants_that(engine: Engine) {
    for wanted in ["report", "quarantine"] {
        let settings = format!("[verification]\non_damage = \"{wanted}\"");
        let (registry, _, id) = twofold(engine, &settings).await;
        damage(&registry, "fast", &id);
        ask(&registry, &id, Persona::MEMBER).await.expect(202);
        registry.check().await;
        assert_eq!(states(&registry, &id).await, ["damaged", "ok"]);
        assert_eq!(read(&registry, "fast", &id), DAMAGED);
        assert_at_rest(&registry, whole(&id)).await;
    }
}

async fn an_image_whose_copies_are_all_damaged_is_closed(engine: Engine) {
    let (registry, _, id) = twofold(engine, HEAL).await;
    for store in ["fast", "slow"] {
        damage(&registry, store, &id);
    }
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    registry.check().await;
    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "deactivated");
    let reason = image["os_glance_failure"].as_str().expect("a reason");
    assert!(reason.starts_with("DATA_DAMAGED: no copy"), "{reason}");
    assert_eq!(states(&registry, &id).await, ["damaged", "damaged"]);
    assert_at_rest(&registry, whole(&id)).await;
    assert_eq!(told(&registry, "image.healed").await, 0);
}

async fn a_copy_that_turns_out_to_be_damaged_as_well_heals_nothing(engine: Engine) {
    let (registry, _, id) = twofold(engine, HEAL).await;
    find_damaged(&registry, &id).await;
    let worse = DATA.to_uppercase();
    fs::write(file(&registry, "slow", &id), &worse).expect("a file");
    registry.check().await;
    // It is not given up before the other copy was looked at, and that was not sound.
    assert_eq!(states(&registry, &id).await, ["damaged", "damaged"]);
    assert_eq!(registry.shown(&id).await["status"], "deactivated");
    registry.execute(DUE).await;
    registry.check().await;
    assert_at_rest(&registry, whole(&id)).await;
    assert_eq!(read(&registry, "fast", &id), DAMAGED);
    assert_eq!(read(&registry, "slow", &id), worse);
}

async fn a_store_that_does_not_take_the_new_copy_keeps_the_old_one(engine: Engine) {
    for fault in [Fault::Receive, Fault::Publish] {
        let (registry, stores, id) = twofold(engine, HEAL).await;
        damage(&registry, "fast", &id);
        stores.set("fast", fault);
        ask(&registry, &id, Persona::MEMBER).await.expect(202);
        registry.check().await;
        let put_off = copy(&registry, "fast", &id).await;
        assert_eq!(
            (&put_off["state"], &put_off["pending"]),
            (&json!("damaged"), &json!(true))
        );
        assert_eq!(read(&registry, "fast", &id), DAMAGED);
        registry.execute(DUE).await;
        registry.check().await;
        let given_up = copy(&registry, "fast", &id).await;
        assert_eq!(given_up["state"], "damaged");
        let reason = given_up["reason"].as_str().expect("a reason");
        assert!(reason.starts_with("expected sha512:"), "{reason}");
        let why = "; it could not be made anew: the store is not available";
        assert!(reason.ends_with(why), "{reason}");
        assert_eq!(read(&registry, "fast", &id), DAMAGED);
        assert_at_rest(&registry, whole(&id)).await;
        // The other copy is sound.
        assert_eq!(registry.shown(&id).await["status"], "active");

        stores.set("fast", Fault::None);
        ask(&registry, &id, Persona::MEMBER).await.expect(202);
        registry.check().await;
        assert_eq!(states(&registry, &id).await, ["ok", "ok"]);
    }
}

async fn a_copy_is_not_sound_before_it_was_read_back(engine: Engine) {
    let (registry, stores, id) = twofold(engine, HEAL).await;
    find_damaged(&registry, &id).await;
    stores.set("fast", Fault::Alter);
    for _ in 0..2 {
        registry.check().await;
        assert_eq!(states(&registry, &id).await, ["damaged", "ok"]);
        registry.execute(DUE).await;
    }
    let given_up = copy(&registry, "fast", &id).await;
    assert_eq!(given_up["pending"], false);
    let reason = given_up["reason"].as_str().expect("a reason");
    assert!(
        reason.contains("what the store took reads otherwise"),
        "{reason}"
    );
    assert_eq!(told(&registry, "image.healed").await, 0);
}

async fn a_store_that_holds_nothing_at_all_is_not_written_to(engine: Engine) {
    let (registry, _, id) = twofold(engine, HEAL).await;
    find_damaged(&registry, &id).await;
    // As if its file system were not mounted any more.
    fs::remove_file(file(&registry, "fast", &id)).expect("a file");
    for _ in 0..2 {
        registry.check().await;
        registry.execute(DUE).await;
    }
    assert_eq!(states(&registry, &id).await, ["damaged", "ok"]);
    assert_at_rest(&registry, vec![format!("stores/slow/{id}")]).await;
}

async fn an_image_that_somebody_works_on_has_its_turn_later(engine: Engine) {
    let (registry, _, id) = twofold(engine, HEAL).await;
    find_damaged(&registry, &id).await;
    registry
        .execute(
            "INSERT INTO image_claims (image_id, holder, lease_until)
             SELECT id, '8a6d2f0e-0000-4000-8000-000000000000', 9000000000000000 FROM images",
        )
        .await;
    // More often than it may be begun.
    for _ in 0..5 {
        registry.check().await;
        assert_eq!(states(&registry, &id).await, ["damaged", "ok"]);
        assert_eq!(copy(&registry, "fast", &id).await["pending"], true);
        registry.execute(DUE).await;
    }
    registry.execute("DELETE FROM image_claims").await;
    registry.check().await;
    assert_eq!(states(&registry, &id).await, ["ok", "ok"]);
    assert_at_rest(&registry, whole(&id)).await;
}

/// Begins to heal, in a process that never comes to the end of it.
async fn begin(registry: &Registry, stores: &FaultyStores, fault: Fault) -> JoinHandle<()> {
    stores.set("fast", fault);
    let twin = Arc::new(registry.twin().await);
    tokio::spawn(async move {
        let stop = CancellationToken::new();
        let turn = twin.worker().check(&stop).await;
        turn.expect("a database");
    })
}

async fn until_aside(registry: &Registry) {
    let incoming = registry.folder().join("stores/fast/.incoming");
    until("bytes lie aside", async || {
        fs::read_dir(&incoming).expect("a folder").next().is_some()
    })
    .await;
}

async fn until_in_place(registry: &Registry, id: &str) {
    let in_place = async || read(registry, "fast", id) == DATA;
    until("the new copy is in its place", in_place).await;
}

/// The leases of whoever works are over, and that is noticed.
async fn lapse(registry: &Registry) {
    registry.execute("UPDATE checks SET lease_until = 1").await;
    registry
        .execute("UPDATE image_claims SET lease_until = 1")
        .await;
    let swept = registry.app().maintenance().sweep().await;
    assert_eq!(swept.expect("a sweep").abandoned, 1);
}

async fn delete(registry: &Registry, id: &str) {
    let path = format!("/v2/images/{id}");
    registry.delete(Persona::MEMBER, &path).await.expect(204);
}

async fn an_image_that_is_deleted_before_the_new_copy_is_in_place_leaves_nothing(engine: Engine) {
    let (registry, stores, id) = twofold(engine, HEAL).await;
    find_damaged(&registry, &id).await;
    let healing = begin(&registry, &stores, Fault::Hang).await;
    until_aside(&registry).await;
    delete(&registry, &id).await;
    // It learns of it when it wants to renew its lease.
    healing.await.expect("an end in order");
    assert_at_rest(&registry, Vec::new()).await;
}

async fn an_image_that_is_deleted_once_the_new_copy_is_in_place_leaves_nothing(engine: Engine) {
    let (registry, stores, id) = twofold(engine, HEAL).await;
    find_damaged(&registry, &id).await;
    let healing = begin(&registry, &stores, Fault::Stall).await;
    until_in_place(&registry, &id).await;
    delete(&registry, &id).await;
    // As if the new copy had come after the old one was deleted.
    fs::write(file(&registry, "fast", &id), DATA).expect("a file");
    healing.await.expect("an end in order");
    assert_at_rest(&registry, Vec::new()).await;
}

async fn a_process_that_stopped_before_the_new_copy_was_in_place_is_succeeded(engine: Engine) {
    let (registry, stores, id) = twofold(engine, HEAL).await;
    find_damaged(&registry, &id).await;
    let stopped = begin(&registry, &stores, Fault::Hang).await;
    until_aside(&registry).await;
    stopped.abort();
    stopped.await.expect_err("it was aborted");
    // As a process leaves it that is killed.
    let left = format!("stores/fast/.incoming/{id}.0123");
    fs::write(registry.folder().join(&left), "half").expect("a file");
    stores.set("fast", Fault::None);
    registry.check().await;
    assert_eq!(states(&registry, &id).await, ["damaged", "ok"]);
    assert_eq!(read(&registry, "fast", &id), DAMAGED);

    lapse(&registry).await;
    assert_eq!(registry.files(), whole(&id));
    registry.check().await;
    assert_eq!(states(&registry, &id).await, ["ok", "ok"]);
    assert_eq!(read(&registry, "fast", &id), DATA);
    assert_at_rest(&registry, whole(&id)).await;
}

async fn a_process_that_stopped_before_the_new_copy_was_read_back_is_succeeded(engine: Engine) {
    let (registry, stores, id) = twofold(engine, HEAL).await;
    find_damaged(&registry, &id).await;
    let stopped = begin(&registry, &stores, Fault::Stall).await;
    until_in_place(&registry, &id).await;
    stopped.abort();
    stopped.await.expect_err("it was aborted");
    assert_eq!(states(&registry, &id).await, ["damaged", "ok"]);
    lapse(&registry).await;
    assert_eq!(read(&registry, "fast", &id), DATA);

    // The copy that is there is read, not made once more.
    stores.set("fast", Fault::Receive);
    registry.check().await;
    assert_eq!(states(&registry, &id).await, ["ok", "ok"]);
    assert_eq!(told(&registry, "image.damaged").await, 1);
    assert_eq!(told(&registry, "image.healed").await, 1);
    assert_at_rest(&registry, whole(&id)).await;
}

/// That it is not there does not mean that somebody has taken it out.
async fn a_missing_copy_whose_process_stopped_is_made_by_another(engine: Engine) {
    let (registry, stores, id) = twofold(engine, HEAL).await;
    let other = image(&registry).await;
    fs::remove_file(file(&registry, "fast", &id)).expect("a file");
    registry
        .execute("UPDATE image_copies SET checked_at = 1 WHERE store = 'fast'")
        .await;
    assert_eq!(registry.scrub().await, 2);
    assert_eq!(states(&registry, &id).await, ["missing", "ok"]);
    let stopped = begin(&registry, &stores, Fault::Hang).await;
    until_aside(&registry).await;
    stopped.abort();
    stopped.await.expect_err("it was aborted");
    lapse(&registry).await;
    assert_eq!(registry.shown(&id).await["stores"], "fast,slow");

    stores.set("fast", Fault::None);
    registry.check().await;
    assert_eq!(states(&registry, &id).await, ["ok", "ok"]);
    assert_eq!(read(&registry, "fast", &id), DATA);
    let mut files = [whole(&id), whole(&other)].concat();
    files.sort();
    assert_at_rest(&registry, files).await;
}

async fn a_process_that_is_told_to_stop_leaves_the_copy_to_others(engine: Engine) {
    let (registry, stores, id) = twofold(engine, HEAL).await;
    find_damaged(&registry, &id).await;
    // A source that never gives anything: it is told to stop while it waits for it.
    stores.set("slow", Fault::Stall);
    let stop = CancellationToken::new();
    stop.cancel();
    for _ in 0..4 {
        let turn = registry.app().worker().check(&stop).await;
        assert_eq!(turn.expect("a database"), Turn::Worked);
    }
    assert_eq!(copy(&registry, "fast", &id).await["pending"], true);
    stores.set("slow", Fault::None);
    registry.check().await;
    assert_eq!(states(&registry, &id).await, ["ok", "ok"]);
    assert_at_rest(&registry, whole(&id)).await;
}

async fn two_processes_heal_a_copy_once(engine: Engine) {
    let (registry, _, first) = twofold(engine, HEAL).await;
    let twin = registry.twin().await;
    let mut ids = vec![first];
    for _ in 0..7 {
        ids.push(image(&registry).await);
    }
    for id in &ids {
        damage(&registry, "fast", id);
        ask(&registry, id, Persona::MEMBER).await.expect(202);
    }
    let stop = CancellationToken::new();
    let work = async || {
        while twin.worker().check(&stop).await.expect("a database") == Turn::Worked {}
    };
    tokio::join!(work(), registry.check());
    for id in &ids {
        assert_eq!(states(&registry, id).await, ["ok", "ok"]);
        assert_eq!(read(&registry, "fast", id), DATA);
    }
    assert_eq!(told(&registry, "image.healed").await, ids.len());
    let mut files: Vec<_> = ids.iter().flat_map(|id| whole(id)).collect();
    files.sort();
    assert_at_rest(&registry, files).await;
}

async fn downloads_meanwhile_get_the_right_bytes(engine: Engine) {
    let (registry, _, id) = twofold(engine, HEAL).await;
    let path = format!("/v2/images/{id}/file");
    for _ in 0..8 {
        find_damaged(&registry, &id).await;
        let reading = async {
            let mut reads = 0;
            while copy(&registry, "fast", &id).await["pending"] == true || reads < 3 {
                let read = registry.get(Persona::MEMBER, &path).await.expect(200);
                assert_eq!(read.text(), DATA);
                reads += 1;
            }
        };
        tokio::join!(reading, registry.check());
        assert_eq!(states(&registry, &id).await, ["ok", "ok"]);
    }
}

async fn a_copy_that_is_known_to_be_bad_is_read_last(engine: Engine) {
    let (registry, stores, id) = twofold(engine, "").await;
    let path = format!("/v2/images/{id}/file");
    damage(&registry, "fast", &id);
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    registry.check().await;
    let read = registry.get(Persona::MEMBER, &path).await.expect(200);
    assert_eq!(read.text(), DATA);
    // A part of it is held against nothing.
    stores.set("slow", Fault::Open);
    let call = registry.call(Method::GET, &path).by(Persona::MEMBER);
    let part = call.header("range", "bytes=1-").send().await.expect(206);
    assert_eq!(part.text(), DAMAGED[1..]);
    let call = registry.call(Method::GET, &path).by(Persona::MEMBER);
    let given = call.send_and_break_off().await;
    assert!(given.len() < DATA.len());
}

async fn an_image_that_was_closed_heals_once_a_copy_was_put_right(engine: Engine) {
    let (registry, _, id) = twofold(engine, HEAL).await;
    for store in ["fast", "slow"] {
        damage(&registry, store, &id);
    }
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    registry.check().await;
    assert_eq!(registry.shown(&id).await["status"], "deactivated");

    fs::write(file(&registry, "slow", &id), DATA).expect("a file");
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    registry.check().await;
    assert_eq!(states(&registry, &id).await, ["ok", "ok"]);
    assert_eq!(read(&registry, "fast", &id), DATA);
    // Who closed it may have had more reasons: it is not opened by itself.
    assert_eq!(registry.shown(&id).await["status"], "deactivated");
    let path = format!("/v2/images/{id}/actions/reactivate");
    let call = registry.call(Method::POST, &path).by(Persona::ADMIN);
    call.send().await.expect(204);
    let image = registry.shown(&id).await;
    assert_eq!(
        (&image["status"], image.get("os_glance_failure")),
        (&json!("active"), None)
    );
}
