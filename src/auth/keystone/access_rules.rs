//! The requests that an application credential allows.

use crate::{
    auth::{Request, Unauthenticated},
    keystone::{AccessRule, Validated},
};

/// The longest pattern and path that are compared, in bytes.
const MAX_LENGTH: usize = 4096;

/// Lets `request` through if one of `rules` allows it to the registry, which the rules call
/// `service_type`, and the catalog of `token` has that service.
///
/// # Errors
///
/// [`Unauthenticated::NotAllowed`].
pub(super) fn check(
    rules: &[AccessRule],
    service_type: Option<&str>,
    token: &Validated,
    request: &Request<'_>,
) -> Result<(), Unauthenticated> {
    let Some(service_type) = service_type else {
        tracing::warn!(
            "a token with access rules is refused because [keystone_authtoken] service_type is \
             not set"
        );
        return Err(Unauthenticated::NotAllowed);
    };
    if !token
        .service_types
        .iter()
        .any(|known| known == service_type)
    {
        tracing::warn!(
            service_type,
            "a token with access rules is refused because its catalog has no such service"
        );
        return Err(Unauthenticated::NotAllowed);
    }
    let allows = |rule: &AccessRule| {
        rule.service == service_type
            && rule.method == request.method.as_str()
            && matches(&rule.path, request.path)
    };
    if is_plain(request.path) && rules.iter().any(allows) {
        Ok(())
    } else {
        Err(Unauthenticated::NotAllowed)
    }
}

/// Whether `path` means what it says: no segment that is empty, goes up or stays, and no escaped
/// sign that would do so once it is read.
fn is_plain(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let escaped = ["%2f", "%2e", "%5c", "%25", "%00"];
    let mut segments = path.split('/').skip(1);
    path.starts_with('/')
        && !path.contains('\\')
        && !escaped.iter().any(|sign| lower.contains(sign))
        && segments.all(|segment| !matches!(segment, "" | "." | ".."))
}

/// A part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// This byte.
    Byte(u8),
    /// One byte or more of one segment: `{name}` or `*`.
    InSegment,
    /// Anything: `**`.
    Anything,
}

/// Whether `path` is what `pattern` describes. All but `{name}`, `*` and `**` stands for itself.
fn matches(pattern: &str, path: &str) -> bool {
    if pattern.len() > MAX_LENGTH || path.len() > MAX_LENGTH {
        return false;
    }
    let Some(parts) = parts(pattern) else {
        return false;
    };
    // reached[n]: the parts so far can describe the first n bytes.
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    for part in parts {
        reached = step(part, &reached, path.as_bytes());
    }
    reached[path.len()]
}

/// What can be described with `part` in addition.
fn step(part: Part, before: &[bool], path: &[u8]) -> Vec<bool> {
    let mut after = vec![false; before.len()];
    if part == Part::Anything {
        after[0] = before[0];
    }
    for (at, byte) in path.iter().enumerate() {
        after[at + 1] = match part {
            Part::Byte(wanted) => before[at] && *byte == wanted,
            Part::InSegment => (before[at] || after[at]) && *byte != b'/',
            Part::Anything => before[at + 1] || after[at],
        };
    }
    after
}

