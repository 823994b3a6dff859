//! Closing and opening the data of an image.

use axum::http::Method;
use serde_json::json;

use super::{NO_IMAGE, assert_refused, image, two_stores};
use crate::support::{Answer, Engine, Persona, Registry, on_every_engine};

const DATA: &str = "some data";

on_every_engine![
    an_active_image_is_closed_and_opened_again,
    an_image_without_data_is_neither_closed_nor_opened,
    who_may_see_an_image_but_not_change_it_cannot_close_it,
    what_is_not_there_cannot_be_closed,
    a_closed_image_hides_its_stores,
];

async fn act(registry: &Registry, persona: Persona, id: &str, action: &str) -> Answer {
    let path = format!("/v2/images/{id}/actions/{action}");
    registry.call(Method::POST, &path).by(persona).send().await
}

async fn an_active_image_is_closed_and_opened_again(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    for (action, status) in [
        ("reactivate", "active"),
        ("deactivate", "deactivated"),
        ("deactivate", "deactivated"),
        ("reactivate", "active"),
    ] {
        let answer = act(&registry, Persona::MEMBER, &id, action).await;
        assert!(answer.expect(204).body.is_empty());
        assert_eq!(registry.shown(&id).await["status"], status, "{action}");
    }
    let file = format!("/v2/images/{id}/file");
    let answer = registry.get(Persona::MEMBER, &file).await;
    assert_eq!(answer.expect(200).text(), DATA);
}

async fn an_image_without_data_is_neither_closed_nor_opened(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for action in ["deactivate", "reactivate"] {
        let answer = act(&registry, Persona::MEMBER, &id, action).await;
        let why = format!("Not allowed to {action} image in status 'queued'");
        assert_refused(answer, 403, &why);
    }
    assert_eq!(registry.shown(&id).await["status"], "queued");
}

async fn who_may_see_an_image_but_not_change_it_cannot_close_it(engine: Engine) {
    let registry = Registry::open(engine).await;
    let private = json!({"visibility": "private"});
    let private = registry.active_image(Persona::MEMBER, private, DATA).await;
    let open = json!({"visibility": "community"});
    let open = registry.active_image(Persona::MEMBER, open, DATA).await;
    for action in ["deactivate", "reactivate"] {
        for (persona, id, status) in [
            (Persona::READER, &private, 403),
            (Persona::STRANGER, &private, 404),
            (Persona::STRANGER, &open, 403),
            (Persona::ADMIN, &private, 204),
        ] {
            act(&registry, persona, id, action).await.expect(status);
        }
    }
}

async fn what_is_not_there_cannot_be_closed(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    registry
        .delete(Persona::MEMBER, &image(&id))
        .await
        .expect(204);
    for id in [&id, NO_IMAGE, "zzz"] {
        let answer = act(&registry, Persona::ADMIN, id, "deactivate").await;
        assert_refused(answer, 404, &format!("No image found with ID {id}"));
    }
}

async fn a_closed_image_hides_its_stores(engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let registry = Registry::with(engine, &two_stores(folder.path())).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    let seen = async |persona| {
        let answer = registry.get(persona, &image(&id)).await;
        answer.expect(200).json().get("stores").cloned()
    };
    assert_eq!(seen(Persona::MEMBER).await, Some(json!("fast")));
    act(&registry, Persona::MEMBER, &id, "deactivate")
        .await
        .expect(204);
    assert_eq!(seen(Persona::MEMBER).await, None);
    assert_eq!(seen(Persona::ADMIN).await, Some(json!("fast")));
}
