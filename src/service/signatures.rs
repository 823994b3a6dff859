//! What the signature of an image says of its bytes.

use std::sync::Arc;

use super::{CertificateFault, Core, ServiceError};
use crate::{
    domain::{Caller, Image, ImageId, KeptCertificate, SignatureCheck},
    policy::Action,
    signature::{Certificate, Declared, Unverifiable},
};

impl Core {
    /// The certificate of the signature that the image has, if it has one and `caller` may do
    /// `action` with it. It is fetched while nothing is locked, so what it is for is looked at
    /// again by [`Core::signature_of`], which also tells what is wrong with the signature.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Signature`] if there is no such certificate, or what is there is none;
    /// [`ServiceError::KeysUnavailable`].
    pub(super) async fn certificate_for(
        &self,
        caller: &Caller,
        id: ImageId,
        action: Action,
    ) -> Result<Option<KeptCertificate>, ServiceError> {
        let mut session = self.parts.db.read().await?;
        let Ok(sighted) = self.permitted(&mut session, caller, id, action).await else {
            return Ok(None);
        };
        drop(session);
        self.certificate_of(caller, &sighted.image).await
    }

    /// The certificate of the signature that `image` has, if it has one; see
    /// [`Core::certificate_for`].
    pub(super) async fn certificate_of(
        &self,
        caller: &Caller,
        image: &Image,
    ) -> Result<Option<KeptCertificate>, ServiceError> {
        let id = image.id;
        let Ok(Some(declared)) = Declared::of(&image.properties) else {
            return Ok(None);
        };
        let certificate_id = declared.certificate_id();
        let asked = self.parts.certificates.certificate(caller, certificate_id);
        let bytes = asked.await.map_err(|fault| match fault {
            CertificateFault::Refused(reason) => ServiceError::Signature { image: id, reason },
            CertificateFault::Unavailable(cause) => ServiceError::KeysUnavailable(cause),
        })?;
        let pem = Certificate::parse(&bytes).and_then(|certificate| certificate.to_pem());
        Ok(Some(KeptCertificate {
            id: certificate_id,
            pem: pem.map_err(|reason| ServiceError::Signature { image: id, reason })?,
        }))
    }

    /// What the bytes of `image` are held against because of its signature, by the certificate
    /// that was fetched for it; none if it has no signature.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Signature`] if it cannot be checked.
    pub(super) fn signature_of(
        &self,
        image: &Image,
        kept: Option<&KeptCertificate>,
    ) -> Result<Option<Arc<dyn SignatureCheck>>, ServiceError> {
        let check = || {
            let Some(declared) = Declared::of(&image.properties)? else {
                return Ok(None);
            };
            let kept = kept.filter(|kept| kept.id == declared.certificate_id());
            let kept = kept.ok_or(Unverifiable::Changed)?;
            let certificate = Certificate::parse(kept.pem.as_bytes())?;
            if let Some(roots) = &self.parts.certificate_roots {
                roots.check(&certificate, self.parts.clock.now())?;
            }
            declared.under(&certificate, image.id).map(Some)
        };
        check().map_err(|reason| ServiceError::Signature {
            image: image.id,
            reason,
        })
    }
}
