//! Property protections: who may create, read, update and delete which custom property.

use std::fs;

use axum::http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Answer, Engine, Persona, Registry, on_every_engine, until};

/// Protections by roles. A cook may do everything; the name of a property says what a member may
/// do to it besides.
const BY_ROLES: &str = "
[^x_all$]
create = cook,member
read = cook,member
update = cook,member
delete = cook,member
[^x_create$]
create = cook,member
read = cook
update = cook
delete = cook
[^x_write$]
create = cook,member
read = cook
update = cook,member
delete = cook
[^x_fixed$]
create = cook
read = cook,member
update = cook
delete = cook
[^x_update$]
create = cook
read = cook,member
update = cook,member
delete = cook
[^x_secret]
create = cook
read = cook
update = cook
delete = cook
[secret_of_all]
create = @
read = @
update = @
delete = @
[^open_]
create = @
read = @
update = @
delete = @
";

/// The same, by policy rules.
const RULES: &str = "cooks: role:cook\ncooks_and_members: role:cook or role:member\n";

/// May do everything that anybody may.
const COOK: Persona = Persona {
    user: "cleo",
    project: "alpha",
    roles: "cook,member,reader",
};

on_every_engine![
    who_may_not_create_a_property_is_told_that_it_is_reserved,
    what_may_be_created_but_not_read_is_stored_and_not_shown,
    what_may_not_be_read_is_left_out_of_every_answer,
    replacing_and_removing_ask_their_own_verbs,
    what_may_not_be_read_is_missing_for_a_patch,
    adding_asks_to_update_what_is_known_and_to_create_what_is_not,
    what_may_not_be_read_is_never_lost,
    a_filter_by_what_may_not_be_read_finds_nothing,
    the_first_section_that_is_found_counts,
    what_no_section_knows_is_closed_to_administrators,
    the_roles_of_a_calling_service_count,
    a_rule_of_protections_is_asked_about_the_image,
    a_page_does_not_end_at_what_may_not_be_found,
    changed_protections_are_in_force_without_a_restart,
];

/// Registries that are protected alike, by roles and by policy rules.
async fn protected(engine: Engine) -> [(Registry, TempDir); 2] {
    let by_rules = BY_ROLES
        .replace("= cook,member", "= cooks_and_members")
        .replace("= cook\n", "= cooks\n");
    [
        with(engine, "roles", BY_ROLES, "").await,
        with(engine, "policies", &by_rules, RULES).await,
    ]
}

async fn with(engine: Engine, format: &str, text: &str, rules: &str) -> (Registry, TempDir) {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("protections.conf"), text).expect("a file");
    fs::write(folder.path().join("policy.yaml"), rules).expect("a file");
    let settings = format!(
        "[DEFAULT]\nproperty_protection_file = \"{0}/protections.conf\"\n\
         property_protection_rule_format = \"{format}\"\n\
         [oslo_policy]\npolicy_file = \"{0}/policy.yaml\"",
        folder.path().display()
    );
    (Registry::with(engine, &settings).await, folder)
}

async fn patched(registry: &Registry, persona: Persona, id: &str, operation: Value) -> Answer {
    let path = format!("/v2/images/{id}");
    registry.patch(persona, &path, &json!([operation])).await
}

async fn seen(registry: &Registry, persona: Persona, id: &str) -> Value {
    let path = format!("/v2/images/{id}");
    registry.get(persona, &path).await.expect(200).json()
}

/// The ids of the images that `query` finds for the persona.
async fn found(registry: &Registry, persona: Persona, query: &str) -> Vec<String> {
    let path = format!("/v2/images?{query}");
    let list = registry.get(persona, &path).await.expect(200).json();
    assert!(list.get("next").is_none(), "{list}");
    let images = list["images"].as_array().expect("a list");
    let ids = images
        .iter()
        .map(|image| image["id"].as_str().expect("an id"));
    ids.map(str::to_owned).collect()
}

