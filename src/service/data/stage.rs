//! Bytes that a client stages for an import.

use std::{sync::Arc, time::Instant};

use super::{
    DataService,
    intake::{Door, Intake, Upload},
};
use crate::{
    domain::{Caller, Digest, ImageId, ImageStatus, Mismatch, property_names},
    policy::Action,
    service::{
        ServiceError,
        diagnosis::Evidence,
        figures::{self, Occasion},
        quota::{Purpose, metered},
    },
    stream::{self, Incoming, Progress},
};

impl DataService {
    /// Takes the image's bytes into the staging area, and holds them against the digests they
    /// are expected to have. They are not usable there: an import takes them through the data
    /// path, and expects the same digests again.
    ///
    /// # Errors
    ///
    /// As [`DataService::upload`]; [`ServiceError::NotHere`] if the import of staged data is
    /// not open.
    #[tracing::instrument(name = "data.stage", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn stage(
        &self,
        caller: &Caller,
        id: ImageId,
        upload: Upload,
    ) -> Result<(), ServiceError> {
        let methods = &self.0.parts.settings.import_methods;
        if !methods.iter().any(|method| method == "glance-direct") {
            return Err(ServiceError::NotHere(
                "The import method glance-direct is not enabled.",
            ));
        }
        let door = Door {
            action: Action::ModifyImage,
            verb: ImageStatus::begin_stage,
            purpose: Purpose::Stage,
            store: None,
            expected: upload.expected,
        };
        let intake = Intake::begin(&self.0, caller, id, upload.size, door).await?;
        self.0.run_to_end(finish(intake, upload.body)).await
    }
}

async fn finish(intake: Intake, body: Incoming) -> Result<(), ServiceError> {
    let core = Arc::clone(&intake.core);
    let id = intake.image.id;
    let size = match intake.hold(take_aside(&intake, body)).await {
        Ok(size) => size,
        Err(reason) => return Err(intake.give_up(reason).await),
    };
    let mut tx = core.begin_on(id).await?;
    intake.release(&mut tx).await?;
    if core.record_staged(&mut tx, id, size).await? {
        intake.settle(&mut tx).await?;
        if !intake.expected.is_empty() {
            let expected = intake.expected.to_string();
            tx.set_property(id, property_names::STAGED_CHECKSUM, Some(&expected))
                .await?;
        }
        core.emit_saved(&mut tx, id).await?;
        return Ok(tx.commit().await?);
    }
    drop(tx);
    core.parts.staging.delete(id).await?;
    Err(intake.give_up(ServiceError::Gone(id)).await)
}

async fn take_aside(intake: &Intake, body: Incoming) -> Result<u64, ServiceError> {
    let (parts, id) = (&intake.core.parts, intake.image.id);
    let staging = &parts.staging;
    // What an image without data has in the staging area is a crash's.
    staging.delete(id).await?;
    let cap = parts.settings.image_size_cap;
    let (progress, begun) = (Progress::default(), Instant::now());
    let limited = stream::limit(body, cap, progress.clone());
    let metered = metered(limited, intake.meter.as_ref());
    let expected = intake.expected.iter().map(Digest::algorithm).cloned();
    let running = parts.hashers.start(&expected.collect::<Vec<_>>())?;
    let (tapped, pending) = running.tap(metered);
    let received = staging.receive(id, Box::pin(tapped)).await;
    figures::note_received(Occasion::Upload, progress.bytes());
    let received = received?;
    let (actual, digests) = pending.join().await?;
    let algorithms = digests.iter().map(Digest::algorithm);
    figures::note_hashed(Occasion::Upload, algorithms, actual, begun.elapsed());
    figures::note_verdicts(Occasion::Upload, &intake.expected, &digests);
    let evidence = Evidence {
        image: id,
        sender: &intake.sender,
        received: &*received,
        size: actual,
        digests: &digests,
    };
    if let Some(expected) = intake.size.filter(|expected| *expected != actual) {
        let mismatch = Mismatch::Size { expected, actual };
        return Err(intake.core.explained(mismatch, evidence).await);
    }
    if let Err(mismatch) = intake.expected.verify(&digests) {
        return Err(intake.core.explained(mismatch, evidence).await);
    }
    received.publish().await?;
    Ok(actual)
}
