//! People who sign images, and those who vouch for their certificates.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hallmark::signature::{HashMethod, KeyType};
use openssl::{
    asn1::Asn1Time,
    bn::{BigNum, MsbOption},
    dsa::Dsa,
    ec::{Asn1Flag, EcGroup, EcKey},
    hash::MessageDigest,
    pkey::{Id, PKey, Private},
    rsa::{Padding, Rsa},
    sign::{RsaPssSaltlen, Signer as Signing},
    x509::{
        X509, X509Builder, X509Name, X509Ref,
        extension::{BasicConstraints, ExtendedKeyUsage, KeyUsage},
    },
};
use serde_json::{Value, json};

/// Somebody with a key, and a certificate of it.
pub struct Signer {
    key: PKey<Private>,
    key_type: KeyType,
    certificate: X509,
}

/// What a certificate says of its holder.
#[derive(Clone, Copy)]
pub struct Terms {
    /// Since how many days it is valid; negative: from then on.
    pub since: i64,
    /// For how many days it still is; negative: it was.
    pub left: i64,
    /// What it is for.
    pub purpose: Purpose,
}

/// What a certificate is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It does not say.
    Any,
    /// To sign code.
    Signing,
    /// To be a web server.
    WebServer,
    /// To agree on keys.
    KeyAgreement,
    /// To vouch for others.
    Authority,
}

impl Terms {
    /// Valid now.
    pub const fn of(purpose: Purpose) -> Self {
        Self {
            since: 1,
            left: 30,
            purpose,
        }
    }
}

impl Signer {
    /// Somebody with a new key of this kind, who vouches for themself.
    pub fn new(key_type: KeyType) -> Self {
        let key = new_key(key_type);
        let certificate = certificate(&key, "signer", None, Terms::of(Purpose::Any));
        Self {
            key,
            key_type,
            certificate,
        }
    }

    /// An authority of its own.
    pub fn authority() -> Self {
        let key = new_key(KeyType::EccSecp384r1);
        let certificate = certificate(&key, "root", None, Terms::of(Purpose::Authority));
        Self {
            key,
            key_type: KeyType::EccSecp384r1,
            certificate,
        }
    }

    /// Somebody with a new key for whom this authority vouches by these terms.
    pub fn vouches_for(&self, name: &str, terms: Terms) -> Self {
        let key = new_key(KeyType::EccSecp384r1);
        let certificate = certificate(&key, name, Some(self), terms);
        Self {
            key,
            key_type: KeyType::EccSecp384r1,
            certificate,
        }
    }

    /// The certificate, in PEM.
    pub fn pem(&self) -> String {
        let pem = self.certificate.to_pem().expect("a certificate");
        String::from_utf8(pem).expect("ASCII")
    }

    /// The certificate, in DER.
    pub fn der(&self) -> Vec<u8> {
        self.certificate.to_der().expect("a certificate")
    }

    /// The signature of `data`, in Base64.
    pub fn sign(&self, hash: HashMethod, data: &[u8]) -> String {
        let digest = digest(hash);
        let mut signing = Signing::new(digest, &self.key).expect("a signer");
        if self.key.id() == Id::RSA {
            signing
                .set_rsa_padding(Padding::PKCS1_PSS)
                .expect("a padding");
            signing.set_rsa_mgf1_md(digest).expect("a mask");
            signing
                .set_rsa_pss_saltlen(RsaPssSaltlen::MAXIMUM_LENGTH)
                .expect("a salt");
        }
        let signature = signing.sign_oneshot_to_vec(data).expect("a signature");
        STANDARD.encode(signature)
    }

    /// The properties of an image whose bytes are `data`, signed with a certificate that is kept
    /// under `id`.
    pub fn properties(&self, hash: HashMethod, id: &str, data: &[u8]) -> Value {
        json!({
            "img_signature": self.sign(hash, data),
            "img_signature_hash_method": hash.as_str(),
            "img_signature_key_type": self.key_type.as_str(),
            "img_signature_certificate_uuid": id,
        })
    }
}

