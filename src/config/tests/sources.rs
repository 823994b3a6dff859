//! Which source wins, and how the answer to "from where?" is told.

use std::path::Path;

use secrecy::ExposeSecret as _;

use crate::config::{
    Auth, BackendKind, Config,
    tests::{Files, faults, load},
};

const SILENT: &[(&str, &str)] = &[];

fn folder(config: &Config) -> &Path {
    let BackendKind::File(settings) = &config.stores.backends[0].kind else {
        panic!("{:?}", config.stores)
    };
    &settings.filesystem_store_datadir
}

#[test]
fn without_any_file_everything_is_kept_in_the_data_directory() {
    let config = load(SILENT).expect("the defaults are valid");
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:9292");
    assert!(matches!(config.auth, Auth::None));
    assert_eq!(folder(&config), Path::new("hallmark-data/images"));
    assert_eq!(config.stores.staging, Path::new("hallmark-data/staging"));
    assert_eq!(config.stores.default.as_str(), "file");
    let connection = config.database.connection.expect("a connection");
    assert_eq!(
        connection.expose_secret(),
        "sqlite:hallmark-data/hallmark.db"
    );
    assert_eq!(config.warnings, Vec::<String>::new());
}

#[test]
fn a_variable_moves_the_data_directory() {
    let config = Files::new(SILENT)
        .load(&[("HALLMARK_DATA_DIR", "/srv/h")])
        .expect("valid");
    assert_eq!(folder(&config), Path::new("/srv/h/images"));
    assert_eq!(config.stores.staging, Path::new("/srv/h/staging"));
    assert_eq!(config.policy.policy_file, Path::new("/srv/h/policy.yaml"));
    let connection = config.database.connection.expect("a connection");
    assert_eq!(connection.expose_secret(), "sqlite:/srv/h/hallmark.db");
}

#[test]
fn a_later_file_wins_and_the_environment_wins_over_files() {
    let files = Files::new(&[
        (
            "a.toml",
            "[DEFAULT]\nbind_port = 1\napi_limit_max = 1\nlimit_param_default = 1",
        ),
        ("b.conf", "[DEFAULT]\nbind_port = 2\napi_limit_max = 2"),
    ]);
    let config = files
        .load(&[("HALLMARK__DEFAULT__BIND_PORT", "3"), ("UNRELATED", "x")])
        .expect("valid");
    assert_eq!(config.server.listen.port(), 3);
    assert_eq!(config.limits.page_max, 2);
    assert_eq!(config.limits.page_default, 1);
    let shown = config.show().to_string();
    for line in [
        "bind_port = 3  # HALLMARK__DEFAULT__BIND_PORT".to_owned(),
        format!("api_limit_max = 2  # {}", files.paths[1].display()),
        format!("limit_param_default = 1  # {}", files.paths[0].display()),
        "bind_host = \"127.0.0.1\"  # default".to_owned(),
        "#public_endpoint =  # not set".to_owned(),
    ] {
        assert!(shown.lines().any(|it| it == line), "{line} in\n{shown}");
    }
}

#[test]
fn a_later_table_replaces_an_earlier_one_whole() {
    let config = load(&[
        (
            "a.toml",
            "[DEFAULT]\nenabled_backends = { a = \"file\", b = \"file\" }",
        ),
        (
            "b.toml",
            "[DEFAULT]\nenabled_backends = { c = \"file\" }\n[glance_store]\n\
             default_backend = \"c\"\n[c]\nfilesystem_store_datadir = \"/c\"",
        ),
    ])
    .expect("valid");
    assert_eq!(config.stores.backends.len(), 1);
}

#[test]
fn the_environment_writes_values_as_oslo_does_but_for_references() {
    let config = Files::new(SILENT)
        .load(&[
            (
                "HALLMARK__DEFAULT__ENABLED_IMPORT_METHODS",
                "[web-download]",
            ),
            ("HALLMARK__DEFAULT__ENABLED_BACKENDS", "fast-1:file"),
            ("HALLMARK__GLANCE_STORE__DEFAULT_BACKEND", "fast-1"),
            ("HALLMARK__IMAGE_FORMAT__DISK_FORMATS", "raw, qcow2"),
            (
                "HALLMARK__DATABASE__CONNECTION",
                "postgresql://u:pa$$w$x@h/db",
            ),
        ])
        .expect_err("the store has no folder");
    assert_eq!(
        config.to_string(),
        "[fast-1] filesystem_store_datadir is not set; allowed: the folder of the images"
    );
    let config = Files::new(&[("a.conf", "[fast-1]\nweight = 1")])
        .load(&[
            (
                "HALLMARK__DEFAULT__ENABLED_IMPORT_METHODS",
                "[web-download]",
            ),
            ("HALLMARK__DEFAULT__ENABLED_BACKENDS", "fast-1:file"),
            ("HALLMARK__GLANCE_STORE__DEFAULT_BACKEND", "fast-1"),
            ("HALLMARK__FAST_1__FILESYSTEM_STORE_DATADIR", "/fast"),
            ("HALLMARK__IMAGE_FORMAT__DISK_FORMATS", "raw, qcow2"),
            (
                "HALLMARK__DATABASE__CONNECTION",
                "postgresql://u:pa$$w$x@h/db",
            ),
        ])
        .expect("valid");
    assert_eq!(config.import_methods, ["web-download"]);
    assert_eq!(config.disk_formats, ["raw", "qcow2"]);
    assert_eq!(folder(&config), Path::new("/fast"));
    assert_eq!(config.stores.backends[0].weight, 1);
    let connection = config.database.connection.as_ref().expect("a connection");
    assert_eq!(connection.expose_secret(), "postgresql://u:pa$$w$x@h/db");
}

