//! Use cases: what a caller can ask of the registry.
//!
//! Each takes the [`Caller`](crate::domain::Caller) first, asks the policy before it shows or
//! changes anything, and answers *not found* for what the caller may not see. No transaction is
//! open while bytes move: a use case claims the image, moves the bytes, and ends the claim.

mod cache;
mod checks;
mod choice;
mod core;
mod data;
mod diagnosis;
mod discovery;
mod error;
mod events;
mod expected;
mod figures;
mod images;
mod imports;
mod jobs;
mod lease;
mod limits;
mod locations;
mod maintenance;
mod members;
mod metadefs;
mod node_cache;
mod notifications;
mod plugins;
mod published;
mod publisher;
mod quota;
mod receipts;
mod secrets;
mod settings;
mod signatures;
mod staging;
mod staging_area;
mod stores;
mod tasks;

use std::sync::Arc;

pub use self::{
    cache::{CacheManagement, CacheService, CacheState, Emptied},
    checks::{CheckService, Filled},
    core::{Core, Parts},
    data::{DataService, Download, DownloadCall, Upload},
    discovery::{Discovery, StoreInfo},
    error::ServiceError,
    figures::{Occasion, Verdict, Watch, note_hashed, note_verdict},
    images::{FoundDigests, ImagePage, ImageService, SeenImage},
    imports::{ImportCall, ImportService},
    jobs::{Capabilities, JobDemand, JobPage, JobService, Submitted},
    limits::LimitSource,
    locations::{LocationService, Places, RegisterCall},
    maintenance::{Maintenance, Orphans, Swept},
    members::MemberService,
    metadefs::{
        Existing, ListedNamespace, Loaded, MetadefLoader, MetadefService, NamespacePage, OldTags,
    },
    node_cache::{NodeCache, UseFor},
    notifications::{Notifications, Relayed},
    plugins::{ImportPlugin, PluginError, Plugins},
    publisher::PublisherError,
    quota::{QuotaService, ResourceUsage},
    receipts::Receipts,
    secrets::{CertificateFault, CertificateSource, KeyDeleter},
    settings::{
        AtRest, HashingSettings, JobSettings, LocationSettings, OnDamage, Settings,
        TrustedLocations, UnknownSize,
    },
    staging_area::StagingArea,
    stores::{StoreDetails, StoreService},
    tasks::{TaskCall, TaskPage, TaskService},
};

/// All use cases over the same parts.
#[derive(Clone)]
pub struct Services {
    /// Images and their descriptions.
    pub images: ImageService,
    /// Bytes.
    pub data: DataService,
    /// Sharing.
    pub members: MemberService,
    /// Metadata definitions.
    pub metadefs: MetadefService,
    /// Imports.
    pub imports: ImportService,
    /// Tasks as such.
    pub tasks: TaskService,
    /// Where the bytes of images are.
    pub locations: LocationService,
    /// Copies that are read again.
    pub checks: CheckService,
    /// Verification jobs.
    pub jobs: JobService,
    /// The image cache of this node.
    pub cache: CacheService,
    /// The same, by its older calls.
    pub cache_management: CacheManagement,
    /// What projects may have.
    pub quotas: QuotaService,
    /// Receipts of verifications.
    pub receipts: Receipts,
    /// The stores themselves.
    pub stores: StoreService,
    /// What other services are told.
    pub notifications: Notifications,
    /// What this registry offers.
    pub discovery: Discovery,
    /// What is seen of it from outside.
    pub watch: Watch,
    /// What keeps it clean.
    pub maintenance: Maintenance,
}

impl Services {
    /// The use cases over `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        let core = Arc::new(core);
        Self {
            images: ImageService::new(Arc::clone(&core)),
            data: DataService::new(Arc::clone(&core)),
            members: MemberService::new(Arc::clone(&core)),
            metadefs: MetadefService::new(Arc::clone(&core)),
            imports: ImportService::new(Arc::clone(&core)),
            tasks: TaskService::new(Arc::clone(&core)),
            locations: LocationService::new(Arc::clone(&core)),
            checks: CheckService::new(Arc::clone(&core)),
            jobs: JobService::new(Arc::clone(&core)),
            cache: CacheService::new(Arc::clone(&core)),
            cache_management: CacheManagement::new(Arc::clone(&core)),
            quotas: QuotaService::new(Arc::clone(&core)),
            receipts: Receipts::new(Arc::clone(&core)),
            stores: StoreService::new(Arc::clone(&core)),
            notifications: Notifications::new(Arc::clone(&core)),
            discovery: Discovery::new(&core),
            watch: Watch::new(Arc::clone(&core)),
            maintenance: Maintenance::new(core),
        }
    }
}
