//! Metadata definitions.
//!
//! Every use case on something in a namespace asks the policy about the namespace. A namespace
//! that the caller may not see does not exist for it; one that it may see but not change is
//! closed to it.

mod associations;
mod list;
mod load;
mod namespaces;
mod objects;
mod properties;
mod refusal;
mod tags;

use std::sync::Arc;

pub use self::{
    list::{ListedNamespace, NamespacePage},
    load::{Existing, Loaded, MetadefLoader},
    tags::OldTags,
};
use crate::{
    db::{MetadefKind, Session, Transaction},
    domain::{
        Caller,
        metadef::{Dated, Name, Namespace, Visibility},
    },
    policy::{Action, Target},
    service::{Core, ServiceError},
};

/// Use cases of metadata definitions.
#[derive(Clone)]
pub struct MetadefService(Arc<Core>);

impl MetadefService {
    pub(super) const fn new(core: Arc<Core>) -> Self {
        Self(core)
    }

    /// A session, and the namespace, if the caller may see it and do `action` to it.
    async fn seen(
        &self,
        caller: &Caller,
        name: &Name,
        action: Action,
    ) -> Result<(Session, Dated<Namespace>), ServiceError> {
        let mut session = self.0.parts.db.read().await?;
        let namespace = self.permitted(&mut session, caller, name, action).await?;
        Ok((session, namespace))
    }

    /// A transaction in which nobody else changes the namespace, if the caller may do `action`
    /// to it.
    async fn locked(
        &self,
        caller: &Caller,
        name: &Name,
        action: Action,
    ) -> Result<(Transaction, Namespace), ServiceError> {
        let mut tx = self.0.parts.db.begin().await?;
        tx.lock_namespace(name).await?;
        let namespace = self.permitted(&mut tx, caller, name, action).await?;
        Ok((tx, namespace.what))
    }

    async fn permitted(
        &self,
        session: &mut Session,
        caller: &Caller,
        name: &Name,
        action: Action,
    ) -> Result<Dated<Namespace>, ServiceError> {
        let namespace = self.sight(session, caller, name).await?;
        self.permit(caller, action, &namespace.what)?;
        Ok(namespace)
    }

    /// The namespace, if the caller may know that it exists.
    async fn sight(
        &self,
        session: &mut Session,
        caller: &Caller,
        name: &Name,
    ) -> Result<Dated<Namespace>, ServiceError> {
        let found = session.find_namespace(name).await?;
        found
            .filter(|found| {
                found.what.visibility == Visibility::Public
                    || caller.acts_for(found.what.owner.as_deref())
                    || self.0.parts.policy.is_admin(caller)
            })
            .ok_or_else(|| refusal::no_namespace(name))
    }

    /// Asks the policy. A caller that may not even get the namespace is told that it does not
    /// exist, as Glance does.
    fn permit(
        &self,
        caller: &Caller,
        action: Action,
        namespace: &Namespace,
    ) -> Result<(), ServiceError> {
        let target = Target::namespace(namespace);
        let policy = &self.0.parts.policy;
        policy.check(caller, action, &target).map_err(|denied| {
            if policy.allows(caller, Action::GetMetadefNamespace, &target) {
                denied.into()
            } else {
                refusal::no_namespace(&namespace.name)
            }
        })
    }
}

/// Holds the number that a namespace has of a kind, with `more` of them, against the bound.
async fn check_room(
    session: &mut Session,
    namespace: &Name,
    kind: MetadefKind,
    more: usize,
) -> Result<(), ServiceError> {
    let count = session.count_metadefs(namespace, kind).await?;
    refusal::check_number(kind, count.saturating_add(more as u64))
}

/// Ends `tx` by deleting the one of that name, unless the namespace is protected.
async fn delete(
    mut tx: Transaction,
    namespace: &Namespace,
    kind: MetadefKind,
    name: &Name,
) -> Result<(), ServiceError> {
    if !tx.delete_metadef(&namespace.name, kind, name).await? {
        return Err(refusal::not_in(&namespace.name, kind, name));
    }
    refusal::check_unprotected(namespace, refusal::word(kind), name)?;
    Ok(tx.commit().await?)
}

/// Ends `tx` by deleting all of a kind, unless the namespace is protected.
async fn clear(
    mut tx: Transaction,
    namespace: &Namespace,
    kind: MetadefKind,
) -> Result<(), ServiceError> {
    refusal::check_unprotected(namespace, "namespace", &namespace.name)?;
    tx.clear_metadefs(&namespace.name, kind).await?;
    Ok(tx.commit().await?)
}
