//! An operator's `glance-api.conf` works as it is.

use std::{path::Path, time::Duration};

use secrecy::ExposeSecret as _;

use crate::{
    config::{Auth, BackendKind, Config, tests::load},
    telemetry::Format,
};

const GLANCE_API: &str = r"
# A cloud's image service.
[DEFAULT]
debug = True
use-json: yes
bind_host = 10.0.0.11
bind_port = 9292
workers = 5
log_dir = /var/log/glance
log_file = $log_dir/glance-api.log
state_path = /var/lib/glance
public_endpoint = http://images.example.org:$bind_port/
enabled_backends = cheap:file,
    fast:file
enabled_import_methods = [glance-direct, web-download, copy-image]
hashing_algorithm = sha256
show_image_direct_url = true
image_tag_quota = -1
transport_url = rabbit://openstack:hunter2@10.0.0.11:5672//

[glance_store]
default_backend = fast

[cheap]
filesystem_store_datadir = $state_path/cheap
store_description = 'Spinning disks, cheap'
filesystem_store_chunk_size = 65536

[fast]
filesystem_store_datadir = ${DEFAULT.state_path}/fast
filesystem_store_file_perm = 0640
weight = 10

[os_glance_staging_store]
filesystem_store_datadir = /var/lib/glance/staging

[database]
connection = postgresql+psycopg2://glance:pa$$word@10.0.0.11/glance
max_retries = -1
max_pool_size = 10

[keystone_authtoken]
www_authenticate_uri = http://10.0.0.11:5000
auth_url = http://10.0.0.11:5000
memcached_servers = 10.0.0.11:11211,10.0.0.12:11211
memcache_pool_maxsize = 20
auth_type = password
user-domain-name = Default
project-domain-name = Default
project-name = service
username = glance
password = hunter2

[paste_deploy]
flavor = keystone

[oslo_policy]
policy_file = policy.yaml
policy_dirs = policy.d
policy_dirs = /etc/glance/more.d

[import_filtering_opts]
allowed_ports = [80,443,8080]
disallowed_hosts = [169.254.169.254]

[oslo_middleware]
enable_proxy_headers_parsing = True
";

fn operators() -> Config {
    load(&[("glance-api.conf", GLANCE_API)]).expect("an operator's file is valid")
}

#[test]
fn the_server_is_where_the_operator_had_it() {
    let config = operators();
    assert_eq!(config.server.listen.to_string(), "10.0.0.11:9292");
    assert_eq!(
        config.server.public_endpoint.as_deref(),
        Some("http://images.example.org:9292")
    );
    assert!(config.server.trusts_proxy_headers);
    assert_eq!(config.server.idle_timeout, Some(Duration::from_mins(15)));
    let Auth::Keystone { settings, .. } = &config.auth else {
        panic!("{:?}", config.auth)
    };
    assert_eq!(settings.session.login.auth_url(), "http://10.0.0.11:5000");
    assert_eq!(config.log.settings.log_format, Format::Json);
    assert_eq!(config.log.settings.log_filter, "info,hallmark=debug");
    assert_eq!(
        config.log.file.as_deref(),
        Some(Path::new("/var/log/glance/glance-api.log"))
    );
}

