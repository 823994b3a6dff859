//! Where the bytes of an import come from.

use super::run::Run;
use crate::{
    domain::{Image, ImageStatus, ImportMethod},
    fetch::FetchError,
    service::{
        ServiceError,
        data::{Arrived, Promised, Shortfall, Terms},
        diagnosis::Sender,
        figures::Occasion,
        quota::{Arrival, Meter, Purpose},
    },
    store::NamedStore,
    stream::{self, Incoming},
};

impl Run {
    /// Takes the bytes from their source into `sinks`, aside, by one read.
    pub(super) async fn bring_in(
        &self,
        image: &Image,
        sinks: &[NamedStore],
    ) -> Result<Arrived, Shortfall> {
        let said = self.task.import.expected.clone();
        let mut digests = self.core.expected(image, "the import", said)?;
        let kept = self.task.import.certificate.as_ref();
        let signature = self.core.signature_of(image, kept)?;
        let published = self.published().await?;
        let (source, size, name) = self.source(image).await?;
        if let Some(published) = published {
            digests = self.hold_to(&published, name.as_deref(), digests).await?;
        }
        let promised = Promised {
            occasion: Occasion::Import,
            size,
            digests,
            signature,
        };
        let terms = Terms {
            progress: self.progress.clone(),
            meter: self.meter(image, size, sinks.len()).await?,
            sender: self.sender(),
            ..self.core.terms(image, promised)
        };
        let needed = self.needed();
        self.core.receive(source, sinks, &terms, needed).await
    }

    /// Who brings the bytes.
    pub(super) fn sender(&self) -> Sender {
        Sender::import(&self.task, self.task.import.method.uri())
    }

    /// What reserves the bytes of a download, if their number is limited by a quota. Those that
    /// were staged have been reserved since the import was accepted.
    pub(super) async fn meter(
        &self,
        image: &Image,
        size: Option<u64>,
        copies: usize,
    ) -> Result<Option<Meter>, ServiceError> {
        let parts = &self.core.parts;
        if self.task.import.method == ImportMethod::GlanceDirect || !self.core.has_quotas() {
            return Ok(None);
        }
        let quotas = self.core.quotas(self.task.owner.as_deref()).await?;
        let purpose = match self.task.import.method {
            // Nothing of it is staged.
            ImportMethod::Location { .. } => Purpose::Copy,
            _ => Purpose::Download,
        };
        let arrival = Arrival {
            image: image.id,
            holder: self.holder,
            purpose,
            size,
            copies: copies as u64,
        };
        let mut tx = self.core.begin_on(image.id).await?;
        if tx.find_status(image.id).await? != Some(ImageStatus::Importing) {
            return Err(ServiceError::Gone(image.id));
        }
        let owner = image.owner.as_deref();
        let meter = quotas.reserve(&parts.db, &mut tx, owner, arrival).await?;
        tx.commit().await?;
        Ok(meter)
    }

    /// The bytes to bring in, their number where it is known, and what their server calls them.
    async fn source(
        &self,
        image: &Image,
    ) -> Result<(Incoming, Option<u64>, Option<String>), ServiceError> {
        let parts = &self.core.parts;
        match &self.task.import.method {
            // One whose copies are made has data, and so waits for none; a location is read where
            // it is.
            ImportMethod::CopyImage | ImportMethod::Location { .. } => Err(ServiceError::Conflict(
                format!("image {} has no data to copy", image.id),
            )),
            ImportMethod::GlanceDirect => {
                let size = parts.staging.size(image.id).await?;
                let staged = parts.staging.open(image.id, 0..size).await?;
                Ok((stream::take_in(staged), image.size, None))
            }
            ImportMethod::WebDownload { uri } => {
                let url = parts.fetcher.check(uri).map_err(FetchError::Refused);
                let opened = match url {
                    Ok(url) => parts.fetcher.open(url, parts.settings.image_size_cap).await,
                    Err(refused) => Err(refused),
                };
                let download =
                    opened.map_err(|error| ServiceError::Interrupted(error.to_string()))?;
                let size = download.size();
                let name = download.source().file_name().map(str::to_owned);
                Ok((download.into_incoming(), size, name))
            }
        }
    }
}
