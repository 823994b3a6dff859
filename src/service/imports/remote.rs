//! The method `glance-download`: an image of another registry of the cloud.

use std::collections::BTreeMap;

use futures_util::TryStreamExt as _;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::run::Run;
use crate::{
    domain::{
        Algorithm, Caller, Digest, ExpectedDigests, Image, ImageStatus, RESERVED_PREFIX,
        RemoteImage,
    },
    fetch::{Download, FetchError},
    service::{Core, ServiceError},
    stream::Incoming,
};

/// The most bytes of another registry's description of an image.
const DESCRIPTION: u64 = 1 << 20;

/// The most characters of the name of a property that is taken over.
const LONGEST_NAME: usize = 255;

/// An image of another registry, as that registry describes it.
pub(super) struct Remote {
    pub(super) source: Incoming,
    pub(super) size: u64,
    /// What its bytes are, by that registry.
    pub(super) expected: ExpectedDigests,
    pub(super) disk_format: String,
    pub(super) container_format: String,
    /// Its properties that are taken over.
    pub(super) properties: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Description {
    status: String,
    size: Option<u64>,
    disk_format: Option<String>,
    container_format: Option<String>,
    os_hash_algo: Option<String>,
    os_hash_value: Option<String>,
    checksum: Option<String>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl Core {
    /// Looks up where the registry is that holds `remote`, in the catalog of the caller, whose
    /// token it will be shown.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Invalid`] if the caller has no token, or the catalog no such registry, or it
    /// may not be reached.
    pub(super) fn locate(
        &self,
        caller: &Caller,
        remote: &mut RemoteImage,
    ) -> Result<(), ServiceError> {
        let Some(credentials) = &caller.credentials else {
            return Err(ServiceError::Invalid(
                "glance-download: it needs a token, which the other registry is shown".into(),
            ));
        };
        let found = credentials.endpoint_in("image", &remote.interface, &remote.region);
        let Some(endpoint) = found else {
            // As Glance has it, the task tells.
            return Ok(());
        };
        let endpoint = endpoint.trim_end_matches('/');
        remote.endpoint = endpoint.strip_suffix("/v2").unwrap_or(endpoint).to_owned();
        let checked = self.parts.fetcher.check(&remote.address());
        checked.map(|_| ()).map_err(|refused| {
            ServiceError::Invalid(format!("URI for glance-download does not pass: {refused}"))
        })
    }
}

impl RemoteImage {
    /// The address of its description.
    fn address(&self) -> String {
        format!("{}/v2/images/{}", self.endpoint, self.image)
    }
}

impl Run {
    /// Asks the other registry for its image.
    pub(super) async fn remote(
        &self,
        image: &Image,
        remote: &RemoteImage,
    ) -> Result<Remote, ServiceError> {
        if remote.endpoint.is_empty() {
            return Err(ServiceError::Invalid(format!(
                "glance-download: your catalog has no image service in the region {:?} for the \
                 interface {:?} (glance_region, glance_service_interface)",
                remote.region, remote.interface
            )));
        }
        let address = remote.address();
        let answer = self.ask(&address, DESCRIPTION).await?;
        let mut described = Vec::new();
        let mut answer = answer.into_incoming();
        let broken = |error| unusable(&format!("its description broke off: {error}"));
        while let Some(frame) = answer.try_next().await.map_err(broken)? {
            described.extend(frame);
        }
        let described: Description = serde_json::from_slice(&described)
            .map_err(|_| unusable("its description cannot be understood"))?;
        if described.status != ImageStatus::Active.as_str() {
            return Err(unusable(&format!("it is {}, not active", described.status)));
        }
        let size = described.size.ok_or_else(|| unusable("it has no size"))?;
        let cap = self.core.parts.settings.image_size_cap;
        if size > cap {
            return Err(ServiceError::TooLarge(cap));
        }
        let properties = self.taken_over(&described);
        self.core.check_added(image, properties.keys())?;
        let expected = self.said(&described)?;
        let (disk_format, container_format) = self.formats(described)?;
        let data = self.ask(&format!("{address}/file"), cap).await?;
        if data.size().is_some_and(|promised| promised != size) {
            return Err(unusable("it has another size than it says"));
        }
        Ok(Remote {
            source: data.into_incoming(),
            size,
            expected,
            disk_format,
            container_format,
            properties,
        })
    }

    /// Asks for the content of `address`, of at most `most` bytes, with the token of who asked for
    /// the import.
    async fn ask(&self, address: &str, most: u64) -> Result<Download, ServiceError> {
        let parts = &self.core.parts;
        let mut session = parts.db.read().await?;
        let token = session.find_import_token(self.task.id).await?;
        drop(session);
        let failed = |error: FetchError| match error {
            FetchError::Status(401) => unusable("it does not take the token of the import"),
            FetchError::Status(403 | 404) => unusable("there is no such image for you"),
            error => unusable(&error.to_string()),
        };
        let url = parts.fetcher.check(address);
        let url = url.map_err(|refused| failed(refused.into()))?;
        let url = token.and_then(|token| url.showing(&token));
        let url = url.ok_or_else(|| unusable("the token of the import is gone"))?;
        parts.fetcher.open(url, most).await.map_err(failed)
    }

    /// What the other registry says of the bytes, as far as it can be held against them.
    fn said(&self, described: &Description) -> Result<ExpectedDigests, ServiceError> {
        let hash = described
            .os_hash_algo
            .as_deref()
            .zip(described.os_hash_value.as_deref());
        let checksum = described.checksum.as_deref().map(|value| ("md5", value));
        let mut said = ExpectedDigests::default();
        for (name, value) in hash.into_iter().chain(checksum) {
            let Ok(algorithm) = name.parse::<Algorithm>() else {
                continue;
            };
            // An algorithm that nobody here knows cannot be held against anything.
            if self.core.parts.hashers.digest_len(&algorithm).is_none() {
                continue;
            }
            let digest =
                Digest::from_hex(algorithm, value).map_err(|error| unusable(&error.to_string()))?;
            said.add(digest)
                .map_err(|error| unusable(&error.to_string()))?;
        }
        if said.is_empty() {
            return Err(unusable("it says no digest of its data that is known here"));
        }
        self.core.check_expected("the other registry", &said)?;
        Ok(said)
    }

    fn formats(&self, described: Description) -> Result<(String, String), ServiceError> {
        let settings = &self.core.parts.settings;
        let known = |name: &str, word: Option<String>, allowed: &[String]| {
            let word = word.ok_or_else(|| unusable(&format!("it has no {name}")))?;
            if allowed.contains(&word) {
                return Ok(word);
            }
            let allowed = allowed.join(", ");
            let word: String = word.chars().take(40).collect();
            Err(unusable(&format!(
                "its {name} {word:?} is not one of {allowed}"
            )))
        };
        Ok((
            known("disk_format", described.disk_format, &settings.disk_formats)?,
            known(
                "container_format",
                described.container_format,
                &settings.container_formats,
            )?,
        ))
    }

    /// The properties of the other image that are taken over.
    fn taken_over(&self, described: &Description) -> BTreeMap<String, String> {
        let prefixes = &self.core.parts.settings.taken_over;
        let is_taken = |name: &str| {
            prefixes.iter().any(|prefix| name.starts_with(prefix))
                && !name.starts_with(RESERVED_PREFIX)
                && name.chars().count() <= LONGEST_NAME
        };
        let texts = described.rest.iter();
        let texts = texts.filter_map(|(name, value)| Some((name, value.as_str()?)));
        texts
            .filter(|(name, _)| is_taken(name))
            .map(|(name, value)| (name.clone(), value.to_owned()))
            .collect()
    }
}

fn unusable(why: &str) -> ServiceError {
    ServiceError::Interrupted(format!("the image of the other registry: {why}"))
}
