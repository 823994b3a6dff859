//! Types of resources, and the namespaces that apply to them.

use super::{MetadefService, check_room, delete, refusal};
use crate::{
    db::MetadefKind,
    domain::{
        Caller,
        metadef::{Association, Dated, Name},
    },
    policy::{Action, Target},
    service::ServiceError,
};

const KIND: MetadefKind = MetadefKind::Associations;

impl MetadefService {
    /// The types of resources that some namespace ever applied to.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Denied`]
    #[tracing::instrument(name = "metadef_resource_types.list", level = "debug", skip_all)]
    pub async fn list_resource_types(
        &self,
        caller: &Caller,
    ) -> Result<Vec<Dated<Name>>, ServiceError> {
        let parts = &self.0.parts;
        let target = Target::none(caller);
        parts
            .policy
            .check(caller, Action::ListMetadefResourceTypes, &target)?;
        Ok(parts.db.read().await?.list_resource_types().await?)
    }

    /// The types of resources that the namespace applies to: none if the caller may list them
    /// but get none of them.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], [`ServiceError::Denied`]
    #[tracing::instrument(
        name = "metadef_associations.list", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn list_associations(
        &self,
        caller: &Caller,
        namespace: &Name,
    ) -> Result<Vec<Dated<Association>>, ServiceError> {
        let (mut session, found) = self
            .seen(caller, namespace, Action::ListMetadefResourceTypes)
            .await?;
        let target = Target::namespace(&found.what);
        let policy = &self.0.parts.policy;
        if !policy.allows(caller, Action::GetMetadefResourceType, &target) {
            return Ok(Vec::new());
        }
        Ok(session.list_associations(namespace).await?)
    }

    /// Lets the namespace apply to a type of resources, which need not be known yet.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], [`ServiceError::Denied`], [`ServiceError::Conflict`] if
    /// it does already, [`ServiceError::OverQuota`].
    #[tracing::instrument(
        name = "metadef_associations.add", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn associate(
        &self,
        caller: &Caller,
        namespace: &Name,
        association: Association,
    ) -> Result<Dated<Association>, ServiceError> {
        let (mut tx, _) = self
            .locked(caller, namespace, Action::AddMetadefResourceTypeAssociation)
            .await?;
        let association = Dated::new(association, self.0.parts.clock.now());
        let name = &association.what.resource_type;
        tx.insert_association(namespace, &association)
            .await
            .map_err(|error| refusal::taken_in(error, namespace, KIND, name))?;
        check_room(&mut tx, namespace, KIND, 0).await?;
        tx.commit().await?;
        Ok(association)
    }

    /// Lets the namespace apply to a type of resources no longer.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], [`ServiceError::Denied`], [`ServiceError::Forbidden`] if
    /// the namespace is protected.
    #[tracing::instrument(
        name = "metadef_associations.remove", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn dissociate(
        &self,
        caller: &Caller,
        namespace: &Name,
        resource_type: &Name,
    ) -> Result<(), ServiceError> {
        let (tx, found) = self
            .locked(
                caller,
                namespace,
                Action::RemoveMetadefResourceTypeAssociation,
            )
            .await?;
        delete(tx, &found, KIND, resource_type).await
    }
}
