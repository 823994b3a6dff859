//! How Keystone is asked who callers are and what projects may have.

use std::{slice::from_ref, time::Duration};

use crate::{
    auth::{CacheSettings, KeystoneSettings, ServiceTokenRoles},
    cloud::{Interface, Transport},
    config::{
        check::Check,
        identity::OsloLimit,
        options::{LOGIN, LOGIN_SECTIONS, rows},
        sections::Fixed,
    },
    keystone::{Catalog, LimitsSettings, Login, LoginFault, LoginOptions, Place, Settings},
};

/// The section of tokens.
const TOKENS: &str = "keystone_authtoken";
/// The section of limits.
const LIMITS: &str = "oslo_limit";
/// The names that an interface has.
const INTERFACES: &str = "public, internal, admin";

/// How tokens are judged; `None`, with the faults noted in `check`, if that cannot be done.
pub(super) fn tokens(check: &mut Check<'_>, fixed: &Fixed) -> Option<KeystoneSettings> {
    let section = &fixed.keystone_authtoken;
    let login = login(check, TOKENS, section.auth_section.as_deref())?;
    let interfaces = interfaces(check, (TOKENS, "interface"), from_ref(&section.interface))?;
    warn_of_what_does_nothing(check, fixed);
    let www_authenticate_uri = section.www_authenticate_uri.clone().unwrap_or_else(|| {
        check.warnings.push(format!(
            "[{TOKENS}] www_authenticate_uri is not set: clients are told the address of auth_url, \
             which they may be unable to reach"
        ));
        login.auth_url().to_owned()
    });
    let seconds = section.http_connect_timeout.map(Duration::from_secs);
    let time = u64::try_from(section.token_cache_time).ok();
    Some(KeystoneSettings {
        session: Settings {
            login,
            interfaces,
            region_name: section.region_name.clone(),
            transport: Transport {
                cafile: section.cafile.clone(),
                certfile: section.certfile.clone(),
                keyfile: section.keyfile.clone(),
                insecure: section.insecure,
                timeout: seconds.unwrap_or(Transport::TIMEOUT),
                retries: section.http_request_max_retries,
            },
        },
        www_authenticate_uri,
        cache: CacheSettings {
            time: time.filter(|seconds| *seconds > 0).map(Duration::from_secs),
            size: fixed.auth.token_cache_size,
        },
        catalog: if section.include_service_catalog {
            Catalog::Included
        } else {
            Catalog::Omitted
        },
        service_token_roles: lower_case(&section.service_token_roles),
        service_token_need: if section.service_token_roles_required {
            ServiceTokenRoles::Required
        } else {
            ServiceTokenRoles::ForExpiredTokens
        },
        service_type: section.service_type.clone(),
    })
}

/// How limits are asked for; `None`, with the faults noted in `check`, if that cannot be done.
pub(super) fn limits(check: &mut Check<'_>, fixed: &Fixed) -> Option<LimitsSettings> {
    let section = &fixed.oslo_limit;
    let login = login(check, LIMITS, section.auth_section.as_deref());
    let place = place(check, section);
    let interfaces = interfaces(
        check,
        (LIMITS, "valid_interfaces"),
        &section.valid_interfaces,
    );
    warn_if_insecure(check, LIMITS, section.insecure);
    let seconds = section.timeout.map(Duration::from_secs);
    Some(LimitsSettings {
        endpoint: place?,
        session: Settings {
            login: login?,
            interfaces: interfaces?,
            region_name: section.region_name.clone(),
            transport: Transport {
                cafile: section.cafile.clone(),
                certfile: section.certfile.clone(),
                keyfile: section.keyfile.clone(),
                insecure: section.insecure,
                timeout: seconds.unwrap_or(Transport::TIMEOUT),
                retries: Transport::RETRIES,
            },
        },
    })
}

