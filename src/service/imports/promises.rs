//! What is promised of the bytes of an import, before it is accepted.

use super::call::ImportCall;
use crate::{
    domain::{ChecksumSource, Image, ImportMethod, KeptCertificate},
    openpgp::Keyring,
    service::{Core, ServiceError},
};

/// Refuses what the publisher could not be asked for, or what could not be believed.
fn check_checksums(
    core: &Core,
    method: &ImportMethod,
    source: &ChecksumSource,
) -> Result<(), ServiceError> {
    let parts = &core.parts;
    let signature_url = source.signature_url.as_ref();
    for (key, url) in [
        ("checksum_url", Some(&source.url)),
        ("signature_url", signature_url),
    ] {
        if let Some(Err(refused)) = url.map(|url| parts.fetcher.check(url)) {
            return Err(ServiceError::Invalid(format!("{key}: {refused}")));
        }
    }
    let trusted: Vec<_> = parts.keyrings.iter().map(Keyring::publisher).collect();
    let is_signed = signature_url.is_some() || source.publisher.is_some();
    if is_signed && trusted.is_empty() {
        return Err(ServiceError::Invalid(
            "signature_url and publisher: no publisher is trusted here ([verification] keyrings)"
                .into(),
        ));
    }
    if let Some(name) = &source.publisher
        && !trusted.contains(&name.as_str())
    {
        return Err(ServiceError::Invalid(format!(
            "publisher: {name:?} is not one of {}",
            trusted.join(", ")
        )));
    }
    let is_nameless = matches!(
        method,
        ImportMethod::GlanceDirect | ImportMethod::GlanceDownload(_)
    );
    if is_nameless && source.name.is_none() {
        return Err(ServiceError::Invalid(
            "checksum_name: such data have no name of their own, so it has to be given".into(),
        ));
    }
    Ok(())
}

/// What is promised of the bytes can be checked, and they can be fetched. Those of a copy are held
/// against what the image itself says.
pub(super) fn check_promises(
    core: &Core,
    image: &Image,
    call: &ImportCall,
    certificate: Option<&KeptCertificate>,
) -> Result<(), ServiceError> {
    if call.method == ImportMethod::CopyImage {
        return Ok(());
    }
    core.expected(image, "the import", call.expected.clone())?;
    core.signature_of(image, certificate)?;
    if let ImportMethod::WebDownload { uri } = &call.method {
        let checked = core.parts.fetcher.check(uri);
        checked.map_err(|refused| {
            ServiceError::Invalid(format!("URI for web-download does not pass: {refused}"))
        })?;
    }
    if let Some(source) = &call.checksums {
        check_checksums(core, &call.method, source)?;
    }
    Ok(())
}
