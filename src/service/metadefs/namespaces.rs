//! Namespaces.

use super::{MetadefService, refusal};
use crate::{
    db::{MetadefKind, Session},
    domain::{
        Caller, Direction, Timestamp,
        metadef::{
            Contents, Dated, ItemField, ItemQuery, MAX_OF_A_KIND, Name, Namespace, Sort, Tree,
        },
    },
    policy::{Action, Target},
    service::ServiceError,
};

impl MetadefService {
    /// Creates a namespace with all of `contents`, or nothing. Unless `namespace` says who owns
    /// it, the caller's project does.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Denied`], [`ServiceError::Conflict`] if a name is taken,
    /// [`ServiceError::OverQuota`], [`ServiceError::Forbidden`] if the owner is another project
    /// and the caller no administrator.
    #[tracing::instrument(
        name = "metadef_namespaces.create", level = "debug",
        skip_all, fields(namespace = %namespace.name)
    )]
    pub async fn create_namespace(
        &self,
        caller: &Caller,
        namespace: Namespace,
        contents: Contents,
    ) -> Result<Tree, ServiceError> {
        self.permit_creation(caller, &contents)?;
        let namespace = self.owned(caller, namespace)?;
        let parts = &self.0.parts;
        let mut tx = parts.db.begin().await?;
        let namespace = Dated::new(namespace, parts.clock.now());
        tx.insert_namespace(&namespace)
            .await
            .map_err(|error| refusal::taken(error, &namespace.what.name))?;
        fill(
            &mut tx,
            &namespace.what.name,
            contents,
            namespace.created_at,
        )
        .await?;
        let tree = tree(&mut tx, namespace).await?;
        tx.commit().await?;
        Ok(tree)
    }

    fn permit_creation(&self, caller: &Caller, contents: &Contents) -> Result<(), ServiceError> {
        let asked = [
            (Action::AddMetadefNamespace, true),
            (
                Action::AddMetadefResourceTypeAssociation,
                !contents.associations.is_empty(),
            ),
            (Action::AddMetadefObject, !contents.objects.is_empty()),
            (Action::AddMetadefProperty, !contents.properties.is_empty()),
            (Action::AddMetadefTag, !contents.tags.is_empty()),
        ];
        for (action, _) in asked.into_iter().filter(|(_, needed)| *needed) {
            let target = Target::none(caller);
            self.0.parts.policy.check(caller, action, &target)?;
        }
        Ok(())
    }

    /// The namespace with its owner, which only an administrator may choose.
    fn owned(&self, caller: &Caller, mut namespace: Namespace) -> Result<Namespace, ServiceError> {
        match &namespace.owner {
            None => namespace.owner.clone_from(&caller.project_id),
            Some(_) if caller.acts_for(namespace.owner.as_deref()) => {}
            Some(_) if self.0.parts.policy.is_admin(caller) => {}
            Some(_) => {
                return Err(ServiceError::Forbidden(
                    "only an administrator may let another project own a namespace".into(),
                ));
            }
        }
        Ok(namespace)
    }

    /// A namespace with all that is in it.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`] also if the caller may not see it,
    /// [`ServiceError::Denied`] if the caller may see it but not what is in it.
    #[tracing::instrument(
        name = "metadef_namespaces.show", level = "debug",
        skip_all, fields(namespace = %name)
    )]
    pub async fn show_namespace(&self, caller: &Caller, name: &Name) -> Result<Tree, ServiceError> {
        let (mut session, namespace) = self.seen(caller, name, Action::GetMetadefNamespace).await?;
        for action in [
            Action::ListMetadefResourceTypes,
            Action::GetMetadefObjects,
            Action::GetMetadefProperties,
            Action::GetMetadefTags,
        ] {
            self.permit(caller, action, &namespace.what)?;
        }
        tree(&mut session, namespace).await
    }

    /// Makes a namespace what `namespace` says, its name included; what is in it stays. Unless
    /// `namespace` says who owns it, the caller's project does.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], [`ServiceError::Denied`],
    /// [`ServiceError::Conflict`] if another has the new name, [`ServiceError::Forbidden`] if
    /// the owner is another project and the caller no administrator.
    #[tracing::instrument(
        name = "metadef_namespaces.update", level = "debug",
        skip_all, fields(namespace = %name)
    )]
    pub async fn update_namespace(
        &self,
        caller: &Caller,
        name: &Name,
        namespace: Namespace,
    ) -> Result<Dated<Namespace>, ServiceError> {
        let (mut tx, _) = self
            .locked(caller, name, Action::ModifyMetadefNamespace)
            .await?;
        let namespace = self.owned(caller, namespace)?;
        let now = self.0.parts.clock.now();
        tx.update_namespace(name, &namespace, now)
            .await
            .map_err(|error| refusal::taken(error, &namespace.name))?;
        let found = tx.find_namespace(&namespace.name).await?;
        let updated = found.ok_or_else(|| refusal::no_namespace(name))?;
        tx.commit().await?;
        Ok(updated)
    }

    /// Deletes a namespace with all that is in it.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMetadef`], [`ServiceError::Denied`], [`ServiceError::Forbidden`] if
    /// it is protected.
    #[tracing::instrument(
        name = "metadef_namespaces.delete", level = "debug",
        skip_all, fields(namespace = %name)
    )]
    pub async fn delete_namespace(&self, caller: &Caller, name: &Name) -> Result<(), ServiceError> {
        let (mut tx, namespace) = self
            .locked(caller, name, Action::DeleteMetadefNamespace)
            .await?;
        refusal::check_unprotected(&namespace, "namespace", name)?;
        tx.delete_namespace(name).await?;
        Ok(tx.commit().await?)
    }
}

