//! What the token of a calling service is worth.

use crate::{
    auth::keystone::{Service, settings::ServiceTokenRoles},
    keystone::Validated,
};

/// The rules by which tokens of services are judged.
pub(super) struct ServiceTokens {
    /// The roles of which a service has to have one, in lower case.
    pub(super) roles: Vec<String>,
    /// What it needs them for.
    pub(super) need: ServiceTokenRoles,
}

impl ServiceTokens {
    /// The service that `token` makes of its bearer.
    ///
    /// A token that its own access rules restrict vouches for nobody: it could free itself of
    /// them.
    pub(super) fn judge(&self, token: &Validated) -> Service {
        let has_role = token.roles.iter().any(|role| self.roles.contains(role));
        let is_free = token.access_rules.is_none();
        let is_acceptable = is_free
            && match self.need {
                ServiceTokenRoles::Required => has_role,
                ServiceTokenRoles::ForExpiredTokens => true,
            };
        if !is_acceptable {
            tracing::info!(
                "the token of a calling service lacks the roles, and counts for nothing"
            );
            return Service::default();
        }
        Service {
            roles: token.roles.clone(),
            vouches: has_role,
            is_acceptable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::Timestamp,
        keystone::{AccessRule, Scope},
    };

    fn token(role: &str) -> Validated {
        Validated {
            user_id: "nova".into(),
            user_name: None,
            user_domain_id: None,
            scope: Scope::System,
            roles: vec![role.into()],
            expires_at: Timestamp::from_micros(0),
            access_rules: None,
            endpoints: Vec::new().into(),
            service_types: Vec::new(),
        }
    }

    /// Whether the token is acceptable, and whether it vouches.
    fn judge(need: ServiceTokenRoles, token: &Validated) -> (bool, bool) {
        let roles = vec!["service".to_owned()];
        let service = ServiceTokens { roles, need }.judge(token);
        assert_eq!(service.roles.is_empty(), !service.is_acceptable);
        (service.is_acceptable, service.vouches)
    }

    #[test]
    fn a_service_needs_one_of_the_roles_unless_they_are_for_expired_tokens_only() {
        use ServiceTokenRoles::{ForExpiredTokens, Required};
        assert_eq!(judge(Required, &token("service")), (true, true));
        assert_eq!(judge(Required, &token("member")), (false, false));
        assert_eq!(judge(ForExpiredTokens, &token("service")), (true, true));
        assert_eq!(judge(ForExpiredTokens, &token("member")), (true, false));
    }

    #[test]
    fn a_token_with_access_rules_vouches_for_nobody() {
        let mut restricted = token("service");
        restricted.access_rules = Some(vec![AccessRule {
            service: "image".into(),
            method: "GET".into(),
            path: "/v2/images".into(),
        }]);
        for need in [
            ServiceTokenRoles::Required,
            ServiceTokenRoles::ForExpiredTokens,
        ] {
            assert_eq!(judge(need, &restricted), (false, false));
        }
    }
}
