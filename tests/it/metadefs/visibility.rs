//! Who sees and changes which metadata definitions.

use axum::http::Method;
use serde_json::json;

use super::{ADMIN, NAMESPACES, at, create, full, names};
use crate::support::{Engine, Persona, Registry, on_every_engine};

on_every_engine![
    a_private_namespace_does_not_exist_for_other_projects,
    a_namespace_that_is_seen_but_not_the_callers_to_change_is_closed,
    lists_show_what_the_caller_may_see,
    a_policy_can_let_projects_write_their_own,
    what_a_policy_hides_in_a_namespace_is_denied,
];

const READS: [&str; 8] = [
    "",
    "/objects",
    "/objects/limits",
    "/properties",
    "/properties/cores",
    "/tags",
    "/tags/fast",
    "/resource_types",
];

async fn a_private_namespace_does_not_exist_for_other_projects(engine: Engine) {
    let registry = Registry::open(engine).await;
    let mut body = full();
    body["visibility"] = json!("private");
    body["owner"] = json!(Persona::MEMBER.project);
    create(&registry, "n", body).await;
    for rest in READS {
        let path = at(&format!("n{rest}"));
        for (persona, status) in [
            (ADMIN, 200),
            (Persona::MEMBER, 200),
            (Persona::READER, 200),
            (Persona::STRANGER, 404),
        ] {
            let answer = registry.get(persona, &path).await;
            assert_eq!(answer.status, status, "{path} {persona:?}");
        }
        if !rest.is_empty() && !rest.ends_with('s') {
            continue;
        }
        let hidden = registry.delete(Persona::STRANGER, &path).await;
        assert!([404, 405].contains(&hidden.status.as_u16()), "{path}");
    }
}

async fn a_namespace_that_is_seen_but_not_the_callers_to_change_is_closed(engine: Engine) {
    let registry = Registry::open(engine).await;
    create(&registry, "n", full()).await;
    let property = json!({"name": "p", "type": "string", "title": "P"});
    for (method, rest, body) in [
        (Method::PUT, "", json!({"namespace": "n"})),
        (Method::POST, "/objects", json!({"name": "o"})),
        (Method::PUT, "/objects/limits", json!({"name": "o"})),
        (Method::POST, "/properties", property.clone()),
        (Method::PUT, "/properties/cores", property),
        (Method::POST, "/tags", json!({"tags": [{"name": "x"}]})),
        (Method::PUT, "/tags/fast", json!({"name": "x"})),
        (Method::POST, "/resource_types", json!({"name": "OS::X"})),
    ] {
        let path = at(&format!("n{rest}"));
        for persona in [Persona::STRANGER, Persona::READER] {
            let call = registry.call(method.clone(), &path).by(persona);
            let answer = call.json(&body).send().await;
            assert_eq!(answer.status, 403, "{method} {path}: {}", answer.text());
        }
    }
    for rest in READS
        .into_iter()
        .chain(["/resource_types/OS::Glance::Image"])
    {
        let path = at(&format!("n{rest}"));
        let answer = registry.delete(Persona::STRANGER, &path).await;
        let expected = if rest == "/resource_types" { 405 } else { 403 };
        assert_eq!(answer.status, expected, "{path}");
    }
}

async fn lists_show_what_the_caller_may_see(engine: Engine) {
    let registry = Registry::open(engine).await;
    for (name, visibility, owner) in [
        ("alphas", "private", "alpha"),
        ("betas", "private", "beta"),
        ("open", "public", "beta"),
    ] {
        let more = json!({"visibility": visibility, "owner": owner});
        create(&registry, name, more).await;
    }
    for (persona, expected) in [
        (ADMIN, vec!["alphas", "betas", "open"]),
        (Persona::READER, vec!["alphas", "open"]),
        (Persona::STRANGER, vec!["betas", "open"]),
    ] {
        let path = format!("{NAMESPACES}?sort_key=namespace&sort_dir=asc");
        let page = registry.get(persona, &path).await.expect(200).json();
        assert_eq!(names(&page["namespaces"], "namespace"), expected);
    }
}

async fn with_policy(engine: Engine, rules: &str) -> (Registry, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("policy.yaml");
    std::fs::write(&file, rules).expect("a file");
    let settings = format!(
        "[oslo_policy]\npolicy_file = {:?}",
        file.display().to_string()
    );
    (Registry::with(engine, &settings).await, folder)
}

async fn a_policy_can_let_projects_write_their_own(engine: Engine) {
    let rules = "metadef_admin: 'role:admin or (role:member and project_id:%(project_id)s)'";
    let (registry, _folder) = with_policy(engine, rules).await;
    let mine = json!({"namespace": "mine", "visibility": "public"});
    let created = registry.post(Persona::MEMBER, NAMESPACES, &mine).await;
    assert_eq!(created.expect(201).json()["owner"], "alpha");
    let given = json!({"namespace": "theirs", "owner": "beta"});
    registry
        .post(Persona::MEMBER, NAMESPACES, &given)
        .await
        .expect(403);
    let given = json!({"namespace": "mine", "owner": "beta"});
    registry
        .put(Persona::MEMBER, &at("mine"), &given)
        .await
        .expect(403);
    registry
        .delete(Persona::STRANGER, &at("mine"))
        .await
        .expect(403);
    registry
        .delete(Persona::READER, &at("mine"))
        .await
        .expect(403);
    registry
        .delete(Persona::MEMBER, &at("mine"))
        .await
        .expect(204);
}

async fn what_a_policy_hides_in_a_namespace_is_denied(engine: Engine) {
    let rules = "get_metadef_objects: 'rule:metadef_admin'\nget_metadef_tag: 'rule:metadef_admin'";
    let (registry, _folder) = with_policy(engine, rules).await;
    create(&registry, "n", full()).await;
    for (rest, status) in [
        ("", 403),
        ("/objects", 403),
        ("/tags/fast", 403),
        ("/tags", 200),
    ] {
        let path = at(&format!("n{rest}"));
        registry.get(Persona::READER, &path).await.expect(status);
    }
}
