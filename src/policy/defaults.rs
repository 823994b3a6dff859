//! The rules that hold unless a file replaces them: those of Glance 33, written out in full, and
//! ours.

/// The rule that says who is an administrator.
pub(super) const CONTEXT_IS_ADMIN: &str = "context_is_admin";

const EVERYBODY: &str = "";
const THE_DEFAULT: &str = "rule:default";
const ADMIN: &str = "rule:context_is_admin";
const SERVICE: &str = "rule:service_api";
const METADEF_ADMIN: &str = "rule:metadef_admin";
const ADMIN_OR_SERVICE: &str = "rule:context_is_admin or rule:service_api";
const PROJECT_MEMBER: &str = "rule:context_is_admin or (role:member and project_id:%(project_id)s)";
const PROJECT_READER: &str = "rule:context_is_admin or (role:reader and project_id:%(project_id)s)";
const CREATOR: &str = "rule:context_is_admin or \
    (role:member and project_id:%(project_id)s and project_id:%(owner)s)";
const SERVICE_OR_CREATOR: &str = "rule:service_api or \
    (role:member and project_id:%(project_id)s and project_id:%(owner)s)";
const VIEWER: &str = "rule:context_is_admin or \
    (role:reader and (project_id:%(project_id)s or project_id:%(member_id)s or \
    'community':%(visibility)s or 'public':%(visibility)s or 'shared':%(visibility)s))";
const CONSUMER: &str = "rule:context_is_admin or \
    (role:member and (project_id:%(project_id)s or project_id:%(member_id)s or \
    'community':%(visibility)s or 'public':%(visibility)s or 'shared':%(visibility)s))";
const MEMBERSHIP_VIEWER: &str = "rule:context_is_admin or \
    role:reader and (project_id:%(project_id)s or project_id:%(member_id)s)";
const MEMBERSHIP_HOLDER: &str =
    "rule:context_is_admin or (role:member and project_id:%(member_id)s)";
const METADEF_VIEWER: &str = "rule:context_is_admin or \
    (role:reader and (project_id:%(project_id)s or 'public':%(visibility)s))";

/// Names and texts of Glance's rules.
const DEFAULTS: &[(&str, &str)] = &[
    ("default", EVERYBODY),
    (CONTEXT_IS_ADMIN, "role:admin"),
    ("service_api", "role:service or role:admin"),
    // Images.
    ("add_image", CREATOR),
    ("get_image", VIEWER),
    ("get_images", PROJECT_READER),
    ("modify_image", PROJECT_MEMBER),
    ("publicize_image", ADMIN),
    ("communitize_image", PROJECT_MEMBER),
    ("delete_image", PROJECT_MEMBER),
    ("upload_image", PROJECT_MEMBER),
    ("download_image", CONSUMER),
    ("download_from_store", CONSUMER),
    ("deactivate", PROJECT_MEMBER),
    ("reactivate", PROJECT_MEMBER),
    ("copy_image", ADMIN),
    // Places in stores.
    ("get_image_location", PROJECT_READER),
    ("set_image_location", PROJECT_MEMBER),
    ("add_image_location", SERVICE_OR_CREATOR),
    ("fetch_image_location", SERVICE),
    ("delete_image_location", ADMIN),
    // Members.
    ("add_member", PROJECT_MEMBER),
    ("get_member", MEMBERSHIP_VIEWER),
    ("get_members", MEMBERSHIP_VIEWER),
    ("modify_member", MEMBERSHIP_HOLDER),
    ("delete_member", PROJECT_MEMBER),
    // Image cache.
    ("manage_image_cache", ADMIN),
    ("cache_image", ADMIN),
    ("cache_list", ADMIN),
    ("cache_delete", ADMIN),
    ("cache_clean", ADMIN),
    ("cache_prune", ADMIN),
    ("list_cached_nodes", ADMIN),
    // Stores and tasks.
    ("stores_info_detail", ADMIN_OR_SERVICE),
    ("tasks_api_access", ADMIN),
    ("get_task", THE_DEFAULT),
    ("get_tasks", THE_DEFAULT),
    ("add_task", THE_DEFAULT),
    ("modify_task", THE_DEFAULT),
    // Metadata definitions.
    ("metadef_default", EVERYBODY),
    ("metadef_admin", ADMIN),
    ("get_metadef_namespaces", PROJECT_READER),
    ("get_metadef_namespace", METADEF_VIEWER),
    ("modify_metadef_namespace", METADEF_ADMIN),
    ("add_metadef_namespace", METADEF_ADMIN),
    ("delete_metadef_namespace", METADEF_ADMIN),
    ("get_metadef_object", METADEF_VIEWER),
    ("get_metadef_objects", METADEF_VIEWER),
    ("modify_metadef_object", METADEF_ADMIN),
    ("add_metadef_object", METADEF_ADMIN),
    ("delete_metadef_object", METADEF_ADMIN),
    ("list_metadef_resource_types", METADEF_VIEWER),
    ("get_metadef_resource_type", METADEF_VIEWER),
    ("add_metadef_resource_type_association", METADEF_ADMIN),
    ("remove_metadef_resource_type_association", METADEF_ADMIN),
    ("get_metadef_property", METADEF_VIEWER),
    ("get_metadef_properties", METADEF_VIEWER),
    ("modify_metadef_property", METADEF_ADMIN),
    ("add_metadef_property", METADEF_ADMIN),
    ("remove_metadef_property", METADEF_ADMIN),
    ("get_metadef_tag", METADEF_VIEWER),
    ("get_metadef_tags", METADEF_VIEWER),
    ("modify_metadef_tag", METADEF_ADMIN),
    ("add_metadef_tag", METADEF_ADMIN),
    ("add_metadef_tags", METADEF_ADMIN),
    ("delete_metadef_tag", METADEF_ADMIN),
    ("delete_metadef_tags", METADEF_ADMIN),
];