#[track_caller]
fn expect_reserved(answer: Answer, name: &str) {
    let text = answer.expect(403).text();
    let told = format!("Attribute '{name}' is reserved.");
    assert!(text.contains(&told), "{text}");
}

async fn who_may_not_create_a_property_is_told_that_it_is_reserved(engine: Engine) {
    for (registry, _folder) in protected(engine).await {
        for name in ["x_secret", "x_fixed", "x_update", "x_unknown"] {
            let body = json!({ name: "v" });
            let answer = registry.post(Persona::MEMBER, "/v2/images", &body).await;
            expect_reserved(answer, name);
        }
        assert!(found(&registry, Persona::ADMIN, "").await.is_empty());
        let body = json!({"x_secret": "v", "x_all": "v", "x_fixed": "v"});
        registry.post(COOK, "/v2/images", &body).await.expect(201);
    }
}

async fn what_may_be_created_but_not_read_is_stored_and_not_shown(engine: Engine) {
    for (registry, _folder) in protected(engine).await {
        let body = json!({"x_create": "hidden", "x_all": "shown"});
        let created = registry.post(Persona::MEMBER, "/v2/images", &body).await;
        let created = created.expect(201).json();
        assert_eq!(created["x_all"], "shown");
        assert!(created.get("x_create").is_none(), "{created}");
        let id = created["id"].as_str().expect("an id");
        assert_eq!(seen(&registry, COOK, id).await["x_create"], "hidden");
    }
}

async fn what_may_not_be_read_is_left_out_of_every_answer(engine: Engine) {
    for (registry, _folder) in protected(engine).await {
        let id = registry
            .image(COOK, json!({"x_secret": "s", "x_fixed": "f"}))
            .await;
        let shown = seen(&registry, Persona::MEMBER, &id).await;
        let path = "/v2/images";
        let list = registry.get(Persona::MEMBER, path).await.expect(200).json();
        let renamed = json!({"op": "replace", "path": "/name", "value": "n"});
        let answer = patched(&registry, Persona::MEMBER, &id, renamed).await;
        let patched = answer.expect(200).json();
        for image in [&shown, &list["images"][0], &patched] {
            assert_eq!(image["x_fixed"], "f");
            assert!(image.get("x_secret").is_none(), "{image}");
        }
        let path = format!("/v2/images/{id}");
        let answer = registry.patch(Persona::MEMBER, &path, &json!([])).await;
        assert!(!answer.expect(200).text().contains("x_secret"));
    }
}

async fn replacing_and_removing_ask_their_own_verbs(engine: Engine) {
    for (registry, _folder) in protected(engine).await {
        let properties = json!({"x_fixed": "1", "x_update": "1", "x_all": "1"});
        let id = registry.image(COOK, properties).await;
        let replace =
            |name: &str| json!({"op": "replace", "path": format!("/{name}"), "value": "2"});
        let remove = |name: &str| json!({"op": "remove", "path": format!("/{name}")});
        for (name, status) in [("x_fixed", 403), ("x_update", 200), ("x_all", 200)] {
            let answer = patched(&registry, Persona::MEMBER, &id, replace(name)).await;
            answer.expect(status);
        }
        for (name, status) in [("x_fixed", 403), ("x_update", 403), ("x_all", 200)] {
            let answer = patched(&registry, Persona::MEMBER, &id, remove(name)).await;
            answer.expect(status);
        }
        let image = seen(&registry, COOK, &id).await;
        assert_eq!(
            (&image["x_fixed"], &image["x_update"]),
            (&json!("1"), &json!("2"))
        );
        assert!(image.get("x_all").is_none(), "{image}");
    }
}

