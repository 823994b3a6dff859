//! Who asks.

use crate::domain::Credentials;

/// How far a caller's authority reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// One project, or none named: what a project-scoped token gives.
    Project,
    /// The whole system (`OpenStack-System-Scope: all`).
    System,
    /// One domain.
    Domain,
    /// Nothing: who brings no identity at all may read what is public, and do nothing else.
    Nobody,
}

/// The identity behind a request, as the authentication strategy established it.
///
/// Whether the caller is an administrator is the policy's to say (`context_is_admin`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The user's id.
    pub user_id: Option<String>,
    /// The user's name.
    pub user_name: Option<String>,
    /// The id of the user's domain.
    pub user_domain_id: Option<String>,
    /// The id of the project the caller acts for.
    pub project_id: Option<String>,
    /// The project's name.
    pub project_name: Option<String>,
    /// The id of the project's domain.
    pub project_domain_id: Option<String>,
    /// The id of the domain the caller acts for, instead of a project.
    pub domain_id: Option<String>,
    /// The roles, in lower case.
    pub roles: Vec<String>,
    /// The roles of a calling service, in lower case; no policy rule sees them.
    pub service_roles: Vec<String>,
    /// How far the authority reaches.
    pub reach: Reach,
    /// What can be shown to other services; none: nobody there knows the caller.
    pub credentials: Option<Credentials>,
    /// The id of the request, as `X-Openstack-Request-Id` shows it.
    pub request_id: String,
}

impl Caller {
    /// The caller when there is no authentication: an administrator of no project.
    #[must_use]
    pub fn unauthenticated(request_id: String) -> Self {
        Self {
            roles: ["admin", "member", "reader"].map(String::from).to_vec(),
            reach: Reach::Project,
            ..Self::anonymous(request_id)
        }
    }

    /// The caller who brings no identity where one is expected, and whom the operator lets read
    /// what is public.
    #[must_use]
    pub fn anonymous(request_id: String) -> Self {
        Self {
            user_id: None,
            user_name: None,
            user_domain_id: None,
            project_id: None,
            project_name: None,
            project_domain_id: None,
            domain_id: None,
            roles: vec!["reader".to_owned()],
            service_roles: Vec::new(),
            reach: Reach::Nobody,
            credentials: None,
            request_id,
        }
    }

    /// Whether the caller acts for the project `owner`.
    #[must_use]
    pub fn acts_for(&self, owner: Option<&str>) -> bool {
        owner.is_some() && self.project_id.as_deref() == owner
    }
}
