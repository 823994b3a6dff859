//! Accepting an import.

use super::{ImportService, call::ImportCall, marks::Marks, promises::check_promises};
use crate::{
    db::{DbError, Transaction},
    domain::{
        AskedImage, Caller, Image, ImageId, ImageStatus, ImportMethod, ImportRequest,
        KeptCertificate, StoreId, Task, TaskKind, TaskStatus, property_names,
    },
    notify::{Event, TaskVerb},
    policy::Action,
    service::{
        Core, ServiceError,
        core::Sighted,
        data::check_writable,
        quota::{Arrival, Purpose, Quotas},
    },
};

impl ImportService {
    /// Accepts an import: when this returns, the image is `importing` and the task is durable. A
    /// copy to further stores leaves the image `active`, and there is no task if all of them hold
    /// it already.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Invalid`] if the request does not fit this deployment,
    /// [`ServiceError::Illegal`] if it does not fit the image's status,
    /// [`ServiceError::Conflict`] if another import works on the image or a format is not set,
    /// [`ServiceError::OverQuota`].
    #[tracing::instrument(name = "imports.begin", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn begin(
        &self,
        caller: &Caller,
        id: ImageId,
        call: ImportCall,
    ) -> Result<Option<Task>, ServiceError> {
        let core = &self.0;
        check_method(core, &call.method)?;
        let call = heeded(core, call);
        let quotas = core.quotas(caller.project_id.as_deref()).await?;
        let certificate = match call.method {
            ImportMethod::CopyImage => Ok(None),
            _ => core.certificate_for(caller, id, Action::ModifyImage).await,
        };
        let mut tx = core.begin_on(id).await?;
        let sighted = core.sight(&mut tx, caller, id).await?;
        let order = Order {
            kind: TaskKind::ApiImageImport,
            call,
            asked: None,
            quotas: &quotas,
            certificate,
        };
        let Some(task) = core.order(&mut tx, caller, &sighted, order).await? else {
            return Ok(None);
        };
        tx.commit().await?;
        core.accepted.notify_one();
        Ok(Some(task))
    }
}

/// An import to be accepted, and what was found out before its transaction began.
pub(in crate::service) struct Order<'a> {
    /// What the task is told to be.
    pub(in crate::service) kind: TaskKind,
    /// What is asked of it.
    pub(in crate::service) call: ImportCall,
    /// The image that it was to create.
    pub(in crate::service) asked: Option<AskedImage>,
    /// What the caller may have.
    pub(in crate::service) quotas: &'a Quotas,
    /// The certificate of the image's signature; the error counts once the image is known to be
    /// one that the caller may import into.
    pub(in crate::service) certificate: Result<Option<KeptCertificate>, ServiceError>,
}

impl Core {
    /// Accepts an import within `tx`, which has locked the image; none if nothing is to be done.
    pub(in crate::service) async fn order(
        &self,
        tx: &mut Transaction,
        caller: &Caller,
        sighted: &Sighted,
        order: Order<'_>,
    ) -> Result<Option<Task>, ServiceError> {
        let (image, mut call) = (&sighted.image, order.call);
        check_method(self, &call.method)?;
        check_idle(tx, image).await?;
        let importing = begun(image, &call.method)?;
        check_formats(image)?;
        self.permit(caller, action(&call.method), sighted)?;
        let stores = targets(self, image, &call)?;
        if stores.is_empty() {
            return Ok(None);
        }
        let certificate = order.certificate?;
        if let ImportMethod::GlanceDownload(remote) = &mut call.method {
            self.locate(caller, remote)?;
        }
        check_promises(self, image, &call, certificate.as_ref())?;
        let injects = injects(self, caller, image, &call.method)?;
        let import = ImportRequest {
            method: call.method,
            stores,
            needed: call.needed,
            expected: call.expected,
            certificate,
            checksums: call.checksums,
            injects,
            asked: order.asked,
        };
        let task = compose(self, caller, order.kind, image.id, import);
        record(self, tx, image, importing, &task).await?;
        keep_token(tx, caller, &task).await?;
        let (arrival, owner) = (arrival(self, image, &task), image.owner.as_deref());
        let db = &self.parts.db;
        order.quotas.reserve(db, tx, owner, arrival).await?;
        Ok(Some(task))
    }
}

