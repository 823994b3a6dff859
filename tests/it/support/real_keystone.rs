//! The identity service of the tests, and what its users ask of it.

use std::env;

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use super::client;

/// Where it is: its URL, with `/v3`.
const VARIABLE: &str = "HALLMARK_TEST_KEYSTONE";
/// The password of all of its users, whom `tests/keystone/README.md` names.
const PASSWORD: &str = "only-for-tests";

/// The Keystone that `tests/run` starts.
pub struct RealKeystone {
    url: String,
    client: Client,
}

/// A token, and what Keystone says of it.
pub struct Token {
    /// The token itself.
    pub id: String,
    about: Value,
}

impl Token {
    /// The id of its user.
    pub fn user(&self) -> &str {
        self.about["user"]["id"].as_str().expect("a user")
    }

    /// The id of the project it is for.
    pub fn project(&self) -> &str {
        self.about["project"]["id"].as_str().expect("a project")
    }
}

impl RealKeystone {
    /// Where `tests/run` has started it.
    pub fn new() -> Self {
        let url = env::var(VARIABLE)
            .unwrap_or_else(|_| panic!("{VARIABLE} is not set: run the tests by tests/run"));
        let client = client();
        Self { url, client }
    }

    /// Its URL, with `/v3`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What makes a registry ask it who callers are, as TOML, with `more` options of that section.
    pub fn settings(&self, more: &str) -> String {
        let url = &self.url;
        format!(
            r#"
[auth]
strategy = "keystone"
[keystone_authtoken]
auth_type = "password"
auth_url = "{url}"
www_authenticate_uri = "{url}"
username = "glance"
password = "{PASSWORD}"
user_domain_name = "Default"
project_name = "service"
project_domain_name = "Default"
# The machine may have much else to do.
http_connect_timeout = 120
{more}
"#
        )
    }

    /// A token of `user` for a project of the domain `Default`.
    pub async fn token(&self, user: &str, project: &str) -> Token {
        let scope = json!({"project": {"name": project, "domain": {"id": "default"}}});
        self.scoped(user, &scope).await
    }

    /// A token of `user` for this scope, which may be the word `unscoped`.
    pub async fn scoped(&self, user: &str, scope: &Value) -> Token {
        let user = json!({"name": user, "domain": {"id": "default"}, "password": PASSWORD});
        let identity = json!({"methods": ["password"], "password": {"user": user}});
        self.log_in(&json!({"identity": identity, "scope": scope}))
            .await
    }

    /// An application credential of the user and the project of `token`, with the attributes of
    /// `more`, and a token by it.
    pub async fn application_token(&self, token: &Token, more: Value) -> Token {
        let path = format!("/users/{}/application_credentials", token.user());
        let mut credential = json!({"name": uuid::Uuid::new_v4().to_string()});
        let Value::Object(more) = more else {
            panic!("attributes")
        };
        credential.as_object_mut().expect("an object").extend(more);
        let body = json!({"application_credential": credential});
        let (_, made) = self.ask(Some(token), &path, &body).await;
        let made = &made["application_credential"];
        let credential = json!({"id": made["id"], "secret": made["secret"]});
        let identity = json!({
            "methods": ["application_credential"],
            "application_credential": credential,
        });
        self.log_in(&json!({"identity": identity})).await
    }

    /// Takes a token back.
    pub async fn revoke(&self, token: &Token) {
        let call = self
            .client
            .delete(format!("{}/auth/tokens", self.url))
            .header("x-auth-token", &token.id)
            .header("x-subject-token", &token.id);
        let answer = call.send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    }

    async fn log_in(&self, auth: &Value) -> Token {
        let (id, body) = self.ask(None, "/auth/tokens", &json!({"auth": auth})).await;
        Token {
            id: id.expect("a token"),
            about: body["token"].clone(),
        }
    }

    /// Makes something; gives the token that came with the answer, and the answer.
    async fn ask(&self, by: Option<&Token>, path: &str, body: &Value) -> (Option<String>, Value) {
        let url = format!("{}{path}", self.url);
        let mut call = self.client.request(Method::POST, url);
        if let Some(token) = by {
            call = call.header("x-auth-token", &token.id);
        }
        let call = call.header("content-type", "application/json");
        let answer = call.body(body.to_string()).send().await;
        let answer = answer.expect("an answer");
        let status = answer.status();
        let subject = answer.headers().get("x-subject-token").cloned();
        let text = answer.text().await.expect("a body");
        assert_eq!(status, StatusCode::CREATED, "{path}: {text}");
        let subject = subject.map(|token| token.to_str().expect("ASCII").to_owned());
        (subject, serde_json::from_str(&text).expect("JSON"))
    }
}