#[test]
fn the_stores_are_ordered_by_weight_and_keep_their_folders() {
    let stores = operators().stores;
    let found: Vec<_> = stores
        .backends
        .iter()
        .map(|backend| {
            let BackendKind::File(settings) = &backend.kind else {
                panic!("{backend:?}")
            };
            let folder = settings.filesystem_store_datadir.to_str().expect("UTF-8");
            (
                backend.id.as_str(),
                folder.to_owned(),
                settings.filesystem_store_file_perm,
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("fast", "/var/lib/glance/fast".to_owned(), 640),
            ("cheap", "/var/lib/glance/cheap".to_owned(), 0),
        ]
    );
    assert_eq!(
        stores.backends[1].description.as_deref(),
        Some("Spinning disks, cheap")
    );
    assert_eq!(stores.default.as_str(), "fast");
    assert!(stores.are_named);
    assert_eq!(stores.staging, Path::new("/var/lib/glance/staging"));
}

#[test]
fn the_other_options_mean_what_they_meant() {
    let config = operators();
    let connection = config.database.connection.as_ref().expect("a connection");
    assert_eq!(
        connection.expose_secret(),
        "postgresql+psycopg2://glance:pa$word@10.0.0.11/glance"
    );
    assert_eq!(config.database.max_pool_size, 10);
    assert_eq!(config.hashing.default, "sha256");
    assert_eq!(
        config.import_methods,
        ["glance-direct", "web-download", "copy-image"]
    );
    assert_eq!(config.import_filter.allowed_ports, [80, 443, 8080]);
    assert_eq!(config.import_filter.disallowed_hosts, ["169.254.169.254"]);
    assert_eq!(config.limits.tags, None);
    assert_eq!(config.limits.members, Some(128));
    assert_eq!(config.policy.policy_dirs.len(), 2);
    assert!(config.policy.policy_dirs[0].ends_with("policy.d"));
    assert_eq!(
        config.policy.policy_dirs[1],
        Path::new("/etc/glance/more.d")
    );
    assert!(config.policy.policy_file.is_absolute());
    assert!(config.locations.best_is_shown && !config.locations.are_shown);
    assert_eq!(config.locations.quota, Some(10));
}

#[test]
fn what_web_servers_have_is_a_store_without_a_folder() {
    let text = "[DEFAULT]\nenabled_backends = web:http, fast:file\n\
                [glance_store]\ndefault_backend = fast\n\
                [fast]\nfilesystem_store_datadir = /a\n\
                [web]\nhttps_ca_certificates_file = /ca.pem\nhttps_insecure = true\nweight = 5";
    let config = load(&[("glance-api.conf", text)]).expect("valid");
    let BackendKind::Http(settings) = &config.stores.backends[0].kind else {
        panic!("{:?}", config.stores)
    };
    assert_eq!(
        settings.https_ca_certificates_file.as_deref(),
        Some(Path::new("/ca.pem"))
    );
    // With certificates to trust, Glance verifies as well.
    assert_eq!(config.warnings, Vec::<String>::new());
    let text = "[DEFAULT]\ndo_secure_hash = false\nimage_location_quota = -1\n\
                [glance_store]\nstores = file,http\nhttps_insecure = true\n\
                http_proxy_information = http:10.0.0.1:3128";
    let config = load(&[("glance-api.conf", text)]).expect("valid");
    let ids: Vec<_> = config
        .stores
        .backends
        .iter()
        .map(|it| it.id.as_str())
        .collect();
    assert_eq!(
        (ids, config.stores.are_named),
        (vec!["file", "http"], false)
    );
    assert_eq!(config.locations.quota, None);
    for warned in [
        "[glance_store] https_insecure has no effect",
        "[glance_store] http_proxy_information has no effect",
        "do_secure_hash is false, which has no effect",
    ] {
        let told = config.warnings.iter().any(|it| it.contains(warned));
        assert!(told, "{warned}: {:?}", config.warnings);
    }
}

#[test]
fn what_is_not_used_is_told_once_without_its_values() {
    let config = operators();
    let unused: Vec<_> = config
        .warnings
        .iter()
        .filter(|warning| warning.contains("not used"))
        .collect();
    let [unused] = unused[..] else {
        panic!("{:?}", config.warnings)
    };
    for option in [
        "[DEFAULT] workers",
        "[cheap] filesystem_store_chunk_size",
        "[keystone_authtoken] memcache_pool_maxsize",
        "[database] max_retries",
    ] {
        assert!(unused.contains(option), "{option} in {unused}");
    }
    let shown = config.show().to_string();
    assert!(shown.contains("password = \"***\""), "{shown}");
    let told = config.warnings.join("\n") + &shown + &format!("{config:?}");
    assert!(!told.contains("hunter2") && !told.contains("pa$word"));
}
