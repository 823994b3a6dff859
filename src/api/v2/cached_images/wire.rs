//! What the older calls of the image cache answer.

use serde::Serialize;
use utoipa::ToSchema;

/// How many images were taken out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeletedFromCache)]
pub(in crate::api::v2) struct Deleted {
    /// Their number.
    pub(in crate::api::v2) num_deleted: usize,
}
