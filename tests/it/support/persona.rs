//! Who sends a request.

/// Somebody, as the proxy in front of the registry says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Persona {
    /// The user's id.
    pub user: &'static str,
    /// The project's id.
    pub project: &'static str,
    /// The roles, separated by commas.
    pub roles: &'static str,
}

impl Persona {
    /// May do everything.
    pub const ADMIN: Self = Self {
        user: "ada",
        project: "operations",
        roles: "admin,manager,member,reader",
    };
    /// Writes in its project: the usual owner of a test's images.
    pub const MEMBER: Self = Self {
        user: "mia",
        project: "alpha",
        roles: "member,reader",
    };
    /// Reads in the same project.
    pub const READER: Self = Self {
        user: "rob",
        project: "alpha",
        roles: "reader",
    };
    /// Writes in another project.
    pub const STRANGER: Self = Self {
        user: "sam",
        project: "beta",
        roles: "member,reader",
    };

    /// The headers by which the proxy says so.
    pub fn headers(&self) -> [(&'static str, &'static str); 4] {
        [
            ("x-identity-status", "Confirmed"),
            ("x-user-id", self.user),
            ("x-project-id", self.project),
            ("x-roles", self.roles),
        ]
    }
}
