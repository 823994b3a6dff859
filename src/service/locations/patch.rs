//! Changing where the bytes of an image are, by a patch of it.

use super::{plan::Plan, relocation::Relocation};
use crate::{
    db::Transaction,
    domain::{Caller, Image, ImageChange, ImageId, ImageStatus, LocationChange},
    policy::Action,
    service::{
        Core, ImageService, SeenImage, ServiceError, TrustedLocations,
        core::Sighted,
        quota::{Arrival, Meter, Purpose, Quotas},
    },
};

impl ImageService {
    /// Makes all of `changes` and of `moves`, or none. Bytes at new places are read first: the
    /// image has a place only if what is there was verified. Once that is begun it runs to its end,
    /// also when the client goes away.
    ///
    /// # Errors
    ///
    /// As [`ImageService::update`] and [`Plan::make`]; [`ServiceError::Interrupted`],
    /// [`ServiceError::Mismatch`], [`ServiceError::Rejected`] and [`ServiceError::TooLarge`] if what
    /// is at a new place cannot be had or is not what it must be.
    #[tracing::instrument(name = "images.relocate", level = "debug", skip_all, fields(image.id = %id))]
    pub(in crate::service) async fn relocate(
        &self,
        caller: &Caller,
        id: ImageId,
        changes: Vec<ImageChange>,
        moves: Vec<LocationChange>,
    ) -> Result<SeenImage, ServiceError> {
        let core = &self.0;
        let quotas = core.quotas(caller.project_id.as_deref()).await?;
        let action = Action::SetImageLocation;
        let certificate = core.certificate_for(caller, id, action).await;
        let mut tx = core.begin_on(id).await?;
        let sighted = core.sight(&mut tx, caller, id).await?;
        self.permit_moves(caller, &sighted, &moves)?;
        let described = self.described(caller, &sighted, changes.clone())?;
        let mut plan = Plan::of(&described);
        for change in moves {
            plan.make(core, change)?;
        }
        let places = plan.new_locations().count();
        if places == 0 && plan.emptied(core).next().is_none() {
            return self.settle(caller, tx, &plan).await;
        }
        let signature = if places > 0 && !described.status.has_data() {
            core.signature_of(&described, certificate?.as_ref())?
        } else {
            None
        };
        let is_trusted = signature.is_none()
            && core.trusts(TrustedLocations::Patched, &described, plan.asked())?;
        let holder = core.parts.ids.next();
        let arrival = Arrival {
            image: id,
            holder,
            purpose: if described.status.has_data() {
                Purpose::Copy
            } else {
                Purpose::Upload
            },
            size: described.size,
            copies: places as u64,
            beside: 0,
        };
        let meter = claim(core, tx, &described, &quotas, arrival).await?;
        let relocation = Relocation {
            service: self.clone(),
            caller: caller.clone(),
            changes,
            plan,
            holder,
            meter,
            signature,
            is_trusted,
        };
        let image = core.run_to_end(relocation.run()).await?;
        Ok(self.seen(caller, image))
    }

    fn permit_moves(
        &self,
        caller: &Caller,
        sighted: &Sighted,
        moves: &[LocationChange],
    ) -> Result<(), ServiceError> {
        let core = &self.0;
        for change in moves {
            let (action, verb) = match change {
                LocationChange::Add { .. } => (Action::SetImageLocation, "add"),
                LocationChange::Replace(_) => (Action::SetImageLocation, "update"),
                LocationChange::Remove { .. } => (Action::DeleteImageLocation, "remove"),
            };
            core.permit(caller, action, sighted)?;
            if !core.parts.settings.locations.are_shown {
                return Err(ServiceError::Forbidden(format!(
                    "It's not allowed to {verb} locations if locations are invisible."
                )));
            }
        }
        Ok(())
    }

    /// Writes down what needs no reading.
    async fn settle(
        &self,
        caller: &Caller,
        mut tx: Transaction,
        plan: &Plan,
    ) -> Result<SeenImage, ServiceError> {
        let core = &self.0;
        let mut image = plan.image().clone();
        image.locations = plan.locations(core);
        image.updated_at = core.parts.clock.now();
        let is_saved = tx.save_description(&image).await?
            && tx
                .save_locations(image.id, &image.locations, image.updated_at)
                .await?;
        if !is_saved {
            return Err(ServiceError::Raced(image.id));
        }
        core.emit_saved(&mut tx, image.id).await?;
        tx.commit().await?;
        Ok(self.seen(caller, image))
    }
}

/// Claims the image, so that nobody else touches its bytes, and commits.
async fn claim(
    core: &Core,
    mut tx: Transaction,
    image: &Image,
    quotas: &Quotas,
    arrival: Arrival,
) -> Result<Option<Meter>, ServiceError> {
    let (parts, id) = (&core.parts, image.id);
    if tx.live_task(id).await?.is_some() {
        return Err(ServiceError::Conflict("Image has active task".into()));
    }
    if !core.claim_image(&mut tx, id, arrival.holder).await? {
        return Err(ServiceError::Raced(id));
    }
    if image.status == ImageStatus::Queued {
        let saving = image.status.begin_upload()?;
        let now = parts.clock.now();
        if !tx.move_image(id, image.status, saving, now).await? {
            return Err(ServiceError::Raced(id));
        }
    }
    let owner = image.owner.as_deref();
    let meter = if arrival.copies > 0 {
        quotas.reserve(&parts.db, &mut tx, owner, arrival).await?
    } else {
        None
    };
    tx.commit().await?;
    Ok(meter)
}