#[test]
fn a_variable_that_names_no_option_is_refused() {
    let files = Files::new(SILENT);
    for name in [
        "HALLMARK__DEFAULT__BIND_PROT",
        "HALLMARK__NOTHING__X",
        "HALLMARK__X",
    ] {
        let faults = files.faults(&[(name, "1")]);
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].contains("there is no such option"), "{faults:?}");
    }
}

#[test]
fn a_deprecated_name_still_works_and_the_new_one_wins() {
    let config = load(&[(
        "a.conf",
        "[DEFAULT]\nhashing_algorithm = sha256\ndisk_formats = raw",
    )])
    .expect("valid");
    assert_eq!(config.hashing.default, "sha256");
    assert_eq!(config.disk_formats, ["raw"]);
    assert_eq!(config.warnings.len(), 2);
    assert!(config.warnings[0].contains("is deprecated"));
    let both = "[DEFAULT]\nhashing_algorithm = md5\ndefault_hashing_algorithm = sha256";
    let config = load(&[("a.conf", both)]).expect("valid");
    assert_eq!(config.hashing.default, "sha256");
    assert_eq!(config.warnings.len(), 1);
    assert!(config.warnings[0].contains("is ignored"));
}

#[test]
fn the_strategy_in_force_is_shown_also_if_nobody_named_it() {
    for (file, shown) in [
        (("a.toml", ""), "strategy = \"none\"  # default\n"),
        (
            ("a.conf", "[auth]\nstrategy ="),
            "strategy = \"none\"  # default\n",
        ),
        (
            ("a.conf", "[paste_deploy]\nflavor = caching"),
            "strategy = \"none\"  # default\n",
        ),
        (
            ("a.conf", "[auth]\nstrategy = trusted_headers"),
            "strategy = \"trusted_headers\"  # /",
        ),
    ] {
        let text = load(&[file]).expect("valid").show().to_string();
        assert!(text.contains(shown), "{text}");
    }
}

#[test]
fn a_password_is_shown_neither_in_force_nor_in_a_fault() {
    let files = Files::new(&[(
        "a.conf",
        "[database]\nconnection = postgresql://u:hunter2@h/db",
    )]);
    let shown = files.load(&[]).expect("valid").show().to_string();
    assert!(shown.contains("connection = \"postgresql://u:***@h/db\""));
    assert!(!shown.contains("hunter2"));
    for (name, text) in [
        (
            "a.conf",
            "[database]\nconnection = postgresql://u:$hunter2@h/db",
        ),
        ("a.conf", "[database]\npostgresql hunter2"),
        ("a.toml", "[database]\nconnection = [\"hunter2\"]"),
        (
            "a.toml",
            "[database]\nconnection = \"postgresql://u:hunter2@h/db",
        ),
    ] {
        let faults = faults(&[(name, text)]).join("\n");
        let only_reference = faults.replace("($hunter2 is not", "");
        assert!(!only_reference.contains("hunter2"), "{faults}");
    }
}

#[test]
fn names_of_algorithms_are_normalised_and_those_nobody_has_are_refused() {
    let text = "[DEFAULT]\ndefault_hashing_algorithm = SHA-256\nallowed_hashing_algorithms = sha256, SHA-256";
    let config = load(&[("a.conf", text)]).expect("valid");
    assert_eq!(config.hashing.default, "sha256");
    assert_eq!(config.hashing.allowed, ["sha256"]);

    let text =
        "[DEFAULT]\ndefault_hashing_algorithm = crc32\nallowed_hashing_algorithms = shake_128";
    let faults = faults(&[("a.conf", text)]);
    assert_eq!(faults.len(), 2);
    let faults = faults.join("\n");
    assert!(
        faults.contains("default_hashing_algorithm") && faults.contains("sha3_256"),
        "{faults}"
    );
}
