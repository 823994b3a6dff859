//! What stops the start, and what the operator is told about it.

use crate::config::tests::{faults, load};

/// The only fault of a file `hallmark.toml` that says `text`.
fn fault_of_toml(text: &str) -> String {
    let mut faults = faults(&[("hallmark.toml", text)]);
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.remove(0)
}

/// The only fault of a file `glance-api.conf` that says `text`.
fn fault_of_ini(text: &str) -> String {
    let mut faults = faults(&[("glance-api.conf", text)]);
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.remove(0)
}

#[test]
fn a_wrong_value_is_told_with_file_section_option_value_and_what_is_allowed() {
    assert_eq!(
        fault_of_toml("[DEFAULT]\nbind_port = 70000"),
        "hallmark.toml: [DEFAULT] bind_port = 70000; allowed: a whole number from 1 to 65535"
    );
    assert_eq!(
        fault_of_ini("[DEFAULT]\nbind_port = many"),
        "glance-api.conf: [DEFAULT] bind_port = \"many\"; allowed: a whole number from 1 to 65535"
    );
    assert_eq!(
        fault_of_ini("[telemetry]\nlog_format = xml"),
        "glance-api.conf: [telemetry] log_format = \"xml\"; allowed: text, json"
    );
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let told = faults(&[
        (
            "a.toml",
            "[DEFAULT]\nbind_port = 0\npublic_endpoint = \"x\"\nnothing = 1",
        ),
        (
            "b.conf",
            "[DEFAULT]\nnode_staging_uri = http://x/\ndebug = maybe",
        ),
    ]);
    assert_eq!(told.len(), 5, "{told:?}");
}

#[test]
fn what_depends_on_a_file_that_cannot_be_read_is_not_guessed() {
    let told = faults(&[
        ("a.toml", "[auth]\nstrategy = trusted_headers"),
        ("b.conf", "[DEFAULT]\nbind_host = 0.0.0.0\nbind_port = 0"),
    ]);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("a.toml:2: "));
    assert!(told[1].starts_with("b.conf: [DEFAULT] bind_port"));
}

#[test]
fn a_bounded_list_without_brackets_is_refused() {
    assert_eq!(
        fault_of_ini("[DEFAULT]\nenabled_import_methods = glance-direct,web-download"),
        "glance-api.conf: [DEFAULT] enabled_import_methods = \"glance-direct,web-download\"; \
         allowed: a list in brackets: [a,b]"
    );
    let told = fault_of_ini("[import_filtering_opts]\nallowed_ports = 80");
    assert!(told.ends_with("in brackets: [80,443]"), "{told}");
}

#[test]
fn an_unknown_key_in_toml_is_refused_with_the_names_that_exist() {
    assert_eq!(
        fault_of_toml("[auth]\nstrategie = \"none\""),
        "hallmark.toml: [auth] strategie: there is no such option; \
         allowed: strategy, allow_open_access, trusted_proxies, token_cache_size"
    );
    assert!(fault_of_toml("[nothing]\nx = 1").contains("allowed: DEFAULT, auth"));
    assert!(fault_of_toml("bind_port = 1").contains("there is no such option"));
    assert!(fault_of_toml("DEFAULT = 1").contains("there is no such option"));
}

#[test]
fn a_file_that_cannot_be_read_is_told_with_its_line() {
    assert!(fault_of_toml("[DEFAULT]\nbind_port = ").starts_with("hallmark.toml:2: "));
    assert!(fault_of_ini("[DEFAULT]\n\nbind_port\n").starts_with("glance-api.conf:3: "));
    assert!(faults(&[("a.yaml", "")])[0].contains(".toml, .conf or .ini"));
    let nowhere = crate::config::Sources::new(vec!["/nonexistent/a.toml".into()], vec![]);
    let told = crate::config::Config::load(&nowhere).expect_err("no such file");
    assert!(told.to_string().starts_with("/nonexistent/a.toml: "));
}

#[test]
fn open_access_beyond_the_loopback_has_to_be_allowed() {
    let open = "[DEFAULT]\nbind_host = \"0.0.0.0\"\n";
    let told = fault_of_toml(open);
    assert!(told.contains("bind_host = \"0.0.0.0\""), "{told}");
    assert!(told.contains("allow_open_access"), "{told}");
    for more in ["allow_open_access = true", "strategy = \"trusted_headers\""] {
        let text = format!("{open}[auth]\n{more}");
        assert!(load(&[("a.toml", &text)]).is_ok(), "{more}");
    }
    assert!(load(&[("a.toml", "[DEFAULT]\nbind_host = \"::1\"")]).is_ok());
    // An unknown strategy is not taken for none.
    let told = fault_of_toml(&format!("{open}[auth]\nstrategy = \"kerberos\""));
    assert!(
        told.ends_with("allowed: none, trusted_headers, keystone"),
        "{told}"
    );
}

