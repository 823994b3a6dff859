//! The key manager of the tests.

use std::env;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use super::{Token, client};

/// Where it is: its URL, without a version.
const VARIABLE: &str = "HALLMARK_TEST_BARBICAN";

/// The Barbican that `tests/run` starts.
pub struct RealBarbican {
    url: String,
    client: Client,
}

impl RealBarbican {
    /// Where `tests/run` has started it.
    pub fn new() -> Self {
        let url = env::var(VARIABLE)
            .unwrap_or_else(|_| panic!("{VARIABLE} is not set: run the tests by tests/run"));
        let client = client();
        Self { url, client }
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Keeps a certificate for the project of `token`, as Glance's documentation does; its id.
    pub async fn keep(&self, token: &Token, pem: &str) -> String {
        let body = json!({
            "name": "signer",
            "secret_type": "certificate",
            "payload": STANDARD.encode(pem),
            "payload_content_type": "application/octet-stream",
            "payload_content_encoding": "base64",
        });
        self.store(token, &body).await
    }

    /// Whether the secret is there, for the bearer of `token`.
    pub async fn has(&self, token: &Token, id: &str) -> bool {
        let call = self.client.get(format!("{}/v1/secrets/{id}", self.url));
        let call = call.header("x-auth-token", &token.id);
        let answer = call.header("accept", "application/json").send().await;
        match answer.expect("an answer").status() {
            StatusCode::OK => true,
            StatusCode::NOT_FOUND => false,
            other => panic!("{other}"),
        }
    }

    /// Keeps a secret; its id.
    pub async fn store(&self, token: &Token, secret: &Value) -> String {
        let call = self.client.post(format!("{}/v1/secrets", self.url));
        let call = call
            .header("x-auth-token", &token.id)
            .header("content-type", "application/json");
        let answer = call.body(secret.to_string()).send().await;
        let answer = answer.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert_eq!(status, StatusCode::CREATED, "{text}");
        let made: Value = serde_json::from_str(&text).expect("JSON");
        let place = made["secret_ref"].as_str().expect("an address");
        place.rsplit('/').next().expect("an id").to_owned()
    }
}
