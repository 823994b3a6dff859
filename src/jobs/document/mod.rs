//! The document that is a job: protocol 1.0, kind `VMOperation`.
//!
//! Whatever is wrong with a document is found here, before anything is done for it. Fields that
//! the protocol does not know are ignored, as it demands.

mod fields;
mod images;
mod policy;
mod source;
mod sums;
#[cfg(test)]
mod tests;

use serde_json::Value;

use self::{fields::Fields, images::Reading};
pub use self::{
    fields::Invalid,
    images::{ImageRef, MOST_IMAGES},
    policy::{Constraints, Execution, MOST_GIGABYTES, Routing, Version},
    source::{Scope, Source},
    sums::{Sums, SumsPlace},
};
use crate::{
    domain::{JobId, Timestamp},
    hash::Hashers,
    jobs::{
        failure::{Code, Failure},
        operation::{Operation, Subject},
    },
};

/// How large a document may be, in bytes.
pub const MOST_BYTES: usize = 1024 * 1024;

/// How deep its values may lie in each other.
pub const MOST_DEPTH: usize = 32;

/// A job that can be run.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// The id.
    pub id: JobId,
    /// When its submitter made it.
    pub created_at: Timestamp,
    /// What it asks for.
    pub operation: Operation,
    /// How it wants to be run.
    pub execution: Execution,
    /// What a worker must be to run it.
    pub constraints: Constraints,
    /// Which worker is to run it.
    pub routing: Routing,
    /// What there is to do.
    pub work: Work,
    /// What its submitter wants to find in the result again, as it came.
    pub observability: Option<Value>,
    /// What its submitter should know.
    pub warnings: Vec<String>,
}

/// What there is to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// To give this back.
    Echo(Value),
    /// To verify and inspect images; there is at least one.
    Verify {
        /// The images.
        images: Vec<ImageRef>,
        /// Whether a danger in an image fails the job.
        on_danger: OnDanger,
    },
}

/// What a danger in an image does to the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDanger {
    /// It is told in the result.
    Tell,
    /// The job fails (`options.fail_on_critical`).
    Fail,
}

/// A document that is no job.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// The id that it gives itself, if that is one.
    pub id: Option<JobId>,
    /// Why it is no job.
    pub failure: Failure,
    /// Whether it may be the beginning of a document: it is not JSON.
    pub may_grow: bool,
}

impl Job {
    /// Reads a document, which may name what is in `scope`.
    ///
    /// # Errors
    ///
    /// [`Refused`] with the first thing that is wrong.
    pub fn read(bytes: &[u8], hashers: &Hashers, scope: Scope) -> Result<Self, Box<Refused>> {
        let refused = |message: String, may_grow| Refused {
            id: None,
            failure: Failure::new(Code::Validation, message),
            may_grow,
        };
        if bytes.len() > MOST_BYTES {
            let message = format!("the document has more than {MOST_BYTES} bytes");
            return Err(Box::new(refused(message, false)));
        }
        let document: Value = serde_json::from_slice(bytes)
            .map_err(|error| refused(format!("the document is not JSON: {error}"), true))?;
        let reading = Reading { hashers, scope };
        Self::of(&document, reading).map_err(|failure| {
            let id = document.get("job_id").and_then(Value::as_str);
            Box::new(Refused {
                id: id.and_then(|id| id.parse().ok()),
                failure,
                may_grow: false,
            })
        })
    }

    fn of(document: &Value, reading: Reading<'_>) -> Result<Self, Failure> {
        let fields = Fields::of(document)?;
        if is_deeper(document, MOST_DEPTH) {
            let message = format!("the document is more than {MOST_DEPTH} levels deep");
            return Err(Failure::new(Code::Validation, message));
        }
        check_envelope(&fields)?;
        let id = fields.needed("job_id", 128)?;
        let operation = operation(&fields)?;
        let created_at = fields.time("created_at")?;
        let mut job = Self {
            id: id
                .parse()
                .map_err(|error| fields.fault("job_id", format!("{error}")))?,
            created_at: created_at
                .ok_or_else(|| fields.fault("created_at", "is required, and must be a time"))?,
            operation,
            execution: Execution::read(&fields)?,
            constraints: Constraints::read(&fields)?,
            routing: Routing::read(&fields)?,
            work: work(&fields, operation, reading)?,
            observability: fields.value("observability").cloned(),
            warnings: Vec::new(),
        };
        job.warnings = job.warnings_of(&fields)?;
        Ok(job)
    }

