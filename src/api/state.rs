//! What every handler can reach.

use std::{ops::Deref, sync::Arc};

use crate::{
    api::{Settings, figures::Figures},
    auth::Authenticator,
    domain::Ids,
    service::{
        CacheManagement, CacheService, CheckService, DataService, Discovery, ImageService,
        ImportService, JobService, LocationService, MemberService, MetadefService, QuotaService,
        Receipts, StoreService, TaskService,
    },
};

/// The use cases, and what the API itself needs.
pub struct Api {
    /// Use cases of images.
    pub images: ImageService,
    /// Use cases of bytes.
    pub data: DataService,
    /// Use cases of sharing.
    pub members: MemberService,
    /// Use cases of metadata definitions.
    pub metadefs: MetadefService,
    /// Use cases of imports.
    pub imports: ImportService,
    /// Use cases of tasks.
    pub tasks: TaskService,
    /// Use cases of locations.
    pub locations: LocationService,
    /// Use cases of copies that are read again.
    pub checks: CheckService,
    /// Use cases of verification jobs.
    pub jobs: JobService,
    /// Use cases of the image cache of this node.
    pub cache: CacheService,
    /// The same, by its older calls.
    pub cache_management: CacheManagement,
    /// Use cases of receipts.
    pub receipts: Receipts,
    /// Use cases of quotas.
    pub quotas: QuotaService,
    /// Use cases of stores.
    pub stores: StoreService,
    /// What this registry offers.
    pub discovery: Discovery,
    /// The figures of this process; none: they are not kept.
    pub figures: Option<Arc<dyn Figures>>,
    /// Tells who asks.
    pub authenticator: Authenticator,
    /// Where the ids of requests come from.
    pub ids: Arc<dyn Ids>,
    /// The settings.
    pub settings: Settings,
}

/// One [`Api`], shared by all requests.
#[derive(Clone)]
pub struct ApiState(Arc<Api>);

impl ApiState {
    /// Shares `api`.
    #[must_use]
    pub fn new(api: Api) -> Self {
        Self(Arc::new(api))
    }
}

impl Deref for ApiState {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.0
    }
}
