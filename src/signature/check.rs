//! A digest, held against a signature.

use std::{fmt, str::FromStr as _};

use openssl::{
    error::ErrorStack,
    pkey::{Id, PKey, Public},
    pkey_ctx::PkeyCtx,
    rsa::Padding,
    sign::RsaPssSaltlen,
};

use crate::{
    domain::{Algorithm, Digest, ImageId, Mismatch, SignatureCheck},
    signature::{HashMethod, Unverifiable},
};

/// What the digest of the bytes of one image is held against.
pub(super) struct Check {
    key: PKey<Public>,
    hash: HashMethod,
    algorithm: Algorithm,
    signature: Box<[u8]>,
    image: ImageId,
}

impl Check {
    /// # Errors
    ///
    /// [`Unverifiable::KeyUnusable`] if nothing can be verified with `key` and `hash`.
    pub(super) fn new(
        key: PKey<Public>,
        hash: HashMethod,
        signature: Box<[u8]>,
        image: ImageId,
    ) -> Result<Self, Unverifiable> {
        let unusable = || Unverifiable::KeyUnusable(hash.as_str());
        let check = Self {
            algorithm: Algorithm::from_str(hash.algorithm()).map_err(|_| unusable())?,
            key,
            hash,
            signature,
            image,
        };
        // What cannot be set up is told before the first byte.
        match check.context() {
            Ok(_) => Ok(check),
            Err(_) => Err(unusable()),
        }
    }

    fn context(&self) -> Result<PkeyCtx<Public>, ErrorStack> {
        let digest = self.hash.digest();
        let mut context = PkeyCtx::new(&self.key)?;
        context.verify_init()?;
        if matches!(self.key.id(), Id::RSA | Id::RSA_PSS) {
            context.set_rsa_padding(Padding::PKCS1_PSS)?;
            context.set_signature_md(digest)?;
            context.set_rsa_mgf1_md(digest)?;
            context.set_rsa_pss_saltlen(RsaPssSaltlen::MAXIMUM_LENGTH)?;
        } else {
            context.set_signature_md(digest)?;
        }
        Ok(context)
    }

    fn holds(&self, digest: &Digest) -> bool {
        let Ok(value) = hex::decode(digest.value()) else {
            return false;
        };
        let verified = self
            .context()
            .and_then(|mut context| context.verify(&value, &self.signature));
        // OpenSSL tells by an error, too, that a signature is none.
        verified.unwrap_or(false)
    }
}

impl SignatureCheck for Check {
    fn algorithm(&self) -> &Algorithm {
        &self.algorithm
    }

    fn verify(&self, digest: &Digest) -> Result<(), Mismatch> {
        if *digest.algorithm() == self.algorithm && self.holds(digest) {
            return Ok(());
        }
        Err(Mismatch::Signature { image: self.image })
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check")
            .field("image", &self.image)
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}