/// Rules that Glance does not have, with their texts. The first is from a proposal of Glance's own.
/// Who may replace an image may have it read again: of a copy, one reading at a time serves all who
/// ask for it, at the pace that the operator allows. Verification jobs read files of the machine.
pub(super) const OURS: &[(&str, &str)] = &[
    ("calculate_hash", ADMIN),
    ("verify_image", PROJECT_MEMBER),
    ("submit_job", ADMIN),
    ("get_job", ADMIN),
    ("get_jobs", ADMIN),
    ("cancel_job", ADMIN),
    ("get_capabilities", PROJECT_READER),
];

/// The rules that only others ask. They are for every caller; all other defaults are for callers
/// that act for a project.
const ASKED_BY_OTHERS: &[&str] = &[
    "default",
    CONTEXT_IS_ADMIN,
    "service_api",
    "metadef_default",
    "metadef_admin",
];

/// Names and texts of all rules that there are by default.
pub(super) fn all() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    DEFAULTS.iter().chain(OURS)
}

/// The default of the rule `name`; `None` if there is none of that name.
pub(super) fn text(name: &str) -> Option<&'static str> {
    let found = all().find(|(known, _)| *known == name);
    found.map(|(_, text)| *text)
}

/// Whether the rule `name` is for callers that act for a project. What is no default is for
/// everybody.
pub(super) fn is_for_projects(name: &str) -> bool {
    text(name).is_some() && !ASKED_BY_OTHERS.contains(&name)
}

/// What the rule `name` said before it knew roles, if that allowed more. No rule of Glance 33
/// had another name then.
pub(super) fn former(name: &str) -> Option<&'static str> {
    match name {
        "add_image"
        | "delete_image"
        | "get_image"
        | "get_images"
        | "modify_image"
        | "communitize_image"
        | "download_image"
        | "upload_image"
        | "delete_image_location"
        | "get_image_location"
        | "set_image_location"
        | "add_member"
        | "delete_member"
        | "get_member"
        | "get_members"
        | "modify_member"
        | "deactivate"
        | "reactivate" => Some(THE_DEFAULT),
        "get_metadef_namespace"
        | "get_metadef_namespaces"
        | "get_metadef_object"
        | "get_metadef_objects"
        | "list_metadef_resource_types"
        | "get_metadef_resource_type"
        | "get_metadef_property"
        | "get_metadef_properties"
        | "get_metadef_tag"
        | "get_metadef_tags" => Some("rule:metadef_default"),
        "cache_image" | "cache_list" | "cache_delete" => Some("rule:manage_image_cache"),
        "stores_info_detail" => Some(ADMIN),
        _ => None,
    }
}