/// Keeps the token of the caller for as long as the task lasts, if another registry is to be shown
/// it.
async fn keep_token(
    tx: &mut Transaction,
    caller: &Caller,
    task: &Task,
) -> Result<(), ServiceError> {
    let ImportMethod::GlanceDownload(_) = &task.import.method else {
        return Ok(());
    };
    if let Some(credentials) = &caller.credentials {
        let token = credentials.token().into();
        tx.save_import_token(task.id, &token).await?;
    }
    Ok(())
}

/// A deployment whose stores have no names takes no notice of a header that names one.
fn heeded(core: &Core, call: ImportCall) -> ImportCall {
    let are_named = core.parts.stores_are_named;
    ImportCall {
        store_header: call.store_header.filter(|_| are_named),
        ..call
    }
}

fn check_method(core: &Core, method: &ImportMethod) -> Result<(), ServiceError> {
    let open = &core.parts.settings.import_methods;
    if open.iter().any(|name| name == method.as_str()) {
        return Ok(());
    }
    Err(ServiceError::Invalid(format!(
        "Unknown import method name '{}'. Enabled methods: {}",
        method.as_str(),
        open.join(", ")
    )))
}

/// Whether the import gives the image the operator's properties.
fn injects(
    core: &Core,
    caller: &Caller,
    image: &Image,
    method: &ImportMethod,
) -> Result<bool, ServiceError> {
    let plugins = &core.parts.settings.plugins;
    let injects = *method != ImportMethod::CopyImage && plugins.injects_for(caller);
    if injects {
        core.check_injected(image)?;
    }
    Ok(injects)
}

/// Nobody else works on the image's data.
///
/// # Errors
///
/// [`ServiceError::Conflict`], [`ServiceError::Raced`]
pub(in crate::service) async fn check_idle(
    tx: &mut Transaction,
    image: &Image,
) -> Result<(), ServiceError> {
    if tx.live_task(image.id).await?.is_some() {
        return Err(ServiceError::Conflict("Image has active task".into()));
    }
    if tx.find_claim(image.id).await?.is_some() {
        return Err(ServiceError::Raced(image.id));
    }
    Ok(())
}

fn begun(image: &Image, method: &ImportMethod) -> Result<ImageStatus, ServiceError> {
    Ok(match method {
        ImportMethod::GlanceDirect => image.status.begin_import_of_staged()?,
        ImportMethod::WebDownload { .. }
        | ImportMethod::GlanceDownload(_)
        | ImportMethod::Location { .. } => image.status.begin_import_by_download()?,
        ImportMethod::CopyImage => image.status.begin_copy()?,
    })
}

const fn action(method: &ImportMethod) -> Action {
    match method {
        ImportMethod::GlanceDirect
        | ImportMethod::WebDownload { .. }
        | ImportMethod::GlanceDownload(_) => Action::ModifyImage,
        ImportMethod::CopyImage => Action::CopyImage,
        ImportMethod::Location { .. } => Action::AddImageLocation,
    }
}

fn check_formats(image: &Image) -> Result<(), ServiceError> {
    for (name, value) in [
        ("container_format", &image.container_format),
        ("disk_format", &image.disk_format),
    ] {
        if value.is_none() {
            return Err(ServiceError::Conflict(format!(
                "'{name}' needs to be set before import"
            )));
        }
    }
    Ok(())
}

