//! The image cache, as its options and the flavor describe it together.

use std::time::Duration;

use crate::{
    config::{Config, tests::load},
    service::UseFor,
};

fn config(toml: &str) -> Config {
    load(&[("hallmark.toml", toml)]).expect("a configuration")
}

#[test]
fn without_a_folder_there_is_no_cache() {
    let flavored = config("[paste_deploy]\nflavor = \"caching\"");
    assert_eq!(flavored.image_cache, None);
}

#[test]
fn a_flavor_that_is_given_says_whether_downloads_use_the_cache() {
    for (flavor, use_for, has_older_calls) in [
        ("", UseFor::Downloads, false),
        ("flavor = \"caching\"", UseFor::Downloads, false),
        ("flavor = \"cachemanagement\"", UseFor::Downloads, true),
        (
            "flavor = \"other+cachemanagement\"",
            UseFor::Downloads,
            true,
        ),
        ("flavor = \"other\"", UseFor::Nothing, false),
    ] {
        let toml = format!("[DEFAULT]\nimage_cache_dir = \"/cache\"\n[paste_deploy]\n{flavor}");
        let cache = config(&toml).image_cache.expect("a cache");
        assert_eq!(cache.use_for, use_for, "{flavor}");
        assert_eq!(cache.has_older_calls, has_older_calls, "{flavor}");
    }
}

#[test]
fn the_options_of_the_cache_are_glances() {
    let cache = config(
        "[DEFAULT]\nimage_cache_dir = \"/cache\"\nimage_cache_driver = \"xattr\"\n\
         image_cache_max_size = 5\nimage_cache_stall_time = 0\n\
         worker_self_reference_url = \"http://here:9292/\"",
    );
    let cache = cache.image_cache.expect("a cache");
    assert!(!cache.tells_nodes);
    assert_eq!(cache.settings.folder.to_str(), Some("/cache"));
    assert_eq!(cache.settings.max_size, 5);
    assert_eq!(cache.settings.stall_time, Duration::from_secs(1));
    assert_eq!(cache.node.as_deref(), Some("http://here:9292"));
}
