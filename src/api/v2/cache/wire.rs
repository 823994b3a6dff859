//! What the image cache looks like on the wire.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::{CachedImage, ImageId, Timestamp},
    service::CacheState,
};

/// What the cache of this node holds, and what it is to hold.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Cache)]
pub(super) struct CacheView {
    /// The images it holds.
    cached_images: Vec<CachedImageView>,
    /// The ids of those it is to hold, in the order of the asking.
    queued_images: Vec<String>,
}

/// An image in the cache of this node.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CachedImage)]
pub(in crate::api::v2) struct CachedImageView {
    /// The image.
    image_id: String,
    /// When it was used last, in seconds since 1970.
    last_accessed: f64,
    /// When it was put into the cache, in seconds since 1970.
    last_modified: f64,
    /// How many bytes it has.
    size: u64,
    /// How often it was given out of the cache.
    hits: u64,
    /// The MD5 digest of its bytes, in hexadecimal digits.
    checksum: Option<String>,
}

/// Ids of images, as they are told.
pub(in crate::api::v2) struct Ids(pub(in crate::api::v2) Vec<ImageId>);

impl From<Ids> for Vec<String> {
    fn from(ids: Ids) -> Self {
        ids.0.iter().map(ToString::to_string).collect()
    }
}

impl From<CacheState> for CacheView {
    fn from(state: CacheState) -> Self {
        let CacheState { cached, queued } = state;
        Self {
            cached_images: cached.into_iter().map(Into::into).collect(),
            queued_images: Ids(queued).into(),
        }
    }
}

impl From<CachedImage> for CachedImageView {
    fn from(cached: CachedImage) -> Self {
        let CachedImage {
            image,
            file: _,
            hits,
            cached_at,
            used_at,
            about,
        } = cached;
        Self {
            image_id: image.to_string(),
            last_accessed: seconds(used_at),
            last_modified: seconds(cached_at),
            size: about.as_ref().map_or(0, |about| about.size),
            hits,
            checksum: about.and_then(|about| about.checksum),
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "Glance tells these times as floats; one holds microseconds for centuries"
)]
fn seconds(at: Timestamp) -> f64 {
    at.as_micros() as f64 / 1_000_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_seconds_with_a_fraction() {
        let at = Timestamp::from_micros(1_700_000_000_250_000);
        assert_eq!(serde_json::json!(seconds(at)).to_string(), "1700000000.25");
    }
}
