//! Who runs jobs, and which jobs it may run.

use std::{fs, os::unix::fs::MetadataExt as _};

use serde_json::json;

use crate::{
    domain::Timestamp,
    hash::Hashers,
    inspect::Format,
    jobs::{
        document::{Job, Version},
        failure::{Code, Failure},
        operation::Operation,
    },
};

/// The formats that are told of an image.
const FORMATS: [Format; 11] = [
    Format::Raw,
    Format::Qcow2,
    Format::Vmdk,
    Format::Vdi,
    Format::Vhd,
    Format::Vhdx,
    Format::Iso,
    Format::Gpt,
    Format::Qed,
    Format::Luks,
    Format::Ploop,
];

/// Who runs jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    /// The name by which jobs and results call it.
    pub id: String,
    /// The pool it is in.
    pub pool: Option<String>,
    /// What it can do: operations, `disk.<format>` and `checksum.<algorithm>`.
    capabilities: Vec<String>,
    /// Whether it runs as root.
    is_privileged: bool,
}

/// Where a job is to be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Here, if anywhere.
    Here,
    /// By another worker.
    Elsewhere,
}

impl Worker {
    /// The worker `id` of this process.
    #[must_use]
    pub fn new(id: String, pool: Option<String>, hashers: &Hashers) -> Self {
        let operations = Operation::all().map(|operation| operation.name().to_owned());
        let formats = FORMATS.iter().map(|format| format!("disk.{format}"));
        let checksums = hashers.names().map(|name| format!("checksum.{name}"));
        // The owner of its own entry is who the process acts as.
        let owner = fs::metadata("/proc/self").map(|known| known.uid());
        Self {
            id,
            pool,
            capabilities: operations.chain(formats).chain(checksums).collect(),
            is_privileged: owner.is_ok_and(|owner| owner == 0),
        }
    }

    /// A name for a worker that was given none: that of the machine, as it stays the same.
    #[must_use]
    pub fn usual_id() -> String {
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        match host.trim() {
            "" => "worker".to_owned(),
            host => format!("worker-{host}"),
        }
    }

    /// What it can do.
    #[must_use]
    pub fn capabilities(&self) -> &[String] {
        &self.capabilities
    }

    /// The formats that it tells.
    pub fn formats() -> impl Iterator<Item = &'static str> {
        FORMATS.iter().map(|format| format.as_str())
    }

    /// The version of the program.
    #[must_use]
    pub const fn version() -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    /// Where a job is to be run, by its routing and its allowed pools.
    #[must_use]
    pub fn place(&self, job: &Job) -> Place {
        let routing = &job.routing;
        let pools = &job.constraints.allowed_worker_pools;
        let is_own = |pool: &String| self.pool.as_ref() == Some(pool);
        let is_here = routing.worker_id.as_ref().is_none_or(|id| *id == self.id)
            && routing.worker_pool.as_ref().is_none_or(is_own)
            && (pools.is_empty() || pools.iter().any(is_own));
        if is_here {
            Place::Here
        } else {
            Place::Elsewhere
        }
    }

    /// Holds the job against what this worker is.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the job may not run here, or not any more.
    pub fn admit(&self, job: &Job, now: Timestamp) -> Result<(), Failure> {
        if job.execution.is_late(now) {
            let message = "execution.deadline was over before the job could begin";
            return Err(Failure::new(Code::Deadline, message));
        }
        let constraints = &job.constraints;
        let wanted = constraints.required_capabilities.iter();
        let wanted = wanted.chain(&constraints.required_features);
        let missing: Vec<_> = wanted
            .filter(|name| !self.capabilities.contains(name))
            .collect();
        if !missing.is_empty() {
            let message = format!("this worker lacks {missing:?}");
            let details = json!({"missing": missing, "available": self.capabilities});
            return Err(Failure::new(Code::Constraint, message).with(details));
        }
        let wanted = constraints.minimum_worker_version;
        if wanted.is_some_and(|wanted| Version::parse(Self::version()) < Some(wanted)) {
            let message = format!(
                "this worker is of version {}, which is older than \
                 constraints.minimum_worker_version",
                Self::version()
            );
            return Err(Failure::new(Code::Constraint, message));
        }
        if constraints.require_privileged && !self.is_privileged {
            let message = "constraints.require_privileged: this worker does not run as root";
            return Err(Failure::new(Code::Constraint, message));
        }
        Ok(())
    }
}
