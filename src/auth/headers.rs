//! The identity headers that keystonemiddleware's `auth_token` sets, read with suspicion.

use http::HeaderMap;

use crate::{
    auth::{Unauthenticated, catalog, token_header::Header},
    domain::{Caller, Credentials, Reach},
};

/// Bytes of one header at most. Keystone's ids have 64; many roles make the longest values.
const MAX_LENGTH: usize = 8192;

/// The token that the proxy has judged.
const TOKEN: Header = Header("x-auth-token");
/// The catalog that came with it.
const CATALOG: &str = "x-service-catalog";

/// The caller that a trusted proxy describes in `headers`.
///
/// # Errors
///
/// [`Unauthenticated`] if the proxy does not confirm the identity, or a header is not one that
/// an honest proxy sends.
pub(super) fn caller(headers: &HeaderMap, request_id: String) -> Result<Caller, Unauthenticated> {
    let headers = Identity(headers);
    if headers.one("x-identity-status")?.as_deref() != Some("Confirmed") {
        return Err(Unauthenticated::NotConfirmed);
    }
    let project_id = headers.renamed("x-project-id", "x-tenant-id")?;
    Ok(Caller {
        user_id: headers.one("x-user-id")?,
        user_name: headers.one("x-user-name")?,
        user_domain_id: headers.one("x-user-domain-id")?,
        reach: headers.reach(project_id.is_some())?,
        project_id,
        project_name: headers.renamed("x-project-name", "x-tenant-name")?,
        project_domain_id: headers.one("x-project-domain-id")?,
        domain_id: headers.one("x-domain-id")?,
        roles: roles(headers.renamed("x-roles", "x-role")?),
        service_roles: headers.service_roles()?,
        credentials: headers.credentials()?,
        request_id,
    })
}

/// The headers of one request.
struct Identity<'a>(&'a HeaderMap);

impl Identity<'_> {
    /// The value of the header `name`, without blanks around it; an empty one is none.
    fn one(&self, name: &'static str) -> Result<Option<String>, Unauthenticated> {
        let mut values = self.0.get_all(name).iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(Unauthenticated::Ambiguous(name));
        }
        if value.len() > MAX_LENGTH {
            return Err(Unauthenticated::Malformed(name));
        }
        let text = value
            .to_str()
            .map_err(|_| Unauthenticated::Malformed(name))?
            .trim();
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    /// The value of a header that has an `old` name as well. Both may be there if they agree.
    fn renamed(
        &self,
        name: &'static str,
        old: &'static str,
    ) -> Result<Option<String>, Unauthenticated> {
        match (self.one(name)?, self.one(old)?) {
            (Some(value), Some(other)) if value != other => Err(Unauthenticated::Ambiguous(name)),
            (Some(value), _) | (None, Some(value)) => Ok(Some(value)),
            (None, None) => Ok(None),
        }
    }

    /// How far the authority reaches. A token has one scope only: beside a project or a domain,
    /// a system scope is that of a calling service, which the middleware does not keep apart.
    fn reach(&self, has_project: bool) -> Result<Reach, Unauthenticated> {
        let domain = self.one("x-domain-id")?;
        let system = self.renamed("openstack-system-scope", "x-system-scope")?;
        match system.as_deref() {
            None | Some("all") => {}
            Some(_) => return Err(Unauthenticated::Malformed("openstack-system-scope")),
        }
        Ok(if has_project {
            Reach::Project
        } else if domain.is_some() {
            Reach::Domain
        } else if system.is_some() {
            Reach::System
        } else {
            Reach::Project
        })
    }

    /// The token that other services can be shown, and where they are. A token that is none that
    /// could be shown is left aside: it is the proxy that judges it.
    fn credentials(&self) -> Result<Option<Credentials>, Unauthenticated> {
        let Some(token) = TOKEN.one(self.0).ok().flatten() else {
            return Ok(None);
        };
        let mut catalogs = self.0.get_all(CATALOG).iter();
        let catalog = catalogs.next();
        if catalogs.next().is_some() {
            return Err(Unauthenticated::Ambiguous(CATALOG));
        }
        // Longer than other headers: the server bounds the head of a request as a whole.
        let endpoints = match catalog.map(|value| str::from_utf8(value.as_bytes())) {
            None => Some(Vec::new()),
            Some(text) => text.ok().and_then(catalog::endpoints),
        };
        let endpoints = endpoints.ok_or(Unauthenticated::Malformed(CATALOG))?;
        Ok(Some(Credentials::new(token, endpoints.into())))
    }

    /// The roles of a calling service, unless the proxy says that its token is not valid.
    fn service_roles(&self) -> Result<Vec<String>, Unauthenticated> {
        let listed = roles(self.one("x-service-roles")?);
        let status = self.one("x-service-identity-status")?;
        Ok(match status.as_deref() {
            None | Some("Confirmed") => listed,
            Some(_) => Vec::new(),
        })
    }
}