/// The login that `section` describes, or the section that it names.
fn login(check: &mut Check<'_>, section: &str, named: Option<&str>) -> Option<Login> {
    let place = named.unwrap_or(section);
    if rows(place).is_some() && !LOGIN_SECTIONS.contains(&place) {
        let allowed = "the name of a section with auth_type and the options that belong to it";
        check.refuse(section, "auth_section", allowed);
        return None;
    }
    let is_login = |name: &str| LOGIN.iter().any(|row| row.name == name);
    let options = check.effective.extract::<LoginOptions>(place, is_login);
    let options = options.map_err(|fault| check.faults.push(fault)).ok()?;
    let faults = match options.login() {
        Ok(login) => return Some(login),
        Err(faults) => faults,
    };
    for fault in faults {
        match fault {
            // What was refused for another reason is not told once more.
            LoginFault::Missing { option, .. } if check.is_refused(place, option) => {}
            LoginFault::Missing { option, allowed } => check.missing(place, option, allowed),
            LoginFault::Refused { option, allowed } => check.refuse(place, option, allowed),
        }
    }
    None
}

fn place(check: &mut Check<'_>, section: &OsloLimit) -> Option<Place> {
    if let Some(id) = &section.endpoint_id {
        let is_id = |sign: char| sign.is_ascii_alphanumeric() || sign == '-' || sign == '_';
        if id.chars().all(is_id) {
            return Some(Place::Id(id.clone()));
        }
        check.refuse(LIMITS, "endpoint_id", "the id of an endpoint");
        return None;
    }
    if section.endpoint_service_type.is_none() && section.endpoint_service_name.is_none() {
        let allowed = "the id of the endpoint that limits belong to; or else \
                       endpoint_service_type (image) or endpoint_service_name is set";
        check.missing(LIMITS, "endpoint_id", allowed);
        return None;
    }
    let option = (LIMITS, "endpoint_interface");
    let interfaces = interfaces(check, option, from_ref(&section.endpoint_interface))?;
    Some(Place::Search {
        service_type: section.endpoint_service_type.clone(),
        service_name: section.endpoint_service_name.clone(),
        region: section.endpoint_region_name.clone(),
        interface: *interfaces.first()?,
    })
}

fn interfaces(
    check: &mut Check<'_>,
    (section, option): (&str, &str),
    names: &[String],
) -> Option<Vec<Interface>> {
    let parsed: Result<Vec<Interface>, _> = names.iter().map(|name| name.parse()).collect();
    match parsed {
        Ok(interfaces) if !interfaces.is_empty() => Some(interfaces),
        _ => {
            check.refuse(section, option, INTERFACES);
            None
        }
    }
}

/// What Glance's operators may have set and what has no effect, or one to be aware of.
fn warn_of_what_does_nothing(check: &mut Check<'_>, fixed: &Fixed) {
    let section = &fixed.keystone_authtoken;
    let memcached = [
        "memcached_servers",
        "memcache_security_strategy",
        "memcache_secret_key",
    ];
    let is_given = |option: &&str| check.effective.is_given(TOKENS, option);
    if memcached.iter().any(is_given) || section.cache.is_some() {
        check.warnings.push(format!(
            "[{TOKENS}] memcached_servers and what belongs to it have no effect: tokens are \
             remembered by each process itself"
        ));
    }
    if !section.service_token_roles_required {
        check.warnings.push(format!(
            "[{TOKENS}] service_token_roles_required = false: any valid token can stand for a \
             service's, and lifts access rules"
        ));
    }
    warn_if_insecure(check, TOKENS, section.insecure);
}

fn warn_if_insecure(check: &mut Check<'_>, section: &str, insecure: bool) {
    if insecure {
        check.warnings.push(format!(
            "[{section}] insecure = true: whoever can reach the network can pose as Keystone"
        ));
    }
}

fn lower_case(words: &[String]) -> Vec<String> {
    words.iter().map(|word| word.to_lowercase()).collect()
}
