//! `DELETE /v2/images/{image_id}`

use serde_json::json;

use super::{NO_IMAGE, assert_refused, image, names};
use crate::support::{Engine, Persona, Registry, on_every_engine};

on_every_engine![
    a_deleted_image_is_gone_for_everybody,
    a_protected_image_stays,
    who_may_see_an_image_but_not_change_it_cannot_delete_it,
    what_is_not_seen_cannot_be_deleted,
    an_image_is_deleted_in_any_status,
    a_deleted_image_leaves_no_file,
    a_deleted_image_is_in_no_list,
];

async fn a_deleted_image_is_gone_for_everybody(engine: Engine) {
    let registry = Registry::open(engine).await;
    let public = json!({"visibility": "public", "owner": "alpha"});
    let id = registry.image(Persona::ADMIN, public).await;
    let answer = registry.delete(Persona::MEMBER, &image(&id)).await;
    assert!(answer.expect(204).body.is_empty());
    for persona in [Persona::MEMBER, Persona::STRANGER, Persona::ADMIN] {
        for below in ["", "/file", "/members", "/tasks"] {
            let path = format!("{}{below}", image(&id));
            registry.get(persona, &path).await.expect(404);
        }
    }
    let again = registry.delete(Persona::MEMBER, &image(&id)).await;
    assert_refused(again, 404, &format!("No image found with ID {id}"));
}

async fn a_protected_image_stays(engine: Engine) {
    let registry = Registry::open(engine).await;
    let protected = json!({"protected": true});
    let id = registry
        .active_image(Persona::MEMBER, protected, "data")
        .await;
    for persona in [Persona::MEMBER, Persona::ADMIN] {
        let refused = registry.delete(persona, &image(&id)).await;
        assert_refused(refused, 403, "protected");
    }
    assert_eq!(registry.shown(&id).await["status"], "active");
    assert_eq!(registry.files(), [format!("data/images/{id}")]);

    let open = json!([{"op": "replace", "path": "/protected", "value": false}]);
    registry
        .patch(Persona::MEMBER, &image(&id), &open)
        .await
        .expect(200);
    registry
        .delete(Persona::MEMBER, &image(&id))
        .await
        .expect(204);
}

async fn who_may_see_an_image_but_not_change_it_cannot_delete_it(engine: Engine) {
    let registry = Registry::open(engine).await;
    let open = json!({"visibility": "community"});
    let id = registry.image(Persona::MEMBER, open).await;
    for persona in [Persona::STRANGER, Persona::READER] {
        let refused = registry.delete(persona, &image(&id)).await;
        assert_refused(refused, 403, "delete_image");
    }
    registry
        .delete(Persona::ADMIN, &image(&id))
        .await
        .expect(204);
}

async fn what_is_not_seen_cannot_be_deleted(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for id in [&id, NO_IMAGE, "zzz"] {
        let refused = registry.delete(Persona::STRANGER, &image(id)).await;
        assert_refused(refused, 404, &format!("No image found with ID {id}"));
    }
    assert_eq!(registry.shown(&id).await["status"], "queued");
}

async fn an_image_is_deleted_in_any_status(engine: Engine) {
    let registry = Registry::open(engine).await;
    for status in ["queued", "uploading", "active", "deactivated"] {
        let id = registry.image(Persona::MEMBER, json!({})).await;
        let at = |below: &str| format!("{}/{below}", image(&id));
        if status == "uploading" {
            let call = registry.call(axum::http::Method::PUT, &at("stage"));
            call.by(Persona::MEMBER)
                .data("data")
                .send()
                .await
                .expect(204);
        } else if status != "queued" {
            registry
                .upload(Persona::MEMBER, &id, "data")
                .await
                .expect(204);
        }
        if status == "deactivated" {
            let call = registry.call(axum::http::Method::POST, &at("actions/deactivate"));
            call.by(Persona::MEMBER).send().await.expect(204);
        }
        assert_eq!(registry.shown(&id).await["status"], status);
        registry
            .delete(Persona::MEMBER, &image(&id))
            .await
            .expect(204);
        assert_eq!(registry.files(), [""; 0], "{status}");
    }
}

async fn a_deleted_image_leaves_no_file(engine: Engine) {
    let registry = Registry::open(engine).await;
    let kept = registry
        .active_image(Persona::MEMBER, json!({}), "kept")
        .await;
    let gone = registry
        .active_image(Persona::MEMBER, json!({}), "gone")
        .await;
    registry
        .delete(Persona::MEMBER, &image(&gone))
        .await
        .expect(204);
    assert_eq!(registry.files(), [format!("data/images/{kept}")]);
}

async fn a_deleted_image_is_in_no_list(engine: Engine) {
    let registry = Registry::open(engine).await;
    registry
        .image(Persona::MEMBER, json!({"name": "kept"}))
        .await;
    let gone = registry
        .image(Persona::MEMBER, json!({"name": "gone"}))
        .await;
    registry
        .delete(Persona::MEMBER, &image(&gone))
        .await
        .expect(204);
    for (query, expected) in [
        ("", &["kept"][..]),
        ("?deleted=true", &["kept"]),
        ("?visibility=all", &["kept"]),
        ("?status=deleted", &[]),
        ("?name=gone", &[]),
    ] {
        for persona in [Persona::MEMBER, Persona::ADMIN] {
            let list = registry.get(persona, &format!("/v2/images{query}")).await;
            assert_eq!(names(&list.expect(200).json()), expected, "{query}");
        }
    }
    let path = format!("/v2/images?marker={gone}");
    registry.get(Persona::MEMBER, &path).await.expect(400);
}
