//! Sharing images with other projects.

use serde_json::{Value, json};

use super::{NO_IMAGE, THIRD, assert_refused, image, names};
use crate::support::{Answer, Engine, Persona, Registry, on_every_engine};

const BETA: &str = Persona::STRANGER.project;
const GAMMA: &str = THIRD.project;

on_every_engine![
    a_member_is_pending_at_first,
    a_body_that_names_no_project_is_refused,
    a_project_is_a_member_once,
    an_owner_may_add_itself,
    members_have_a_quota,
    only_shared_images_have_members,
    only_the_owner_shares,
    the_owner_sees_all_members_and_a_member_itself,
    only_the_member_accepts,
    a_status_is_one_of_three,
    a_member_is_removed_by_the_owner_and_not_by_itself,
    members_come_back_when_the_image_is_shared_again,
    what_is_not_seen_has_no_members,
    a_member_may_not_change_the_image,
];

fn members(id: &str) -> String {
    format!("{}/members", image(id))
}

fn member(id: &str, project: &str) -> String {
    format!("{}/members/{project}", image(id))
}

async fn add(registry: &Registry, persona: Persona, id: &str, project: &str) -> Answer {
    let body = json!({"member": project});
    registry.post(persona, &members(id), &body).await
}

async fn answer(registry: &Registry, persona: Persona, id: &str, who: &str, say: &str) -> Answer {
    let body = json!({"status": say});
    registry.put(persona, &member(id, who), &body).await
}

/// An image of alpha that is shared with beta and gamma.
async fn shared(registry: &Registry) -> String {
    let id = registry
        .image(Persona::MEMBER, json!({"name": "shared"}))
        .await;
    for project in [BETA, GAMMA] {
        add(registry, Persona::MEMBER, &id, project)
            .await
            .expect(200);
    }
    id
}

async fn change_visibility(registry: &Registry, id: &str, visibility: &str) {
    let change = json!([{"op": "replace", "path": "/visibility", "value": visibility}]);
    registry
        .patch(Persona::MEMBER, &image(id), &change)
        .await
        .expect(200);
}

/// The projects of a list of members.
fn projects(list: &Value) -> Vec<&str> {
    let mut projects: Vec<_> = list["members"]
        .as_array()
        .expect("a list of members")
        .iter()
        .map(|member| member["member_id"].as_str().expect("a project"))
        .collect();
    projects.sort_unstable();
    projects
}

async fn a_member_is_pending_at_first(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let added = add(&registry, Persona::MEMBER, &id, BETA)
        .await
        .expect(200)
        .json();
    let time = added["created_at"].as_str().expect("a time");
    assert_eq!((time.len(), &time[19..]), (20, "Z"), "{time}");
    let expected = json!({
        "member_id": BETA, "image_id": id, "status": "pending", "created_at": time,
        "updated_at": time, "schema": "/v2/schemas/member",
    });
    assert_eq!(added, expected);
    let shown = registry.get(Persona::MEMBER, &member(&id, BETA)).await;
    assert_eq!(shown.expect(200).json(), expected);
    let list = registry
        .get(Persona::MEMBER, &members(&id))
        .await
        .expect(200);
    let expected = json!({"members": [expected], "schema": "/v2/schemas/members"});
    assert_eq!(list.json(), expected);
}

async fn a_body_that_names_no_project_is_refused(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for body in [
        json!({}),
        json!({"member": ""}),
        json!({"member": null}),
        json!({"member": ["beta"]}),
        json!({"member": "x".repeat(256)}),
        json!({"member": "\u{1F600}"}),
        json!(["beta"]),
    ] {
        let refused = registry.post(Persona::MEMBER, &members(&id), &body).await;
        refused.expect(400);
    }
    let list = registry.get(Persona::MEMBER, &members(&id)).await.json();
    assert_eq!(projects(&list), [""; 0]);
}

async fn a_project_is_a_member_once(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = shared(&registry).await;
    answer(&registry, Persona::STRANGER, &id, BETA, "accepted")
        .await
        .expect(200);
    assert_refused(add(&registry, Persona::MEMBER, &id, BETA).await, 409, BETA);
    let shown = registry.get(Persona::MEMBER, &member(&id, BETA)).await;
    assert_eq!(shown.json()["status"], "accepted");

    registry
        .delete(Persona::MEMBER, &member(&id, BETA))
        .await
        .expect(204);
    let added = add(&registry, Persona::MEMBER, &id, BETA).await.expect(200);
    assert_eq!(added.json()["status"], "pending");
}

async fn an_owner_may_add_itself(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let alpha = Persona::MEMBER.project;
    add(&registry, Persona::MEMBER, &id, alpha)
        .await
        .expect(200);
    let list = registry.get(Persona::MEMBER, &members(&id)).await.json();
    assert_eq!(projects(&list), [alpha]);
}

async fn members_have_a_quota(engine: Engine) {
    let settings = "[DEFAULT]\nimage_member_quota = 2";
    let registry = Registry::with(engine, settings).await;
    let id = shared(&registry).await;
    let refused = add(&registry, Persona::MEMBER, &id, "delta").await;
    assert_refused(refused, 413, "image_member_quota");
    registry
        .delete(Persona::MEMBER, &member(&id, BETA))
        .await
        .expect(204);
    add(&registry, Persona::MEMBER, &id, "delta")
        .await
        .expect(200);
}

async fn only_shared_images_have_members(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = shared(&registry).await;
    for visibility in ["private", "community"] {
        change_visibility(&registry, &id, visibility).await;
        let beta = member(&id, BETA);
        add(&registry, Persona::MEMBER, &id, "delta")
            .await
            .expect(403);
        registry
            .get(Persona::MEMBER, &members(&id))
            .await
            .expect(403);
        registry.get(Persona::MEMBER, &beta).await.expect(404);
        registry.delete(Persona::MEMBER, &beta).await.expect(403);
        answer(&registry, Persona::ADMIN, &id, BETA, "accepted")
            .await
            .expect(403);
    }
}

