//! An image of which no copy is sound is closed, if the operator wants that.

use std::{fs, path::Path};

use axum::http::Method;
use serde_json::json;

use super::{DAMAGED, DATA, ask, copies, copy_of, damage, state};
use crate::support::{Answer, Engine, Persona, Registry, on_every_engine};

const QUARANTINE: &str = "[verification]\non_damage = \"quarantine\"\n";

on_every_engine![
    an_image_without_a_sound_copy_is_closed_and_says_why,
    an_image_is_opened_again_once_a_copy_is_sound,
    an_image_with_a_sound_copy_stays_open,
    an_image_whose_copies_are_all_damaged_is_closed,
];

async fn reactivate(registry: &Registry, id: &str) -> Answer {
    let path = format!("/v2/images/{id}/actions/reactivate");
    let call = registry.call(Method::POST, &path);
    call.by(Persona::ADMIN).send().await
}

async fn an_image_without_a_sound_copy_is_closed_and_says_why(engine: Engine) {
    let registry = Registry::with(engine, QUARANTINE).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    damage(&registry, &id);
    registry
        .execute("UPDATE image_copies SET verified_at = 1, checked_at = 1")
        .await;
    assert_eq!(registry.scrub().await, 1);

    let path = format!("/v2/images/{id}");
    let seen = registry
        .get(Persona::MEMBER, &path)
        .await
        .expect(200)
        .json();
    assert_eq!(seen["status"], "deactivated");
    let reason = seen["os_glance_failure"].as_str().expect("a reason");
    assert!(reason.starts_with("DATA_DAMAGED: no copy"), "{reason}");
    assert!(reason.contains("expected sha512:"), "{reason}");
    let file = format!("/v2/images/{id}/file");
    registry.get(Persona::MEMBER, &file).await.expect(403);
}

async fn an_image_is_opened_again_once_a_copy_is_sound(engine: Engine) {
    let registry = Registry::with(engine, QUARANTINE).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    damage(&registry, &id);
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    registry.check().await;
    let refused = reactivate(&registry, &id).await.expect(403).text();
    assert!(
        refused.contains("no copy of its data is sound"),
        "{refused}"
    );

    fs::write(copy_of(&registry, &id), DATA).expect("a file");
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    registry.check().await;
    assert_eq!(state(&registry, &id).await, "ok");
    // Who closed it may have had more reasons: it is not opened by itself.
    assert_eq!(registry.shown(&id).await["status"], "deactivated");
    reactivate(&registry, &id).await.expect(204);
    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "active");
    assert_eq!(image.get("os_glance_failure"), None);
}

/// Two stores, both of which hold the image.
async fn twofold(engine: Engine, folder: &Path) -> (Registry, String) {
    let settings = format!(
        r#"
[DEFAULT]
enabled_backends = {{ fast = "file", slow = "file" }}
[glance_store]
default_backend = "fast"
[fast]
filesystem_store_datadir = "{0}/fast"
[slow]
filesystem_store_datadir = "{0}/slow"
[os_glance_staging_store]
filesystem_store_datadir = "{0}/staging"
{QUARANTINE}"#,
        folder.display()
    );
    let registry = Registry::with(engine, &settings).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    fs::write(folder.join("slow").join(&id), DATA).expect("a file");
    registry
        .execute(
            "INSERT INTO image_locations (image_id, position, store, url)
             SELECT image_id, 1, 'slow', 'file:///slow' FROM image_locations",
        )
        .await;
    (registry, id)
}

async fn an_image_with_a_sound_copy_stays_open(engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let (registry, id) = twofold(engine, folder.path()).await;
    fs::write(folder.path().join("fast").join(&id), DAMAGED).expect("a file");
    ask(&registry, &id, Persona::MEMBER).await.expect(202);
    registry.check().await;
    let copies = copies(&registry, &id).await;
    let states: Vec<_> = copies
        .iter()
        .map(|copy| (&copy["store"], &copy["state"]))
        .collect();
    assert_eq!(
        states,
        [
            (&json!("fast"), &json!("damaged")),
            (&json!("slow"), &json!("ok"))
        ]
    );
    assert_eq!(registry.shown(&id).await["status"], "active");
}

async fn an_image_whose_copies_are_all_damaged_is_closed(engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let (registry, id) = twofold(engine, folder.path()).await;
    for store in ["fast", "slow"] {
        fs::write(folder.path().join(store).join(&id), DAMAGED).expect("a file");
    }
    // One was read not long ago: it is read all the same before the image is closed.
    registry
        .execute("UPDATE image_copies SET checked_at = 1 WHERE store = 'fast'")
        .await;
    registry
        .execute(
            "UPDATE image_copies SET state = 'ok', verified_at = 4000000000000000,
                    checked_at = 4000000000000000
              WHERE store = 'slow'",
        )
        .await;
    assert_eq!(registry.scrub().await, 1);
    assert_eq!(registry.shown(&id).await["status"], "active");
    registry.check().await;
    assert_eq!(registry.shown(&id).await["status"], "deactivated");
}
