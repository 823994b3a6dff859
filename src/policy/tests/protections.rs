//! Files of property protections: what they say, and which are refused.

use std::error::Error as _;

use super::*;
use crate::policy::{ProtectionFault, ProtectionSettings, RuleFormat, Verb};

const VERBS: [Verb; 4] = [Verb::Create, Verb::Read, Verb::Update, Verb::Delete];

/// A policy with the rules of `policy.yaml` in `folder`, protected by `text`.
fn protected_in(
    folder: &Folder,
    clock: Arc<dyn Clock>,
    format: RuleFormat,
    text: &str,
) -> Result<Policy, PolicyError> {
    let file = folder.write("protections.conf", text);
    folder
        .load_at(clock)?
        .with_protections(&ProtectionSettings { file, format })
}

fn protected(format: RuleFormat, text: &str) -> Result<Policy, PolicyError> {
    let folder = Folder::new();
    folder.write(
        "policy.yaml",
        "cooks: role:cook\nowners: project_id:%(owner)s\n",
    );
    protected_in(&folder, Arc::new(SetClock::default()), format, text)
}

fn by_roles(text: &str) -> Policy {
    protected(RuleFormat::Roles, text).expect("protections")
}

/// What `caller` may do to the property `name` of an image of `home`, in a letter each.
fn may(policy: &Policy, caller: &Caller, name: &str) -> String {
    let image = image(Visibility::Private);
    let guard = policy.properties(caller);
    let allowed = |verb: &Verb| guard.may(*verb, name, &Target::image(&image, None));
    let verbs = VERBS.into_iter().filter(allowed);
    verbs.map(|verb| &verb.as_str()[..1]).collect()
}

fn fault(format: RuleFormat, text: &str) -> ProtectionFault {
    match protected(format, text).map(|_| ()).expect_err(text) {
        PolicyError::Protection { source, .. } => source,
        other => panic!("{text}: {other}"),
    }
}

/// A section that says the same of all four verbs.
fn section(name: &str, who: &str) -> String {
    format!("[{name}]\ncreate = {who}\nread = {who}\nupdate = {who}\ndelete = {who}\n")
}

#[test]
fn each_verb_asks_its_own_roles() {
    let policy =
        by_roles("[^x_$]\ncreate = Admin,member\nread = @\nupdate = MEMBER , cook\ndelete = !\n");
    assert_eq!(may(&policy, &caller(None, &["member"]), "x_"), "cru");
    assert_eq!(may(&policy, &caller(None, &["cook"]), "x_"), "ru");
    assert_eq!(may(&policy, &caller(None, &["admin"]), "x_"), "cr");
    assert_eq!(may(&policy, &caller(None, &[]), "x_"), "r");
}

#[test]
fn the_first_section_found_anywhere_in_the_name_counts() {
    let text = section("x_owner", "cook") + &section("^x_", "member") + &section(".*", "@");
    let policy = by_roles(&text);
    let member = caller(None, &["member"]);
    assert_eq!(may(&policy, &member, "x_owner"), "");
    assert_eq!(may(&policy, &member, "my_x_owner"), "");
    assert_eq!(may(&policy, &member, "x_other"), "crud");
    assert_eq!(may(&policy, &caller(None, &[]), "my_x_other"), "crud");
    assert_eq!(may(&policy, &caller(None, &[]), "x_other"), "");
}

#[test]
fn what_no_section_knows_is_closed_to_administrators_too() {
    let policy = by_roles(&section("^x_", "@"));
    assert_eq!(may(&policy, &caller(None, &["admin"]), "y"), "");
    let empty = by_roles("");
    assert_eq!(may(&empty, &caller(None, &["admin"]), "y"), "");
}

#[test]
fn without_a_file_nothing_is_protected() {
    let policy = Folder::new().load().expect("a policy");
    assert_eq!(may(&policy, &caller(None, &[]), "y"), "crud");
}

