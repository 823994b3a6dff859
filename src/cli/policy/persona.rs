//! Who a question is asked for.

use clap::{Args, ValueEnum};

use crate::domain::{Caller, Reach};

/// The caller.
#[derive(Debug, Args)]
pub(super) struct Who {
    /// Who asks: the persona's role, and those that Keystone implies by it
    #[arg(long, value_enum)]
    persona: Persona,
    /// Further roles, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "ROLE")]
    roles: Vec<String>,
    /// The id of the project that the caller acts for
    #[arg(long, value_name = "ID", default_value = "own-project")]
    pub(super) project: String,
    /// The user's id
    #[arg(long, value_name = "ID", default_value = "own-user")]
    user: String,
    /// What the caller's token is for
    #[arg(long, value_enum, default_value_t = Scope::Project)]
    scope: Scope,
}

/// One of the personas that the services of a cloud agree on.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Persona {
    Admin,
    Manager,
    Member,
    Reader,
    Service,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scope {
    Project,
    System,
    Domain,
}

impl Persona {
    /// The roles in the token of somebody who was given the persona's role.
    const fn roles(self) -> &'static [&'static str] {
        match self {
            Self::Admin => &["admin", "manager", "member", "reader"],
            Self::Manager => &["manager", "member", "reader"],
            Self::Member => &["member", "reader"],
            Self::Reader => &["reader"],
            Self::Service => &["service"],
        }
    }
}

impl Who {
    /// The caller as a token would make it.
    pub(super) fn caller(&self) -> Caller {
        let mut caller = Caller::unauthenticated("hallmark-policy-check".into());
        caller.user_id = Some(self.user.clone());
        caller.project_id = (self.scope == Scope::Project).then(|| self.project.clone());
        let given = self.roles.iter().map(|role| role.trim().to_lowercase());
        let implied = self.persona.roles().iter().map(|role| (*role).to_owned());
        caller.roles = implied.chain(given).collect();
        caller.reach = match self.scope {
            Scope::Project => Reach::Project,
            Scope::System => Reach::System,
            Scope::Domain => Reach::Domain,
        };
        caller
    }
}