/// The stores that are to be filled, each once. None are left if the image is to be copied to all
/// stores and is there.
fn targets(core: &Core, image: &Image, call: &ImportCall) -> Result<Vec<StoreId>, ServiceError> {
    let stores = &core.parts.stores;
    let is_held = |id: &StoreId| image.locations.iter().any(|at| at.store == *id);
    let named = match (call.all_stores, &call.stores, &call.store_header) {
        (false, None, None) => vec![stores.default_id().to_string()],
        (true, None, None) => {
            let all = stores.iter().filter(|store| store.external().is_none());
            let all = all.map(|store| store.id.clone());
            return Ok(all.filter(|id| !is_held(id)).collect());
        }
        (false, Some(names), None) => names.clone(),
        (false, None, Some(name)) => vec![name.clone()],
        _ => {
            return Err(ServiceError::Invalid(
                "only one of all_stores, stores and the header X-Image-Meta-Store may be given"
                    .into(),
            ));
        }
    };
    let mut found: Vec<StoreId> = Vec::new();
    for name in &named {
        let store = stores.get(name);
        let store =
            store.ok_or_else(|| ServiceError::Conflict(format!("Invalid store '{name}'")))?;
        check_writable(store)?;
        if is_held(&store.id) {
            return Err(ServiceError::Invalid(format!(
                "stores: '{name}' holds image {} already",
                image.id
            )));
        }
        if !found.contains(&store.id) {
            found.push(store.id.clone());
        }
    }
    Ok(found)
}

/// A task that waits to do what `import` says.
pub(in crate::service) fn compose(
    core: &Core,
    caller: &Caller,
    kind: TaskKind,
    id: ImageId,
    import: ImportRequest,
) -> Task {
    let now = core.parts.clock.now();
    Task {
        id: core.parts.ids.next().into(),
        kind,
        status: TaskStatus::Pending,
        image_id: id,
        owner: caller.project_id.clone(),
        user_id: caller.user_id.clone(),
        request_id: caller.request_id.clone(),
        import,
        message: String::new(),
        attempts: 0,
        created_at: now,
        updated_at: now,
        expires_at: None,
    }
}

/// The bytes that the import brings. Those that are staged stay reserved until it ends, whoever
/// runs it; those of a download are reserved for each attempt.
pub(in crate::service) fn arrival(core: &Core, image: &Image, task: &Task) -> Arrival {
    let (purpose, size) = match task.import.method {
        ImportMethod::GlanceDirect => (Purpose::ImportStaged, image.size),
        ImportMethod::WebDownload { .. } | ImportMethod::GlanceDownload(_) => {
            (Purpose::AcceptDownload, None)
        }
        ImportMethod::CopyImage => (Purpose::Copy, image.size),
        ImportMethod::Location { .. } => (Purpose::Upload, None),
    };
    Arrival {
        image: image.id,
        holder: core.parts.ids.next(),
        purpose,
        size,
        copies: task.import.stores.len() as u64,
        beside: 0,
    }
}

/// Moves the image and writes the task, in the transaction that the answer waits for.
///
/// # Errors
///
/// [`ServiceError::Raced`] or [`ServiceError::Conflict`] if somebody else was faster.
pub(in crate::service) async fn record(
    core: &Core,
    tx: &mut Transaction,
    image: &Image,
    importing: ImageStatus,
    task: &Task,
) -> Result<(), ServiceError> {
    let now = core.parts.clock.now();
    if !tx
        .move_image(image.id, image.status, importing, now)
        .await?
    {
        return Err(ServiceError::Raced(image.id));
    }
    match tx.insert_task(task).await {
        Err(DbError::Taken { .. }) => {
            return Err(ServiceError::Conflict("Image has active task".into()));
        }
        inserted => inserted?,
    }
    let mut marks = Marks::of(image);
    marks.begin(&task.import.stores);
    marks.save(tx, image).await?;
    let task_id = task.id.to_string();
    tx.set_property(image.id, property_names::IMPORT_TASK, Some(&task_id))
        .await?;
    tx.remove_property(image.id, property_names::FAILURE)
        .await?;
    core.emit(tx, Event::Task(TaskVerb::Create, task)).await
}
