//! Results that are kept, which are the memory of what was run.

use serde_json::Value;

use crate::{
    domain::JobId,
    hash::{HashError, Hashers},
    jobs::failure::Code,
};

/// The result of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept(pub Value);

impl Kept {
    /// Whether the job came to a good end.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.0["status"] == "completed"
    }

    /// Whether the same work would end in the same way. Of what was never done, nothing is known.
    #[must_use]
    pub fn is_final(&self) -> bool {
        let not_done = [
            Code::Cancelled,
            Code::Deadline,
            Code::Constraint,
            Code::ImageNotAllowed,
        ];
        let not_done = not_done.map(Code::as_str);
        let code = self.0["error"]["code"].as_str().unwrap_or_default();
        let is_tried = !not_done.contains(&code) && !self.is_refusal();
        self.is_completed() || (is_tried && self.0["error"]["recoverable"] == false)
    }

    /// Why the job did not come to a good end, as code and message.
    #[must_use]
    pub fn reason(&self) -> String {
        let error = &self.0["error"];
        let text = |field: &str| error[field].as_str().unwrap_or("?").to_owned();
        format!("{}: {}", text("code"), text("message"))
    }

    /// The same result for another job.
    #[must_use]
    pub fn of_job(&self, id: &JobId) -> Value {
        let mut result = self.0.clone();
        if let Value::Object(fields) = &mut result {
            let first = fields.insert("job_id".into(), id.as_str().into());
            fields.insert("repeats".into(), first.unwrap_or_default());
        }
        result
    }

    /// Whether the document was refused, so that nothing was run.
    pub(super) fn is_refusal(&self) -> bool {
        self.0["error"]["code"]
            .as_str()
            .is_some_and(Code::is_refusal)
    }
}

/// A name for any idempotency key: its digest.
///
/// # Errors
///
/// [`HashError`] if there is no such digest.
pub fn key_name(key: &str, hashers: &Hashers) -> Result<String, HashError> {
    let mut hasher = hashers.hasher(&hashers.resolve("sha256")?)?;
    hasher.update(key.as_bytes());
    Ok(hex::encode(hasher.finish()))
}
