//! The certificate that holds the key of a signature.

use openssl::{
    pkey::{Id, PKey, Public},
    stack::Stack,
    x509::{X509, X509Ref},
};

use crate::signature::{KeyType, Unverifiable};

/// The most bytes of a certificate, with those that lead from it to a root.
const MAX_BYTES: usize = 64 * 1024;

/// The most certificates in one text.
const MAX_CERTIFICATES: usize = 8;

/// An X.509 certificate, and those that may lead from it to a root.
#[derive(Debug, Clone)]
pub struct Certificate {
    own: X509,
    further: Vec<X509>,
}

impl Certificate {
    /// The most bytes that one may have.
    pub const MAX_BYTES: usize = MAX_BYTES;

    /// The certificate that `bytes` are, in DER or in PEM. In PEM, further ones may follow it.
    ///
    /// # Errors
    ///
    /// [`Unverifiable::NotACertificate`]
    pub fn parse(bytes: &[u8]) -> Result<Self, Unverifiable> {
        let none = Unverifiable::NotACertificate;
        if bytes.len() > MAX_BYTES {
            return Err(none);
        }
        if bytes.trim_ascii_start().starts_with(b"-----BEGIN ") {
            let mut found = X509::stack_from_pem(bytes).map_err(|_| none.clone())?;
            if !(1..=MAX_CERTIFICATES).contains(&found.len()) {
                return Err(none);
            }
            let own = found.remove(0);
            return Ok(Self {
                own,
                further: found,
            });
        }
        let own = X509::from_der(bytes).map_err(|_| none)?;
        let further = Vec::new();
        Ok(Self { own, further })
    }

    /// The certificate and those behind it, in PEM.
    ///
    /// # Errors
    ///
    /// [`Unverifiable::NotACertificate`] if it cannot be written.
    pub fn to_pem(&self) -> Result<String, Unverifiable> {
        let mut text = String::new();
        for certificate in [&self.own].into_iter().chain(&self.further) {
            let pem = certificate.to_pem().ok();
            let pem = pem.and_then(|pem| String::from_utf8(pem).ok());
            text += &pem.ok_or(Unverifiable::NotACertificate)?;
        }
        Ok(text)
    }

    /// The certificate itself.
    pub(super) fn own(&self) -> &X509Ref {
        &self.own
    }

    /// Those that came with it.
    pub(super) fn further(&self) -> Result<Stack<X509>, openssl::error::ErrorStack> {
        let mut stack = Stack::new()?;
        for certificate in &self.further {
            stack.push(certificate.clone())?;
        }
        Ok(stack)
    }

    /// The key, if it is of the kind that `declared` says.
    pub(super) fn key_for(&self, declared: KeyType) -> Result<PKey<Public>, Unverifiable> {
        let key = self.own.public_key();
        let key = key.map_err(|_| Unverifiable::NotACertificate)?;
        let fits = match declared {
            KeyType::RsaPss => matches!(key.id(), Id::RSA | Id::RSA_PSS),
            KeyType::Dsa => key.id() == Id::DSA,
            KeyType::EccSect409k1
            | KeyType::EccSect409r1
            | KeyType::EccSect571k1
            | KeyType::EccSect571r1
            | KeyType::EccSecp384r1
            | KeyType::EccSecp521r1 => {
                let curve = key.ec_key().ok().and_then(|key| key.group().curve_name());
                curve.is_some() && curve == declared.curve()
            }
        };
        if fits {
            return Ok(key);
        }
        Err(Unverifiable::OtherKey {
            declared: declared.as_str(),
            found: described(&key),
        })
    }
}

/// What kind of key it is.
fn described(key: &PKey<Public>) -> String {
    match key.id() {
        Id::RSA | Id::RSA_PSS => "one for RSA".to_owned(),
        Id::DSA => "one for DSA".to_owned(),
        Id::EC => {
            let curve = key.ec_key().ok().and_then(|key| key.group().curve_name());
            let name = curve.and_then(|curve| curve.long_name().ok());
            format!("one on the curve {}", name.unwrap_or("without a name"))
        }
        _ => "of another kind".to_owned(),
    }
}
