//! What each form of check asks.

use super::*;

/// Whether `rule` holds for a member of `home` and an image of `home`.
fn holds(rule: &str) -> bool {
    holds_for(&caller(Some("home"), &["member"]), rule)
}

fn holds_for(caller: &Caller, rule: &str) -> bool {
    let text = serde_json::json!({
        "get_image": rule,
        "yes": "@",
        "no": "!",
        "nested": "rule:yes and not rule:no",
    });
    let policy = policy(&text.to_string()).expect("a policy");
    let image = image(Visibility::Shared);
    policy.allows(caller, Action::GetImage, &Target::image(&image, None))
}

#[test]
fn each_form_of_check_asks_what_it_says() {
    for (rule, expected) in [
        ("", true),
        ("@", true),
        ("!", false),
        ("role:member", true),
        ("role:MEMBER", true),
        ("role:reader", false),
        ("rule:yes", true),
        ("rule:no", false),
        ("rule:nested", true),
        ("project_id:%(owner)s", true),
        ("tenant:%(project_id)s", true),
        ("project_id:home", true),
        ("project_id:away", false),
        ("user_id:erin", true),
        ("user:erin", true),
        ("user_id:%(owner)s", false),
        ("user_domain_id:users", true),
        ("project_domain_id:projects", true),
        ("roles:member", true),
        ("roles:reader", false),
        ("is_admin:True", false),
        ("is_admin:False", true),
        ("'shared':%(visibility)s", true),
        ("\"shared\":%(visibility)s", true),
        ("'public':%(visibility)s", false),
        ("True:%(protected)s", true),
        ("False:%(protected)s", false),
        ("False:%(os_hidden)s", true),
        ("None:%(container_format)s", true),
        ("None:%(name)s", false),
        ("42:%(size)s", true),
        ("+5:%(min_disk)s", true),
        ("4:%(size)s", false),
        ("1.50:1.5", true),
        ("'home_jammy':%(owner)s_%(name)s", true),
        ("'home_focal':%(owner)s_%(name)s", false),
        ("'100%':100%%", true),
        ("'active':%(status)s", true),
        ("'qcow2':%(disk_format)s", true),
        ("'11111111-2222-4333-8444-555555555555':%(image_id)s", true),
        ("'blue':%(team)s", true),
        ("None:%(kernel_id)s", true),
    ] {
        assert_eq!(holds(rule), expected, "{rule}");
    }
}

#[test]
fn what_the_target_or_the_caller_lacks_makes_a_check_fail() {
    for rule in [
        "project_id:%(no_such_key)s",
        "role:%(no_such_key)s",
        "'':%(no_such_key)s",
        "None:%(no_such_key)s",
        "no_such_credential:x",
        "token.project.domain.id:%(owner)s",
        "project_id.id:home",
        "domain_id:default",
        "system_scope:all",
        "project_id:%(member_id)s",
    ] {
        assert!(!holds(rule), "{rule}");
        assert!(holds(&format!("not {rule}")), "not {rule}");
    }
}

#[test]
fn a_role_can_come_from_the_target_in_any_letter_case() {
    let policy = policy(r#"{"get_image": "role:%(name)s_User"}"#).expect("a policy");
    let mut image = image(Visibility::Private);
    image.name = Some("Jammy".into());
    let target = Target::image(&image, None);
    let user = caller(None, &["jammy_user"]);
    assert!(policy.allows(&user, Action::GetImage, &target));
    assert!(!policy.allows(&caller(None, &["jammy"]), Action::GetImage, &target));
}

#[test]
fn a_caller_without_a_project_does_not_own_what_has_no_owner() {
    let policy = policy(r#"{"get_image": "project_id:%(owner)s"}"#).expect("a policy");
    let mut image = image(Visibility::Private);
    let nobody = caller(None, &["member"]);
    for owner in [None, Some("None".to_owned())] {
        image.owner = owner;
        let target = Target::image(&image, None);
        assert!(!policy.allows(&nobody, Action::GetImage, &target));
    }
    image.owner = None;
    let named_none = caller(Some("None"), &["member"]);
    let target = Target::image(&image, None);
    assert!(!policy.allows(&named_none, Action::GetImage, &target));
    assert!(holds_for(&nobody, "project_id:None"));
    assert!(!holds("project_id:None"));
}

#[test]
fn a_property_cannot_pose_as_a_membership_or_a_project() {
    let guest = caller(Some("guest"), &["member"]);
    assert!(!holds_for(&guest, "project_id:%(member_id)s"));
    assert!(!holds_for(&guest, "project_id:%(tenant)s"));
}

#[test]
fn no_rule_sees_the_roles_of_a_calling_service() {
    assert!(!holds("role:service"));
    assert!(!holds("service_roles:service"));
}

#[test]
fn who_is_an_administrator_cannot_depend_on_itself() {
    let policy = policy(r#"{"context_is_admin": "is_admin:True or role:boss"}"#).expect("a policy");
    assert!(!policy.is_admin(&caller(None, &["admin"])));
    assert!(policy.is_admin(&caller(None, &["boss"])));
}

#[test]
fn a_reference_to_no_rule_asks_the_default_rule() {
    let member = caller(Some("home"), &["member"]);
    let asks = |text: &str| {
        let policy = policy(text).expect("a policy");
        policy.allows(&member, Action::GetImages, &Target::none(&member))
    };
    assert!(asks(r#"{"get_images": "rule:absent"}"#));
    assert!(!asks(r#"{"get_images": "rule:absent", "default": "!"}"#));
}

#[test]
fn without_a_default_rule_a_reference_to_no_rule_never_holds() {
    let folder = Folder::new();
    folder.write("policy.yaml", r#"{"get_images": "rule:absent"}"#);
    let settings = Settings {
        policy_default_rule: "absent_too".into(),
        ..Settings::default()
    };
    let folders = [folder.path().to_owned()];
    let policy = Policy::load(&settings, &folders, Arc::new(SetClock::default()));
    let member = caller(Some("home"), &["member"]);
    assert!(
        !policy
            .expect("a policy")
            .allows(&member, Action::GetImages, &Target::none(&member))
    );
}