/// The roles of a comma list, in lower case.
fn roles(list: Option<String>) -> Vec<String> {
    list.unwrap_or_default()
        .split(',')
        .map(|role| role.trim().to_ascii_lowercase())
        .filter(|role| !role.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn read(pairs: &[(&'static str, &str)]) -> Result<Caller, Unauthenticated> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            let value = HeaderValue::from_bytes(value.as_bytes()).expect("a header's value");
            headers.append(HeaderName::from_static(name), value);
        }
        caller(&headers, "req-1".into())
    }

    fn confirmed(pairs: &[(&'static str, &str)]) -> Result<Caller, Unauthenticated> {
        read(&[&[("x-identity-status", "Confirmed")], pairs].concat())
    }

    #[test]
    fn every_part_of_the_identity_is_taken_over() {
        let caller = confirmed(&[
            ("x-user-id", "u1"),
            ("x-user-name", "alice"),
            ("x-user-domain-id", "d1"),
            ("x-project-id", "p1"),
            ("x-project-name", "demo"),
            ("x-project-domain-id", "d2"),
            ("x-roles", "Member, reader,,"),
            ("x-service-roles", "Service"),
        ]);
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            caller,
            Ok(Caller {
                user_id: text("u1"),
                user_name: text("alice"),
                user_domain_id: text("d1"),
                project_id: text("p1"),
                project_name: text("demo"),
                project_domain_id: text("d2"),
                domain_id: None,
                roles: vec!["member".into(), "reader".into()],
                service_roles: vec!["service".into()],
                reach: Reach::Project,
                credentials: None,
                request_id: "req-1".into(),
            })
        );
    }

    #[test]
    fn only_a_confirmed_identity_counts() {
        for status in ["Invalid", "confirmed", "", "Confirmed, Invalid"] {
            let pairs = [("x-identity-status", status), ("x-user-id", "u1")];
            assert_eq!(read(&pairs), Err(Unauthenticated::NotConfirmed), "{status}");
        }
        assert_eq!(
            read(&[("x-user-id", "u1")]),
            Err(Unauthenticated::NotConfirmed)
        );
    }

    #[test]
    fn a_header_that_is_there_twice_is_refused() {
        for name in ["x-user-id", "x-project-id", "x-roles", "x-identity-status"] {
            let pairs = [(name, "Confirmed"), (name, "Confirmed")];
            assert_eq!(
                confirmed(&pairs).map(drop),
                Err(Unauthenticated::Ambiguous(name))
            );
        }
    }

    #[test]
    fn legacy_names_count_and_may_not_contradict_the_new_ones() {
        let caller = confirmed(&[("x-tenant-id", "p1"), ("x-role", "admin")]).expect("a caller");
        assert_eq!(caller.project_id.as_deref(), Some("p1"));
        assert_eq!(caller.roles, ["admin"]);
        assert!(confirmed(&[("x-tenant-id", "p1"), ("x-project-id", "p1")]).is_ok());
        assert_eq!(
            confirmed(&[("x-tenant-id", "p2"), ("x-project-id", "p1")]).map(drop),
            Err(Unauthenticated::Ambiguous("x-project-id"))
        );
    }

    #[test]
    fn values_that_are_too_long_or_not_ascii_are_refused() {
        let long = "x".repeat(MAX_LENGTH + 1);
        for value in [long.as_str(), "al\u{ef}ce"] {
            assert_eq!(
                confirmed(&[("x-user-name", value)]).map(drop),
                Err(Unauthenticated::Malformed("x-user-name"))
            );
        }
    }

    #[test]
    fn the_scope_is_the_systems_only_if_no_project_and_no_domain_is_named() {
        let reach = |pairs: &[(&'static str, &str)]| confirmed(pairs).map(|caller| caller.reach);
        let system = ("openstack-system-scope", "all");
        assert_eq!(reach(&[]), Ok(Reach::Project));
        assert_eq!(reach(&[system]), Ok(Reach::System));
        assert_eq!(reach(&[("x-system-scope", "all")]), Ok(Reach::System));
        assert_eq!(reach(&[("x-domain-id", "d1")]), Ok(Reach::Domain));
        assert_eq!(reach(&[system, ("x-domain-id", "d1")]), Ok(Reach::Domain));
        assert_eq!(reach(&[system, ("x-project-id", "p1")]), Ok(Reach::Project));
        assert!(reach(&[("x-system-scope", "some")]).is_err());
    }

    #[test]
    fn the_roles_of_a_service_whose_token_is_invalid_do_not_count() {
        let roles = |status| {
            let pairs = [
                ("x-service-roles", "service"),
                ("x-service-identity-status", status),
            ];
            confirmed(&pairs).map(|caller| caller.service_roles)
        };
        assert_eq!(roles("Confirmed"), Ok(vec!["service".to_owned()]));
        assert_eq!(roles("Invalid"), Ok(vec![]));
    }
}