#[test]
fn a_flavor_with_keystone_never_means_open_access() {
    for flavor in ["keystone", "keystone+cachemanagement"] {
        let told = faults(&[("a.conf", &format!("[paste_deploy]\nflavor = {flavor}"))]);
        assert!(
            told[0].starts_with("[keystone_authtoken] auth_url"),
            "{told:?}"
        );
    }
    assert!(load(&[("a.conf", "[paste_deploy]\nflavor = caching")]).is_ok());
}

#[test]
fn a_store_of_a_type_we_have_not_is_refused_with_the_types_we_have() {
    let told = faults(&[(
        "a.conf",
        "[DEFAULT]\nenabled_backends = a:rbd, b:tape\n[glance_store]\ndefault_backend = a\n\
         [a]\nrbd_store_pool = images",
    )]);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].contains("types file, http (rbd, which a has, is not available in this version)")
    );
    assert!(told[1].contains("tape, which b has, is no type of store"));
}

#[test]
fn the_stores_have_ids_of_their_own_folders_of_their_own_and_a_default() {
    let two = "[DEFAULT]\nenabled_backends = a:file, b:file\n[a]\nfilesystem_store_datadir = /a\n";
    let told = fault_of_ini(&format!("{two}[b]\nfilesystem_store_datadir = /b"));
    assert_eq!(
        told,
        "[glance_store] default_backend is not set; allowed: a, b"
    );
    let two = format!("{two}[glance_store]\ndefault_backend = a\n");
    assert!(fault_of_ini(&two).starts_with("[b] filesystem_store_datadir is not set"));
    let told = fault_of_ini(&format!("{two}[b]\nfilesystem_store_datadir = /a"));
    assert!(
        told.ends_with("a folder of its own (it is the folder of a too)"),
        "{told}"
    );
    let told = fault_of_ini(&format!(
        "{two}default_backend = c\n[b]\nfilesystem_store_datadir = /b"
    ));
    assert!(
        told.ends_with("default_backend = \"c\"; allowed: a, b"),
        "{told}"
    );
    for id in ["os_glance_x", "task", "a/b"] {
        let told = faults(&[(
            "a.conf",
            &format!(
                "[DEFAULT]\nenabled_backends = {id}:file\n[glance_store]\ndefault_backend = {id}"
            ),
        )]);
        assert!(
            told[0].contains(&format!("({id} is no such id)")),
            "{told:?}"
        );
    }
}

#[test]
fn an_import_method_that_nobody_has_is_refused() {
    let told = fault_of_ini("[DEFAULT]\nenabled_import_methods = [carrier-pigeon]");
    assert!(
        told.ends_with("allowed: glance-direct, web-download, copy-image, glance-download"),
        "{told}"
    );
}

#[test]
fn other_values_that_cannot_work_are_refused() {
    for text in [
        "[telemetry]\nlog_filter = hallmark=loud",
        "[glance_store]\nfilesystem_store_file_perm = 680",
        "[glance_store]\ndefault_store = swift",
        "[glance_store]\nstores = floppy",
        "[DEFAULT]\nnode_staging_uri = staging",
        "[DEFAULT]\nimage_size_cap = 9223372036854775809",
        "[DEFAULT]\nbind_port = $nothing",
        "[auth]\ntrusted_proxies = 10.0.0.0/99",
    ] {
        let told = fault_of_ini(text);
        assert!(told.contains("; allowed: "), "{told}");
    }
}

#[test]
fn a_time_or_a_count_that_would_stop_everything_is_refused_with_its_bounds() {
    for (section, option, wrong, least) in [
        ("fetch", "connect_timeout", 0, 1),
        ("fetch", "idle_timeout", 0, 1),
        ("fetch", "total_timeout", 0, 1),
        ("worker", "lease", 0, 3),
        ("worker", "lease", 2, 3),
        ("worker", "max_attempts", 0, 1),
        ("worker", "node_timeout", 59, 60),
    ] {
        let told = fault_of_toml(&format!("[{section}]\n{option} = {wrong}"));
        let expected = format!("{option} = {wrong}; allowed: a whole number from {least} to ");
        assert!(told.contains(&expected), "{told}");
        let text = format!("[{section}]\n{option} = {least}");
        assert!(load(&[("a.toml", &text)]).is_ok(), "{text}");
    }
}

