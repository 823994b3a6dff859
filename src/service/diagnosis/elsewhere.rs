//! Other images that have the digests in question.

use super::Evidence;
use crate::{
    domain::{
        Caller, Diagnosis, Digest, Direction, ImageFilter, ImageId, ImageQuery, SortField, SortKey,
        VisibilityFilter,
    },
    policy::{Action, Target},
    service::{Core, ServiceError, images::target},
};

/// How many images are looked at: those that the policy hides are passed over.
const CANDIDATES: u32 = 8;

impl Core {
    /// Which other image the bytes should have been, or are, if the caller may see it.
    pub(super) async fn elsewhere(
        &self,
        expected: &Digest,
        actual: &Digest,
        evidence: &Evidence<'_>,
    ) -> Option<Diagnosis> {
        let caller = evidence.sender.caller.as_ref()?;
        let found = async {
            if let Some(id) = self.seen_with(caller, expected, evidence.image).await? {
                return Ok(Some(Diagnosis::Expects(id)));
            }
            let id = self.seen_with(caller, actual, evidence.image).await?;
            Ok(id.map(Diagnosis::Is))
        };
        let found: Result<_, ServiceError> = found.await;
        found.unwrap_or_else(|error| {
            tracing::warn!(
                image.id = %evidence.image,
                error = &error as &dyn std::error::Error,
                "it cannot be told whether other images have a digest"
            );
            None
        })
    }

    /// An image with `digest` that the caller finds by a list, other than `own`.
    async fn seen_with(
        &self,
        caller: &Caller,
        digest: &Digest,
        own: ImageId,
    ) -> Result<Option<ImageId>, ServiceError> {
        let policy = &self.parts.policy;
        if !policy.allows(caller, Action::GetImages, &Target::none(caller)) {
            return Ok(None);
        }
        let key = |field| SortKey {
            field,
            direction: Direction::Ascending,
        };
        let query = ImageQuery {
            filter: ImageFilter {
                visibility: VisibilityFilter::All,
                digest: Some(digest.clone()),
                ..ImageFilter::default()
            },
            sort: vec![key(SortField::CreatedAt), key(SortField::Id)],
            marker: None,
            limit: CANDIDATES,
        };
        let viewer = self.viewer(caller);
        let mut session = self.parts.db.read().await?;
        let images = session.list_images(&viewer, &query, None).await?;
        let mut seen = images.iter().filter(|image| {
            image.id != own && policy.allows(caller, Action::GetImage, &target(caller, image))
        });
        Ok(seen.next().map(|image| image.id))
    }
}
