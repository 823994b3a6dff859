//! The defaults are Glance's, to the letter, and two of ours.
//!
//! The table is what `oslopolicy-sample-generator` makes of Glance 33: the name of each rule, its
//! text, and its text of before roles.

use super::*;

/// Of the rules for callers that act for a project.
const OF_PROJECTS: &[(&str, &str, &str)] = &[
    (
        "add_image",
        "rule:context_is_admin or (role:member and project_id:%(project_id)s and project_id:%(owner)s)",
        "rule:default",
    ),
    (
        "add_image_location",
        "rule:service_api or (role:member and project_id:%(project_id)s and project_id:%(owner)s)",
        "",
    ),
    (
        "add_member",
        "rule:context_is_admin or (role:member and project_id:%(project_id)s)",
        "rule:default",
    ),
    ("add_metadef_namespace", "rule:metadef_admin", ""),
    ("add_metadef_object", "rule:metadef_admin", ""),
    ("add_metadef_property", "rule:metadef_admin", ""),
    (
        "add_metadef_resource_type_association",
        "rule:metadef_admin",
        "",
    ),
    ("add_metadef_tag", "rule:metadef_admin", ""),
    ("add_metadef_tags", "rule:metadef_admin", ""),
    ("add_task", "rule:default", ""),
    ("cache_clean", "rule:context_is_admin", ""),
    (
        "cache_delete",
        "rule:context_is_admin",
        "rule:manage_image_cache",
    ),
    (
        "cache_image",
        "rule:context_is_admin",
        "rule:manage_image_cache",
    ),
    (
        "cache_list",
        "rule:context_is_admin",
        "rule:manage_image_cache",
    ),
    ("cache_prune", "rule:context_is_admin", ""),
    (
        "communitize_image",
        "rule:context_is_admin or (role:member and project_id:%(project_id)s)",
        "rule:default",
    ),
    ("copy_image", "rule:context_is_admin", ""),
    (
        "deactivate",
        "rule:context_is_admin or (role:member and project_id:%(project_id)s)",
        "rule:default",
    ),
    (
        "delete_image",
        "rule:context_is_admin or (role:member and project_id:%(project_id)s)",
        "rule:default",
    ),
    (
        "delete_image_location",
        "rule:context_is_admin",
        "rule:default",
    ),
    (
        "delete_member",
        "rule:context_is_admin or (role:member and project_id:%(project_id)s)",
        "rule:default",
    ),
    ("delete_metadef_namespace", "rule:metadef_admin", ""),
    ("delete_metadef_object", "rule:metadef_admin", ""),
    ("delete_metadef_tag", "rule:metadef_admin", ""),
    ("delete_metadef_tags", "rule:metadef_admin", ""),
    (
        "download_from_store",
        "rule:context_is_admin or (role:member and (project_id:%(project_id)s or project_id:%(member_id)s or 'community':%(visibility)s or 'public':%(visibility)s or 'shared':%(visibility)s))",
        "",
    ),
    (
        "download_image",
        "rule:context_is_admin or (role:member and (project_id:%(project_id)s or project_id:%(member_id)s or 'community':%(visibility)s or 'public':%(visibility)s or 'shared':%(visibility)s))",
        "rule:default",
    ),
    ("fetch_image_location", "rule:service_api", ""),
    (
        "get_image",
        "rule:context_is_admin or (role:reader and (project_id:%(project_id)s or project_id:%(member_id)s or 'community':%(visibility)s or 'public':%(visibility)s or 'shared':%(visibility)s))",
        "rule:default",
    ),
    (
        "get_image_location",
        "rule:context_is_admin or (role:reader and project_id:%(project_id)s)",
        "rule:default",
    ),
    (
        "get_images",
        "rule:context_is_admin or (role:reader and project_id:%(project_id)s)",
        "rule:default",
    ),
    (
        "get_member",
        "rule:context_is_admin or role:reader and (project_id:%(project_id)s or project_id:%(member_id)s)",
        "rule:default",
    ),
    (
        "get_members",
        "rule:context_is_admin or role:reader and (project_id:%(project_id)s or project_id:%(member_id)s)",
        "rule:default",
    ),
    (
        "get_metadef_namespace",
        "rule:context_is_admin or (role:reader and (project_id:%(project_id)s or 'public':%(visibility)s))",
        "rule:metadef_default",
    ),
    (
        "get_metadef_namespaces",
        "rule:context_is_admin or (role:reader and project_id:%(project_id)s)",
        "rule:metadef_default",
    ),
    (
        "get_metadef_object",
        "rule:context_is_admin or (role:reader and (project_id:%(project_id)s or 'public':%(visibility)s))",
        "rule:metadef_default",
    ),
    (
        "get_metadef_objects",
        "rule:context_is_admin or (role:reader and (project_id:%(project_id)s or 'public':%(visibility)s))",
        "rule:metadef_default",
    ),
    (
        "get_metadef_properties",
        "rule:context_is_admin or (role:reader and (project_id:%(project_id)s or 'public':%(visibility)s))",
        "rule:metadef_default",
    ),
    (
        "get_metadef_property",
        "rule:context_is_admin or (role:reader and (project_id:%(project_id)s or 'public':%(visibility)s))",
        "rule:metadef_default",
    ),
    (
        "get_metadef_resource_type",
        "rule:context_is_admin or (role:reader and (project_id:%(project_id)s or 'public':%(visibility)s))",
        "rule:metadef_default",
    ),
    (
        "get_metadef_tag",
        "rule:context_is_admin or (role:reader and (project_id:%(project_id)s or 'public':%(visibility)s))",
        "rule:metadef_default",
    ),
    (
        "get_metadef_tags",
        "rule:context_is_admin or (role:reader and (project_id:%(project_id)s or 'public':%(visibility)s))",
        "rule:metadef_default",
    ),
    ("get_task", "rule:default", ""),
    ("get_tasks", "rule:default", ""),
    ("list_cached_nodes", "rule:context_is_admin", ""),
    (
        "list_metadef_resource_types",
        "rule:context_is_admin or (role:reader and (project_id:%(project_id)s or 'public':%(visibility)s))",
        "rule:metadef_default",
    ),
    ("manage_image_cache", "rule:context_is_admin", ""),
    (
        "modify_image",
        "rule:context_is_admin or (role:member and project_id:%(project_id)s)",
        "rule:default",
    ),
    (
        "modify_member",
        "rule:context_is_admin or (role:member and project_id:%(member_id)s)",
        "rule:default",
    ),
    ("modify_metadef_namespace", "rule:metadef_admin", ""),
    ("modify_metadef_object", "rule:metadef_admin", ""),
    ("modify_metadef_property", "rule:metadef_admin", ""),
    ("modify_metadef_tag", "rule:metadef_admin", ""),
    ("modify_task", "rule:default", ""),
    ("publicize_image", "rule:context_is_admin", ""),
    (
        "reactivate",
        "rule:context_is_admin or (role:member and project_id:%(project_id)s)",
        "rule:default",
    ),
    ("remove_metadef_property", "rule:metadef_admin", ""),
    (
        "remove_metadef_resource_type_association",
        "rule:metadef_admin",
        "",
    ),
    (
        "set_image_location",
        "rule:context_is_admin or (role:member and project_id:%(project_id)s)",
        "rule:default",
    ),
    (
        "stores_info_detail",
        "rule:context_is_admin or rule:service_api",
        "rule:context_is_admin",
    ),
    ("tasks_api_access", "rule:context_is_admin", ""),
    (
        "upload_image",
        "rule:context_is_admin or (role:member and project_id:%(project_id)s)",
        "rule:default",
    ),
];