/// The parts of a pattern; `None` if a brace has no partner.
fn parts(pattern: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = pattern.as_bytes();
    while let Some(first) = rest.first() {
        let (part, length) = match first {
            b'{' => (
                Part::InSegment,
                1 + rest.iter().position(|byte| *byte == b'}')?,
            ),
            b'}' => return None,
            b'*' if rest.starts_with(b"**") => (Part::Anything, 2),
            b'*' => (Part::InSegment, 1),
            byte => (Part::Byte(*byte), 1),
        };
        parts.push(part);
        rest = &rest[length..];
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use http::{HeaderMap, Method};

    use super::*;
    use crate::{domain::Timestamp, keystone::Scope};

    #[test]
    fn a_name_and_a_star_are_one_segment_and_two_stars_are_anything() {
        for (pattern, path, holds) in [
            ("/v2/images", "/v2/images", true),
            ("/v2/images", "/v2/images/", false),
            ("/v2/images", "/v2/image", false),
            ("/v2/images/{image_id}", "/v2/images/a", true),
            ("/v2/images/{image_id}", "/v2/images/", false),
            ("/v2/images/{image_id}", "/v2/images/a/file", false),
            ("/v2/*/{id}/file", "/v2/images/a/file", true),
            ("/v2/im*", "/v2/images", true),
            ("/v2/**", "/v2/images/a/file", true),
            ("/v2/**", "/v2/", true),
            ("/v2/**/file", "/v2/images/a/file", true),
            ("/v2/**/file", "/v2/images/a/files", false),
            ("**", "/anything/at/all", true),
            ("/v2/***", "/v2/a", true),
            ("", "/", false),
        ] {
            assert_eq!(matches(pattern, path), holds, "{pattern} {path}");
        }
    }

    #[test]
    fn signs_of_regular_expressions_stand_for_themselves() {
        for (pattern, path, holds) in [
            ("/v2/image.", "/v2/images", false),
            ("/v2/image.", "/v2/image.", true),
            ("/v2/(images|tasks)", "/v2/tasks", false),
            ("/v2/[a-z]+", "/v2/images", false),
            ("/v2/images$", "/v2/images", false),
            ("/v2/images?", "/v2/image", false),
            ("/v2/\\w+", "/v2/images", false),
        ] {
            assert_eq!(matches(pattern, path), holds, "{pattern} {path}");
        }
    }

    #[test]
    fn a_pattern_that_is_broken_or_endless_allows_nothing() {
        for pattern in ["/v2/{image", "/v2/image}", "/v2/}{"] {
            assert!(!matches(pattern, "/v2/image"), "{pattern}");
        }
        let stars = "*a".repeat(MAX_LENGTH / 2 - 1) + "b";
        assert!(!matches(&stars, &"a".repeat(MAX_LENGTH)));
        assert!(!matches("**", &"a".repeat(MAX_LENGTH + 1)));
    }

    fn allowed(service_type: Option<&str>, method: &Method, path: &str) -> bool {
        let rule = |service: &str, method: &str, path: &str| AccessRule {
            service: service.into(),
            method: method.into(),
            path: path.into(),
        };
        let rules = [
            rule("image", "GET", "/v2/images/**"),
            rule("compute", "DELETE", "/v2/images/{id}"),
        ];
        let token = Validated {
            user_id: "u".into(),
            user_name: None,
            user_domain_id: None,
            scope: Scope::Unscoped,
            roles: Vec::new(),
            expires_at: Timestamp::from_micros(0),
            access_rules: None,
            endpoints: Vec::new().into(),
            service_types: vec!["compute".into(), "image".into()],
        };
        let request = Request {
            peer: Ipv4Addr::LOCALHOST.into(),
            headers: &HeaderMap::new(),
            method,
            path,
            request_id: String::new(),
        };
        check(&rules, service_type, &token, &request).is_ok()
    }

    #[test]
    fn a_rule_is_for_one_service_one_method_and_its_paths() {
        let image = Some("image");
        assert!(allowed(image, &Method::GET, "/v2/images/a"));
        assert!(!allowed(image, &Method::PATCH, "/v2/images/a"));
        assert!(!allowed(image, &Method::DELETE, "/v2/images/a"));
        assert!(!allowed(image, &Method::GET, "/v2/tasks"));
        assert!(!allowed(None, &Method::GET, "/v2/images/a"));
        assert!(!allowed(Some("volume"), &Method::GET, "/v2/images/a"));
    }

    #[test]
    fn a_path_with_tricks_is_allowed_by_no_rule() {
        for path in [
            "/v2/images/../tasks",
            "/v2/images/./a",
            "/v2/images//a",
            "/v2/images/%2e%2e/tasks",
            "/v2/images/..%2Ftasks",
            "/v2/images/a%252f",
            "/v2/images/a\\..\\b",
            "v2/images/a",
        ] {
            assert!(!allowed(Some("image"), &Method::GET, path), "{path}");
        }
    }
}
