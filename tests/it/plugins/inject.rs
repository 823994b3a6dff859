//! `inject_image_metadata`.

use serde_json::{Value, json};

use super::{glance_direct, import, stage, web_download};
use crate::support::{Engine, Origin, Persona, Registry, on_every_engine};

on_every_engine![
    an_imported_image_has_the_properties_of_the_operator,
    who_has_an_exempt_role_gets_none,
    an_upload_gets_none,
    the_property_quota_holds,
    the_property_quota_holds_when_the_import_runs,
    what_replaces_a_value_needs_no_room,
];

const SETTINGS: &str = r#"
[image_import_opts]
image_import_plugins = ["no_op", "inject_image_metadata"]
[inject_metadata_properties]
inject = { imported = "yes", colour = "blue", os_glance_import_task = "x" }
"#;

fn limited(quota: u32) -> String {
    format!("{SETTINGS}\n[DEFAULT]\nimage_property_quota = {quota}")
}

async fn an_imported_image_has_the_properties_of_the_operator(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let origin = Origin::serving("data").await;
    let id = registry
        .image(Persona::MEMBER, json!({"colour": "red", "mine": "1"}))
        .await;
    let method = web_download(&origin.url("x"));
    import(&registry, Persona::MEMBER, &id, method)
        .await
        .expect(202);
    registry.work().await;
    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "active", "{image}");
    assert_eq!(image["imported"], "yes");
    assert_eq!(image["colour"], "blue");
    assert_eq!(image["mine"], "1");
    assert_eq!(image.get("os_glance_import_task"), None);
}

async fn who_has_an_exempt_role_gets_none(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let id = registry
        .image(Persona::ADMIN, json!({"owner": "alpha"}))
        .await;
    stage(&registry, &id, "data").await.expect(204);
    import(&registry, Persona::ADMIN, &id, glance_direct())
        .await
        .expect(202);
    registry.work().await;
    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "active");
    assert_eq!(image.get("imported"), None);
}

async fn an_upload_gets_none(engine: Engine) {
    let registry = Registry::with(engine, SETTINGS).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), "data")
        .await;
    assert_eq!(registry.shown(&id).await.get("imported"), None);
}

async fn the_property_quota_holds(engine: Engine) {
    let registry = Registry::with(engine, &limited(2)).await;
    let id = registry.image(Persona::MEMBER, json!({"mine": "1"})).await;
    stage(&registry, &id, "data").await.expect(204);
    let refused = import(&registry, Persona::MEMBER, &id, glance_direct())
        .await
        .expect(413);
    assert!(refused.text().contains("image_property_quota"));
    assert_eq!(registry.shown(&id).await["status"], "uploading");
}

async fn the_property_quota_holds_when_the_import_runs(engine: Engine) {
    let registry = Registry::with(engine, &limited(2)).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    stage(&registry, &id, "data").await.expect(204);
    import(&registry, Persona::MEMBER, &id, glance_direct())
        .await
        .expect(202);
    let more = json!([{"op": "add", "path": "/mine", "value": "1"}]);
    registry
        .patch(Persona::MEMBER, &format!("/v2/images/{id}"), &more)
        .await
        .expect(200);
    registry.work().await;
    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "queued");
    let failure = image["os_glance_failure"].as_str().expect("a reason");
    assert!(failure.starts_with("OVER_QUOTA: "), "{failure}");
    assert_eq!(image.get("imported"), None);
    assert_eq!(registry.files(), Vec::<String>::new());
}

async fn what_replaces_a_value_needs_no_room(engine: Engine) {
    let registry = Registry::with(engine, &limited(2)).await;
    let mine: Value = json!({"colour": "red", "imported": "no"});
    let id = registry.image(Persona::MEMBER, mine).await;
    stage(&registry, &id, "data").await.expect(204);
    import(&registry, Persona::MEMBER, &id, glance_direct())
        .await
        .expect(202);
    registry.work().await;
    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "active");
    assert_eq!(image["colour"], "blue");
}
