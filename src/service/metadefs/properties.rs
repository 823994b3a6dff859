//! Definitions of single properties.

use super::{MetadefService, check_room, clear, delete, refusal};
use crate::{
    db::MetadefKind,
    domain::{
        Caller,
        metadef::{Name, Property},
    },
    policy::Action,
    service::ServiceError,
};

const KIND: MetadefKind = MetadefKind::Properties;

impl MetadefService {
    /// The properties that a namespace defines.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], [`ServiceError::Denied`]
    #[tracing::instrument(
        name = "metadef_properties.list", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn list_properties(
        &self,
        caller: &Caller,
        namespace: &Name,
    ) -> Result<Vec<Property>, ServiceError> {
        let (mut session, _) = self
            .seen(caller, namespace, Action::GetMetadefProperties)
            .await?;
        Ok(session.list_metadef_properties(namespace).await?)
    }

    /// The definition of one property. With a type of resources, `name` is the name that the
    /// property has there: with the prefix of the association.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], also if the namespace does not apply to the type or the
    /// name does not have its prefix; [`ServiceError::Denied`].
    #[tracing::instrument(
        name = "metadef_properties.show", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn show_property(
        &self,
        caller: &Caller,
        namespace: &Name,
        name: &str,
        resource_type: Option<&Name>,
    ) -> Result<Property, ServiceError> {
        let (mut session, found) = self
            .seen(caller, namespace, Action::GetMetadefProperty)
            .await?;
        let mut bare = name;
        if let Some(resource_type) = resource_type {
            self.permit(caller, Action::GetMetadefResourceType, &found.what)?;
            let associations = session.list_associations(namespace).await?;
            let association = associations
                .into_iter()
                .find(|association| association.what.resource_type == *resource_type)
                .ok_or_else(|| {
                    refusal::not_in(namespace, MetadefKind::Associations, resource_type)
                })?;
            let prefix = association.what.prefix.unwrap_or_default();
            bare = name.strip_prefix(&prefix).ok_or_else(|| {
                ServiceError::NoSuchMetadef(format!(
                    "Property {name} does not start with the expected resource type association \
                     prefix of '{prefix}'."
                ))
            })?;
        }
        let unknown = || {
            ServiceError::NoSuchMetadef(format!(
                "The metadata definition property with name={bare} was not found in \
                 namespace={namespace}."
            ))
        };
        let bare: Name = bare.parse().map_err(|_| unknown())?;
        let property = session.find_metadef_property(namespace, &bare).await?;
        property.ok_or_else(unknown)
    }

    /// Defines a property.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], [`ServiceError::Denied`], [`ServiceError::Conflict`] if
    /// the namespace has one of that name, [`ServiceError::OverQuota`].
    #[tracing::instrument(
        name = "metadef_properties.create", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn create_property(
        &self,
        caller: &Caller,
        namespace: &Name,
        property: &Property,
    ) -> Result<(), ServiceError> {
        let (mut tx, _) = self
            .locked(caller, namespace, Action::AddMetadefProperty)
            .await?;
        tx.insert_metadef_property(namespace, property)
            .await
            .map_err(|error| refusal::taken_in(error, namespace, KIND, &property.name))?;
        check_room(&mut tx, namespace, KIND, 0).await?;
        Ok(tx.commit().await?)
    }

    /// Makes a definition what `property` says, its name included.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], [`ServiceError::Denied`], [`ServiceError::Conflict`] if
    /// another has the new name.
    #[tracing::instrument(
        name = "metadef_properties.update", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn update_property(
        &self,
        caller: &Caller,
        namespace: &Name,
        name: &Name,
        property: &Property,
    ) -> Result<(), ServiceError> {
        let (mut tx, _) = self
            .locked(caller, namespace, Action::ModifyMetadefProperty)
            .await?;
        let updated = tx
            .update_metadef_property(namespace, name, property)
            .await
            .map_err(|error| refusal::taken_in(error, namespace, KIND, &property.name))?;
        if !updated {
            return Err(refusal::not_in(namespace, KIND, name));
        }
        Ok(tx.commit().await?)
    }

    /// Deletes the definition of a property.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], [`ServiceError::Denied`], [`ServiceError::Forbidden`] if
    /// the namespace is protected.
    #[tracing::instrument(
        name = "metadef_properties.delete", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn delete_property(
        &self,
        caller: &Caller,
        namespace: &Name,
        name: &Name,
    ) -> Result<(), ServiceError> {
        let (tx, found) = self
            .locked(caller, namespace, Action::RemoveMetadefProperty)
            .await?;
        delete(tx, &found, KIND, name).await
    }

    /// Deletes the definitions of all properties of a namespace. As Glance does, it asks for
    /// leave to delete the namespace.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], [`ServiceError::Denied`], [`ServiceError::Forbidden`] if
    /// the namespace is protected.
    #[tracing::instrument(
        name = "metadef_properties.clear", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn clear_properties(
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
