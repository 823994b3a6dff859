//! What holds with `enforce_new_defaults = false`, when most rules let everybody do everything.

use super::*;

/// A policy of before roles, with the rules of `text`.
fn former(text: &str) -> Policy {
    let folder = Folder::new();
    folder.write("policy.yaml", text);
    folder.load_with(&Settings {
        enforce_new_defaults: false,
        ..Settings::default()
    })
}

/// What changes an image, or who may use it.
const CHANGES: &[Action] = &[
    Action::AddMember,
    Action::CommunitizeImage,
    Action::Deactivate,
    Action::DeleteImage,
    Action::DeleteImageLocation,
    Action::DeleteMember,
    Action::ModifyImage,
    Action::Reactivate,
    Action::SetImageLocation,
    Action::UploadImage,
];

#[test]
fn callers_without_a_role_list_images_create_their_own_and_read_what_they_see() {
    let policy = former("");
    let nobody = caller(Some("home"), &[]);
    assert!(policy.allows(&nobody, Action::GetImages, &Target::none(&nobody)));
    let own = Target::new_image(Some("home"), None);
    assert!(policy.allows(&nobody, Action::AddImage, &own));
    let image = image(Visibility::Private);
    let target = Target::image(&image, None);
    let stranger = caller(Some("away"), &[]);
    for action in [Action::GetImage, Action::DownloadImage] {
        assert!(policy.allows(&stranger, action, &target), "{action}");
    }
}

#[test]
fn a_stranger_changes_no_image_whatever_its_visibility() {
    let policy = former("");
    let stranger = caller(Some("away"), &["member", "reader"]);
    for visibility in [Visibility::Public, Visibility::Shared, Visibility::Private] {
        let image = image(visibility);
        let target = Target::image(&image, Some("away"));
        for action in CHANGES {
            let denied = policy.check(&stranger, *action, &target);
            let reason = denied.map_err(|denied| denied.reason);
            assert_eq!(reason, Err(Reason::Ownership), "{action} {visibility}");
        }
    }
    let foreign = Target::new_image(Some("home"), None);
    assert!(!policy.allows(&stranger, Action::AddImage, &foreign));
}

#[test]
fn the_owner_needs_no_role_and_the_administrator_no_ownership() {
    let policy = former("");
    let image = image(Visibility::Shared);
    let target = Target::image(&image, None);
    for action in CHANGES {
        for may in [caller(Some("home"), &[]), caller(Some("away"), &["admin"])] {
            assert!(policy.allows(&may, *action, &target), "{action}");
        }
    }
}

#[test]
fn nobody_owns_what_has_no_owner() {
    let policy = former("");
    let mut image = image(Visibility::Public);
    image.owner = None;
    let target = Target::image(&image, None);
    for project in [None, Some("None"), Some("home")] {
        let caller = caller(project, &["member"]);
        for action in CHANGES {
            assert!(!policy.allows(&caller, *action, &target), "{action}");
        }
    }
}

#[test]
fn ownership_is_needed_beside_the_rules_of_the_operator_too() {
    let policy = former("modify_image: '@'\ndelete_image: role:cleaner\n");
    let image = image(Visibility::Public);
    let target = Target::image(&image, None);
    let cleaner = caller(Some("away"), &["cleaner"]);
    let owner = caller(Some("home"), &[]);
    assert!(!policy.allows(&cleaner, Action::ModifyImage, &target));
    assert!(!policy.allows(&cleaner, Action::DeleteImage, &target));
    assert!(policy.allows(&owner, Action::ModifyImage, &target));
    let denied = policy.check(&owner, Action::DeleteImage, &target);
    assert_eq!(denied.map_err(|denied| denied.reason), Err(Reason::Rule));
}

#[test]
fn a_membership_is_answered_by_the_member_and_by_no_owner() {
    let policy = former("");
    let image = image(Visibility::Shared);
    let target = Target::member(&image, "guest");
    let may = |project| {
        let caller = caller(Some(project), &[]);
        policy.allows(&caller, Action::ModifyMember, &target)
    };
    assert!(may("guest"));
    assert!(!may("home"));
    assert!(!may("away"));
    let own = Target::member(&image, "home");
    let owner = caller(Some("home"), &[]);
    assert!(!policy.allows(&owner, Action::ModifyMember, &own));
}

#[test]
fn what_never_was_open_to_everybody_stays_closed() {
    let policy = former("");
    let member = caller(Some("home"), &["member", "reader"]);
    let image = image(Visibility::Private);
    let target = Target::image(&image, None);
    for action in [
        Action::PublicizeImage,
        Action::CopyImage,
        Action::FetchImageLocation,
        Action::TasksApiAccess,
        Action::StoresInfoDetail,
    ] {
        assert!(!policy.allows(&member, action, &target), "{action}");
    }
}

#[test]
fn a_closed_default_rule_closes_what_it_used_to_open() {
    let policy = former("default: role:admin");
    let nobody = caller(Some("home"), &[]);
    assert!(!policy.allows(&nobody, Action::GetImages, &Target::none(&nobody)));
}

#[test]
fn the_new_defaults_need_no_ownership_beside_the_rule() {
    let policy = policy("modify_image: role:curator").expect("a policy");
    let image = image(Visibility::Public);
    let curator = caller(Some("away"), &["curator"]);
    assert!(policy.allows(&curator, Action::ModifyImage, &Target::image(&image, None)));
}
