//! Accepting a task that creates an image and brings its data in.

use super::TaskService;
use crate::{
    domain::{
        AskedImage, Caller, ChecksumSource, ExpectedDigests, ImportMethod, NewImage, StoresNeeded,
        Task, TaskKind,
    },
    policy::Action,
    service::{ImportCall, ServiceError, core::Sighted, imports::Order},
};

/// A task that is to create an image and bring its data in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskCall {
    /// Where the data come from.
    pub uri: String,
    /// The image.
    pub image: NewImage,
    /// The image in the words of the caller.
    pub asked: AskedImage,
    /// The store that is to hold the data; none: the default one.
    pub store: Option<String>,
    /// The digests that the data must have.
    pub expected: ExpectedDigests,
    /// Where their publisher says what digests they have.
    pub checksums: Option<ChecksumSource>,
}

impl TaskService {
    /// Whether the caller may create a task, before anything of it is looked at.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Denied`]
    pub fn check_creation(&self, caller: &Caller) -> Result<(), ServiceError> {
        self.permit(caller, &[Action::TasksApiAccess, Action::AddTask])
    }

    /// Accepts a task: when this returns, the image is there, `importing`, and the task is
    /// durable. It is run as any import is, through the same checks; if it fails, the image goes.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Denied`], and what creating the image and importing into it can fail by.
    #[tracing::instrument(name = "tasks.create", level = "debug", skip_all)]
    pub async fn create(&self, caller: &Caller, call: TaskCall) -> Result<Task, ServiceError> {
        self.check_creation(caller)?;
        let core = &self.core;
        if let Err(refused) = core.parts.fetcher.check(&call.uri) {
            return Err(ServiceError::Invalid(format!(
                "import_from: the URI for legacy import task does not pass filtering: {refused}"
            )));
        }
        let image = self.images.describe(caller, call.image)?;
        let quotas = core.quotas(caller.project_id.as_deref()).await?;
        let certificate = core.certificate_of(caller, &image).await;
        let mut tx = core.parts.db.begin().await?;
        self.images.insert(&mut tx, &quotas, &image).await?;
        let sighted = Sighted {
            image,
            membership: None,
        };
        let order = Order {
            kind: TaskKind::Import,
            call: ImportCall {
                method: ImportMethod::WebDownload { uri: call.uri },
                stores: None,
                all_stores: false,
                needed: StoresNeeded::All,
                store_header: call.store,
                expected: call.expected,
                checksums: call.checksums,
            },
            asked: Some(call.asked),
            quotas: &quotas,
            certificate,
        };
        let task = core.order(&mut tx, caller, &sighted, order).await?;
        let task = task.ok_or_else(|| ServiceError::internal("a new image needs no data"))?;
        tx.commit().await?;
        core.accepted.notify_one();
        Ok(task)
    }
}