#[test]
fn the_properties_of_the_registry_are_open_whatever_the_file_says() {
    let text = section("os_glance.*", "!") + &section(".*", "!");
    let policy = by_roles(&text);
    let nobody = caller(None, &[]);
    assert_eq!(may(&policy, &nobody, "os_glance_failure"), "crud");
    assert_eq!(may(&policy, &nobody, "my_os_glance"), "");
}

#[test]
fn the_roles_of_a_calling_service_count_and_stay_out_of_rules() {
    let policy = by_roles(&section(".*", "Service"));
    // The caller of these tests is a service's.
    let called = caller(Some("home"), &[]);
    assert_eq!(may(&policy, &called, "x"), "crud");
    let mut alone = caller(Some("home"), &[]);
    alone.service_roles.clear();
    assert_eq!(may(&policy, &alone, "x"), "");
    let image = image(Visibility::Private);
    let target = Target::image(&image, None);
    assert!(!policy.allows(&called, Action::FetchImageLocation, &target));
    let folder = Folder::new();
    folder.write("policy.yaml", "services: role:service");
    let clock = Arc::new(SetClock::default());
    let text = section(".*", "services");
    let asked = protected_in(&folder, clock, RuleFormat::Policies, &text).expect("protections");
    assert_eq!(may(&asked, &called, "x"), "");
}

#[test]
fn an_empty_value_is_nobody() {
    let policy = by_roles("[x]\ncreate =\nread = @\nupdate = ,\ndelete:\n");
    assert_eq!(may(&policy, &caller(None, &["admin", ""]), "x"), "r");
}

#[test]
fn a_policy_rule_is_asked_about_the_image() {
    let text = "[x]\ncreate = cooks\nread = owners\nupdate = @\ndelete = !\n";
    let policy = protected(RuleFormat::Policies, text).expect("protections");
    assert_eq!(may(&policy, &caller(Some("home"), &[]), "x"), "ru");
    assert_eq!(may(&policy, &caller(Some("away"), &["cook"]), "x"), "cu");
}

#[test]
fn the_dialect_is_that_of_python() {
    let policy = by_roles(
        "# a comment\n; another\n[DEFAULT]\ndelete = cook\n\n[^a[0-9]$] ; a class\n\
         Create: member\n  ,cook\nREAD=@\n# between\nupdate = member,\n\n  cook\n",
    );
    assert_eq!(may(&policy, &caller(None, &["cook"]), "a7"), "crud");
    assert_eq!(may(&policy, &caller(None, &["member"]), "a7"), "cru");
    assert_eq!(may(&policy, &caller(None, &["cook"]), "a77"), "");
}

#[test]
fn a_fault_names_the_section_the_key_and_what_is_allowed() {
    for (format, text, told) in [
        (
            RuleFormat::Roles,
            "[x]\ncreate = a\nread = @,!\nupdate = a\ndelete = a\n",
            "[x] read = @,!; allowed: roles separated by commas, @ for everybody or ! for nobody",
        ),
        (
            RuleFormat::Roles,
            "[x]\ncreate = a\nread = a\nupdate = a\n",
            "[x] delete is not set; allowed: roles separated by commas, @ for everybody or ! for \
             nobody",
        ),
        (
            RuleFormat::Policies,
            "[x]\ncreate = cooks,owners\nread = @\nupdate = @\ndelete = @\n",
            "[x] create = cooks,owners; allowed: the name of one policy rule that exists, @ for \
             everybody or ! for nobody",
        ),
        (
            RuleFormat::Policies,
            "[x]\ncreate = @\nread = bakers\nupdate = @\ndelete = @\n",
            "[x] read = bakers; allowed: the name of one policy rule that exists, @ for everybody \
             or ! for nobody",
        ),
        (
            RuleFormat::Policies,
            "[x]\ncreate = @,!\nread = @\nupdate = @\ndelete = @\n",
            "[x] create = @,!; allowed: the name of one policy rule that exists, @ for everybody \
             or ! for nobody",
        ),
        (
            RuleFormat::Roles,
            &section("x(", "@"),
            "[x(] is not a regular expression; allowed: one without look-around and \
             back-references",
        ),
        (
            RuleFormat::Roles,
            &section("(?!y)x", "@"),
            "[(?!y)x] is not a regular expression; allowed: one without look-around and \
             back-references",
        ),
    ] {
        assert_eq!(fault(format, text).to_string(), told, "{text}");
    }
}

