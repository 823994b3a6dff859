//! How Keystone is asked, as the operator says it.

use std::time::Duration;

use crate::{
    auth::{Anonymous, KeystoneSettings, ServiceTokenRoles},
    cloud::Interface,
    config::{
        Auth, Config,
        tests::{faults, load},
    },
    keystone::{Catalog, Place},
};

const LOGIN: &str = "auth_type = v3applicationcredential\nauth_url = http://k:5000/v3\n\
    application-credential-id = c\napplication_credential_secret = hunter2\n";

fn with(more: &str) -> Config {
    let text =
        format!("[paste_deploy]\nflavor = keystone+caching\n[keystone_authtoken]\n{LOGIN}{more}");
    load(&[("glance-api.conf", &text)]).unwrap_or_else(|faults| panic!("{faults}"))
}

fn tokens(config: &Config) -> (&KeystoneSettings, Anonymous) {
    match &config.auth {
        Auth::Keystone {
            settings,
            anonymous,
        } => (settings, *anonymous),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_not_said_is_as_in_glance() {
    let config = with("");
    let (settings, anonymous) = tokens(&config);
    assert_eq!(anonymous, Anonymous::Refused);
    assert_eq!(settings.www_authenticate_uri, "http://k:5000");
    assert_eq!(settings.cache.time, Some(Duration::from_mins(5)));
    assert_eq!(settings.cache.size, 10_000);
    assert_eq!(settings.catalog, Catalog::Included);
    assert_eq!(settings.service_token_roles, ["service"]);
    assert_eq!(settings.service_token_need, ServiceTokenRoles::Required);
    assert_eq!(settings.session.interfaces, [Interface::Internal]);
    let [warning] = &config.warnings[..] else {
        panic!("{:?}", config.warnings)
    };
    assert!(warning.contains("www_authenticate_uri is not set"));
}

#[test]
fn what_is_said_counts() {
    let config = with(
        "www_authenticate_uri = https://identity.example.org\ntoken_cache_time = -1\n\
         interface = adminURL\nregion_name = R\ninclude_service_catalog = no\n\
         service_token_roles = Service, Admin\nservice_token_roles_required = false\n\
         service_type = image\nhttp_connect_timeout = 2\nhttp_request_max_retries = 0\n\
         insecure = true\nmemcache_servers = a:1\nmemcache_secret_key = hunter2\n\
         [auth]\ntoken_cache_size = 5\n[DEFAULT]\nallow_anonymous_access = true",
    );
    let (settings, anonymous) = tokens(&config);
    assert_eq!(anonymous, Anonymous::Reads);
    assert_eq!(settings.cache.time, None);
    assert_eq!(settings.cache.size, 5);
    assert_eq!(settings.session.interfaces, [Interface::Admin]);
    assert_eq!(settings.session.region_name.as_deref(), Some("R"));
    assert_eq!(settings.catalog, Catalog::Omitted);
    assert_eq!(settings.service_token_roles, ["service", "admin"]);
    assert_eq!(
        settings.service_token_need,
        ServiceTokenRoles::ForExpiredTokens
    );
    assert_eq!(settings.service_type.as_deref(), Some("image"));
    assert_eq!(settings.session.transport.timeout, Duration::from_secs(2));
    assert_eq!(settings.session.transport.retries, 0);
    let told = config.warnings.join("\n");
    for warning in [
        "insecure = true",
        "memcached_servers and what belongs to it have no effect",
        "service_token_roles_required = false",
        "its name is [keystone_authtoken] memcached_servers",
    ] {
        assert_eq!(told.matches(warning).count(), 1, "{warning} in {told}");
    }
    assert!(!(told + &config.show().to_string()).contains("hunter2"));
}

#[test]
fn the_login_may_stand_in_a_section_of_its_own() {
    let text = format!(
        "[paste_deploy]\nflavor = keystone\n[keystone_authtoken]\nauth_section = cloud\n\
         [cloud]\n{LOGIN}"
    );
    let config = load(&[("a.conf", &text)]).unwrap_or_else(|faults| panic!("{faults}"));
    let (settings, _) = tokens(&config);
    assert_eq!(settings.session.login.auth_url(), "http://k:5000");
    let shown = config.show().to_string();
    assert!(shown.contains("[cloud]\n"), "{shown}");
    assert!(
        shown.contains("application_credential_secret = \"***\""),
        "{shown}"
    );
    assert!(!shown.contains("hunter2"));
    let told = faults(&[(
        "a.conf",
        "[paste_deploy]\nflavor = keystone\n[keystone_authtoken]\nauth_section = database",
    )]);
    assert!(
        told[0].contains("[keystone_authtoken] auth_section"),
        "{told:?}"
    );
}

#[test]
fn a_login_that_cannot_work_stops_the_start_by_name() {
    let told = |more: &str| {
        let text = format!("[auth]\nstrategy = keystone\n[keystone_authtoken]\n{more}");
        faults(&[("a.conf", &text)])
    };
    assert_eq!(
        told(""),
        [
            "[keystone_authtoken] auth_url is not set; allowed: the address of Keystone",
            "[keystone_authtoken] auth_type is not set; allowed: password, v3password, \
             v3applicationcredential",
        ]
    );
    assert_eq!(
        told("auth_type = v3kerberos\nauth_url = http://k"),
        [
            "a.conf: [keystone_authtoken] auth_type = \"v3kerberos\"; allowed: password, \
          v3password, v3applicationcredential"
        ]
    );
    let missing = told("auth_type = password\nauth_url = http://k\nusername = glance");
    let names: Vec<_> = missing
        .iter()
        .filter_map(|fault| fault.split(' ').nth(1))
        .collect();
    assert_eq!(names, ["user_domain_name", "password", "project_name"]);
    assert!(told("auth_url = k\nauth_type = password")[0].contains("an http or https address"));
}

#[test]
fn limits_are_asked_for_only_if_the_operator_wants_it() {
    let text =
        |more: &str| format!("[DEFAULT]\nuse_keystone_limits = true\n[oslo_limit]\n{LOGIN}{more}");
    let limits = |more: &str| {
        let config = load(&[("a.conf", &text(more))]);
        let config = config.unwrap_or_else(|faults| panic!("{faults}"));
        config.keystone_limits.expect("settings of limits")
    };
    assert!(load(&[]).expect("defaults").keystone_limits.is_none());
    assert_eq!(
        limits("endpoint_id = abc").endpoint,
        Place::Id("abc".into())
    );
    let found = limits("endpoint-service-type = image\nendpoint_region_name = R\ntimeout = 3");
    assert_eq!(
        found.endpoint,
        Place::Search {
            service_type: Some("image".into()),
            service_name: None,
            region: Some("R".into()),
            interface: Interface::Public,
        }
    );
    assert_eq!(found.session.transport.timeout, Duration::from_secs(3));
    assert_eq!(
        found.session.interfaces,
        [Interface::Internal, Interface::Public]
    );
    let told = faults(&[("a.conf", &text(""))]);
    assert!(
        told[0].starts_with("[oslo_limit] endpoint_id is not set"),
        "{told:?}"
    );
    let told = faults(&[("a.conf", &text("endpoint_id = ../services"))]);
    assert!(told[0].contains("[oslo_limit] endpoint_id"), "{told:?}");
}
