//! Which files count, and which are refused.

use std::error::Error as _;

use super::*;

/// Whether a member of `home` may list images.
fn may_list(policy: &Policy) -> bool {
    let member = caller(Some("home"), &["member"]);
    policy.allows(&member, Action::GetImages, &Target::none(&member))
}

#[test]
fn without_files_the_defaults_hold() {
    let policy = Folder::new().load().expect("a policy");
    let reader = caller(Some("home"), &["reader"]);
    assert!(policy.allows(&reader, Action::GetImages, &Target::none(&reader)));
    assert!(!may_list(&policy));
}

#[test]
fn a_file_replaces_the_rules_it_names_and_keeps_the_others() {
    let policy = policy("get_images: rule:mine\nmine: role:member\n").expect("a policy");
    assert!(may_list(&policy));
    let image = image(Visibility::Private);
    let reader = caller(Some("home"), &["reader"]);
    assert!(policy.allows(&reader, Action::GetImage, &Target::image(&image, None)));
}

#[test]
fn later_files_win_in_the_order_of_their_names() {
    let folder = Folder::new();
    folder.write("policy.yaml", "get_images: '!'");
    assert!(!may_list(&folder.load().expect("a policy")));
    folder.write("policy.d/20.yaml", "get_images: '@'");
    folder.write("policy.d/10.json", r#"{"get_images": "!"}"#);
    folder.write("policy.d/.hidden.yaml", "get_images: '!'");
    folder.write("policy.d/sub/99.yaml", "get_images: '!'");
    assert!(may_list(&folder.load().expect("a policy")));
    folder.write("policy.d/30.yaml", "get_images: '!'");
    assert!(!may_list(&folder.load().expect("a policy")));
}

#[test]
fn the_first_folder_that_has_the_file_is_taken() {
    let (first, second) = (Folder::new(), Folder::new());
    second.write("policy.yaml", "get_images: '@'");
    let folders = [first.path().to_owned(), second.path().to_owned()];
    let load = || {
        let clock = Arc::new(SetClock::default());
        Policy::load(&Settings::default(), &folders, clock).expect("a policy")
    };
    assert!(may_list(&load()));
    first.write("policy.yaml", "get_images: '!'");
    assert!(!may_list(&load()));
}

#[test]
fn every_way_to_write_a_rule_in_a_file_is_read() {
    for text in [
        "get_images: ''",
        "get_images: []",
        "get_images: [[role:member]]",
        "get_images: [['role:absent'], ['role:member', '@']]",
        "get_images: [role:absent, role:member]",
        "get_images: >\n  role:absent or\n  role:member\n",
        "{\n\t\"get_images\": \"role:member\"\n}\n",
        "---\n# a comment\nget_images: role:member # another\n",
    ] {
        assert!(may_list(&policy(text).expect(text)), "{text}");
    }
    for text in [
        "",
        "# nothing\n",
        "{}",
        "get_images: [[]]",
        "get_images: ['!']",
    ] {
        assert!(!may_list(&policy(text).expect(text)), "{text}");
    }
}

#[test]
fn a_value_that_is_no_rule_is_refused() {
    for text in [
        "get_images:",
        "get_images: null",
        "get_images: !",
        "get_images: !!str",
        "get_images: true",
        "get_images: 7",
        "get_images: {role: member}",
        "get_images: [[[role:member]]]",
        "get_images: [7]",
    ] {
        let error = policy(text).map(|_| ()).expect_err(text);
        assert!(
            matches!(&error, PolicyError::NoText { rule, .. } if rule == "get_images"),
            "{text}: {error:?}"
        );
    }
}

#[test]
fn an_exclamation_mark_without_quotes_is_never_taken_for_always() {
    for text in [
        "a: !",
        "a: [!]",
        "a: [[!]]",
        "a: [[role:b, !]]",
        "{a: !}",
        "a: !\nb: c:d",
    ] {
        assert!(policy(text).is_err(), "{text}");
    }
}

#[test]
fn a_file_that_is_no_mapping_is_refused() {
    for text in [
        "[]",
        "just text",
        "a: '@'\na: '!'",
        "{\"a\": ",
        "a: '@'\n---\nb: '@'",
        &format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)),
    ] {
        let error = policy(text).map(|_| ()).expect_err(text);
        assert!(matches!(error, PolicyError::NoMapping { .. }), "{error:?}");
    }
}

#[test]
fn a_file_without_bounds_is_refused() {
    let error = policy(&" ".repeat(1024 * 1024 + 1)).map(|_| ());
    assert!(matches!(error, Err(PolicyError::TooLarge(_))), "{error:?}");
    let bomb = format!(
        "a: &a '{}'\n{}",
        "x".repeat(60_000),
        (0..1_000).fold(String::new(), |text, at| text + &format!("b{at}: *a\n"))
    );
    let error = policy(&bomb).map(|_| ());
    assert!(
        matches!(error, Err(PolicyError::NoMapping { .. })),
        "{error:?}"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_refused_and_not_taken_for_absent() {
    let folder = Folder::new();
    fs::create_dir(folder.path().join("policy.yaml")).expect("a folder");
    let error = folder.load().map(|_| ());
    assert!(
        matches!(error, Err(PolicyError::Unreadable { .. })),
        "{error:?}"
    );
    let folder = Folder::new();
    fs::write(folder.path().join("policy.yaml"), b"a: '\xff'").expect("a file");
    let error = folder.load().map(|_| ());
    assert!(
        matches!(error, Err(PolicyError::Unreadable { .. })),
        "{error:?}"
    );
}

#[test]
fn an_error_names_the_file_the_rule_and_the_place() {
    let folder = Folder::new();
    let path = folder.write(
        "policy.d/7.yaml",
        "delete_image: role:a or http://elsewhere/",
    );
    let error = folder.load().map(|_| ()).expect_err("a remote check");
    assert_eq!(
        error.to_string(),
        format!("rule \"delete_image\" of {} is malformed", path.display())
    );
    assert_eq!(
        error.source().map(ToString::to_string),
        Some(
            "remote checks (http:, https:) are not supported yet, \
             at character 11: \"http://elsewhere/\""
                .into()
        )
    );
}

#[test]
fn rules_that_refer_to_each_other_in_a_circle_are_refused() {
    for (text, circle) in [
        ("a: rule:a", "a -> a"),
        (
            "a: role:x or not rule:b\nb: rule:c\nc: '@ and rule:a'",
            "a -> b -> c -> a",
        ),
        ("default: rule:absent", "default -> default"),
    ] {
        let error = policy(text).map(|_| ()).expect_err(text);
        assert!(
            matches!(&error, PolicyError::Circular(found) if found == circle),
            "{text}: {error}"
        );
    }
}

#[test]
fn rules_that_reach_too_far_are_refused() {
    let chain = |length: usize| {
        (0..length).fold(String::new(), |text, at| {
            text + &format!("r{at}: rule:r{}\n", at + 1)
        }) + &format!("r{length}: '@'\n")
    };
    assert!(policy(&chain(190)).is_ok());
    let doubling = (0..60).fold("r60: '@'\n".to_owned(), |text, at| {
        text + &format!("r{at}: rule:r{next} and rule:r{next}\n", next = at + 1)
    });
    for text in [chain(20_000), doubling] {
        let error = policy(&text).map(|_| ());
        assert!(matches!(error, Err(PolicyError::TooMuch(_))), "{error:?}");
    }
}
