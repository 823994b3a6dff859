//! Why bytes are not what somebody said they are, where that can be told.
//!
//! The bytes pass once, and only those that turn out wrong are looked at again, for as long as
//! they still lie aside: bounded in bytes and in time, and one image of the process at a time.
//! What is told of other images is only what the caller could find by itself.

mod elsewhere;
mod look;

use crate::{
    domain::{Caller, Diagnosis, Digest, Digests, ImageId, Mismatch, Reach, Task},
    service::{Core, ServiceError},
    store::Received,
};

/// Who brought bytes, and what the place they come from calls them.
#[derive(Debug, Clone, Default)]
pub(in crate::service) struct Sender {
    /// Who is told of other images; none: nobody.
    caller: Option<Caller>,
    /// The name of the file.
    name: Option<String>,
}

/// The bytes that are not what they should be.
pub(in crate::service) struct Evidence<'a> {
    /// The image that they are for.
    pub(in crate::service) image: ImageId,
    pub(in crate::service) sender: &'a Sender,
    /// Where they lie aside.
    pub(in crate::service) received: &'a dyn Received,
    /// How many there are.
    pub(in crate::service) size: u64,
    /// The digests that they were found to have.
    pub(in crate::service) digests: &'a Digests,
}

impl Sender {
    /// The client of a request.
    pub(in crate::service) fn client(caller: &Caller) -> Self {
        Self {
            caller: Some(caller.clone()),
            name: None,
        }
    }

    /// An import, whose file comes from `uri`, if it does. What roles its owner had is not kept:
    /// it is taken for somebody who may read what its project can see.
    pub(in crate::service) fn import(task: &Task, uri: Option<&str>) -> Self {
        let reader = Caller {
            user_id: task.user_id.clone(),
            project_id: task.owner.clone(),
            reach: Reach::Project,
            ..Caller::anonymous(task.request_id.clone())
        };
        let path = uri.map(|uri| uri.split(['?', '#']).next().unwrap_or_default());
        let name = path.and_then(|path| path.rsplit('/').next());
        Self {
            caller: task.owner.is_some().then_some(reader),
            name: name.map(str::to_owned),
        }
    }
}

impl Core {
    /// `mismatch` as a failure, with what can be told of its cause.
    pub(in crate::service) async fn explained(
        &self,
        mismatch: Mismatch,
        evidence: Evidence<'_>,
    ) -> ServiceError {
        let diagnosis = match &mismatch {
            Mismatch::Digest { expected, actual } => {
                Box::pin(self.of_digests(expected, actual, &evidence)).await
            }
            Mismatch::Size { expected, actual } => {
                let document = Box::pin(self.document(&evidence)).await;
                document.or_else(|| Diagnosis::of_size(*actual, *expected))
            }
            _ => None,
        };
        match diagnosis {
            Some(diagnosis) => ServiceError::Explained {
                mismatch,
                diagnosis,
            },
            None => mismatch.into(),
        }
    }

    async fn of_digests(
        &self,
        expected: &Digest,
        actual: &Digest,
        evidence: &Evidence<'_>,
    ) -> Option<Diagnosis> {
        if evidence.size == 0 {
            return Some(Diagnosis::Nothing);
        }
        let mut known = evidence.digests.iter();
        if let Some(known) = known.find(|known| known.value() == expected.value()) {
            return Some(Diagnosis::Algorithm(known.algorithm().clone()));
        }
        if self.is_of_nothing(expected) {
            return Some(Diagnosis::OfNothing);
        }
        if let Some(found) = self.look_again(expected, evidence).await {
            return Some(found);
        }
        self.elsewhere(expected, actual, evidence).await
    }

    /// Whether `digest` is that of no bytes.
    fn is_of_nothing(&self, digest: &Digest) -> bool {
        let hasher = self.parts.hashers.hasher(digest.algorithm());
        hasher.is_ok_and(|hasher| {
            Digest::new(digest.algorithm().clone(), &hasher.finish()) == *digest
        })
    }
}