#[test]
fn a_line_that_is_nothing_is_told_by_its_number() {
    for (text, line) in [
        ("create = a\n", 1),
        ("[x]\n\ncreate\n", 3),
        ("[x\n", 1),
        ("[]\n", 1),
        ("[x] y\n", 1),
        ("[x]\n[x]\n", 2),
        ("[x]\ncreate = a\nCREATE = b\n", 3),
        ("[x]\n= a\n", 2),
        ("[x]\ncreate = %(read)s\n", 2),
    ] {
        let fault = fault(RuleFormat::Roles, text);
        assert!(
            matches!(fault, ProtectionFault::Line { line: found, .. } if found == line),
            "{text}: {fault}"
        );
    }
}

#[test]
fn expressions_and_sections_have_bounds() {
    let fault_of = |text: &str| fault(RuleFormat::Roles, text);
    let large = fault_of(&section(r"\w{1000}", "@"));
    assert!(matches!(large, ProtectionFault::Pattern { .. }), "{large}");
    let many: String = (0..1001)
        .map(|at| section(&format!("p{at}"), "@"))
        .collect();
    assert_eq!(fault_of(&many), ProtectionFault::TooMany(1000));
}

#[test]
fn a_file_that_is_not_there_is_refused_by_its_name() {
    let folder = Folder::new();
    let file = folder.path().join("absent.conf");
    let settings = ProtectionSettings {
        file: file.clone(),
        format: RuleFormat::Roles,
    };
    let policy = folder.load().expect("a policy");
    let error = policy
        .with_protections(&settings)
        .map(|_| ())
        .expect_err("absent");
    assert_eq!(
        error.to_string(),
        format!("{} cannot be read", file.display())
    );
    assert!(error.source().is_some());
}

/// Protections in `folder` that let cooks alone do anything, and their clock.
fn closed(folder: &Folder, format: RuleFormat) -> (Policy, Arc<SetClock>) {
    folder.write("policy.yaml", "cook: role:cook\nbaker: role:baker\n");
    let clock = Arc::new(SetClock::default());
    let time: Arc<dyn Clock> = Arc::<SetClock>::clone(&clock);
    let policy = protected_in(folder, time, format, &section(".*", "cook"));
    (policy.expect("protections"), clock)
}

#[test]
fn a_changed_file_counts_a_second_later_and_a_broken_one_never() {
    for format in [RuleFormat::Roles, RuleFormat::Policies] {
        let folder = Folder::new();
        let (policy, clock) = closed(&folder, format);
        let (cook, baker) = (caller(None, &["cook"]), caller(None, &["baker"]));
        let write = |text: &str| folder.write("protections.conf", text);
        let broken = [section("(", "baker"), section("x", "@,!"), "[x]".to_owned()];
        for broken in &broken {
            write(broken);
            clock.pass_millis(1_000);
            assert_eq!(may(&policy, &cook, "x"), "crud", "{broken}");
            assert_eq!(may(&policy, &baker, "x"), "", "{broken}");
        }
        fs::remove_file(folder.path().join("protections.conf")).expect("removed");
        clock.pass_millis(1_000);
        assert_eq!(may(&policy, &baker, "x"), "");
        write(&section(".*", "baker"));
        assert_eq!(may(&policy, &baker, "x"), "");
        clock.pass_millis(1_000);
        assert_eq!(may(&policy, &baker, "x"), "crud");
        assert_eq!(may(&policy, &cook, "x"), "");
    }
}

#[test]
fn a_policy_rule_that_goes_lets_nobody_in() {
    let folder = Folder::new();
    let (policy, clock) = closed(&folder, RuleFormat::Policies);
    let cook = caller(None, &["cook"]);
    assert_eq!(may(&policy, &cook, "x"), "crud");
    folder.write("policy.yaml", "baker: role:baker\n");
    clock.pass_millis(1_000);
    assert_eq!(may(&policy, &cook, "x"), "");
}
