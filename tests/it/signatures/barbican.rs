//! Certificates that the real Barbican keeps, for callers of the real Keystone.

use axum::http::Method;
use hallmark::signature::{HashMethod, KeyType};
use serde_json::{Value, json};

use super::{DATA, OTHER, OTHER_ID};
use crate::support::{
    Answer, Engine, Origin, RealBarbican, RealKeystone, Registry, Signer, Token, on_every_engine,
};

on_every_engine![
    a_certificate_of_the_callers_project_verifies_by_every_way,
    a_certificate_that_is_not_for_the_caller_is_none,
    a_secret_that_is_no_certificate_is_refused,
    the_address_of_the_operator_goes_before_the_catalog,
    the_key_of_an_encrypted_image_goes_with_it_if_its_owner_says_so,
];

/// A registry of a cloud with a key manager, and one of its users.
struct Cloud {
    registry: Registry,
    keystone: RealKeystone,
    barbican: RealBarbican,
    owner: Token,
}

impl Cloud {
    async fn open(engine: Engine, more: &str) -> Self {
        let (keystone, barbican) = (RealKeystone::new(), RealBarbican::new());
        let settings = keystone.settings(&format!(
            "[import_filtering_opts]\nallowed_ports = []\n[fetch]\n\
             allowed_networks = [\"127.0.0.0/8\"]\n[barbican]\ntimeout = 120\n{more}"
        ));
        Self {
            registry: Registry::configured(engine, &settings).await,
            owner: keystone.token("mia", "alpha").await,
            keystone,
            barbican,
        }
    }

    /// A request of `token`'s bearer.
    async fn send(&self, token: &Token, method: Method, path: &str, body: Sent) -> Answer {
        let call = self.registry.call(method, path);
        let call = call.header("x-auth-token", &token.id);
        match body {
            Sent::Nothing => call,
            Sent::Json(body) => call.json(&body),
            Sent::Data(data) => call.data(data),
        }
        .send()
        .await
    }

    /// An image of `token`'s bearer with these properties; its id.
    async fn image(&self, token: &Token, properties: &Value) -> String {
        let mut body = json!({"disk_format": "raw", "container_format": "bare"});
        let more = properties.as_object().expect("an object").clone();
        body.as_object_mut().expect("an object").extend(more);
        let made = self.send(token, Method::POST, "/v2/images", Sent::Json(body));
        let made = made.await.expect(201).json();
        made["id"].as_str().expect("an id").to_owned()
    }

    async fn upload(&self, token: &Token, id: &str, data: &'static str) -> Answer {
        let path = format!("/v2/images/{id}/file");
        self.send(token, Method::PUT, &path, Sent::Data(data)).await
    }

    async fn import(&self, id: &str, method: Value) {
        let path = format!("/v2/images/{id}/import");
        let body = Sent::Json(json!({"method": method}));
        let begun = self.send(&self.owner, Method::POST, &path, body).await;
        begun.expect(202);
    }

    async fn status(&self, id: &str) -> String {
        let path = format!("/v2/images/{id}");
        let shown = self.send(&self.owner, Method::GET, &path, Sent::Nothing);
        let shown = shown.await.expect(200).json();
        shown["status"].as_str().expect("a status").to_owned()
    }
}

