//! Verification jobs as they are kept: who asked for them, how they stand, how they ended.

use std::{fmt, str::FromStr};

use uuid::Uuid;

use crate::domain::{Caller, Timestamp, UnknownWord};

/// The id of a job, as its submitter chose it.
///
/// - 8 to 128 letters, digits, `.`, `_` and `-`, of which the first is a letter or a digit.
/// - Safe as part of a file name: it has no separator, and is neither `.` nor `..` nor hidden.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(Box<str>);

/// A text that is no id of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must have 8 to 128 letters, digits, '.', '_' or '-', and begin with a letter or a digit")]
pub struct InvalidJobId;

impl JobId {
    /// The text of the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for JobId {
    type Err = InvalidJobId;

    fn from_str(text: &str) -> Result<Self, InvalidJobId> {
        let well_formed = (8..=128).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_alphanumeric())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        well_formed.then(|| Self(text.into())).ok_or(InvalidJobId)
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobStatus {
    /// It waits.
    Pending,
    /// Somebody runs it.
    Running,
    /// It ended as it should.
    Completed,
    /// It ended with an error.
    Failed,
    /// It was cancelled.
    Cancelled,
}

impl JobStatus {
    /// The word that documents use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the job has come to its end.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

impl FromStr for JobStatus {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        match word {
            "pending" => Ok(Self::Pending),
            "running" => Ok(Self::Running),
            "completed" => Ok(Self::Completed),
            "failed" => Ok(Self::Failed),
            "cancelled" => Ok(Self::Cancelled),
            _ => Err(UnknownWord {
                what: "status of a job",
                word: word.to_owned(),
                allowed: "pending, running, completed, failed, cancelled",
            }),
        }
    }
}

impl fmt::Display for JobStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A job that is kept, without its document and its result.
///
/// Its id is its project's: another project may have a job of the same id. The entry is nobody
/// else's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRecord {
    /// What tells it from all others.
    pub entry: Uuid,
    /// The id, as its submitter chose it.
    pub id: JobId,
    /// The project it was submitted for; none: by somebody without one.
    pub project: Option<String>,
    /// The user who submitted it.
    pub user_id: Option<String>,
    /// What it asks for.
    pub operation: String,
    /// Where it stands.
    pub status: JobStatus,
    /// From 1 to 10; the higher, the more urgent.
    pub priority: u8,
    /// How often it was begun.
    pub attempts: u32,
    /// Who runs it, or ran it last.
    pub worker: Option<String>,
    /// Why it did not end well, as a code and a message.
    pub error: Option<String>,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// When it was begun first.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When somebody asked for its end.
    pub cancel_at: Option<Timestamp>,
}

/// A job that is to be kept.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// What tells it from all others.
    pub entry: Uuid,
    /// The id.
    pub id: JobId,
    /// Who submits it.
    pub caller: Caller,
    /// The document.
    pub document: String,
    /// What it asks for.
    pub operation: String,
    /// From 1 to 10; the higher, the more urgent.
    pub priority: u8,
    /// When its submitter made it, as the document says.
    pub created_at: Timestamp,
    /// When it is submitted.
    pub submitted_at: Timestamp,
    /// When all must be over.
    pub deadline: Option<Timestamp>,
    /// The only worker that may run it; none: any.
    pub worker: Option<String>,
    /// The pools whose workers may run it; none: all do.
    pub pools: Option<Vec<String>>,
    /// The ids of jobs of the same project at whose time it must not run.
    pub not_beside: Vec<String>,
    /// What stands for its idempotency key.
    pub key: Option<String>,
}

/// A job that somebody is about to run.
#[derive(Debug, Clone)]
pub struct ClaimedJob {
    /// The job.
    pub record: JobRecord,
    /// The document.
    pub document: String,
    /// What stands for its idempotency key.
    pub key: Option<String>,
    /// Who submitted it, as far as rules ask.
    pub caller: Caller,
}

/// How a job ended.
#[derive(Debug, Clone, Copy)]
pub struct JobEnd<'a> {
    /// How.
    pub status: JobStatus,
    /// The document of its result.
    pub result: &'a str,
    /// Why it did not end well.
    pub error: Option<&'a str>,
    /// Whether the same work would end in the same way.
    pub is_final: bool,
    /// The worker that says so.
    pub worker: &'a str,
    /// The time.
    pub at: Timestamp,
    /// When the job and its result go.
    pub expires_at: Timestamp,
}

/// A page of jobs that is asked for, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobQuery {
    /// Only those with this status.
    pub status: Option<JobStatus>,
    /// Only those of this project.
    pub project: Option<String>,
    /// The last job of the page before.
    pub marker: Option<JobMarker>,
    /// How many at most.
    pub limit: u32,
}

/// Where a page of jobs ends: the time at which its last job was submitted, and its entry.
///
/// It stays good when that job is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobMarker {
    /// When the job was submitted.
    pub submitted_at: Timestamp,
    /// The job.
    pub entry: Uuid,
}

/// A text that is no marker of a list of jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the marker must be what a page gave as next")]
pub struct InvalidMarker;

impl FromStr for JobMarker {
    type Err = InvalidMarker;

    fn from_str(text: &str) -> Result<Self, InvalidMarker> {
        let (micros, entry) = text.split_once('-').ok_or(InvalidMarker)?;
        let digits = !micros.is_empty() && micros.bytes().all(|byte| byte.is_ascii_digit());
        let micros = micros.parse().ok().filter(|_| digits);
        Ok(Self {
            submitted_at: micros.map(Timestamp::from_micros).ok_or(InvalidMarker)?,
            entry: Uuid::try_parse(entry).map_err(|_| InvalidMarker)?,
        })
    }
}

impl fmt::Display for JobMarker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.submitted_at.as_micros();
        write!(f, "{micros}-{}", self.entry.simple())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_never_leaves_its_folder() {
        for text in [
            "",
            "short",
            "../../etc/passwd",
            "........",
            ".hidden-job",
            "-option-like",
            "job/with/slash",
            "job\\with\\slash",
            "job\0with-nul",
            "job with blanks",
            "jöb-with-umlaut",
            &"a".repeat(129),
        ] {
            assert_eq!(text.parse::<JobId>(), Err(InvalidJobId), "{text:?}");
        }
        for text in ["job-12345", "a..b..c..", "A_1.2-3.json", &"a".repeat(128)] {
            assert!(text.parse::<JobId>().is_ok(), "{text:?}");
        }
    }
    #[test]
    fn a_marker_is_read_as_it_was_written() {
        let marker = JobMarker {
            submitted_at: Timestamp::from_micros(1_795_996_800_000_000),
            entry: Uuid::from_u128(7),
        };
        assert_eq!(marker.to_string().parse(), Ok(marker));
        for text in [
            "",
            "-",
            "1",
            "x-00000000000000000000000000000007",
            "1-x",
            "-1-7",
        ] {
            assert_eq!(text.parse::<JobMarker>(), Err(InvalidMarker), "{text}");
        }
    }
}
