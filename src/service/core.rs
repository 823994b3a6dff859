//! What every use case works with, and the one rule of who sees what.

use std::sync::Arc;

use tokio::sync::{Notify, Semaphore};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::{
    convert::Converter,
    db::{Db, DbError, Session, Transaction},
    domain::{Caller, Clock, Ids, Image, ImageId, Viewer, Visibility},
    fetch::Fetcher,
    hash::Hashers,
    jobs::Engine,
    notify::Notifier,
    openpgp::Keyrings,
    policy::{Action, Policy, Target},
    receipt::Signer,
    service::{
        CertificateSource, KeyDeleter, LimitSource, NodeCache, ServiceError, Settings, StagingArea,
        lease,
    },
    signature::Roots,
    store::{Store, Stores},
    stream::Pace,
};

/// The parts that the use cases work with.
pub struct Parts {
    /// The metadata.
    pub db: Db,
    /// Who may do what.
    pub policy: Policy,
    /// The stores of published bytes.
    pub stores: Stores,
    /// Whether users can tell the stores apart (`enabled_backends`).
    pub stores_are_named: bool,
    /// The image cache of this node; none: there is none.
    pub cache: Option<NodeCache>,
    /// The store of staged bytes.
    pub staging: Arc<dyn Store>,
    /// Where that is, if it can be told from those of other nodes.
    pub area: Option<StagingArea>,
    /// The hash algorithms.
    pub hashers: Hashers,
    /// Outgoing requests.
    pub fetcher: Fetcher,
    /// Where the certificates of signatures come from.
    pub certificates: Arc<dyn CertificateSource>,
    /// What must vouch for them; none: nothing has to.
    pub certificate_roots: Option<Roots>,
    /// What deletes the keys of encrypted images; none: nobody does.
    pub keys: Option<Arc<dyn KeyDeleter>>,
    /// The unified limits of projects; none: `user_storage_quota` holds.
    pub limits: Option<Arc<dyn LimitSource>>,
    /// Whose signatures of checksum files are believed.
    pub keyrings: Keyrings,
    /// What converts disks; none: nothing has to.
    pub converter: Option<Converter>,
    /// What other services are told.
    pub notifier: Notifier,
    /// Runs verification jobs.
    pub engine: Engine,
    /// Signs receipts of verifications, if they are kept.
    pub signer: Option<Signer>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn Ids>,
    /// The settings.
    pub settings: Settings,
}

/// The parts, and what runs on them.
pub struct Core {
    pub(super) parts: Parts,
    /// Work that goes on when its client is gone.
    pub(super) work: TaskTracker,
    /// Rings when a task was accepted.
    pub(super) accepted: Arc<Notify>,
    /// Rings when a check was asked for.
    pub(super) checks_asked: Arc<Notify>,
    /// Rings when an image is to be brought into the cache.
    pub(super) cache_asked: Notify,
    /// How fast copies are read again, over all of them.
    pub(super) pace: Arc<Pace>,
    /// How many images are looked at a second time.
    pub(super) second_looks: Semaphore,
}

/// An image that the caller may know of.
pub(super) struct Sighted {
    pub(super) image: Image,
    /// The caller's project, when the image is shared with it.
    pub(super) membership: Option<String>,
}

