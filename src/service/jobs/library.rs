//! The registry's images, and checksum files on the web, for who submitted a job.

use std::{
    io::{self, Read},
    sync::Arc,
};

use async_trait::async_trait;
use bytes::{Buf as _, Bytes};
use futures_util::StreamExt as _;
use tokio::runtime::Handle;

use crate::{
    domain::{Caller, ChecksumSource, Digest, ExpectedDigests, Image, ImageId, StoreId},
    jobs::{Code, Failure, ImageCopy, Job, Library, Published, Source, Sums, SumsPlace, Work},
    service::{Core, PublisherError, ServiceError},
    store::{NamedStore, Registered, StoreError},
    stream::{self, Outgoing},
};

/// What one caller may read.
pub(super) struct OfCaller {
    pub(super) core: Arc<Core>,
    pub(super) caller: Caller,
}

#[async_trait]
impl Library for OfCaller {
    async fn copies(&self, id: ImageId, stores: &[StoreId]) -> Result<Vec<ImageCopy>, Failure> {
        let image = self.image(id).await.map_err(|error| unseen(&error))?;
        let size = image.size.filter(|_| !image.locations.is_empty());
        let size = size.ok_or_else(|| absent(format!("image {id} has no data")))?;
        let holds = |store: &StoreId| image.locations.iter().any(|at| at.store == *store);
        if let Some(store) = stores.iter().find(|store| !holds(store)) {
            return Err(absent(format!("image {id} is not stored on store {store}")));
        }
        let known = known(&self.core, &image)?;
        let named = self.core.parts.stores.iter();
        let meant =
            |it: &&NamedStore| holds(&it.id) && (stores.is_empty() || stores.contains(&it.id));
        let mut copies = Vec::new();
        for named in named.filter(meant) {
            copies.push(ImageCopy {
                store: named.id.clone(),
                size,
                known: known.clone(),
                bytes: self.open(&image, named, size).await,
            });
        }
        if copies.is_empty() {
            let message = format!("the stores of image {id} are not configured any more");
            return Err(absent(message));
        }
        Ok(copies)
    }

    async fn published(&self, sums: &Sums) -> Result<Published, Failure> {
        let source = on_the_web(sums).ok_or_else(|| {
            Failure::new(Code::Internal, "a file beneath the roots is not on the web")
        })?;
        let read = self.core.read_published(&source).await;
        let read = read.map_err(|error| unpublished(&error))?;
        Published::find(&read.file, &sums.name, read.url, read.signature)
    }
}

impl OfCaller {
    /// The image, if the caller may read it now.
    async fn image(&self, id: ImageId) -> Result<Image, ServiceError> {
        let mut session = self.core.parts.db.read().await?;
        self.core.downloadable(&mut session, &self.caller, id).await
    }

    /// Opens a copy. Jobs share the pace at which copies are read again.
    async fn open(
        &self,
        image: &Image,
        named: &NamedStore,
        size: u64,
    ) -> Result<Box<dyn Read + Send>, Failure> {
        let id = image.id;
        let opened = match (
            named.external(),
            image.locations.iter().find(|at| at.store == named.id),
        ) {
            (Some(external), Some(at)) => {
                let url = &at.url;
                external
                    .open(
                        Registered {
                            image: id,
                            url,
                            size,
                        },
                        0,
                    )
                    .await
            }
            _ => named.store.open(id, 0..size).await,
        };
        let bytes = opened.map_err(|error| match error {
            StoreError::NotFound(_) => absent(format!("store {} has lost image {id}", named.id)),
            error => {
                let message = format!("store {}: {error}", named.id);
                Failure::new(Code::ImageUnreadable, message)
            }
        })?;
        Ok(Box::new(Blocking {
            runtime: Handle::current(),
            bytes: stream::paced(bytes, Arc::clone(&self.core.pace)),
            frame: Bytes::new(),
        }))
    }

