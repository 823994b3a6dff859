//! What the operator says of the certificates of signatures, in castellan's words.

use std::{path::Path, time::Duration};

use crate::{
    barbican,
    cloud::Interface,
    config::{
        Config,
        tests::{faults, load},
    },
};

fn with(text: &str) -> Config {
    load(&[("glance-api.conf", text)]).unwrap_or_else(|faults| panic!("{faults}"))
}

fn barbican(config: &Config) -> &barbican::Settings {
    config.signatures.barbican.as_ref().expect("Barbican")
}

#[test]
fn unless_told_otherwise_barbican_is_where_the_catalog_says() {
    let config = with("");
    let settings = barbican(&config);
    assert_eq!(settings.endpoint, None);
    assert_eq!(settings.interface, Interface::Public);
    assert_eq!(settings.region_name, None);
    assert_eq!(settings.transport.timeout, Duration::from_secs(10));
    assert!(!settings.transport.insecure);
    assert_eq!(config.signatures.certificate_roots, None);
    assert_eq!(config.warnings, Vec::<String>::new());
}

#[test]
fn what_is_said_of_barbican_counts_by_its_old_names_too() {
    let config = with(
        "[key_manager]\nauth_url = http://k:5000\n\
         api_class = castellan.key_manager.barbican_key_manager.BarbicanKeyManager\n\
         [barbican]\nbarbican_endpoint = https://keys:9311/\nbarbican_endpoint_type = internal\n\
         barbican_region_name = R\nverify_ssl = no\nverify_ssl_path = /ca.pem\ntimeout = 3\n\
         number_of_retries = 5\nretry_delay = 2\nbarbican_api_version = v1",
    );
    let settings = barbican(&config);
    assert_eq!(settings.endpoint.as_deref(), Some("https://keys:9311/"));
    assert_eq!(settings.interface, Interface::Internal);
    assert_eq!(settings.region_name.as_deref(), Some("R"));
    assert_eq!(settings.transport.timeout, Duration::from_secs(3));
    assert_eq!(
        settings.transport.cafile.as_deref(),
        Some(Path::new("/ca.pem"))
    );
    assert!(settings.transport.insecure);
    let warned = |what: &str| config.warnings.iter().any(|warning| warning.contains(what));
    assert!(warned("verify_ssl = false"), "{:?}", config.warnings);
}

#[test]
fn a_key_manager_that_is_not_here_gives_no_certificates_and_a_warning() {
    let config = with("[key_manager]\nbackend = vault");
    assert_eq!(config.signatures.barbican, None);
    let [warning] = &config.warnings[..] else {
        panic!("{:?}", config.warnings)
    };
    assert!(
        warning.contains("[key_manager] backend: vault"),
        "{warning}"
    );
}

#[test]
fn a_folder_of_certificates_stands_beside_the_key_manager() {
    let config =
        with("[verification]\ncertificate_dir = /certificates\ncertificate_roots = /roots.pem");
    let signatures = &config.signatures;
    let folder = signatures.certificate_dir.as_deref();
    assert_eq!(folder, Some(Path::new("/certificates")));
    let roots = signatures.certificate_roots.as_deref();
    assert_eq!(roots, Some(Path::new("/roots.pem")));
}

#[test]
fn what_makes_no_sense_stops_the_start() {
    for (text, option) in [
        (
            "[key_manager]\nbackend = barbican2",
            "[key_manager] backend",
        ),
        ("[barbican]\nbarbican_endpoint = keys", "barbican_endpoint"),
        (
            "[barbican]\nbarbican_endpoint_type = private",
            "barbican_endpoint_type",
        ),
        ("[barbican]\ntimeout = 0", "[barbican] timeout"),
        ("[barbican]\nverify_ssl = perhaps", "[barbican] verify_ssl"),
    ] {
        let [fault] = &faults(&[("glance-api.conf", text)])[..] else {
            panic!("{text}")
        };
        assert!(fault.contains(option), "{fault}");
    }
}
