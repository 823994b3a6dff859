//! One attempt at a job, which ends in time whatever the disk does.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::{
    Parts, Run, cancelled,
    check::{Check, Checked},
    library::{ImageCopy, Library},
    published::Published,
    result::{Making, Outcome},
};
use crate::jobs::{
    document::{ImageRef, Job, OnDanger, Source, SumsPlace, Work},
    failure::{Code, Failure},
    meters,
    progress::Reporter,
};

/// Bytes in what the protocol calls a gigabyte of disk.
const GIGABYTE: u64 = 1 << 30;

pub(super) struct Attempt<'a> {
    pub(super) parts: &'a Arc<Parts>,
    pub(super) run: &'a Run,
    pub(super) number: u32,
    pub(super) progress: Reporter,
}

/// What the work of an attempt gave.
#[derive(Default)]
struct Found {
    data: Option<Value>,
    read: u64,
    failure: Option<Failure>,
}

impl Attempt<'_> {
    /// Makes the attempt; nothing if it was stopped.
    pub(super) async fn run(&self) -> Option<Outcome> {
        let (started, begun) = (self.parts.clock.now(), Instant::now());
        let found = self.bounded_work().await?;
        let took = begun.elapsed();
        let is_success = found.failure.is_none();
        meters::count_attempt(self.job().operation, is_success, took);
        let making = Making {
            worker: &self.parts.worker.id,
            job: self.job(),
            started,
            ended: self.parts.clock.now(),
            took,
            attempt: self.number,
            read: found.read,
            data: found.data,
        };
        Some(making.outcome(found.failure))
    }

    fn job(&self) -> &Job {
        &self.run.job
    }

    /// The work, ended by time, by who cancels and by who stops. The threads that read for it end
    /// at their next read; nobody waits for them.
    async fn bounded_work(&self) -> Option<Found> {
        let halt = CancellationToken::new();
        let _halted = halt.clone().drop_guard();
        let limit = self.limit();
        let given_up = |failure| {
            Some(Found {
                failure: Some(failure),
                ..Found::default()
            })
        };
        tokio::select! {
            biased;
            () = self.run.stop.cancelled() => None,
            () = self.run.cancel.cancelled(), if self.job().execution.cancellable => {
                given_up(cancelled())
            }
            found = self.work(&halt) => Some(found),
            () = sleep(limit) => {
                let seconds = limit.as_secs();
                let message = format!("the job did not end within {seconds} seconds");
                given_up(Failure::new(Code::Timeout, message))
            }
        }
    }

    /// How long the attempt may take.
    fn limit(&self) -> Duration {
        let execution = &self.job().execution;
        let now = self.parts.clock.now().as_micros();
        let left = execution.deadline.map(|deadline| {
            let micros = deadline.as_micros().saturating_sub(now);
            Duration::from_micros(u64::try_from(micros).unwrap_or(0))
        });
        execution.timeout.min(left.unwrap_or(Duration::MAX))
    }

    async fn work(&self, halt: &CancellationToken) -> Found {
        match &self.job().work {
            Work::Echo(data) => {
                self.progress.tell("complete", 100, "Done");
                Found {
                    data: Some(json!({"echo": data})),
                    ..Found::default()
                }
            }
            Work::Verify { images, on_danger } => self.verify(images, *on_danger, halt).await,
        }
    }

    /// Checks every image, also behind one that fails: whoever asks for a hundred wants to know of
    /// each. The failure is that of the first.
    async fn verify(
        &self,
        images: &[ImageRef],
        on_danger: OnDanger,
        halt: &CancellationToken,
    ) -> Found {
        let mut found = Found::default();
        let mut reports = Vec::with_capacity(images.len());
        self.progress.tell("validation", 5, "Validating job...");
        for image in images {
            let checked = match self.check(image, on_danger, halt).await {
                Ok(checked) => checked,
                Err(failure) => {
                    found.failure = Some(failure);
                    break;
                }
            };
            for checked in checked {
                found.read += checked.read;
                found.failure = found.failure.or(checked.failure);
                reports.push(checked.report);
            }
        }
        if found.failure.is_none() {
            self.progress
                .tell("analysis", 80, "Judging what was found...");
            self.progress.tell("export", 90, "Making the result...");
            self.progress.tell("complete", 100, "Done");
        }
        found.data = Some(json!({
            "operation": self.job().operation.name(),
            "images": reports,
            "warnings": self.job().warnings,
        }));
        found
    }

    /// Checks one image, or each copy of it that the job means.
    async fn check(
        &self,
        image: &ImageRef,
        on_danger: OnDanger,
        halt: &CancellationToken,
    ) -> Result<Vec<Checked>, Failure> {
        let found = match self.published(image).await {
            Ok(published) => self.copies(image).await.map(|copies| (published, copies)),
            Err(failure) => Err(failure),
        };
        let (published, copies) = match found {
            Ok(found) => found,
            Err(failure) => return Ok(vec![Checked::failed(image, failure)]),
        };
        let mut all = Vec::with_capacity(copies.len());
        for copy in copies {
            let looking = Looking {
                image: image.clone(),
                copy,
                published: published.clone(),
                on_danger,
                halt: halt.clone(),
            };
            all.push(self.look(looking).await?);
        }
        Ok(all)
    }

    /// What a checksum file on the web says of the image, if one is named.
    async fn published(&self, image: &ImageRef) -> Result<Option<Published>, Failure> {
        match &image.sums {
            Some(sums) if matches!(sums.place, SumsPlace::Web { .. }) => {
                self.library()?.published(sums).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The copies that are read; nothing stands for the file that the image is.
    async fn copies(&self, image: &ImageRef) -> Result<Vec<Option<ImageCopy>>, Failure> {
        match &image.source {
            Source::Path(_) => Ok(vec![None]),
            Source::Registry { id, stores } => {
                let copies = self.library()?.copies(*id, stores).await?;
                Ok(copies.into_iter().map(Some).collect())
            }
        }
    }

    fn library(&self) -> Result<&dyn Library, Failure> {
        let library = self.run.library.as_deref();
        library.ok_or_else(|| Failure::new(Code::Validation, "this worker knows no registry"))
    }

    /// Looks at one copy or file where reading may block.
    async fn look(&self, looking: Looking) -> Result<Checked, Failure> {
        let (parts, progress) = (Arc::clone(self.parts), self.progress.clone());
        let gigabytes = self.job().constraints.maximum_disk_size_gb;
        let most_bytes = gigabytes.map(|size| size.saturating_mul(GIGABYTE));
        let work = move || {
            let what = if looking.image.is_expected() || looking.copy.is_some() {
                "Verifying image checksum"
            } else {
                "Reading image"
            };
            progress.tell("validation", 10, format!("{what}..."));
            let check = Check {
                parts: &parts,
                image: &looking.image,
                copy: looking.copy,
                published: looking.published,
                most_bytes,
                on_danger: looking.on_danger,
                halt: &looking.halt,
            };
            let checked = check.run();
            if checked.failure.is_none() {
                let message = format!("Inspected {}", looking.image.role);
                progress.tell("inspection", 20, message);
            }
            checked
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|panic| Failure::new(Code::Internal, panic.to_string()))
    }
}

/// One copy or file that is looked at.
struct Looking {
    image: ImageRef,
    copy: Option<ImageCopy>,
    published: Option<Published>,
    on_danger: OnDanger,
    halt: CancellationToken,
}
