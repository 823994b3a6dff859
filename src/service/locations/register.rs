//! Registering a place as an image's bytes.

use super::{
    LocationService,
    claims::{Claim, ClaimFault},
};
use crate::{
    domain::{
        Caller, Claimed, ExpectedDigests, Image, ImageId, ImageStatus, ImportMethod, ImportRequest,
        LocationReading, StoresNeeded, TaskKind,
    },
    policy::Action,
    service::{
        Core, ServiceError, TrustedLocations,
        core::Sighted,
        imports::{arrival, check_idle, compose, record},
    },
};

/// The role of services.
const SERVICE: &str = "service";

/// A place that a client registers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterCall {
    /// The address; it may hold a signature, so it is never logged.
    pub url: String,
    /// What the bytes there are said to have (`validation_data`).
    pub claim: Option<Claimed>,
    /// The digests that they must have besides.
    pub expected: ExpectedDigests,
}

impl LocationService {
    /// Accepts a place as that of the image's bytes: when this returns, the image is `importing` and
    /// the task is durable that reads the place and makes the image active.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Conflict`] unless the image is queued and nobody works on it, or if it chose
    /// another algorithm; [`ServiceError::Denied`] or [`ServiceError::Forbidden`] if the caller may
    /// not register such a place; [`ServiceError::Invalid`] if the place or the digests make no
    /// sense; [`ServiceError::OverQuota`].
    #[tracing::instrument(name = "locations.register", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn register(
        &self,
        caller: &Caller,
        id: ImageId,
        call: RegisterCall,
    ) -> Result<(), ServiceError> {
        let core = &self.0;
        let quotas = core.quotas(caller.project_id.as_deref()).await?;
        let action = Action::AddImageLocation;
        let certificate = core.certificate_for(caller, id, action).await;
        let mut tx = core.begin_on(id).await?;
        let sighted = core.sight(&mut tx, caller, id).await?;
        let image = &sighted.image;
        check_status(image)?;
        permit(core, caller, &sighted, &call.url)?;
        let Claim {
            algorithm,
            mut expected,
        } = claim(core, image, call.claim.as_ref())?;
        let reading = reading(core, image, &call)?;
        let merged = expected.merge(call.expected);
        merged.map_err(|error| ServiceError::Invalid(format!("checksum: {error}")))?;
        let store = core.store_of(&call.url)?;
        core.check_location_quota(1)?;
        check_idle(&mut tx, image).await?;
        core.expected(image, "the location", expected.clone())?;
        let certificate = certificate?;
        let signature = core.signature_of(image, certificate.as_ref())?;
        let request = ImportRequest {
            method: ImportMethod::Location {
                url: call.url,
                algorithm,
                reading: match signature {
                    Some(_) => LocationReading::Before,
                    None => reading,
                },
            },
            stores: vec![store],
            needed: StoresNeeded::All,
            expected,
            certificate,
            checksums: None,
            injects: false,
            asked: None,
        };
        let task = compose(core, caller, TaskKind::LocationImport, id, request);
        let importing = image.status.begin_import_by_download()?;
        record(core, &mut tx, image, importing, &task).await?;
        let arrival = arrival(core, image, &task);
        let owner = image.owner.as_deref();
        quotas
            .reserve(&core.parts.db, &mut tx, owner, arrival)
            .await?;
        tx.commit().await?;
        core.accepted.notify_one();
        Ok(())
    }
}

/// When the place is read.
fn reading(
    core: &Core,
    image: &Image,
    call: &RegisterCall,
) -> Result<LocationReading, ServiceError> {
    if core.trusts(TrustedLocations::All, image, &call.expected)? {
        return Ok(LocationReading::Never);
    }
    let trusts = core.trusts(TrustedLocations::Patched, image, &call.expected)?;
    Ok(match call.claim {
        None if trusts => LocationReading::Afterwards,
        _ => LocationReading::Before,
    })
}

fn check_status(image: &Image) -> Result<(), ServiceError> {
    let status = image.status;
    if status != ImageStatus::Queued {
        return Err(ServiceError::Conflict(format!(
            "It's not allowed to add locations if image status is {status}."
        )));
    }
    Ok(())
}

/// Users may register what web servers have; other places are for services to register.
fn permit(core: &Core, caller: &Caller, sighted: &Sighted, url: &str) -> Result<(), ServiceError> {
    core.permit(caller, Action::AddImageLocation, sighted)?;
    let mut roles = caller.roles.iter().chain(&caller.service_roles);
    let is_service = roles.any(|role| role == SERVICE);
    let is_web = url.starts_with("http") && core.schemes().contains(&"http");
    if is_service || is_web {
        return Ok(());
    }
    Err(ServiceError::Forbidden(
        "http store must be enabled to use location API by normal user.".into(),
    ))
}

/// What is claimed of the bytes, by an image that has its formats.
fn claim(core: &Core, image: &Image, claimed: Option<&Claimed>) -> Result<Claim, ServiceError> {
    if !image.formats_are_set() {
        return Err(ServiceError::Invalid(
            "Properties disk_format, container_format must be set prior to saving data.".into(),
        ));
    }
    let Some(claimed) = claimed else {
        return Ok(Claim::default());
    };
    core.claim(image, claimed).map_err(|fault| match fault {
        ClaimFault::Malformed(why) => ServiceError::Invalid(why),
        ClaimFault::Contradicts(why) => ServiceError::Conflict(why),
    })
}
