//! How and where a job wants to be run.

use std::time::Duration;

use super::fields::{Fields, Invalid};
use crate::domain::Timestamp;

/// The largest size that a job can bound disks to, in units of 2^30 bytes: no file is larger.
pub const MOST_GIGABYTES: u64 = 1 << 33;

/// More seconds than this are worth a warning.
const LONG_TIMEOUT: u64 = 86_400;

/// More gigabytes than this are worth a warning.
const LARGE_DISK: u64 = 100_000;

/// How a job wants to be run: `execution`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// Jobs with the same key are one job: what the first gave is given again.
    pub idempotency_key: Option<String>,
    /// The number of the first attempt made here.
    pub attempt: u32,
    /// The number of the last attempt that may be made.
    pub max_attempts: u32,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// When all must be over.
    pub deadline: Option<Timestamp>,
    /// From 1 to 10; the higher, the more urgent.
    pub priority: u8,
    /// Whether it may be cancelled.
    pub cancellable: bool,
}

impl Execution {
    pub(super) fn read(document: &Fields<'_>) -> Result<Self, Invalid> {
        const MOST_ATTEMPTS: u64 = 100;
        const MOST_SECONDS: u64 = 366 * 86_400;
        let fields = document.object("execution")?;
        let attempt = fields.whole("attempt", 1..=MOST_ATTEMPTS)?.unwrap_or(1);
        let most = fields.whole("max_attempts", 1..=MOST_ATTEMPTS)?;
        let max_attempts = most.unwrap_or(1);
        if max_attempts < attempt {
            return Err(fields.fault("max_attempts", "must not be less than execution.attempt"));
        }
        let seconds = fields.whole("timeout_seconds", 1..=MOST_SECONDS)?;
        let priority = fields.whole("priority", 1..=10)?.unwrap_or(5);
        let key = fields.text_of("idempotency_key", 256)?;
        if key == Some("") {
            return Err(fields.fault("idempotency_key", "must not be empty"));
        }
        Ok(Self {
            idempotency_key: key.map(str::to_owned),
            attempt: u32::try_from(attempt).unwrap_or(1),
            max_attempts: u32::try_from(max_attempts).unwrap_or(1),
            timeout: Duration::from_secs(seconds.unwrap_or(3600)),
            deadline: fields.time("deadline")?,
            priority: u8::try_from(priority).unwrap_or(5),
            cancellable: fields.flag("cancellable")?.unwrap_or(true),
        })
    }

    /// Whether all had to be over before `now`.
    #[must_use]
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= now)
    }

    pub(super) fn warnings(&self) -> Option<String> {
        let seconds = self.timeout.as_secs();
        (seconds > LONG_TIMEOUT)
            .then(|| format!("execution.timeout_seconds is {seconds}, which is more than a day"))
    }
}

/// What a worker must be to run a job: `constraints`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Constraints {
    /// What the worker must be able to do.
    pub required_capabilities: Vec<String>,
    /// What the worker's machine must have.
    pub required_features: Vec<String>,
    /// The oldest version the worker may be of.
    pub minimum_worker_version: Option<Version>,
    /// How large an image may be, in units of 2^30 bytes: the file as well as the disk in it.
    pub maximum_disk_size_gb: Option<u64>,
    /// Whether the worker must run as root.
    pub require_privileged: bool,
    /// The pools the worker may be in; none: any.
    pub allowed_worker_pools: Vec<String>,
}

impl Constraints {
    pub(super) fn read(document: &Fields<'_>) -> Result<Self, Invalid> {
        let fields = document.object("constraints")?;
        let version = fields.text("minimum_worker_version")?;
        let version = version.map(Version::parse).map(|version| {
            let problem = "must be a version such as 1.2.3";
            version.ok_or_else(|| fields.fault("minimum_worker_version", problem))
        });
        Ok(Self {
            required_capabilities: fields.words("required_capabilities")?,
            required_features: fields.words("required_features")?,
            minimum_worker_version: version.transpose()?,
            maximum_disk_size_gb: fields.whole("maximum_disk_size_gb", 1..=MOST_GIGABYTES)?,
            require_privileged: fields.flag("require_privileged")?.unwrap_or(false),
            allowed_worker_pools: fields.words("allowed_worker_pools")?,
        })
    }

    pub(super) fn warnings(&self) -> Option<String> {
        let size = self
            .maximum_disk_size_gb
            .filter(|size| *size > LARGE_DISK)?;
        Some(format!(
            "constraints.maximum_disk_size_gb is {size}, which is more than {LARGE_DISK}"
        ))
    }
}

/// A version: up to three numbers. What follows a `-` or a `+` does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version([u64; 3]);

impl Version {
    /// The version that `text` spells, if it spells one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let numbers = text.split(['-', '+']).next()?;
        let mut version = [0; 3];
        let mut parts = numbers.split('.');
        for (place, part) in version.iter_mut().zip(&mut parts) {
            *place = part.parse().ok()?;
        }
        parts.next().is_none().then_some(Self(version))
    }
}

/// Which worker is to run a job: `routing`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Routing {
    /// The id of the worker.
    pub worker_id: Option<String>,
    /// The pool of the worker.
    pub worker_pool: Option<String>,
    /// The ids of jobs at whose time it must not run (`anti_affinity.concurrent_jobs`).
    pub not_beside: Vec<String>,
    /// Preferences that nothing here can follow.
    pub unknown: Vec<String>,
}

impl Routing {
    pub(super) fn read(document: &Fields<'_>) -> Result<Self, Invalid> {
        const JOBS: &str = "concurrent_jobs";
        let fields = document.object("routing")?;
        fields.check_labels("affinity")?;
        let affinity = fields.object("affinity")?;
        let anti = fields.object("anti_affinity")?;
        let mut unknown: Vec<String> = affinity.names().map(|name| affinity.place(name)).collect();
        for name in anti.names() {
            anti.words(name)?;
            if name != JOBS {
                unknown.push(anti.place(name));
            }
        }
        Ok(Self {
            worker_id: fields.text("worker_id")?.map(str::to_owned),
            worker_pool: fields.text("worker_pool")?.map(str::to_owned),
            not_beside: anti.words(JOBS)?,
            unknown,
        })
    }

    pub(super) fn warnings(&self) -> impl Iterator<Item = String> {
        let unknown = self.unknown.iter();
        unknown.map(|place| format!("{place} is a preference that this worker does not know"))
    }
}
