//! The defaults, worked out by hand for everybody who may come.
//!
//! The image belongs to `home`; when it is shared, `guest` is a member of it. A letter says who
//! may: Admin of elsewhere, Boss (manager of home), Member of home, Reader of home, Guest (member
//! of `guest`), Stranger (member of elsewhere), Looker (reader of elsewhere), serVice (role of
//! that name alone, of home), Foreign service (that role, of elsewhere), Nobody (of home, without
//! a role). No rule knows managers: they are members by the role that Keystone implies.
//!
//! A shared image is open to strangers here because Glance's rules say so; that they cannot see
//! it is for the query that looks the image up.

use super::*;

fn personas() -> [(char, Caller); 10] {
    [
        ('A', caller(Some("away"), &["admin", "member", "reader"])),
        ('B', caller(Some("home"), &["manager", "member", "reader"])),
        ('M', caller(Some("home"), &["member", "reader"])),
        ('R', caller(Some("home"), &["reader"])),
        ('G', caller(Some("guest"), &["member", "reader"])),
        ('S', caller(Some("away"), &["member", "reader"])),
        ('L', caller(Some("away"), &["reader"])),
        ('V', caller(Some("home"), &["service"])),
        ('F', caller(Some("away"), &["service"])),
        ('N', caller(Some("home"), &[])),
    ]
}

fn who_may(ask: impl Fn(&Caller) -> bool) -> String {
    let may = personas().into_iter().filter(|(_, caller)| ask(caller));
    may.map(|(letter, _)| letter).collect()
}

fn defaults() -> Policy {
    Folder::new().load().expect("the defaults")
}

/// An action, and who may do it to a private, public, community and shared image.
const ON_AN_IMAGE: &[(Action, [&str; 4])] = &[
    (Action::GetImage, ["ABMR", "ABMRGSL", "ABMRGSL", "ABMRGSL"]),
    (Action::DownloadImage, ["ABM", "ABMGS", "ABMGS", "ABMGS"]),
    (
        Action::DownloadFromStore,
        ["ABM", "ABMGS", "ABMGS", "ABMGS"],
    ),
    (Action::ModifyImage, ["ABM"; 4]),
    (Action::PublicizeImage, ["A"; 4]),
    (Action::CommunitizeImage, ["ABM"; 4]),
    (Action::DeleteImage, ["ABM"; 4]),
    (Action::UploadImage, ["ABM"; 4]),
    (Action::Deactivate, ["ABM"; 4]),
    (Action::Reactivate, ["ABM"; 4]),
    (Action::AddMember, ["ABM"; 4]),
    (Action::DeleteMember, ["ABM"; 4]),
    (Action::GetMember, ["ABMR", "ABMR", "ABMR", "ABMRG"]),
    (Action::GetMembers, ["ABMR", "ABMR", "ABMR", "ABMRG"]),
    (Action::ModifyMember, ["A", "A", "A", "AG"]),
    (Action::GetImageLocation, ["ABMR"; 4]),
    (Action::SetImageLocation, ["ABM"; 4]),
    (Action::AddImageLocation, ["ABMVF"; 4]),
    (Action::FetchImageLocation, ["AVF"; 4]),
    (Action::DeleteImageLocation, ["A"; 4]),
    (Action::CopyImage, ["A"; 4]),
    (Action::CacheImage, ["A"; 4]),
    (Action::CacheDelete, ["A"; 4]),
    (Action::ListCachedNodes, ["A"; 4]),
];

/// An action on nothing in particular, and who may do it.
const ON_NOTHING: &[(Action, &str)] = &[
    (Action::GetImages, "ABMRGSL"),
    (Action::StoresInfoDetail, "AVF"),
    (Action::CacheList, "A"),
    (Action::CacheDelete, "A"),
    (Action::CacheClean, "A"),
    (Action::CachePrune, "A"),
    (Action::ManageImageCache, "A"),
    (Action::TasksApiAccess, "A"),
    (Action::GetTask, "ABMRGSLVFN"),
    (Action::GetTasks, "ABMRGSLVFN"),
    (Action::AddTask, "ABMRGSLVFN"),
    (Action::ModifyTask, "ABMRGSLVFN"),
    (Action::SubmitJob, "A"),
    (Action::GetJob, "A"),
    (Action::GetJobs, "A"),
    (Action::CancelJob, "A"),
    (Action::GetCapabilities, "ABMRGSL"),
];

const VISIBILITIES: [Visibility; 4] = [
    Visibility::Private,
    Visibility::Public,
    Visibility::Community,
    Visibility::Shared,
];

#[test]
fn the_defaults_let_everybody_do_what_they_may_to_an_image_and_no_more() {
    let policy = defaults();
    for (action, expected) in ON_AN_IMAGE {
        for (visibility, expected) in VISIBILITIES.into_iter().zip(expected) {
            let image = image(visibility);
            let may = who_may(|caller| {
                let project = caller.project_id.as_deref();
                let membership = project.filter(|project| *project == "guest");
                policy.allows(caller, *action, &Target::image(&image, membership))
            });
            assert_eq!(may, *expected, "{action} of a {visibility} image");
        }
    }
}

#[test]
fn the_defaults_let_everybody_do_what_they_may_without_an_image_and_no_more() {
    let policy = defaults();
    for (action, expected) in ON_NOTHING {
        let may = who_may(|caller| policy.allows(caller, *action, &Target::none(caller)));
        assert_eq!(may, *expected, "{action}");
    }
}

