//! Where the bytes of an import come from.

use std::collections::BTreeMap;

use super::{change::Change, changes::Ready, run::Run};
use crate::{
    domain::{ExpectedDigests, Image, ImageStatus, ImportMethod},
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
        if self.task.import.injects {
            self.inject().await?;
        }
        let said = self.task.import.expected.clone();
        let mut digests = self.core.expected(image, "the import", said)?;
        let kept = self.task.import.certificate.as_ref();
        let signature = self.core.signature_of(image, kept)?;
        let published = self.published().await?;
        let opened = self.source(image).await?;
        if let Some(published) = published {
            let name = opened.name.as_deref();
            digests = self.hold_to(&published, name, digests).await?;
        }
        digests
            .merge(opened.said)
            .map_err(|error| ServiceError::Invalid(format!("the other registry: {error}")))?;
        let promised = Promised {
            occasion: Occasion::Import,
            size: opened.size,
            digests,
            signature,
        };
        let image = opened.image.as_ref().unwrap_or(image);
        let mut ready = self.prepare(image, opened.bytes, promised).await?;
        if opened.image.is_some() || ready.original.is_some() {
            // There is one for each attempt.
            let _ = self.change.set(Change {
                original: ready.original.take(),
                properties: opened.properties,
                disk_format: ready.image.disk_format.clone(),
                container_format: ready.image.container_format.clone(),
            });
        }
        self.deliver(ready, sinks).await
    }

    /// Takes what is ready into `sinks`, aside.
    async fn deliver(&self, ready: Ready, sinks: &[NamedStore]) -> Result<Arrived, Shortfall> {
        let image = &ready.image;
        let (purpose, beside) = match ready.staged {
            Some(staged) => (Purpose::Change, staged),
            None => (Purpose::Download, 0),
        };
        let arrival = Arrival {
            image: image.id,
            holder: self.holder,
            purpose,
            size: ready.promised.size,
            copies: sinks.len() as u64,
            beside,
        };
        let meter = self.meter(image, arrival);
        let mut terms = Terms {
            progress: self.progress.clone(),
            meter: meter.await?,
            sender: self.sender(),
            ..self.core.terms(image, ready.promised)
        };
        if let Some(format) = ready.only {
            terms.inspection = terms.inspection.map(|inspection| inspection.only(format));
        }
        let needed = self.needed();
        // The files that are read stay until they were.
        let _kept = ready.kept;
        self.core.receive(ready.source, sinks, &terms, needed).await
    }

    /// Who brings the bytes.
    pub(super) fn sender(&self) -> Sender {
        Sender::import(&self.task, self.task.import.method.uri())
    }

    /// What reserves bytes that arrive, if their number is limited by a quota. Those that were
    /// staged have been reserved since the import was accepted.
    pub(super) async fn meter(
        &self,
        image: &Image,
        mut arrival: Arrival,
    ) -> Result<Option<Meter>, ServiceError> {
        let parts = &self.core.parts;
        let is_staged = self.task.import.method == ImportMethod::GlanceDirect;
        if (is_staged && arrival.purpose != Purpose::Change) || !self.core.has_quotas() {
            return Ok(None);
        }
        let quotas = self.core.quotas(self.task.owner.as_deref()).await?;
        if is_staged {
            // Those of a client count by themselves.
            arrival.beside = 0;
        }
        let mut tx = self.core.begin_on(image.id).await?;
        if tx.find_status(image.id).await? != Some(ImageStatus::Importing) {
            return Err(ServiceError::Gone(image.id));
        }
        let owner = image.owner.as_deref();
        let meter = quotas.reserve(&parts.db, &mut tx, owner, arrival).await?;
        tx.commit().await?;
        Ok(meter)
    }

    /// The bytes to bring in.
    async fn source(&self, image: &Image) -> Result<Opened, ServiceError> {
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
                Ok(Opened::of(stream::take_in(staged), image.size, None))
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
                Ok(Opened::of(download.into_incoming(), size, name))
            }
            ImportMethod::GlanceDownload(remote) => {
                let remote = self.remote(image, remote).await?;
                Ok(Opened {
                    said: remote.expected,
                    image: Some(Image {
                        disk_format: Some(remote.disk_format),
                        container_format: Some(remote.container_format),
                        ..image.clone()
                    }),
                    properties: remote.properties,
                    ..Opened::of(remote.source, Some(remote.size), None)
                })
            }
        }
    }
}

/// Bytes that are about to come.
struct Opened {
    bytes: Incoming,
    /// Their number, where it is known.
    size: Option<u64>,
    /// What their server calls them.
    name: Option<String>,
    /// What their server says of them.
    said: ExpectedDigests,
    /// The image as it will be with them, if they change it.
    image: Option<Image>,
    /// The properties that it gets with them.
    properties: BTreeMap<String, String>,
}

impl Opened {
    fn of(bytes: Incoming, size: Option<u64>, name: Option<String>) -> Self {
        Self {
            bytes,
            size,
            name,
            said: ExpectedDigests::default(),
            image: None,
            properties: BTreeMap::new(),
        }
    }
}
