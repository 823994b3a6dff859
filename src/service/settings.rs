//! What the use cases are told at the start.

use std::{num::NonZeroU64, time::Duration};

use crate::{domain::Algorithm, inspect, service::Plugins};

/// Settings of the use cases.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which digests are computed.
    pub hashing: HashingSettings,
    /// How copies are kept sound.
    pub at_rest: AtRest,
    /// What is accepted as an image's content.
    pub inspection: inspect::Rules,
    /// The disk formats an image may have.
    pub disk_formats: Vec<String>,
    /// The container formats an image may have.
    pub container_formats: Vec<String>,
    /// The import methods that are open, in the words of the API.
    pub import_methods: Vec<String>,
    /// The most bytes an image may have.
    pub image_size_cap: u64,
    /// What users see of where images are.
    pub locations: LocationSettings,
    /// How many custom properties an image may have; none: any number.
    pub property_quota: Option<u64>,
    /// How many tags an image may have; none: any number.
    pub tag_quota: Option<u64>,
    /// How many members an image may have; none: any number.
    pub member_quota: Option<u64>,
    /// How many bytes each owner may have in stores, over all images; none: any number.
    pub user_storage_quota: Option<u64>,
    /// What becomes of data of unknown size that pass a unified limit.
    pub unknown_size: UnknownSize,
    /// How long the bytes of a deleted image stay; none: they go at once.
    pub delete_delay: Option<Duration>,
    /// Of how many deleted images bytes are removed at a time.
    pub scrub_pool_size: usize,
    /// After which time another process may take over what this one no longer renews.
    pub lease: Duration,
    /// How often a task is begun at most.
    pub max_attempts: u32,
    /// After which time a node that was not seen is taken to be gone, with what is staged there.
    pub node_timeout: Duration,
    /// How long the record of a finished task is kept.
    pub task_time_to_live: Duration,
    /// How verification jobs are kept.
    pub jobs: JobSettings,
    /// How the names of properties begin that an image gets from that of another registry.
    pub taken_over: Vec<String>,
    /// What is done with the data of imports before they are stored.
    pub plugins: Plugins,
    /// Whether a checksum file counts only if a publisher signed it.
    pub require_signed_checksums: bool,
}

/// What users see of where images are, and what they may do to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocationSettings {
    /// Whether the places of an image are shown, and can be changed by patches.
    pub are_shown: bool,
    /// Whether the best of them is shown.
    pub best_is_shown: bool,
    /// How many an image may have; none: any number.
    pub quota: Option<u64>,
    /// How often a place that breaks off is read anew before its image may be usable.
    pub retries: u32,
    /// Which places are taken at their word.
    pub trusted: TrustedLocations,
}

/// Which places become an image's although nobody has read them. Each has those before it, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum TrustedLocations {
    /// None.
    #[default]
    None,
    /// Those that a patch adds; what is registered is read afterwards, if no digest was claimed.
    Patched,
    /// Those that are registered as well.
    All,
}

/// Which digests are computed.
#[derive(Debug, Clone)]
pub struct HashingSettings {
    /// The algorithm when the owner chose none.
    pub default: Algorithm,
    /// The algorithms an owner may choose.
    pub allowed: Vec<Algorithm>,
    /// The algorithm of `checksum`, unless it is switched off.
    pub checksum: Option<Algorithm>,
    /// Further digests that are computed of all bytes.
    pub extra: Vec<Algorithm>,
}

/// How verification jobs are kept.
#[derive(Debug, Clone, Copy)]
pub struct JobSettings {
    /// How many this process runs at a time.
    pub at_once: usize,
    /// How many may wait, in the whole deployment.
    pub most_waiting: u64,
    /// How long one that ended is kept with its result.
    pub time_to_live: Duration,
}

/// How copies are kept sound while they lie in their stores.
#[derive(Debug, Clone)]
pub struct AtRest {
    /// What is done about copies that are not sound.
    pub on_damage: OnDamage,
    /// Whether downloads of whole images are held against their digest.
    pub verify_reads: bool,
    /// How long a copy may stay unread; none: for ever.
    pub scrub_age: Option<Duration>,
    /// How many bytes of copies this process reads again in a second at most; none: any number.
    pub rate: Option<NonZeroU64>,
}

/// What becomes of data whose sender did not say how many they are, and that pass a unified limit
/// while they arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownSize {
    /// They arrive in whole, as long as the project has no more than the limit besides them: of
    /// several at a time, one passes it. So do Glance's.
    MayExceed,
    /// They are given up before the first byte that is too many.
    CutOff,
}

/// What is done about copies that are not sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDamage {
    /// It is told, and nothing else.
    Report,
    /// An image of which none is sound is deactivated.
    Quarantine,
    /// A copy is made anew from a sound one; if there is none, as [`OnDamage::Quarantine`].
    Heal,
}
