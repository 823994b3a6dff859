//! Listing namespaces.

use super::MetadefService;
use crate::{
    domain::{
        Caller, Viewer,
        metadef::{Association, Dated, Name, Namespace, NamespaceQuery},
    },
    policy::{Action, Target},
    service::ServiceError,
};

/// A namespace of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedNamespace {
    /// The namespace.
    pub namespace: Dated<Namespace>,
    /// To what its definitions apply.
    pub associations: Vec<Dated<Association>>,
}

/// A page of a list of namespaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamespacePage {
    /// The namespaces the caller may see.
    pub namespaces: Vec<ListedNamespace>,
    /// The last namespace of a full page: where the next one begins.
    pub next: Option<Name>,
}

impl MetadefService {
    /// A page of the namespaces that the caller may see.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Denied`] if the caller may not list, [`ServiceError::NoSuchMetadef`] if
    /// there is no such marker that the caller may see.
    #[tracing::instrument(name = "metadef_namespaces.list", level = "debug", skip_all)]
    pub async fn list_namespaces(
        &self,
        caller: &Caller,
        query: NamespaceQuery,
    ) -> Result<NamespacePage, ServiceError> {
        let policy = &self.0.parts.policy;
        for action in [
            Action::GetMetadefNamespaces,
            Action::ListMetadefResourceTypes,
        ] {
            policy.check(caller, action, &Target::none(caller))?;
        }
        let mut session = self.0.parts.db.read().await?;
        let marker = match &query.marker {
            Some(name) => Some(self.sight(&mut session, caller, name).await?),
            None => None,
        };
        let found = session
            .list_namespaces(&self.viewer(caller), &query, marker.as_ref())
            .await?;
        let full = query.limit > 0 && found.len() >= query.limit as usize;
        let last = found.last().filter(|_| full);
        let next = last.map(|last| last.what.name.clone());
        let mut namespaces = Vec::with_capacity(found.len());
        for namespace in found {
            let target = Target::namespace(&namespace.what);
            if policy.allows(caller, Action::GetMetadefNamespace, &target) {
                let associations = session.list_associations(&namespace.what.name).await?;
                namespaces.push(ListedNamespace {
                    namespace,
                    associations,
                });
            }
        }
        Ok(NamespacePage { namespaces, next })
    }

    fn viewer(&self, caller: &Caller) -> Viewer {
        if self.0.parts.policy.is_admin(caller) {
            return Viewer::Admin(caller.project_id.clone());
        }
        let project = caller.project_id.clone();
        project.map_or(Viewer::Nobody, Viewer::Project)
    }
}