fn digest(hash: HashMethod) -> MessageDigest {
    match hash {
        HashMethod::Sha224 => MessageDigest::sha224(),
        HashMethod::Sha256 => MessageDigest::sha256(),
        HashMethod::Sha384 => MessageDigest::sha384(),
        HashMethod::Sha512 => MessageDigest::sha512(),
    }
}

fn new_key(key_type: KeyType) -> PKey<Private> {
    let key = match (key_type, key_type.curve()) {
        (_, Some(curve)) => {
            let mut group = EcGroup::from_curve_name(curve).expect("a curve");
            group.set_asn1_flag(Asn1Flag::NAMED_CURVE);
            PKey::from_ec_key(EcKey::generate(&group).expect("a key"))
        }
        // Longer ones take seconds to make.
        (KeyType::Dsa, None) => PKey::from_dsa(Dsa::generate(1024).expect("a key")),
        _ => PKey::from_rsa(Rsa::generate(2048).expect("a key")),
    };
    key.expect("a key")
}

/// A certificate of `key` by `issuer`, or else by its holder.
fn certificate(key: &PKey<Private>, name: &str, issuer: Option<&Signer>, terms: Terms) -> X509 {
    let subject = named(name);
    let mut builder = X509Builder::new().expect("a builder");
    builder.set_version(2).expect("a version");
    let mut serial = BigNum::new().expect("a number");
    serial
        .rand(128, MsbOption::MAYBE_ZERO, false)
        .expect("a number");
    let serial = serial.to_asn1_integer().expect("a number");
    builder.set_serial_number(&serial).expect("a number");
    builder.set_subject_name(&subject).expect("a name");
    let by: Option<&X509Ref> = issuer.map(|issuer| &*issuer.certificate);
    let issuer_name = by.map_or(&*subject, |issuer| issuer.subject_name());
    builder.set_issuer_name(issuer_name).expect("a name");
    for (days, is_start) in [(-terms.since, true), (terms.left, false)] {
        let time = time::OffsetDateTime::now_utc() + time::Duration::days(days);
        let time = Asn1Time::from_unix(time.unix_timestamp()).expect("a time");
        let set = if is_start {
            builder.set_not_before(&time)
        } else {
            builder.set_not_after(&time)
        };
        set.expect("a time");
    }
    builder.set_pubkey(key).expect("a key");
    state(&mut builder, terms.purpose);
    let signing = issuer.map_or(key, |issuer| &issuer.key);
    builder
        .sign(signing, MessageDigest::sha256())
        .expect("a signature");
    builder.build()
}

fn named(name: &str) -> X509Name {
    let mut builder = X509Name::builder().expect("a builder");
    builder
        .append_entry_by_text("CN", name)
        .expect("a common name");
    builder.build()
}

/// Says in a certificate what it is for.
fn state(builder: &mut X509Builder, purpose: Purpose) {
    let mut usage = KeyUsage::new();
    let mut extended = ExtendedKeyUsage::new();
    match purpose {
        Purpose::Any => return,
        Purpose::Authority => {
            let mut constraints = BasicConstraints::new();
            let constraints = constraints.critical().ca().build().expect("constraints");
            builder.append_extension(constraints).expect("constraints");
            usage.key_cert_sign();
        }
        Purpose::Signing => {
            usage.digital_signature();
            extended.code_signing();
        }
        Purpose::WebServer => {
            usage.digital_signature();
            extended.server_auth();
        }
        Purpose::KeyAgreement => {
            usage.key_agreement();
        }
    }
    builder
        .append_extension(usage.critical().build().expect("a usage"))
        .expect("a usage");
    if matches!(purpose, Purpose::Signing | Purpose::WebServer) {
        builder
            .append_extension(extended.build().expect("a usage"))
            .expect("a usage");
    }
}
