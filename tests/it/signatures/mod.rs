//! Signatures of images: what was signed becomes active, nothing else does, and what cannot be
//! checked is refused.

mod barbican;
mod data;
mod key_manager;
mod refusals;
mod roots;

use std::fs;

use axum::http::Method;
use hallmark::signature::{HashMethod, KeyType};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Answer, Engine, Persona, Registry, Signer};

const DATA: &str = "every image carries the signature of who made it";
const OTHER: &str = "every image carries the signature of who stole it";

/// The id of the certificate of whoever signs.
const ID: &str = "8a6d2f0e-0000-4000-8000-00000000000a";
/// The id of another certificate.
const OTHER_ID: &str = "8a6d2f0e-0000-4000-8000-00000000000b";

/// A registry whose operator keeps certificates in a folder.
struct Ground {
    registry: Registry,
    certificates: TempDir,
}

impl Ground {
    async fn open(engine: Engine) -> Self {
        Self::with(engine, "").await
    }

    /// With `more` options of `[verification]`.
    async fn with(engine: Engine, more: &str) -> Self {
        let certificates = TempDir::new().expect("a folder");
        let folder = certificates.path().display();
        let settings = format!("[verification]\ncertificate_dir = \"{folder}\"\n{more}");
        Self {
            registry: Registry::with(engine, &settings).await,
            certificates,
        }
    }

    /// Puts a file into the folder.
    fn keep(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.certificates.path().join(name), content).expect("a file");
    }

    /// An image with these properties; gives its id.
    async fn image(&self, properties: Value) -> String {
        self.registry.image(Persona::MEMBER, properties).await
    }

    async fn upload(&self, id: &str, data: &'static str) -> Answer {
        self.registry.upload(Persona::MEMBER, id, data).await
    }

    async fn stage(&self, id: &str, data: &'static str) {
        let path = format!("/v2/images/{id}/stage");
        let call = self.registry.call(Method::PUT, &path);
        let sent = call.by(Persona::MEMBER).data(data).send().await;
        sent.expect(204);
    }

    async fn import(&self, id: &str, method: Value) -> Answer {
        let path = format!("/v2/images/{id}/import");
        let body = json!({"method": method});
        self.registry.post(Persona::MEMBER, &path, &body).await
    }

    async fn change(&self, id: &str, name: &str, value: &str) {
        let path = format!("/v2/images/{id}");
        let change = json!([{"op": "replace", "path": format!("/{name}"), "value": value}]);
        let changed = self.registry.patch(Persona::MEMBER, &path, &change).await;
        changed.expect(200);
    }

    /// The image is queued without any data; gives why.
    async fn dropped(&self, id: &str) -> String {
        let image = self.registry.shown(id).await;
        assert_eq!(image["status"], "queued", "{image}");
        for name in ["size", "checksum", "os_hash_value"] {
            assert_eq!(image[name], Value::Null, "{name}");
        }
        assert_eq!(self.registry.files(), Vec::<String>::new());
        let failure = image["os_glance_failure"].as_str().expect("a reason");
        failure.to_owned()
    }

    /// The image is as it was made: nothing was begun.
    async fn untouched(&self, id: &str) {
        let image = self.registry.shown(id).await;
        assert_eq!(image["status"], "queued", "{image}");
        assert_eq!(image.get("os_glance_failure"), None, "{image}");
    }
}

/// Somebody whose certificate is in the folder under [`ID`].
fn signer(ground: &Ground) -> Signer {
    let signer = Signer::new(KeyType::EccSecp384r1);
    ground.keep(&format!("{ID}.pem"), signer.pem());
    signer
}

/// The properties of an image with the bytes [`DATA`].
fn signed(signer: &Signer) -> Value {
    signer.properties(HashMethod::Sha256, ID, DATA.as_bytes())
}
