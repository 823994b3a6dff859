//! Reading the place that was registered as an image's bytes, which stay there.

use super::run::{Outcome, Run};
use crate::{
    domain::{Algorithm, Image, ImageStatus, Location},
    service::{
        ServiceError,
        data::{Promised, Stored, Terms},
        figures::Occasion,
        quota::{Arrival, Purpose},
    },
};

impl Run {
    /// Reads what is at `url`, with `algorithm` as that of its digest unless the image chose one.
    pub(super) async fn survey(
        &self,
        image: &Image,
        url: &str,
        algorithm: Option<&Algorithm>,
    ) -> Outcome {
        if image.status != ImageStatus::Importing {
            return Outcome::Landed(None);
        }
        let surveyed = self.surveyed(image, url, algorithm).await;
        surveyed.map_or_else(|reason| Outcome::Failed(reason.into()), Outcome::Stored)
    }

    async fn surveyed(
        &self,
        image: &Image,
        url: &str,
        algorithm: Option<&Algorithm>,
    ) -> Result<Stored, ServiceError> {
        self.check_attempts()?;
        let core = &self.core;
        let import = &self.task.import;
        let store = import
            .stores
            .first()
            .ok_or(ServiceError::NotHere("there is no store for the location"))?;
        let location = Location::new(store.clone(), url.to_owned());
        let promised = Promised {
            occasion: Occasion::Import,
            size: None,
            digests: core.expected(image, "the location", import.expected.clone())?,
            signature: core.signature_of(image, import.certificate.as_ref())?,
        };
        let arrival = Arrival {
            image: image.id,
            holder: self.holder,
            // Nothing of it is staged.
            purpose: Purpose::Copy,
            size: None,
            copies: 1,
            beside: 0,
        };
        let mut terms = Terms {
            progress: self.progress.clone(),
            meter: self.meter(image, arrival).await?,
            sender: self.sender(),
            ..core.terms(image, promised)
        };
        if let (None, Some(wanted)) = (&image.os_hash_algo, algorithm) {
            terms.expectation.algorithm = wanted.clone();
        }
        let retries = core.parts.settings.locations.retries;
        let surveyed = core.survey_location(&location, &terms, retries).await?;
        Ok(Stored {
            verified: surveyed.verified,
            virtual_size: surveyed.virtual_size,
            locations: vec![location],
        })
    }
}
