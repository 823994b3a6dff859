//! Callers with real tokens of a real Keystone.

use axum::http::Method;
use serde_json::json;

use crate::support::{
    Answer, Call, Engine, RealKeystone, Registry, Token, in_seconds, on_every_engine, until,
};

on_every_engine![
    a_project_s_images_are_seen_by_its_members_alone,
    a_token_s_roles_decide_and_no_header_of_the_client_does,
    an_administrator_of_another_project_sees_all,
    a_token_for_no_project_gets_nothing,
    who_is_not_known_is_told_where_to_log_in,
    a_token_that_was_taken_back_is_refused,
    an_application_credential_works_as_its_user,
    an_access_rule_allows_what_it_names_and_nothing_else,
    a_service_vouches_for_a_token_that_has_expired,
];

/// What a request for a list needs.
const IMAGES: &str = "/v2/images";

/// A registry behind Keystone, and Keystone.
struct Cloud {
    registry: Registry,
    keystone: RealKeystone,
}

impl Cloud {
    async fn open(engine: Engine) -> Self {
        Self::with(engine, "").await
    }

    /// With more options of `[keystone_authtoken]`.
    async fn with(engine: Engine, more: &str) -> Self {
        let keystone = RealKeystone::new();
        let registry = Registry::configured(engine, &keystone.settings(more)).await;
        Self { registry, keystone }
    }

    fn call(&self, token: &Token, method: Method, path: &str) -> Call {
        let call = self.registry.call(method, path);
        call.header("x-auth-token", &token.id)
    }

    async fn get(&self, token: &Token, path: &str) -> Answer {
        self.call(token, Method::GET, path).send().await
    }

    async fn create(&self, token: &Token) -> Answer {
        let call = self.call(token, Method::POST, IMAGES);
        call.json(&json!({"name": "disk"})).send().await
    }

    /// An image of the project of `token`, which its members see; gives its path.
    async fn image(&self, token: &Token) -> String {
        let created = self.create(token).await.expect(201).json();
        assert_eq!(created["owner"], token.project());
        format!("{IMAGES}/{}", created["id"].as_str().expect("an id"))
    }
}

async fn a_project_s_images_are_seen_by_its_members_alone(engine: Engine) {
    let cloud = Cloud::open(engine).await;
    let member = cloud.keystone.token("mia", "alpha").await;
    let image = cloud.image(&member).await;
    let reader = cloud.keystone.token("rob", "alpha").await;
    cloud.get(&reader, &image).await.expect(200);
    let stranger = cloud.keystone.token("sam", "beta").await;
    cloud.get(&stranger, &image).await.expect(404);
    let listed = cloud.get(&stranger, IMAGES).await.expect(200).json();
    assert_eq!(listed["images"], json!([]));
}

async fn a_token_s_roles_decide_and_no_header_of_the_client_does(engine: Engine) {
    let cloud = Cloud::open(engine).await;
    let reader = cloud.keystone.token("rob", "alpha").await;
    cloud.create(&reader).await.expect(403);
    let disguised = cloud
        .call(&reader, Method::POST, IMAGES)
        .header("x-identity-status", "Confirmed")
        .header("x-roles", "admin,member")
        .json(&json!({"name": "disk"}));
    disguised.send().await.expect(403);

    let member = cloud.keystone.token("mia", "alpha").await;
    let given = json!({"name": "disk", "visibility": "public"});
    let call = cloud.call(&member, Method::POST, IMAGES).json(&given);
    call.send().await.expect(403);
}

async fn an_administrator_of_another_project_sees_all(engine: Engine) {
    let cloud = Cloud::open(engine).await;
    let member = cloud.keystone.token("mia", "alpha").await;
    let image = cloud.image(&member).await;
    let admin = cloud.keystone.token("ada", "operations").await;
    let shown = cloud.get(&admin, &image).await.expect(200).json();
    assert_eq!(shown["owner"], member.project());
    let delete = cloud.call(&admin, Method::DELETE, &image);
    delete.send().await.expect(204);
}

