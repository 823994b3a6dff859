//! Services that call on behalf of a user.

use hallmark::{auth::ServiceTokenRoles, domain::Reach};
use serde_json::{Value, json};

use crate::{
    keystone::{Door, is_refused},
    support::in_seconds,
};

fn service() -> Value {
    json!({
        "user": {"id": "nova"},
        "project": {"id": "service"},
        "roles": [{"name": "Service"}, {"name": "admin"}],
    })
}

fn expired() -> Value {
    json!({"expires_at": in_seconds(-60)})
}

#[tokio::test]
async fn a_service_brings_its_roles_and_leaves_the_user_as_it_is() {
    let door = Door::open().await;
    door.keystone.knows("alice", json!({}));
    door.keystone.knows("nova", service());
    let alone = door.brings("alice").await.expect("a caller");
    assert_eq!(alone.service_roles, [""; 0]);
    let both = door.brings_both("alice", "nova").await.expect("a caller");
    assert_eq!(both.service_roles, ["service", "admin"]);
    assert_eq!(both.roles, ["member", "reader"]);
    assert_eq!(both.user_id.as_deref(), Some("u1"));
    assert_eq!(both.project_id.as_deref(), Some("alpha"));
    assert_eq!(both.project_domain_id.as_deref(), Some("default"));
}

#[tokio::test]
async fn a_service_of_the_system_does_not_widen_what_the_user_may() {
    let door = Door::open().await;
    door.keystone.knows("alice", json!({}));
    let mut system = service();
    system["project"] = Value::Null;
    system["system"] = json!({"all": true});
    door.keystone.knows("nova", system);
    let both = door.brings_both("alice", "nova").await.expect("a caller");
    assert_eq!(both.reach, Reach::Project);
    assert_eq!(both.project_id.as_deref(), Some("alpha"));
    assert_eq!(both.service_roles, ["service", "admin"]);
}

#[tokio::test]
async fn an_expired_token_is_good_behind_a_service_and_nowhere_else() {
    let door = Door::open().await;
    door.keystone.knows("alice", expired());
    door.keystone.knows("nova", service());
    assert!(is_refused(&door.brings("alice").await));
    for _ in 0..3 {
        assert!(door.brings_both("alice", "nova").await.is_ok());
    }
    // What was allowed to the service is known now, and still not for who comes alone.
    assert!(is_refused(&door.brings("alice").await));
    assert!(is_refused(&door.brings_both("alice", "junk").await));
    let asked = door.keystone.asked().validations;
    let allowed = asked
        .iter()
        .filter(|(_, query)| query.contains_key("allow_expired"));
    let allowed: Vec<_> = allowed.map(|(token, _)| token.as_str()).collect();
    assert_eq!(allowed, ["alice"]);
    door.keystone.knows("old-nova", {
        let mut service = service();
        service["expires_at"] = in_seconds(-60).into();
        service
    });
    assert!(is_refused(&door.brings_both("alice", "old-nova").await));
}

#[tokio::test]
async fn a_service_without_the_role_counts_for_nothing() {
    let door = Door::open().await;
    door.keystone.knows("alice", json!({}));
    door.keystone.knows("old", expired());
    door.keystone.knows("bob", json!({"user": {"id": "bob"}}));
    for junk in ["bob", "unknown", "a b", &"a".repeat(5000)] {
        let both = door.brings_both("alice", junk).await.expect("a caller");
        assert_eq!(both.service_roles, [""; 0]);
        assert!(is_refused(&door.brings_both("old", junk).await));
    }
}

#[tokio::test]
async fn where_the_role_is_for_expired_tokens_only_any_valid_token_is_a_services() {
    let need = ServiceTokenRoles::ForExpiredTokens;
    let door = Door::with(|settings| settings.service_token_need = need).await;
    door.keystone.knows("alice", json!({}));
    door.keystone.knows("old", expired());
    door.keystone.knows("bob", json!({"user": {"id": "bob"}}));
    let both = door.brings_both("alice", "bob").await.expect("a caller");
    assert_eq!(both.service_roles, ["member", "reader"]);
    assert!(is_refused(&door.brings_both("old", "bob").await));
}