#[test]
fn an_option_of_what_this_version_does_not_do_is_unknown_in_toml() {
    for option in [
        "location_strategy = \"a\"",
        "metadata_encryption_key = \"a\"",
    ] {
        let told = fault_of_toml(&format!("[DEFAULT]\n{option}"));
        assert!(told.contains("there is no such option"), "{told}");
    }
}

#[test]
fn new_images_go_to_a_store_that_takes_them() {
    let told = fault_of_ini(
        "[DEFAULT]\nenabled_backends = web:http, fast:file\n[glance_store]\ndefault_backend = web\n\
         [fast]\nfilesystem_store_datadir = /a",
    );
    assert!(
        told.ends_with("(web only reads what others have)"),
        "{told}"
    );
    let told = fault_of_ini("[glance_store]\nstores = file,http\ndefault_store = http");
    assert!(told.ends_with("allowed: file"), "{told}");
}

#[test]
fn the_staging_area_is_no_store() {
    for staging in [
        "[DEFAULT]\nnode_staging_uri = file:///a",
        "[os_glance_staging_store]\nfilesystem_store_datadir = /a",
    ] {
        let told = fault_of_ini(&format!(
            "{staging}\n[glance_store]\nfilesystem_store_datadir = /a"
        ));
        assert!(told.ends_with("(it is the folder of file too)"), "{told}");
    }
}

#[test]
fn with_several_stores_the_section_of_the_staging_area_wins_over_the_address() {
    let text = "[DEFAULT]\nnode_staging_uri = file:///uri\n\
                [os_glance_staging_store]\nfilesystem_store_datadir = /section\n";
    let single = load(&[("a.conf", text)]).expect("valid");
    assert_eq!(single.stores.staging, std::path::Path::new("/uri"));
    let several = format!(
        "{text}[glance_store]\ndefault_backend = a\n[a]\nfilesystem_store_datadir = /a\n\
         [DEFAULT]\nenabled_backends = a:file"
    );
    let several = load(&[("a.conf", &several)]).expect("valid");
    assert_eq!(several.stores.staging, std::path::Path::new("/section"));
}

#[test]
fn what_makes_no_sense_at_the_edge_is_refused() {
    for (text, allowed) in [
        (
            "[cors]\nallowed_origin = https://a.example/",
            "no slash at the end",
        ),
        ("[cors]\nallowed_origin = null", "no slash at the end"),
        ("[cors]\nallow_methods = get", "methods in capitals"),
        ("[cors]\nallow_headers = a b", "names of headers"),
        ("[cors]\nexpose_headers = a:b", "names of headers"),
        ("[cors]\nmax_age = -1", "a whole number from 0"),
        (
            "[healthcheck]\nbackends = ping",
            "disable_by_file, disable_by_files_ports",
        ),
        (
            "[healthcheck]\nbackends = disable_by_file, enable_by_files",
            "one of disable_by_file, enable_by_files",
        ),
        ("[healthcheck]\ndisable_by_file_paths = /a", "PORT:PATH"),
        (
            "[healthcheck]\nallowed_source_ranges = here",
            "a list of networks",
        ),
        (
            "[DEFAULT]\ngraceful_shutdown_timeout = -1",
            "a whole number from 0",
        ),
    ] {
        let told = fault_of_ini(text);
        assert!(told.contains(allowed), "{told}");
    }
}

#[test]
fn an_unknown_import_plugin_stops_the_start_and_the_known_ones_are_named() {
    let told = fault_of_toml("[image_import_opts]\nimage_import_plugins = [\"no_op\", \"magic\"]");
    assert!(
        told.contains("[image_import_opts] image_import_plugins"),
        "{told}"
    );
    assert!(
        told.contains("allowed: no_op, inject_image_metadata"),
        "{told}"
    );
    let told = fault_of_ini("[image_import_opts]\nimage_import_plugins = [magic]");
    assert!(told.contains("allowed: no_op"), "{told}");
}

#[test]
fn an_attribute_cannot_be_injected() {
    for name in ["size", "expected_checksum"] {
        let told = fault_of_ini(&format!("[inject_metadata_properties]\ninject = {name}:1"));
        assert!(
            told.contains("[inject_metadata_properties] inject"),
            "{told}"
        );
    }
}

#[test]
fn disks_become_no_vmdk_that_would_be_refused() {
    let told = fault_of_toml(
        "[image_import_opts]\nimage_import_plugins = [\"image_conversion\"]\n\
         [image_conversion]\noutput_format = \"vmdk\"\n\
         [image_format]\nvmdk_allowed_types = [\"monolithicFlat\"]",
    );
    assert!(told.contains("[image_conversion] output_format"), "{told}");
}