impl Core {
    /// Nothing runs yet.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self {
            pace: Arc::new(Pace::new(parts.settings.at_rest.rate)),
            checks_asked: Arc::default(),
            cache_asked: Notify::new(),
            parts,
            work: TaskTracker::new(),
            accepted: Arc::new(Notify::new()),
            second_looks: Semaphore::new(1),
        }
    }

    /// A transaction that keeps others from changing the image until it ends.
    ///
    /// Whatever changes an image together with its claim, task or checks begins so: of two that
    /// took those rows in different orders, each could wait for the other.
    pub(super) async fn begin_on(&self, id: ImageId) -> Result<Transaction, DbError> {
        let mut tx = self.parts.db.begin().await?;
        tx.lock_image(id).await?;
        Ok(tx)
    }

    /// Claims the image within `tx` for `holder`, for as long as a lease; `false` if somebody holds
    /// it.
    pub(super) async fn claim_image(
        &self,
        tx: &mut Transaction,
        id: ImageId,
        holder: Uuid,
    ) -> Result<bool, DbError> {
        let until = self.parts.clock.now().plus(self.parts.settings.lease);
        match tx.insert_claim(id, holder, until).await {
            Err(DbError::Taken { .. }) => Ok(false),
            inserted => inserted.map(|()| true),
        }
    }

    /// Renews the claim of `holder` on the image, and ends when it is lost.
    pub(super) async fn hold_claim(&self, id: ImageId, holder: Uuid) {
        let length = self.parts.settings.lease;
        let renew = async || {
            let until = self.parts.clock.now().plus(length);
            let mut tx = self.parts.db.begin().await?;
            let renewed = tx.renew_claim(id, holder, until).await?;
            tx.commit().await?;
            Ok(renewed)
        };
        lease::hold(length, renew).await;
    }

    /// The image, if the caller may know that it exists (image-level visibility; the policy is
    /// asked by [`Core::permit`]).
    pub(super) async fn sight(
        &self,
        session: &mut Session,
        caller: &Caller,
        id: ImageId,
    ) -> Result<Sighted, ServiceError> {
        let unseen = || ServiceError::NoSuchImage(id.to_string());
        let image = session.find_image(id).await?.ok_or_else(unseen)?;
        let membership = membership(session, caller, &image).await?;
        let visible = self.parts.policy.is_admin(caller)
            || image.owner.is_none()
            || caller.acts_for(image.owner.as_deref())
            || membership.is_some()
            || matches!(image.visibility, Visibility::Public | Visibility::Community);
        visible
            .then_some(Sighted { image, membership })
            .ok_or_else(unseen)
    }

    /// Whose eyes lists are made for.
    pub(super) fn viewer(&self, caller: &Caller) -> Viewer {
        if self.parts.policy.is_admin(caller) {
            return Viewer::Admin(caller.project_id.clone());
        }
        caller
            .project_id
            .clone()
            .map_or(Viewer::Nobody, Viewer::Project)
    }

    /// Asks the policy. A caller that may not even get the image is told that it does not
    /// exist, as Glance does.
    pub(super) fn permit(
        &self,
        caller: &Caller,
        action: Action,
        sighted: &Sighted,
    ) -> Result<(), ServiceError> {
        let target = Target::image(&sighted.image, sighted.membership.as_deref());
        let policy = &self.parts.policy;
        policy.check(caller, action, &target).map_err(|denied| {
            if action == Action::GetImage || !policy.allows(caller, Action::GetImage, &target) {
                ServiceError::NoSuchImage(sighted.image.id.to_string())
            } else {
                denied.into()
            }
        })
    }

    /// [`Core::sight`], then [`Core::permit`].
    pub(super) async fn permitted(
        &self,
        session: &mut Session,
        caller: &Caller,
        id: ImageId,
        action: Action,
    ) -> Result<Sighted, ServiceError> {
        let sighted = self.sight(session, caller, id).await?;
        self.permit(caller, action, &sighted)?;
        Ok(sighted)
    }

    /// Runs `work` to its end, also when the client that waits for it goes away.
    pub(super) async fn run_to_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, ServiceError>> + Send + 'static,
    ) -> Result<T, ServiceError> {
        self.work
            .spawn(work)
            .await
            .unwrap_or_else(|panic| Err(ServiceError::internal(panic)))
    }
}

async fn membership(
    session: &mut Session,
    caller: &Caller,
    image: &Image,
) -> Result<Option<String>, ServiceError> {
    let stranger = image.owner.is_some() && !caller.acts_for(image.owner.as_deref());
    match &caller.project_id {
        Some(project) if stranger && image.visibility == Visibility::Shared => Ok(session
            .find_member(image.id, project)
            .await?
            .map(|member| member.member_id)),
        _ => Ok(None),
    }
}