/// Images belong to projects: tokens for the system, for a domain or for nothing name none.
async fn a_token_for_no_project_gets_nothing(engine: Engine) {
    let cloud = Cloud::open(engine).await;
    let system = json!({"system": {"all": true}});
    let domain = json!({"domain": {"id": "default"}});
    for (user, scope) in [
        ("ada", &system),
        ("sue", &system),
        ("ada", &domain),
        ("mia", &json!("unscoped")),
    ] {
        let token = cloud.keystone.scoped(user, scope).await;
        for answer in [cloud.get(&token, IMAGES).await, cloud.create(&token).await] {
            assert_eq!(answer.status, 403, "{user} {scope}: {}", answer.text());
        }
    }
}

async fn who_is_not_known_is_told_where_to_log_in(engine: Engine) {
    let cloud = Cloud::open(engine).await;
    let url = cloud.keystone.url();
    let nobody = cloud.registry.call(Method::GET, IMAGES);
    let forger = cloud.registry.call(Method::GET, IMAGES);
    for call in [nobody, forger.header("x-auth-token", "gAAAAAforged")] {
        let answer = call.send().await.expect(401);
        let challenge = answer.header("www-authenticate");
        assert_eq!(challenge, format!("Keystone uri=\"{url}\""));
    }
}

/// Where nothing is remembered, it is refused at once.
async fn a_token_that_was_taken_back_is_refused(engine: Engine) {
    let cloud = Cloud::with(engine, "token_cache_time = -1").await;
    let token = cloud.keystone.token("mia", "alpha").await;
    cloud.get(&token, IMAGES).await.expect(200);
    cloud.keystone.revoke(&token).await;
    cloud.get(&token, IMAGES).await.expect(401);
}

async fn an_application_credential_works_as_its_user(engine: Engine) {
    let cloud = Cloud::open(engine).await;
    let member = cloud.keystone.token("mia", "alpha").await;
    let application = cloud.keystone.application_token(&member, json!({})).await;
    let image = cloud.image(&application).await;
    cloud.get(&member, &image).await.expect(200);

    let narrow = json!({"roles": [{"name": "reader"}]});
    let reader = cloud.keystone.application_token(&member, narrow).await;
    cloud.get(&reader, &image).await.expect(200);
    cloud.create(&reader).await.expect(403);
}

async fn an_access_rule_allows_what_it_names_and_nothing_else(engine: Engine) {
    let cloud = Cloud::with(engine, r#"service_type = "image""#).await;
    let member = cloud.keystone.token("mia", "alpha").await;
    let image = cloud.image(&member).await;
    let rules = json!({"access_rules": [
        {"service": "image", "method": "GET", "path": IMAGES},
        {"service": "compute", "method": "POST", "path": IMAGES},
    ]});
    let restricted = cloud.keystone.application_token(&member, rules).await;
    cloud.get(&restricted, IMAGES).await.expect(200);
    cloud.get(&restricted, &image).await.expect(401);
    cloud.create(&restricted).await.expect(401);

    let service = cloud.keystone.token("glance", "service").await;
    let vouched = cloud.call(&restricted, Method::GET, &image);
    let vouched = vouched.header("x-service-token", &service.id);
    vouched.send().await.expect(200);
}

/// A long work that a service does for a user may outlast the user's token.
async fn a_service_vouches_for_a_token_that_has_expired(engine: Engine) {
    let cloud = Cloud::open(engine).await;
    let member = cloud.keystone.token("mia", "alpha").await;
    let image = cloud.image(&member).await;
    let soon = json!({"expires_at": in_seconds(12)});
    let short = cloud.keystone.application_token(&member, soon).await;
    let refused = async || cloud.get(&short, &image).await.status == 401;
    until("a token expires", refused).await;

    let vouched_by = async |voucher: &Token| {
        let call = cloud.call(&short, Method::GET, &image);
        let call = call.header("x-service-token", &voucher.id);
        call.send().await
    };
    vouched_by(&member).await.expect(401);
    let service = cloud.keystone.token("glance", "service").await;
    vouched_by(&service).await.expect(200);
}
