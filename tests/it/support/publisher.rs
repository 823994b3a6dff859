//! A publisher of images, with a key of its own.

use std::path::PathBuf;

use pgp::{
    composed::{
        ArmorOptions, CleartextSignedMessage, DetachedSignature, KeyType, SecretKeyParamsBuilder,
        SignedSecretKey,
    },
    crypto::hash::HashAlgorithm,
    ser::Serialize as _,
    types::{KeyDetails as _, Password},
};
use rand::rngs::OsRng;
use tempfile::TempDir;

/// A publisher who signs checksum files.
pub struct Publisher {
    key: SignedSecretKey,
    folder: TempDir,
}

impl Publisher {
    /// A publisher with a new key.
    pub fn new() -> Self {
        let key = SecretKeyParamsBuilder::default()
            .key_type(KeyType::Ed25519Legacy)
            .can_certify(true)
            .can_sign(true)
            .primary_user_id("Images <images@example.org>".to_owned())
            .build()
            .expect("a key")
            .generate(OsRng)
            .expect("a key");
        let folder = TempDir::new().expect("a folder");
        let public = key.to_public_key().to_bytes().expect("bytes");
        std::fs::write(folder.path().join("keyring.gpg"), public).expect("a file");
        Self { key, folder }
    }

    /// The settings by which a registry trusts this publisher, as `example`; `more` of the same
    /// section.
    pub fn settings(&self, more: &str) -> String {
        let file = self.keyring();
        format!(
            "[verification]\nkeyrings = {{ example = \"{}\" }}\n{more}\n",
            file.display()
        )
    }

    /// The file of the public key.
    pub fn keyring(&self) -> PathBuf {
        self.folder.path().join("keyring.gpg")
    }

    /// The fingerprint of the key.
    pub fn fingerprint(&self) -> String {
        hex::encode_upper(self.key.primary_key.fingerprint().as_bytes())
    }

    /// A signature of `data`.
    pub fn sign(&self, data: &[u8]) -> Vec<u8> {
        self.signature(data).to_bytes().expect("bytes")
    }

    /// A signature of `data`, in armour.
    pub fn sign_in_armour(&self, data: &[u8]) -> Vec<u8> {
        let armoured = self
            .signature(data)
            .to_armored_bytes(ArmorOptions::default());
        armoured.expect("armour")
    }

    /// `text`, signed within itself.
    pub fn clear_sign(&self, text: &str) -> Vec<u8> {
        CleartextSignedMessage::sign(OsRng, text, &self.key.primary_key, &Password::empty())
            .expect("a message")
            .to_armored_bytes(ArmorOptions::default())
            .expect("armour")
    }

    fn signature(&self, data: &[u8]) -> DetachedSignature {
        let signature = DetachedSignature::sign_binary_data(
            OsRng,
            &self.key.primary_key,
            &Password::empty(),
            HashAlgorithm::Sha256,
            data,
        );
        signature.expect("a signature")
    }
}