async fn only_the_owner_shares(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    add(&registry, Persona::STRANGER, &id, GAMMA)
        .await
        .expect(404);
    add(&registry, Persona::READER, &id, GAMMA)
        .await
        .expect(403);
    add(&registry, Persona::ADMIN, &id, BETA).await.expect(200);
    add(&registry, Persona::STRANGER, &id, GAMMA)
        .await
        .expect(403);
    let list = registry.get(Persona::MEMBER, &members(&id)).await.json();
    assert_eq!(projects(&list), [BETA]);
}

async fn the_owner_sees_all_members_and_a_member_itself(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = shared(&registry).await;
    for (persona, expected) in [
        (Persona::MEMBER, &[BETA, GAMMA][..]),
        (Persona::READER, &[BETA, GAMMA]),
        (Persona::ADMIN, &[BETA, GAMMA]),
        (Persona::STRANGER, &[BETA]),
        (THIRD, &[GAMMA]),
    ] {
        let list = registry
            .get(persona, &members(&id))
            .await
            .expect(200)
            .json();
        assert_eq!(projects(&list), expected, "{persona:?}");
        for project in [BETA, GAMMA] {
            let status = if expected.contains(&project) {
                200
            } else {
                404
            };
            let path = member(&id, project);
            registry.get(persona, &path).await.expect(status);
        }
    }
    let absent = registry.get(Persona::MEMBER, &member(&id, "delta")).await;
    assert_refused(absent, 404, "delta");
}

async fn only_the_member_accepts(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = shared(&registry).await;
    let beta_reader = Persona {
        roles: "reader",
        ..Persona::STRANGER
    };
    for (persona, status) in [
        (Persona::MEMBER, 403),
        (Persona::READER, 403),
        (beta_reader, 403),
        (THIRD, 404),
        (Persona::STRANGER, 200),
        (Persona::ADMIN, 200),
    ] {
        let answered = answer(&registry, persona, &id, BETA, "accepted").await;
        answered.expect(status);
    }
    let absent = answer(&registry, Persona::ADMIN, &id, "delta", "accepted").await;
    absent.expect(404);
}

async fn a_status_is_one_of_three(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = shared(&registry).await;
    for status in ["accepted", "rejected", "pending"] {
        let answered = answer(&registry, Persona::STRANGER, &id, BETA, status).await;
        assert_eq!(answered.expect(200).json()["status"], status);
        let shown = registry.get(Persona::MEMBER, &member(&id, BETA)).await;
        assert_eq!(shown.json()["status"], status);
    }
    for body in [
        json!({"status": "maybe"}),
        json!({"status": "ACCEPTED"}),
        json!({"status": null}),
        json!({}),
        json!([]),
    ] {
        let path = member(&id, BETA);
        let refused = registry.put(Persona::STRANGER, &path, &body).await;
        refused.expect(400);
    }
}

async fn a_member_is_removed_by_the_owner_and_not_by_itself(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = shared(&registry).await;
    let beta = member(&id, BETA);
    registry.delete(Persona::STRANGER, &beta).await.expect(403);
    registry.delete(Persona::READER, &beta).await.expect(403);
    let answer = registry.delete(Persona::MEMBER, &beta).await.expect(204);
    assert!(answer.body.is_empty());
    registry.delete(Persona::MEMBER, &beta).await.expect(404);
    registry
        .get(Persona::STRANGER, &image(&id))
        .await
        .expect(404);
    registry
        .delete(Persona::ADMIN, &member(&id, GAMMA))
        .await
        .expect(204);
}

async fn members_come_back_when_the_image_is_shared_again(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = shared(&registry).await;
    answer(&registry, Persona::STRANGER, &id, BETA, "accepted")
        .await
        .expect(200);
    change_visibility(&registry, &id, "private").await;
    registry
        .get(Persona::STRANGER, &image(&id))
        .await
        .expect(404);
    let list = registry.get(Persona::STRANGER, "/v2/images").await.json();
    assert_eq!(names(&list), [""; 0]);

    change_visibility(&registry, &id, "shared").await;
    registry
        .get(Persona::STRANGER, &image(&id))
        .await
        .expect(200);
    let list = registry.get(Persona::STRANGER, "/v2/images").await.json();
    assert_eq!(names(&list), ["shared"]);
}

async fn what_is_not_seen_has_no_members(engine: Engine) {
    let registry = Registry::open(engine).await;
    let hidden = registry.image(Persona::MEMBER, json!({})).await;
    for id in [hidden.as_str(), NO_IMAGE, "zzz"] {
        add(&registry, Persona::STRANGER, id, GAMMA)
            .await
            .expect(404);
        registry
            .get(Persona::STRANGER, &members(id))
            .await
            .expect(404);
        let beta = member(id, BETA);
        registry.get(Persona::STRANGER, &beta).await.expect(404);
        registry.delete(Persona::STRANGER, &beta).await.expect(404);
        answer(&registry, Persona::STRANGER, id, BETA, "accepted")
            .await
            .expect(404);
    }
}

async fn a_member_may_not_change_the_image(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = shared(&registry).await;
    let change = json!([{"op": "replace", "path": "/name", "value": "mine"}]);
    let refused = registry
        .patch(Persona::STRANGER, &image(&id), &change)
        .await;
    assert_refused(refused, 403, "modify_image");
    registry
        .delete(Persona::STRANGER, &image(&id))
        .await
        .expect(403);
    assert_eq!(registry.shown(&id).await["name"], "shared");
}