    fn warnings_of(&self, fields: &Fields<'_>) -> Result<Vec<String>, Failure> {
        let data = fields.object("payload")?.value("data");
        let output = data.and_then(|data| data.get("output"));
        let not_written = output.filter(|output| !output.is_null()).map(|_| {
            "payload.data.output is not written: what was found stands in this result".to_owned()
        });
        let not_done = self
            .operation
            .not_done()
            .map(|not_done| format!("the image was verified and inspected; it was not {not_done}"));
        let timeout = self.execution.warnings();
        let all = timeout.into_iter().chain(self.constraints.warnings());
        let all = all.chain(self.routing.warnings());
        Ok(all.chain(not_written).chain(not_done).collect())
    }
}

/// Holds what every document must have, and the types of what nothing here uses.
fn check_envelope(fields: &Fields<'_>) -> Result<(), Invalid> {
    for (name, only) in [("version", "1.0"), ("kind", "VMOperation")] {
        if fields.needed(name, 64)? != only {
            return Err(fields.fault(name, format!("must be \"{only}\"")));
        }
    }
    fields.text("$schema")?;
    let metadata = fields.object("metadata")?;
    metadata.text("name")?;
    metadata.text("namespace")?;
    metadata.check_labels("labels")?;
    metadata.check_labels("annotations")?;
    let observability = fields.object("observability")?;
    for name in ["trace_id", "span_id", "parent_span_id", "correlation_id"] {
        observability.text(name)?;
    }
    let audit = fields.object("audit")?;
    audit.text("submitted_by")?;
    audit.text("submitted_from")?;
    let authorization = audit.object("authorization")?;
    authorization.text("method")?;
    authorization.text("subject")?;
    Ok(())
}

/// What the document asks for; its `operation` and the type of its payload must agree.
fn operation(fields: &Fields<'_>) -> Result<Operation, Failure> {
    let name = fields.needed("operation", 256)?;
    if !name.contains('.') {
        let problem = "must be <namespace>.<operation>";
        return Err(fields.fault("operation", problem).into());
    }
    let payload = fields.object("payload")?;
    if !payload.are_there() {
        return Err(fields
            .fault("payload", "is required, and must be an object")
            .into());
    }
    let kind = payload.needed("type", 256)?;
    let parts: Vec<_> = kind.split('.').collect();
    let version = parts.last().and_then(|last| last.strip_prefix('v'));
    let is_version = version.is_some_and(|number| number.parse::<u32>().is_ok());
    if parts.len() < 3 || !is_version {
        let problem = "must be <namespace>.<operation>.v<number>";
        return Err(payload.fault("type", problem).into());
    }
    let Some(operation) = Operation::find(name) else {
        let message = format!(
            "operation {name:?} is not supported; supported: {}",
            Operation::names()
        );
        return Err(Failure::new(Code::UnsupportedOperation, message));
    };
    if kind != operation.payload_type() {
        let problem = format!("must be \"{}\" for {operation}", operation.payload_type());
        return Err(payload.fault("type", problem).into());
    }
    Ok(operation)
}

fn work(fields: &Fields<'_>, operation: Operation, reading: Reading<'_>) -> Result<Work, Failure> {
    let payload = fields.object("payload")?;
    if operation.subject() == Subject::Nothing {
        let data = payload.value("data").cloned();
        return Ok(Work::Echo(data.unwrap_or_default()));
    }
    let data = payload.object("data")?;
    let options = data.object("options")?;
    let on_danger = match options.flag("fail_on_critical")? {
        Some(true) => OnDanger::Fail,
        _ => OnDanger::Tell,
    };
    Ok(Work::Verify {
        images: images::read(&data, operation.subject(), reading)?,
        on_danger,
    })
}

fn is_deeper(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(_) | Value::Object(_) if levels == 0 => true,
        Value::Array(list) => list.iter().any(|value| is_deeper(value, levels - 1)),
        Value::Object(map) => map.values().any(|value| is_deeper(value, levels - 1)),
        _ => false,
    }
}
