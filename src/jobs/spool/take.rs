//! Which document becomes a job that runs here, and where the others go.

use std::{ffi::OsStr, fs, io, path::Path, sync::Arc};

use super::{
    claim::{self, Claim, Locked, no_file},
    folders::{Folders, remove_if_there, safe_name},
    results::Key,
};
use crate::{
    domain::JobId,
    jobs::{
        document::{Job, Refused},
        engine::Engine,
        failure::{Code, Failure},
        kept::Kept,
    },
};

/// What became of a document.
#[derive(Debug)]
pub(super) enum Taken {
    /// It is to be run.
    Claim(Box<Claim>),
    /// It is done with.
    Settled,
    /// Nothing for now: another has it, or it has to wait for another job.
    Not,
}

/// Takes documents out of the folders for an engine.
#[derive(Clone)]
pub(super) struct Taking {
    pub(super) folders: Folders,
    pub(super) engine: Engine,
}

impl Taking {
    /// Takes the document `name` from those that wait.
    pub(super) fn waiting(&self, name: &OsStr) -> io::Result<Taken> {
        let path = self.folders.jobs.join(name);
        let known = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Taken::Not),
            known => known?,
        };
        if !known.is_file() {
            return self.refuse(&path, &safe_name(name), &no_file());
        }
        let Some(locked) = Locked::take(&path)? else {
            return Ok(Taken::Not);
        };
        match locked.read(self.engine.hashers())? {
            Err(refused) => self.refuse(&path, &safe_name(name), &refused),
            Ok(job) => self.job(locked, job, IsClaimed::No),
        }
    }

    /// The jobs that were claimed by somebody who is gone, at most `most`.
    pub(super) fn abandoned(
        &self,
        most: usize,
        is_running: impl Fn(&JobId) -> bool,
    ) -> io::Result<Vec<Claim>> {
        let mut claims = Vec::new();
        for entry in fs::read_dir(&self.folders.claimed)? {
            if claims.len() == most {
                break;
            }
            let path = entry?.path();
            let name = path.file_name().and_then(OsStr::to_str);
            let id = name.and_then(|name| name.strip_suffix(".json")?.parse().ok());
            let Some(id) = id.filter(|id| !is_running(id)) else {
                continue;
            };
            match self.one_abandoned(&path, &id) {
                Ok(Taken::Claim(claim)) => claims.push(*claim),
                Ok(Taken::Settled | Taken::Not) => (),
                // One that cannot be taken keeps no other from being.
                Err(error) => tracing::warn!(
                    job.id = %id,
                    error = &error as &dyn std::error::Error,
                    "a job that was left cannot be taken up"
                ),
            }
        }
        Ok(claims)
    }

    fn one_abandoned(&self, path: &Path, id: &JobId) -> io::Result<Taken> {
        let Some(locked) = Locked::take(path)? else {
            return Ok(Taken::Not);
        };
        match locked.read(self.engine.hashers())? {
            Ok(job) if job.id == *id => self.job(locked, job, IsClaimed::Yes),
            Ok(_) => self.refuse(path, id.as_str(), &another_job()),
            Err(refused) => self.refuse(path, id.as_str(), &refused),
        }
    }

    /// Makes a claim of a job, unless it has its result already.
    fn job(&self, locked: Locked, job: Job, is_claimed: IsClaimed) -> io::Result<Taken> {
        if let Some(kept) = self.folders.find_result(job.id.as_str())? {
            self.put_away(locked.path(), &job.id, &kept)?;
            return Ok(Taken::Settled);
        }
        if job.routing.not_beside.iter().any(|id| self.is_claimed(id)) {
            return Ok(Taken::Not);
        }
        let key = match &job.execution.idempotency_key {
            None => None,
            Some(key) => match Key::hold(&self.folders, key, self.engine.hashers())? {
                None => return Ok(Taken::Not),
                held => held,
            },
        };
        let first = match &key {
            None => None,
            Some(key) => key.find_result(&self.folders)?,
        };
        if let Some(first) = first {
            self.folders.keep_result(&job.id, &first.of_job(&job.id))?;
            self.put_away(locked.path(), &job.id, &first)?;
            return Ok(Taken::Settled);
        }
        let locked = match is_claimed {
            IsClaimed::Yes => Some(locked),
            IsClaimed::No => locked.claim(&self.folders, &job.id)?,
        };
        let Some(locked) = locked else {
            return Ok(Taken::Not);
        };
        if let Some(key) = &key {
            key.give_to(&job.id)?;
        }
        Ok(Taken::Claim(Box::new(Claim {
            begun: claim::begun(&self.folders, &job.id),
            job: Arc::new(job),
            locked,
            _key: key,
        })))
    }

    /// Whether a job is being run, by whomever.
    fn is_claimed(&self, id: &str) -> bool {
        let id = id.parse::<JobId>();
        id.is_ok_and(|id| self.folders.claim_of(&id).exists())
    }

    /// Puts a document away whose job has the result `kept`.
    pub(super) fn put_away(&self, path: &Path, id: &JobId, kept: &Kept) -> io::Result<()> {
        if kept.is_completed() {
            self.folders.finish(path, id.as_str())?;
        } else {
            self.folders.fail(path, id.as_str(), &kept.reason())?;
        }
        remove_if_there(&self.folders.begun_of(id))?;
        remove_if_there(&self.folders.cancel_of(id))
    }

    /// Puts a document away that is no job: under its id if it has one, else under the safe form
    /// of its file's name. A result that is there is not replaced.
    fn refuse(&self, path: &Path, name: &str, refused: &Refused) -> io::Result<Taken> {
        let failure = &refused.failure;
        let result = self.engine.refuse(refused.id.as_ref(), failure);
        if let (Some(id), Some(result)) = (&refused.id, result)
            && self.folders.find_result(id.as_str())?.is_none()
        {
            self.folders.keep_result(id, &result)?;
        }
        let name = refused.id.as_ref().map_or(name, JobId::as_str);
        let reason = format!("{}: {failure}", failure.code.as_str());
        self.folders.fail(path, name, &reason)?;
        tracing::warn!(file = ?path, reason, "a document is no job");
        Ok(Taken::Settled)
    }
}

/// What is to be said of a claimed document whose name is that of another job.
fn another_job() -> Refused {
    let message = "the claimed document was replaced by that of another job";
    Refused {
        id: None,
        failure: Failure::new(Code::Validation, message),
        may_grow: false,
    }
}

/// Whether a document lies among the claimed ones.
#[derive(Debug, Clone, Copy)]
enum IsClaimed {
    Yes,
    No,
}