async fn what_may_not_be_read_is_missing_for_a_patch(engine: Engine) {
    for (registry, _folder) in protected(engine).await {
        let there = registry
            .image(COOK, json!({"x_secret": "s", "x_write": "w"}))
            .await;
        let bare = registry.image(COOK, json!({})).await;
        for name in ["x_secret", "x_write"] {
            let path = format!("/{name}");
            for operation in [
                json!({"op": "replace", "path": path, "value": "mine"}),
                json!({"op": "remove", "path": path}),
            ] {
                let one = patched(&registry, Persona::MEMBER, &there, operation.clone()).await;
                let other = patched(&registry, Persona::MEMBER, &bare, operation).await;
                let (one, other) = (one.expect(409).text(), other.expect(409).text());
                assert_eq!(one, other, "what is there and what is not look alike");
            }
        }
        let image = seen(&registry, COOK, &there).await;
        assert_eq!(
            (&image["x_secret"], &image["x_write"]),
            (&json!("s"), &json!("w"))
        );
    }
}

async fn adding_asks_to_update_what_is_known_and_to_create_what_is_not(engine: Engine) {
    for (registry, _folder) in protected(engine).await {
        let there = json!({
            "x_fixed": "1", "x_update": "1", "x_secret": "1", "x_create": "1", "x_write": "1",
        });
        let there = registry.image(COOK, there).await;
        let bare = registry.image(COOK, json!({})).await;
        for (id, name, status) in [
            (&bare, "x_fixed", 403),
            (&bare, "x_update", 403),
            (&bare, "x_secret", 403),
            (&bare, "x_create", 200),
            (&there, "x_fixed", 403),
            (&there, "x_update", 200),
            (&there, "x_secret", 403),
            // It may be created, and yet what is there may not be changed.
            (&there, "x_create", 403),
            (&there, "x_write", 200),
        ] {
            let add = json!({"op": "add", "path": format!("/{name}"), "value": "2"});
            let answer = patched(&registry, Persona::MEMBER, id, add).await;
            if status == 403 {
                expect_reserved(answer, name);
            } else {
                answer.expect(status);
            }
        }
        let image = seen(&registry, COOK, &there).await;
        for (name, value) in [
            ("x_fixed", "1"),
            ("x_update", "2"),
            ("x_secret", "1"),
            ("x_create", "1"),
            ("x_write", "2"),
        ] {
            assert_eq!(image[name], value, "{name}");
        }
    }
}

async fn what_may_not_be_read_is_never_lost(engine: Engine) {
    for (registry, _folder) in protected(engine).await {
        let id = registry
            .image(COOK, json!({"x_secret": "s", "x_all": "1"}))
            .await;
        for operation in [
            json!({"op": "replace", "path": "/name", "value": "n"}),
            json!({"op": "add", "path": "/x_all", "value": "2"}),
            json!({"op": "remove", "path": "/x_all"}),
            json!({"op": "replace", "path": "/tags", "value": ["t"]}),
        ] {
            patched(&registry, Persona::MEMBER, &id, operation)
                .await
                .expect(200);
        }
        let tag = format!("/v2/images/{id}/tags/u");
        for method in [Method::PUT, Method::DELETE] {
            let call = registry.call(method, &tag).by(Persona::MEMBER);
            call.send().await.expect(204);
        }
        registry
            .upload(Persona::MEMBER, &id, "data")
            .await
            .expect(204);
        let image = seen(&registry, COOK, &id).await;
        assert_eq!(image["x_secret"], "s");
        assert_eq!(image["status"], "active");
    }
}

async fn a_filter_by_what_may_not_be_read_finds_nothing(engine: Engine) {
    for (registry, _folder) in protected(engine).await {
        let id = registry
            .image(COOK, json!({"x_secret": "s", "x_fixed": "f"}))
            .await;
        let all = [id];
        assert_eq!(found(&registry, COOK, "x_secret=s").await, all);
        assert_eq!(found(&registry, Persona::MEMBER, "x_fixed=f").await, all);
        for query in ["x_secret=s", "x_secret=s&limit=1", "x_fixed=f&x_secret=s"] {
            let none: [&str; 0] = [];
            assert_eq!(
                found(&registry, Persona::MEMBER, query).await,
                none,
                "{query}"
            );
        }
    }
}

