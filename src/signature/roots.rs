//! The certificates that an operator trusts to vouch for those of signatures.

use std::{
    error::Error,
    fmt, fs,
    path::{Path, PathBuf},
};

use openssl::{
    error::ErrorStack,
    x509::{
        X509, X509ExtendedKeyUsage, X509KeyUsage, X509Ref, X509StoreContext, X509VerifyResult,
        store::{X509Store, X509StoreBuilder},
        verify::{X509VerifyFlags, X509VerifyParam},
    },
};

use crate::{
    domain::Timestamp,
    signature::{Certificate, Unverifiable},
};

/// The level of OpenSSL's that chains have to reach: keys and hashes of 112 bits of security.
const SECURITY_LEVEL: i32 = 2;

/// How many certificates may stand between that of a signature and a root.
const MAX_DEPTH: i32 = 8;

/// Why the roots cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{} holds no certificates (PEM) that can be trusted", path.display())]
pub struct RootsFault {
    path: PathBuf,
    #[source]
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// The certificates that an operator trusts. Each counts by itself, whether it is a root of its
/// own or was issued by another authority.
pub struct Roots(Vec<X509>);

impl Roots {
    /// The certificates of the file, in PEM; there must be one.
    ///
    /// # Errors
    ///
    /// [`RootsFault`] if it cannot be read, or holds something else.
    pub fn open(path: &Path) -> Result<Self, RootsFault> {
        let fault = |cause| RootsFault {
            path: path.to_owned(),
            cause,
        };
        let text = fs::read(path).map_err(|error| fault(Some(error.into())))?;
        let found = X509::stack_from_pem(&text).map_err(|error| fault(Some(error.into())))?;
        if found.is_empty() {
            return Err(fault(None));
        }
        let roots = Self(found);
        roots
            .store(Timestamp::from_micros(0))
            .map_err(|error| fault(Some(error.into())))?;
        Ok(roots)
    }

    /// Whether they vouch for `certificate` at the time `now`, and it is one for signatures.
    ///
    /// # Errors
    ///
    /// [`Unverifiable::Untrusted`], with what OpenSSL says.
    pub fn check(&self, certificate: &Certificate, now: Timestamp) -> Result<(), Unverifiable> {
        check_use(certificate.own())?;
        let untrusted = |why: &str| Unverifiable::Untrusted(why.to_owned());
        match self.verify(certificate, now) {
            Ok(X509VerifyResult::OK) => Ok(()),
            Ok(refused) => Err(untrusted(refused.error_string())),
            Err(_) => Err(untrusted("it cannot be verified")),
        }
    }

    fn verify(
        &self,
        certificate: &Certificate,
        now: Timestamp,
    ) -> Result<X509VerifyResult, ErrorStack> {
        let store = self.store(now)?;
        let mut context = X509StoreContext::new()?;
        let further = certificate.further()?;
        context.init(&store, certificate.own(), &further, |context| {
            let verified = context.verify_cert()?;
            Ok(match context.error() {
                X509VerifyResult::OK if !verified => X509VerifyResult::APPLICATION_VERIFICATION,
                result => result,
            })
        })
    }

    /// The store is made for each certificate, for the time stands in it.
    fn store(&self, now: Timestamp) -> Result<X509Store, ErrorStack> {
        let mut parameters = X509VerifyParam::new()?;
        parameters.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
        parameters.set_time(now.as_micros() / 1_000_000);
        parameters.set_depth(MAX_DEPTH);
        parameters.set_auth_level(SECURITY_LEVEL);
        let mut builder = X509StoreBuilder::new()?;
        for root in &self.0 {
            builder.add_cert(root.clone())?;
        }
        builder.set_param(&parameters)?;
        Ok(builder.build())
    }
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Roots").field(&self.0.len()).finish()
    }
}

/// A certificate that says what it is for has to name signatures, and one that says more exactly
/// has to name those of code: that of a web server signs no images.
fn check_use(certificate: &X509Ref) -> Result<(), Unverifiable> {
    let signs = X509KeyUsage::DIGITAL_SIGNATURE | X509KeyUsage::NON_REPUDIATION;
    let may_sign = certificate
        .key_usage()
        .is_none_or(|named| named.intersects(signs));
    let signs_code = X509ExtendedKeyUsage::CODE_SIGN | X509ExtendedKeyUsage::ANYEKU;
    let extended = certificate.extended_key_usage();
    if may_sign && extended.is_none_or(|named| named.intersects(signs_code)) {
        return Ok(());
    }
    Err(Unverifiable::Untrusted(
        "it is not one for signatures".to_owned(),
    ))
}
