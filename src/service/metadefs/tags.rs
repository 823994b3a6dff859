//! Tags that a namespace suggests.

use super::{MetadefService, check_room, clear, delete, refusal};
use crate::{
    db::{MetadefKind, Session},
    domain::{
        Caller,
        metadef::{Dated, ItemQuery, Name},
    },
    policy::Action,
    service::ServiceError,
};

const KIND: MetadefKind = MetadefKind::Tags;

/// What becomes of the tags that a namespace has when others come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OldTags {
    /// They stay.
    Kept,
    /// They go.
    Replaced,
}

impl MetadefService {
    /// A page of the tags of a namespace.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`] if there is no such namespace or marker,
    /// [`ServiceError::Denied`].
    #[tracing::instrument(
        name = "metadef_tags.list", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn list_tags(
        &self,
        caller: &Caller,
        namespace: &Name,
        query: &ItemQuery,
    ) -> Result<Vec<Dated<Name>>, ServiceError> {
        let (mut session, _) = self.seen(caller, namespace, Action::GetMetadefTags).await?;
        let marker = match &query.marker {
            Some(marker) => Some(find(&mut session, namespace, marker).await?),
            None => None,
        };
        let tags = session.list_metadef_tags(namespace, query, marker.as_ref());
        Ok(tags.await?)
    }

    /// One tag.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], [`ServiceError::Denied`]
    #[tracing::instrument(
        name = "metadef_tags.show", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn show_tag(
        &self,
        caller: &Caller,
        namespace: &Name,
        name: &Name,
    ) -> Result<Dated<Name>, ServiceError> {
        let (mut session, _) = self.seen(caller, namespace, Action::GetMetadefTag).await?;
        find(&mut session, namespace, name).await
    }

    /// Adds a tag.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], [`ServiceError::Denied`], [`ServiceError::Conflict`] if
    /// the namespace has it already, [`ServiceError::OverQuota`].
    #[tracing::instrument(
        name = "metadef_tags.create", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn create_tag(
        &self,
        caller: &Caller,
        namespace: &Name,
        name: Name,
    ) -> Result<Dated<Name>, ServiceError> {
        let (mut tx, _) = self
            .locked(caller, namespace, Action::AddMetadefTag)
            .await?;
        let tag = Dated::new(name, self.0.parts.clock.now());
        tx.insert_metadef_tag(namespace, &tag)
            .await
            .map_err(|error| refusal::taken_in(error, namespace, KIND, &tag.what))?;
        check_room(&mut tx, namespace, KIND, 0).await?;
        tx.commit().await?;
        Ok(tag)
    }

    /// Adds all of the tags, or none. If there are none to add, the old ones stay as well.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], [`ServiceError::Denied`], [`ServiceError::Conflict`] if
    /// the namespace would have one of them twice, [`ServiceError::OverQuota`].
    #[tracing::instrument(
        name = "metadef_tags.create_all", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn create_tags(
        &self,
        caller: &Caller,
        namespace: &Name,
        names: &[Name],
        old: OldTags,
    ) -> Result<(), ServiceError> {
        let (mut tx, _) = self
            .locked(caller, namespace, Action::AddMetadefTags)
            .await?;
        if old == OldTags::Replaced && !names.is_empty() {
            tx.clear_metadefs(namespace, KIND).await?;
        }
        check_room(&mut tx, namespace, KIND, names.len()).await?;
        let now = self.0.parts.clock.now();
        for name in names {
            tx.insert_metadef_tag(namespace, &Dated::new(name.clone(), now))
                .await
                .map_err(|error| refusal::taken_in(error, namespace, KIND, name))?;
        }
        Ok(tx.commit().await?)
    }

    /// Gives a tag another name.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], [`ServiceError::Denied`], [`ServiceError::Conflict`] if
    /// another has the new name.
    #[tracing::instrument(
        name = "metadef_tags.rename", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn rename_tag(
        &self,
        caller: &Caller,
        namespace: &Name,
        name: &Name,
        to: &Name,
    ) -> Result<Dated<Name>, ServiceError> {
        let (mut tx, _) = self
            .locked(caller, namespace, Action::ModifyMetadefTag)
            .await?;
        let now = self.0.parts.clock.now();
        let renamed = tx
            .rename_metadef_tag(namespace, name, to, now)
            .await
            .map_err(|error| refusal::taken_in(error, namespace, KIND, to))?;
        if !renamed {
            return Err(refusal::not_in(namespace, KIND, name));
        }
        let tag = find(&mut tx, namespace, to).await?;
        tx.commit().await?;
        Ok(tag)
    }

    /// Deletes a tag.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], [`ServiceError::Denied`], [`ServiceError::Forbidden`] if
    /// the namespace is protected.
    #[tracing::instrument(
        name = "metadef_tags.delete", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn delete_tag(
        &self,
        caller: &Caller,
        namespace: &Name,
        name: &Name,
    ) -> Result<(), ServiceError> {
        let (tx, found) = self
            .locked(caller, namespace, Action::DeleteMetadefTag)
            .await?;
        delete(tx, &found, KIND, name).await
    }

    /// Deletes all tags of a namespace. As Glance does, it asks for leave to delete the namespace
    /// as well.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], [`ServiceError::Denied`], [`ServiceError::Forbidden`] if
    /// the namespace is protected.
    #[tracing::instrument(
        name = "metadef_tags.clear", level = "debug",
        skip_all, fields(namespace = %namespace)
    )]
    pub async fn clear_tags(&self, caller: &Caller, namespace: &Name) -> Result<(), ServiceError> {
        let (tx, found) = self
            .locked(caller, namespace, Action::DeleteMetadefNamespace)
            .await?;
        self.permit(caller, Action::DeleteMetadefTags, &found)?;
        clear(tx, &found, KIND).await
    }
}

async fn find(
    session: &mut Session,
    namespace: &Name,
    name: &Name,
) -> Result<Dated<Name>, ServiceError> {
    let found = session.find_metadef_tag(namespace, name).await?;
    found.ok_or_else(|| refusal::not_in(namespace, KIND, name))
}
