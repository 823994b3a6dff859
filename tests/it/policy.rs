//! The operator's own rules: a file that says who may do what.

use std::{fs, path::Path, time::Duration};

use axum::http::Method;
use serde_json::json;
use tempfile::TempDir;
use tokio::time::sleep;

use crate::support::{Answer, Engine, Persona, Registry, on_every_engine, until};

const READERS_CREATE: &str = "add_image: role:reader\n";
const NOBODY_CREATES: &str = "add_image: '!'\n";

on_every_engine![
    the_rules_of_the_operator_are_in_force,
    the_rules_of_a_folder_come_after_those_of_the_file,
    a_changed_file_is_in_force_without_a_restart,
    a_broken_file_keeps_the_last_good_rules,
    a_file_that_goes_brings_the_defaults_back,
    the_rules_of_before_roles_keep_strangers_from_changing_images,
    system_scope_counts_unless_it_is_not_enforced,
];

/// A registry whose rules are in `policy.yaml` and `policy.d` of the folder.
async fn ruled(engine: Engine, rules: &str) -> (Registry, TempDir) {
    let folder = TempDir::new().expect("a folder");
    write(folder.path(), rules);
    let settings = format!(
        "[oslo_policy]\npolicy_file = \"{0}/policy.yaml\"\npolicy_dirs = [\"{0}/policy.d\"]",
        folder.path().display()
    );
    (Registry::with(engine, &settings).await, folder)
}

/// Replaces the rules at once, as an operator's tool does.
fn write(folder: &Path, rules: &str) {
    let new = folder.join("new");
    fs::write(&new, rules).expect("a file");
    fs::rename(&new, folder.join("policy.yaml")).expect("a file");
}

async fn creates(registry: &Registry, persona: Persona) -> bool {
    let answer = registry.post(persona, "/v2/images", &json!({})).await;
    match answer.status.as_u16() {
        201 => true,
        403 => false,
        other => panic!("{other}: {}", answer.text()),
    }
}

async fn the_rules_of_the_operator_are_in_force(engine: Engine) {
    let rules = "add_image: role:reader\nget_images: '!'\nimage_manager: role:manager\n\
                 delete_image: 'rule:image_manager and project_id:%(project_id)s'\n";
    let (registry, _folder) = ruled(engine, rules).await;
    assert!(creates(&registry, Persona::READER).await);
    registry.get(Persona::ADMIN, "/v2/images").await.expect(403);

    let id = registry.image(Persona::MEMBER, json!({})).await;
    let path = format!("/v2/images/{id}");
    let manager = Persona {
        roles: "manager,member,reader",
        ..Persona::MEMBER
    };
    registry.delete(Persona::MEMBER, &path).await.expect(403);
    registry.delete(Persona::ADMIN, &path).await.expect(403);
    registry.delete(manager, &path).await.expect(204);
}

async fn the_rules_of_a_folder_come_after_those_of_the_file(engine: Engine) {
    let (registry, folder) = ruled(engine, NOBODY_CREATES).await;
    assert!(!creates(&registry, Persona::READER).await);
    let rules = folder.path().join("policy.d");
    fs::create_dir(&rules).expect("a folder");
    fs::write(rules.join("10-create.yaml"), READERS_CREATE).expect("a file");
    let held = async || creates(&registry, Persona::READER).await;
    until("the rules of the folder hold", held).await;
}

async fn a_changed_file_is_in_force_without_a_restart(engine: Engine) {
    let (registry, folder) = ruled(engine, READERS_CREATE).await;
    assert!(creates(&registry, Persona::READER).await);
    write(folder.path(), NOBODY_CREATES);
    let held = async || !creates(&registry, Persona::READER).await;
    until("the new rules hold", held).await;
    assert!(!creates(&registry, Persona::MEMBER).await);

    write(folder.path(), READERS_CREATE);
    let held = async || creates(&registry, Persona::READER).await;
    until("the old rules hold again", held).await;
}

async fn a_broken_file_keeps_the_last_good_rules(engine: Engine) {
    let (registry, folder) = ruled(engine, READERS_CREATE).await;
    for broken in ["add_image: [", "add_image: '!'\nget_images: 'role:('\n"] {
        write(folder.path(), broken);
        // Files are looked at once in a second, and nothing tells when that was.
        for _ in 0..6 {
            sleep(Duration::from_millis(250)).await;
            assert!(creates(&registry, Persona::READER).await, "{broken}");
        }
    }
    write(folder.path(), NOBODY_CREATES);
    let held = async || !creates(&registry, Persona::READER).await;
    until("the mended rules hold", held).await;
}

async fn a_file_that_goes_brings_the_defaults_back(engine: Engine) {
    let (registry, folder) = ruled(engine, READERS_CREATE).await;
    assert!(creates(&registry, Persona::READER).await);
    fs::remove_file(folder.path().join("policy.yaml")).expect("the file");
    let held = async || !creates(&registry, Persona::READER).await;
    until("the defaults hold", held).await;
    assert!(creates(&registry, Persona::MEMBER).await);
}

/// A stranger's request without a body.
async fn bare(registry: &Registry, method: Method, path: &str) -> Answer {
    let call = registry.call(method, path).by(Persona::STRANGER);
    call.send().await
}

async fn the_rules_of_before_roles_keep_strangers_from_changing_images(engine: Engine) {
    const NOBODY: Persona = Persona {
        user: "noah",
        project: "alpha",
        roles: "",
    };
    let settings = "[oslo_policy]\nenforce_new_defaults = false";
    let registry = Registry::with(engine, settings).await;
    let id = registry
        .image(NOBODY, json!({"visibility": "community"}))
        .await;
    let path = format!("/v2/images/{id}");
    let renamed = json!([{"op": "replace", "path": "/name", "value": "n"}]);
    registry.get(Persona::STRANGER, &path).await.expect(200);
    let refused = [
        registry.patch(Persona::STRANGER, &path, &renamed).await,
        registry.delete(Persona::STRANGER, &path).await,
        registry.upload(Persona::STRANGER, &id, "data").await,
        bare(&registry, Method::PUT, &format!("{path}/tags/t")).await,
        bare(
            &registry,
            Method::POST,
            &format!("{path}/actions/deactivate"),
        )
        .await,
    ];
    for answer in refused {
        let text = answer.expect(403).text();
        assert!(text.contains("You do not own this image"), "{text}");
    }
    registry.patch(NOBODY, &path, &renamed).await.expect(200);
    registry.upload(NOBODY, &id, "data").await.expect(204);
    registry
        .patch(Persona::ADMIN, &path, &renamed)
        .await
        .expect(200);
    registry.delete(NOBODY, &path).await.expect(204);
}

async fn system_scope_counts_unless_it_is_not_enforced(engine: Engine) {
    for (settings, status) in [("", 403), ("[oslo_policy]\nenforce_scope = false", 200)] {
        let registry = Registry::with(engine, settings).await;
        let call = registry.call(Method::GET, "/v2/images");
        let call = call
            .header("x-identity-status", "Confirmed")
            .header("x-user-id", "ada")
            .header("x-roles", "admin,member,reader")
            .header("openstack-system-scope", "all");
        call.send().await.expect(status);
    }
}
