//! Definitions of groups of properties.

use super::{MetadefService, check_room, clear, delete, refusal};
use crate::{
    db::{MetadefKind, Session},
    domain::{
        Caller,
        metadef::{Dated, ItemQuery, Name, Object},
    },
    policy::{Action, Target},
    service::ServiceError,
};

const KIND: MetadefKind = MetadefKind::Objects;

impl MetadefService {
    /// A page of the objects of a namespace: none if the caller may list them but get none of
    /// them.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`] if there is no such namespace or marker,
    /// [`ServiceError::Denied`].
    #[tracing::instrument(
        name = "metadef_objects.list", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn list_objects(
        &self,
        caller: &Caller,
        namespace: &Name,
        query: &ItemQuery,
    ) -> Result<Vec<Dated<Object>>, ServiceError> {
        let (mut session, found) = self
            .seen(caller, namespace, Action::GetMetadefObjects)
            .await?;
        let target = Target::namespace(&found.what);
        let policy = &self.0.parts.policy;
        if !policy.allows(caller, Action::GetMetadefObject, &target) {
            return Ok(Vec::new());
        }
        let marker = match &query.marker {
            Some(marker) => Some(find(&mut session, namespace, marker).await?),
            None => None,
        };
        let marker = marker.map(|marker| marker.map(|object| object.name));
        let objects = session.list_metadef_objects(namespace, query, marker.as_ref());
        Ok(objects.await?)
    }

    /// The definition of one object.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], [`ServiceError::Denied`]
    #[tracing::instrument(
        name = "metadef_objects.show", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn show_object(
        &self,
        caller: &Caller,
        namespace: &Name,
        name: &Name,
    ) -> Result<Dated<Object>, ServiceError> {
        let (mut session, _) = self
            .seen(caller, namespace, Action::GetMetadefObject)
            .await?;
        find(&mut session, namespace, name).await
    }

    /// Defines an object.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], [`ServiceError::Denied`], [`ServiceError::Conflict`] if
    /// the namespace has one of that name, [`ServiceError::OverQuota`].
    #[tracing::instrument(
        name = "metadef_objects.create", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn create_object(
        &self,
        caller: &Caller,
        namespace: &Name,
        object: Object,
    ) -> Result<Dated<Object>, ServiceError> {
        let (mut tx, _) = self
            .locked(caller, namespace, Action::AddMetadefObject)
            .await?;
        let object = Dated::new(object, self.0.parts.clock.now());
        tx.insert_metadef_object(namespace, &object)
            .await
            .map_err(|error| refusal::taken_in(error, namespace, KIND, &object.what.name))?;
        check_room(&mut tx, namespace, KIND, 0).await?;
        tx.commit().await?;
        Ok(object)
    }

    /// Makes a definition what `object` says, its name included.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], [`ServiceError::Denied`], [`ServiceError::Conflict`] if
    /// another has the new name.
    #[tracing::instrument(
        name = "metadef_objects.update", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn update_object(
        &self,
        caller: &Caller,
        namespace: &Name,
        name: &Name,
        object: &Object,
    ) -> Result<Dated<Object>, ServiceError> {
        let (mut tx, _) = self
            .locked(caller, namespace, Action::ModifyMetadefObject)
            .await?;
        let now = self.0.parts.clock.now();
        let updated = tx
            .update_metadef_object(namespace, name, object, now)
            .await
            .map_err(|error| refusal::taken_in(error, namespace, KIND, &object.name))?;
        if !updated {
            return Err(refusal::not_in(namespace, KIND, name));
        }
        let object = find(&mut tx, namespace, &object.name).await?;
        tx.commit().await?;
        Ok(object)
    }

    /// Deletes the definition of an object.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], [`ServiceError::Denied`], [`ServiceError::Forbidden`] if
    /// the namespace is protected.
    #[tracing::instrument(
        name = "metadef_objects.delete", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn delete_object(
        &self,
        caller: &Caller,
        namespace: &Name,
        name: &Name,
    ) -> Result<(), ServiceError> {
        let (tx, found) = self
            .locked(caller, namespace, Action::DeleteMetadefObject)
            .await?;
        delete(tx, &found, KIND, name).await
    }

    /// Deletes the definitions of all objects of a namespace. As Glance does, it asks for leave
    /// to delete the namespace.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], [`ServiceError::Denied`], [`ServiceError::Forbidden`] if
    /// the namespace is protected.
    #[tracing::instrument(
        name = "metadef_objects.clear", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn clear_objects(
        &self,
        caller: &Caller,
        namespace: &Name,
    ) -> Result<(), ServiceError> {
        let (tx, found) = self
            .locked(caller, namespace, Action::DeleteMetadefNamespace)
            .await?;
        clear(tx, &found, KIND).await
    }
}

async fn find(
    session: &mut Session,
    namespace: &Name,
    name: &Name,
) -> Result<Dated<Object>, ServiceError> {
    let found = session.find_metadef_object(namespace, name).await?;
    found.ok_or_else(|| refusal::not_in(namespace, KIND, name))
}