/// Puts all of `contents` into a namespace that is empty.
pub(super) async fn fill(
    session: &mut Session,
    namespace: &Name,
    contents: Contents,
    at: Timestamp,
) -> Result<(), ServiceError> {
    let Contents {
        associations,
        properties,
        objects,
        tags,
    } = contents;
    for (kind, number) in [
        (MetadefKind::Associations, associations.len()),
        (MetadefKind::Properties, properties.len()),
        (MetadefKind::Objects, objects.len()),
        (MetadefKind::Tags, tags.len()),
    ] {
        refusal::check_number(kind, number as u64)?;
    }
    let taken = |kind, name: Name| move |error| refusal::taken_in(error, namespace, kind, &name);
    for association in associations {
        let taken = taken(MetadefKind::Associations, association.resource_type.clone());
        let association = Dated::new(association, at);
        let inserted = session.insert_association(namespace, &association).await;
        inserted.map_err(taken)?;
    }
    for property in properties {
        let inserted = session.insert_metadef_property(namespace, &property).await;
        inserted.map_err(taken(MetadefKind::Properties, property.name))?;
    }
    for object in objects {
        let taken = taken(MetadefKind::Objects, object.name.clone());
        let object = Dated::new(object, at);
        let inserted = session.insert_metadef_object(namespace, &object).await;
        inserted.map_err(taken)?;
    }
    for tag in tags {
        let inserted = session
            .insert_metadef_tag(namespace, &Dated::new(tag.clone(), at))
            .await;
        inserted.map_err(taken(MetadefKind::Tags, tag))?;
    }
    Ok(())
}

/// The namespace with all that is in it: objects in the order they came, tags the newest first.
async fn tree(session: &mut Session, namespace: Dated<Namespace>) -> Result<Tree, ServiceError> {
    let name = namespace.what.name.clone();
    let all = |direction| ItemQuery {
        sort: Sort {
            field: ItemField::CreatedAt,
            direction,
        },
        marker: None,
        limit: u32::try_from(MAX_OF_A_KIND).unwrap_or(u32::MAX),
    };
    Ok(Tree {
        namespace,
        associations: session.list_associations(&name).await?,
        properties: session.list_metadef_properties(&name).await?,
        objects: session
            .list_metadef_objects(&name, &all(Direction::Ascending), None)
            .await?,
        tags: session
            .list_metadef_tags(&name, &all(Direction::Descending), None)
            .await?,
    })
}