    /// Refuses a job that names what its submitter may not read, or may not fetch.
    pub(super) async fn check(&self, job: &Job) -> Result<(), ServiceError> {
        let Work::Verify { images, .. } = &job.work else {
            return Ok(());
        };
        for image in images {
            if let Source::Registry { id, .. } = &image.source {
                self.image(*id).await?;
            }
            let source = image.sums.as_ref().and_then(on_the_web);
            let urls = source
                .iter()
                .flat_map(|it| [Some(&it.url), it.signature_url.as_ref()]);
            for url in urls.flatten() {
                self.core.parts.fetcher.check(url).map_err(|no| {
                    let role = &image.role;
                    ServiceError::Invalid(format!("the checksum file of {role}: {no}"))
                })?;
            }
        }
        Ok(())
    }
}

/// Where on the web the checksum file is, if it is there.
fn on_the_web(sums: &Sums) -> Option<ChecksumSource> {
    let SumsPlace::Web { url, signature_url } = &sums.place else {
        return None;
    };
    Some(ChecksumSource {
        url: url.clone(),
        signature_url: signature_url.clone(),
        publisher: sums.publisher.clone(),
        name: Some(sums.name.clone()),
    })
}

/// The digest that the registry shows of the image, if it can be computed.
fn known(core: &Core, image: &Image) -> Result<ExpectedDigests, Failure> {
    let hash = image
        .os_hash_algo
        .as_ref()
        .zip(image.os_hash_value.as_ref());
    let hash = hash.filter(|(algorithm, _)| core.parts.hashers.supports(algorithm));
    let unsound = |error: String| Failure::new(Code::Internal, error);
    let mut known = ExpectedDigests::default();
    if let Some((algorithm, value)) = hash {
        let digest = Digest::from_hex(algorithm.clone(), value);
        let digest = digest.map_err(|error| unsound(error.to_string()))?;
        known
            .add(digest)
            .map_err(|error| unsound(error.to_string()))?;
    }
    Ok(known)
}

fn absent(message: String) -> Failure {
    Failure::new(Code::ImageNotFound, message)
}

/// Why the submitter may not read an image.
fn unseen(error: &ServiceError) -> Failure {
    let code = match error {
        ServiceError::NoSuchImage(_) => Code::ImageNotFound,
        ServiceError::Denied(_) | ServiceError::Forbidden(_) => Code::ImageNotAllowed,
        _ => return internal(error),
    };
    Failure::new(code, error.to_string())
}

/// Why a checksum file says nothing.
fn unpublished(error: &ServiceError) -> Failure {
    let ServiceError::Publisher(fault) = error else {
        return internal(error);
    };
    let code = match fault {
        PublisherError::Unavailable { .. } => Code::SumsUnavailable,
        PublisherError::File(_) => Code::SumsInvalid,
        PublisherError::NoMatch(_) => Code::NotListed,
        PublisherError::Contradiction(_) => Code::Contradiction,
        PublisherError::Signature(_) => Code::SignatureRefused,
        PublisherError::Unsigned => Code::SignatureMissing,
    };
    Failure::new(code, fault.to_string())
}

/// A fault of ours, which the log tells and the submitter does not hear.
fn internal(error: &ServiceError) -> Failure {
    tracing::error!(
        error = error as &dyn std::error::Error,
        "an image of a job cannot be read"
    );
    Failure::new(Code::Internal, error.to_string())
}

/// A stream for who reads where that may block.
struct Blocking {
    runtime: Handle,
    bytes: Outgoing,
    frame: Bytes,
}

impl Read for Blocking {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.frame.is_empty() {
            match self.runtime.block_on(self.bytes.next()) {
                Some(frame) => self.frame = frame?,
                None => return Ok(0),
            }
        }
        let len = self.frame.len().min(buffer.len());
        self.frame.copy_to_slice(&mut buffer[..len]);
        Ok(len)
    }
}