#[test]
fn a_project_creates_images_for_itself_alone() {
    let policy = defaults();
    let may_create_for = |owner| {
        let target = Target::new_image(owner, None);
        who_may(|caller| policy.allows(caller, Action::AddImage, &target))
    };
    assert_eq!(may_create_for(Some("home")), "ABM");
    assert_eq!(may_create_for(Some("guest")), "AG");
    assert_eq!(may_create_for(None), "A");
    let public = Target::new_image(Some("home"), Some(Visibility::Public));
    let may_publish = who_may(|caller| policy.allows(caller, Action::PublicizeImage, &public));
    assert_eq!(may_publish, "A");
}

#[test]
fn only_the_member_answers_to_a_shared_image() {
    let policy = defaults();
    let image = image(Visibility::Shared);
    let target = Target::member(&image, "guest");
    let may = |action| who_may(|caller| policy.allows(caller, action, &target));
    assert_eq!(may(Action::ModifyMember), "AG");
    assert_eq!(may(Action::GetMember), "ABMRG");
    assert_eq!(may(Action::DeleteMember), "ABM");
}

#[test]
fn an_image_without_owner_is_closed_to_all_but_administrators() {
    let policy = defaults();
    let mut image = image(Visibility::Private);
    image.owner = None;
    let may =
        who_may(|caller| policy.allows(caller, Action::GetImage, &Target::image(&image, None)));
    assert_eq!(may, "A");
}

#[test]
fn an_administrator_is_who_has_the_role() {
    let policy = defaults();
    assert_eq!(who_may(|caller| policy.is_admin(caller)), "A");
    assert!(policy.is_admin(&Caller::unauthenticated("req-1".into())));
}

#[test]
fn a_manager_of_whom_keystone_implies_nothing_may_do_nothing() {
    let manager = caller(Some("home"), &["manager"]);
    let image = image(Visibility::Private);
    for (action, _) in ON_AN_IMAGE {
        let target = Target::image(&image, None);
        assert!(!defaults().allows(&manager, *action, &target), "{action}");
    }
}

#[test]
fn whoever_does_not_act_for_a_project_is_denied_everything() {
    let policy = policy("get_images: '@'").expect("a policy");
    for reach in [Reach::System, Reach::Domain] {
        let mut admin = caller(None, &["admin", "member", "reader"]);
        admin.reach = reach;
        for visibility in VISIBILITIES {
            let image = image(visibility);
            for (action, _) in ON_AN_IMAGE {
                let denied = policy.check(&admin, *action, &Target::image(&image, None));
                assert_eq!(denied.map_err(|denied| denied.rule), Err(action.as_str()));
            }
        }
        for (action, _) in ON_NOTHING {
            assert!(
                !policy.allows(&admin, *action, &Target::none(&admin)),
                "{action}"
            );
        }
        let new = Target::new_image(None, None);
        assert!(!policy.allows(&admin, Action::AddImage, &new));
    }
}

#[test]
fn scope_counts_for_the_rules_of_glance_alone() {
    let policy = policy("mine: '@'").expect("a policy");
    for reach in [Reach::System, Reach::Domain] {
        let mut admin = caller(None, &["admin"]);
        admin.reach = reach;
        let ask = |name| policy.ask(&admin, name, &Target::none(&admin));
        assert_eq!(ask("get_images"), Err(Reason::Scope));
        assert_eq!(ask("get_metadef_namespaces"), Err(Reason::Scope));
        for name in ["mine", "context_is_admin", "metadef_admin", "default"] {
            assert_eq!(ask(name), Ok(()), "{name}");
        }
    }
}

#[test]
fn scope_that_is_not_enforced_leaves_the_roles_to_decide() {
    let settings = Settings {
        enforce_scope: false,
        ..Settings::default()
    };
    let policy = Folder::new().load_with(&settings);
    let mut admin = caller(None, &["admin"]);
    admin.reach = Reach::System;
    let mut member = caller(None, &["member", "reader"]);
    member.reach = Reach::Domain;
    for (action, _) in ON_AN_IMAGE {
        let image = image(Visibility::Private);
        let target = Target::image(&image, None);
        assert!(policy.allows(&admin, *action, &target), "{action}");
        assert!(!policy.allows(&member, *action, &target), "{action}");
    }
}

#[test]
fn who_has_no_identity_reads_what_is_open_and_does_nothing_else() {
    let policy = defaults();
    let nobody = Caller::anonymous("req-1".into());
    assert!(!policy.is_admin(&nobody));
    assert!(policy.allows(&nobody, Action::GetImages, &Target::none(&nobody)));
    for visibility in VISIBILITIES {
        let open = image(visibility);
        let sees = policy.allows(&nobody, Action::GetImage, &Target::image(&open, None));
        // Whether a shared image is shared with the caller was asked before.
        assert_eq!(sees, visibility != Visibility::Private, "{visibility}");
        let ownerless = Image {
            owner: None,
            ..image(visibility)
        };
        for (action, _) in ON_AN_IMAGE {
            let allowed = policy.allows(&nobody, *action, &Target::image(&ownerless, None));
            let reads = *action == Action::GetImage && visibility != Visibility::Private;
            assert_eq!(allowed, reads, "{action} {visibility}");
        }
    }
    let generous = self::policy(r#"{"add_image": "@", "context_is_admin": "role:reader"}"#);
    let generous = generous.expect("a policy");
    let new = Target::new_image(None, None);
    assert!(!generous.allows(&nobody, Action::AddImage, &new));
    assert!(!generous.is_admin(&nobody));
}