/// Of the rules for everybody.
const OF_EVERYBODY: &[(&str, &str)] = &[
    ("context_is_admin", "role:admin"),
    ("default", ""),
    ("metadef_admin", "rule:context_is_admin"),
    ("metadef_default", ""),
    ("service_api", "role:service or role:admin"),
];

/// Those that Glance does not have, for callers that act for a project.
const OURS: &[(&str, &str)] = &[
    ("calculate_hash", "rule:context_is_admin"),
    (
        "verify_image",
        "rule:context_is_admin or (role:member and project_id:%(project_id)s)",
    ),
    ("submit_job", "rule:context_is_admin"),
    ("get_job", "rule:context_is_admin"),
    ("get_jobs", "rule:context_is_admin"),
    ("cancel_job", "rule:context_is_admin"),
    (
        "get_capabilities",
        "rule:context_is_admin or (role:reader and project_id:%(project_id)s)",
    ),
];

/// Name, text and scope of each rule in force.
fn listed(policy: &Policy) -> Vec<(String, String, &'static [&'static str])> {
    let rules = policy.rules().into_iter();
    rules
        .map(|rule| (rule.name, rule.check, rule.scope_types))
        .collect()
}

#[test]
fn the_defaults_are_those_of_glance_and_ours() {
    const PROJECT: &[&str] = &["project"];
    let mut expected: Vec<_> = OF_PROJECTS
        .iter()
        .map(|(name, text, _)| (*name, *text, PROJECT))
        .chain(OURS.iter().map(|(name, text)| (*name, *text, PROJECT)))
        .chain(
            OF_EVERYBODY
                .iter()
                .map(|(name, text)| (*name, *text, &[][..])),
        )
        .map(|(name, text, scope)| (name.to_owned(), text.to_owned(), scope))
        .collect();
    expected.sort();
    let policy = Folder::new().load().expect("the defaults");
    assert_eq!(listed(&policy), expected);
}

#[test]
fn a_default_that_is_not_enforced_also_holds_where_its_former_text_does() {
    let settings = Settings {
        enforce_new_defaults: false,
        ..Settings::default()
    };
    let policy = Folder::new().load_with(&settings);
    let rules = listed(&policy);
    for (name, text, former) in OF_PROJECTS {
        let expected = match *former {
            "" => (*text).to_owned(),
            former => format!("{text} or {former}"),
        };
        let found = rules.iter().find(|(listed, ..)| listed == name);
        assert_eq!(found.map(|(_, text, _)| text), Some(&expected), "{name}");
    }
}

#[test]
fn a_rule_tells_where_it_is_written_and_what_it_replaces() {
    let folder = Folder::new();
    let text = "get_images: role:member\nmine: [[role:a, role:b], ['@']]\nnobody: [[]]\n";
    let path = folder.write("policy.yaml", text);
    let rules = folder.load().expect("a policy").rules();
    let find = |name: &str| {
        let found = rules.iter().find(|rule| rule.name == name);
        found.cloned().expect("a rule")
    };
    let file = Origin::File(path);
    let replaced = find("get_images");
    assert_eq!(replaced.check, "role:member");
    assert_eq!(replaced.origin, file);
    assert!(
        replaced
            .default
            .is_some_and(|text| text.contains("role:reader"))
    );
    assert_eq!(replaced.scope_types, ["project"]);
    let mine = find("mine");
    assert_eq!(mine.check, "role:a and role:b or @");
    assert_eq!((mine.origin, mine.default), (file, None));
    assert!(mine.scope_types.is_empty());
    assert_eq!(find("nobody").check, "!");
    assert_eq!(find("get_image").origin, Origin::Default);
}
