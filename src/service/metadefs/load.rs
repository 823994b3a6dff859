//! Loading definitions that come as files, without a caller: the operator does it.

use std::sync::Arc;

use super::{namespaces::fill, refusal};
use crate::{
    db::{Db, DbError, MetadefKind, Session},
    domain::{
        Clock, Timestamp,
        metadef::{Contents, Dated, Name, Namespace},
    },
    service::ServiceError,
};

/// What becomes of a namespace that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays as it is.
    Kept,
    /// It gets what it does not have.
    Merged,
    /// It gets what it does not have, and what it has becomes what is loaded.
    Updated,
    /// It goes, with all that is in it, and comes anew.
    Replaced,
}

/// What came of loading a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loaded {
    /// It is new.
    Created,
    /// It was there, and was left as it was.
    Kept,
    /// It was there, and is now as [`Existing`] said.
    Changed,
}

/// Loads namespaces into a database.
pub struct MetadefLoader {
    db: Db,
    clock: Arc<dyn Clock>,
    existing: Existing,
}

impl MetadefLoader {
    /// Loads into `db`, which must have the schema of this program.
    #[must_use]
    pub fn new(db: Db, clock: Arc<dyn Clock>, existing: Existing) -> Self {
        Self {
            db,
            clock,
            existing,
        }
    }

    /// Loads one namespace with all of its contents, or nothing.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Conflict`] if a name stands twice in `contents`,
    /// [`ServiceError::OverQuota`].
    #[tracing::instrument(
        name = "metadef_namespaces.load", level = "debug",
        skip_all, fields(namespace = %namespace.name)
    )]
    pub async fn load(
        &self,
        namespace: Namespace,
        contents: Contents,
    ) -> Result<Loaded, ServiceError> {
        let now = self.clock.now();
        let name = namespace.name.clone();
        let mut tx = self.db.begin().await?;
        tx.lock_namespace(&name).await?;
        let was_there = tx.find_namespace(&name).await?.is_some();
        match self.existing {
            _ if !was_there => {
                create(&mut tx, namespace, contents, now).await?;
            }
            Existing::Kept => return Ok(Loaded::Kept),
            Existing::Merged => {
                merge(&mut tx, &name, contents, Overlap::Kept, now).await?;
            }
            Existing::Updated => {
                tx.update_namespace(&name, &namespace, now).await?;
                merge(&mut tx, &name, contents, Overlap::Updated, now).await?;
            }
            Existing::Replaced => {
                tx.delete_namespace(&name).await?;
                create(&mut tx, namespace, contents, now).await?;
            }
        }
        tx.commit().await?;
        Ok(if was_there {
            Loaded::Changed
        } else {
            Loaded::Created
        })
    }
}

/// What becomes of something that is in the namespace already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Overlap {
    Kept,
    Updated,
}

async fn create(
    session: &mut Session,
    namespace: Namespace,
    contents: Contents,
    at: Timestamp,
) -> Result<(), ServiceError> {
    let namespace = Dated::new(namespace, at);
    session
        .insert_namespace(&namespace)
        .await
        .map_err(|error| refusal::taken(error, &namespace.what.name))?;
    fill(session, &namespace.what.name, contents, at).await
}

async fn merge(
    session: &mut Session,
    namespace: &Name,
    contents: Contents,
    overlap: Overlap,
    at: Timestamp,
) -> Result<(), ServiceError> {
    let update = overlap == Overlap::Updated;
    for association in contents.associations {
        let association = Dated::new(association, at);
        let inserted = session.insert_association(namespace, &association).await;
        if was_there(inserted)? && update {
            session
                .update_association(namespace, &association.what, at)
                .await?;
        }
    }
    for property in contents.properties {
        let inserted = session.insert_metadef_property(namespace, &property).await;
        if was_there(inserted)? && update {
            session
                .update_metadef_property(namespace, &property.name, &property)
                .await?;
        }
    }
    for object in contents.objects {
        let object = Dated::new(object, at);
        let inserted = session.insert_metadef_object(namespace, &object).await;
        if was_there(inserted)? && update {
            let what = &object.what;
            session
                .update_metadef_object(namespace, &what.name, what, at)
                .await?;
        }
    }
    for tag in contents.tags {
        let tag = Dated::new(tag, at);
        was_there(session.insert_metadef_tag(namespace, &tag).await)?;
    }
    for kind in [
        MetadefKind::Associations,
        MetadefKind::Properties,
        MetadefKind::Objects,
        MetadefKind::Tags,
    ] {
        super::check_room(session, namespace, kind, 0).await?;
    }
    Ok(())
}

/// Whether an insert found its place taken.
fn was_there(inserted: Result<(), DbError>) -> Result<bool, ServiceError> {
    match inserted {
        Ok(()) => Ok(false),
        Err(DbError::Taken { .. }) => Ok(true),
        Err(error) => Err(error.into()),
    }
}