async fn the_first_section_that_is_found_counts(engine: Engine) {
    for (registry, _folder) in protected(engine).await {
        // Both sections are found in the first name, and the second alone in the other.
        let body = json!({"x_secret_of_all": "v"});
        let answer = registry.post(Persona::MEMBER, "/v2/images", &body).await;
        expect_reserved(answer, "x_secret_of_all");
        let body = json!({"my_secret_of_all": "v"});
        registry
            .post(Persona::MEMBER, "/v2/images", &body)
            .await
            .expect(201);
    }
}

async fn what_no_section_knows_is_closed_to_administrators(engine: Engine) {
    for (registry, _folder) in protected(engine).await {
        let body = json!({"unknown": "v"});
        let answer = registry.post(Persona::ADMIN, "/v2/images", &body).await;
        expect_reserved(answer, "unknown");
        let body = json!({"open_to": "v"});
        registry
            .post(Persona::READER, "/v2/images", &body)
            .await
            .expect(403);
        registry
            .post(Persona::MEMBER, "/v2/images", &body)
            .await
            .expect(201);
    }
}

async fn the_roles_of_a_calling_service_count(engine: Engine) {
    let text = "[^x_]\ncreate = service\nread = service\nupdate = service\ndelete = service\n";
    let (registry, _folder) = with(engine, "roles", text, "").await;
    let call = |status: &'static str| {
        let call = registry.call(Method::POST, "/v2/images");
        let call = call
            .by(Persona::MEMBER)
            .header("x-service-roles", "Service");
        let call = call.header("x-service-identity-status", status);
        call.json(&json!({"x_a": "v"})).send()
    };
    assert_eq!(call("Confirmed").await.expect(201).json()["x_a"], "v");
    expect_reserved(call("Invalid").await, "x_a");
}

/// Who may read is the image's own project, and nobody else.
const OF_OWNERS: &str = "[^x_]\ncreate = @\nread = owners\nupdate = owners\ndelete = owners\n";

async fn a_rule_of_protections_is_asked_about_the_image(engine: Engine) {
    let rules = "owners: project_id:%(owner)s\npublicize_image: '@'\n";
    let (registry, _folder) = with(engine, "policies", OF_OWNERS, rules).await;
    let public = json!({"x_a": "v", "visibility": "public"});
    let id = registry.image(Persona::MEMBER, public).await;
    assert_eq!(seen(&registry, Persona::READER, &id).await["x_a"], "v");
    for persona in [Persona::STRANGER, Persona::ADMIN] {
        assert!(seen(&registry, persona, &id).await.get("x_a").is_none());
    }
}

async fn a_page_does_not_end_at_what_may_not_be_found(engine: Engine) {
    let rules = "owners: project_id:%(owner)s\npublicize_image: '@'\n";
    let (registry, _folder) = with(engine, "policies", OF_OWNERS, rules).await;
    let public = json!({"x_a": "v", "visibility": "public"});
    registry.image(Persona::MEMBER, public).await;
    let none: [&str; 0] = [];
    let query = "x_a=v&limit=1";
    assert_eq!(found(&registry, Persona::STRANGER, query).await, none);
    let own = registry.image(Persona::STRANGER, json!({"x_a": "v"})).await;
    let query = "x_a=v&limit=3";
    assert_eq!(found(&registry, Persona::STRANGER, query).await, [own]);
}

async fn changed_protections_are_in_force_without_a_restart(engine: Engine) {
    for (registry, folder) in protected(engine).await {
        let id = registry.image(COOK, json!({"x_secret": "s"})).await;
        let file = folder.path().join("protections.conf");
        let text = "[.*]\ncreate = @\nread = @\nupdate = @\ndelete = @\n";
        fs::write(&file, text).expect("a file");
        let shown = async || {
            let image = seen(&registry, Persona::MEMBER, &id).await;
            image.get("x_secret").is_some()
        };
        until("the new protections hold", shown).await;
    }
}