enum Sent {
    Nothing,
    Json(Value),
    Data(&'static str),
}

fn signed(signer: &Signer, id: &str) -> Value {
    signer.properties(HashMethod::Sha512, id, DATA.as_bytes())
}

async fn a_certificate_of_the_callers_project_verifies_by_every_way(engine: Engine) {
    let cloud = Cloud::open(engine, "").await;
    let owner = &cloud.owner;
    let signer = Signer::new(KeyType::RsaPss);
    let certificate = cloud.barbican.keep(owner, &signer.pem()).await;
    let properties = signed(&signer, &certificate);
    let uploaded = cloud.image(owner, &properties).await;
    let told = cloud
        .upload(owner, &uploaded, OTHER)
        .await
        .expect(400)
        .text();
    assert!(told.contains("SIGNATURE_VERIFICATION_FAILED"), "{told}");
    assert_eq!(cloud.status(&uploaded).await, "queued");
    cloud.upload(owner, &uploaded, DATA).await.expect(204);
    let staged = cloud.image(owner, &properties).await;
    let path = format!("/v2/images/{staged}/stage");
    let sent = cloud.send(owner, Method::PUT, &path, Sent::Data(DATA));
    sent.await.expect(204);
    cloud
        .import(&staged, json!({"name": "glance-direct"}))
        .await;
    let (good, bad) = (Origin::serving(DATA).await, Origin::serving(OTHER).await);
    let [downloaded, tampered] = [
        cloud.image(owner, &properties).await,
        cloud.image(owner, &properties).await,
    ];
    for (id, origin) in [(&downloaded, &good), (&tampered, &bad)] {
        let method = json!({"name": "web-download", "uri": origin.url("image")});
        cloud.import(id, method).await;
    }
    // The task has what it needs: the token may end before a worker comes to it.
    cloud.keystone.revoke(owner).await;
    cloud.registry.work().await;
    let cloud = Cloud {
        owner: cloud.keystone.token("mia", "alpha").await,
        ..cloud
    };
    for (id, status) in [
        (uploaded, "active"),
        (staged, "active"),
        (downloaded, "active"),
        (tampered, "queued"),
    ] {
        assert_eq!(cloud.status(&id).await, status);
    }
}

async fn a_certificate_that_is_not_for_the_caller_is_none(engine: Engine) {
    let cloud = Cloud::open(engine, "").await;
    let signer = Signer::new(KeyType::EccSecp521r1);
    let certificate = cloud.barbican.keep(&cloud.owner, &signer.pem()).await;
    let stranger = cloud.keystone.token("sam", "beta").await;
    for id in [certificate.as_str(), OTHER_ID] {
        let image = cloud.image(&stranger, &signed(&signer, id)).await;
        let told = cloud.upload(&stranger, &image, DATA).await;
        let told = told.expect(400).text();
        let none = format!("there is no certificate {id} that you may use");
        assert!(told.contains(&none), "{told}");
    }
}

async fn a_secret_that_is_no_certificate_is_refused(engine: Engine) {
    let cloud = Cloud::open(engine, "").await;
    let owner = &cloud.owner;
    let signer = Signer::new(KeyType::EccSecp384r1);
    let pem = signer.pem();
    for (secret, taken) in [
        (
            json!({"secret_type": "opaque", "payload": pem, "payload_content_type": "text/plain"}),
            400,
        ),
        (json!({"secret_type": "certificate"}), 400),
        (
            json!({"secret_type": "certificate", "payload": "no certificate",
                "payload_content_type": "text/plain"}),
            400,
        ),
        (
            json!({"secret_type": "certificate", "payload": pem,
                "payload_content_type": "text/plain"}),
            204,
        ),
    ] {
        let id = cloud.barbican.store(owner, &secret).await;
        let image = cloud.image(owner, &signed(&signer, &id)).await;
        let answer = cloud.upload(owner, &image, DATA).await;
        assert_eq!(answer.status, taken, "{secret}: {}", answer.text());
        if taken == 400 {
            let told = answer.text();
            assert!(told.contains("img_signature_certificate_uuid"), "{told}");
        }
    }
}

async fn the_address_of_the_operator_goes_before_the_catalog(engine: Engine) {
    let nowhere = "barbican_endpoint = \"http://127.0.0.1:1/\"";
    let cloud = Cloud::open(engine, nowhere).await;
    let owner = &cloud.owner;
    let signer = Signer::new(KeyType::EccSecp384r1);
    let certificate = cloud.barbican.keep(owner, &signer.pem()).await;
    let properties = signed(&signer, &certificate);
    let image = cloud.image(owner, &properties).await;
    let answer = cloud.upload(owner, &image, DATA).await.expect(503);
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!(cloud.status(&image).await, "queued");
    let here = format!("barbican_endpoint = \"{}/v1/\"", cloud.barbican.url());
    let cloud = Cloud::open(engine, &here).await;
    let image = cloud.image(&cloud.owner, &properties).await;
    cloud.upload(&cloud.owner, &image, DATA).await.expect(204);
}

async fn the_key_of_an_encrypted_image_goes_with_it_if_its_owner_says_so(engine: Engine) {
    let cloud = Cloud::open(engine, "").await;
    let owner = &cloud.owner;
    let secret = json!({"payload": "a key", "payload_content_type": "text/plain"});
    for (policy, is_left) in [("on_image_deletion", false), ("do_not_delete", true)] {
        let key = cloud.barbican.store(owner, &secret).await;
        let properties = json!({
            "cinder_encryption_key_id": key,
            "cinder_encryption_key_deletion_policy": policy,
        });
        let id = cloud.image(owner, &properties).await;
        let path = format!("/v2/images/{id}");
        let deleted = cloud.send(owner, Method::DELETE, &path, Sent::Nothing);
        deleted.await.expect(204);
        assert_eq!(cloud.barbican.has(owner, &key).await, is_left, "{policy}");
    }
    // A key that cannot be deleted keeps nobody from deleting the image.
    let properties = json!({
        "cinder_encryption_key_id": OTHER_ID,
        "cinder_encryption_key_deletion_policy": "on_image_deletion",
    });
    let id = cloud.image(owner, &properties).await;
    let path = format!("/v2/images/{id}");
    let deleted = cloud.send(owner, Method::DELETE, &path, Sent::Nothing);
    deleted.await.expect(204);
}
