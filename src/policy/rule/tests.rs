//! What the grammar takes, and what it refuses.

use proptest::prelude::*;

use super::*;

fn fault(text: &str) -> Option<Fault> {
    parse(text).err().map(|malformed| malformed.fault)
}

fn means(text: &str, same: &str) {
    let check = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(Ok(check), parse(same), "{text} should mean {same}");
}

fn differs(text: &str, other: &str) {
    assert_ne!(parse(text), parse(other), "{text} should not mean {other}");
}

#[test]
fn the_empty_rule_and_the_at_sign_always_hold_and_the_exclamation_mark_never() {
    assert_eq!(parse(""), Ok(Check::True));
    assert_eq!(parse("@"), Ok(Check::True));
    assert_eq!(parse("!"), Ok(Check::False));
}

#[test]
fn not_binds_closer_than_and_which_binds_closer_than_or() {
    means(
        "role:a or role:b and not role:c",
        "(role:a or (role:b and (not role:c)))",
    );
    means(
        "not role:a and role:b or role:c",
        "(((not role:a) and role:b) or role:c)",
    );
    differs(
        "(role:a or role:b) and role:c",
        "role:a or role:b and role:c",
    );
    differs("not (role:a and role:b)", "not role:a and role:b");
}

#[test]
fn keywords_are_read_in_any_letter_case_and_blanks_in_any_number() {
    means(
        "role:a AND\tNot  role:b\nOr role:c",
        "role:a and not role:b or role:c",
    );
    means("( role:a )", "role:a");
    means(" ( ( role:a)) and (role:b )", "role:a and role:b");
}

#[test]
fn the_left_side_of_a_check_is_read_in_its_letter_case() {
    differs("ROLE:a", "role:a");
    differs("Rule:a", "rule:a");
}

#[test]
fn a_parenthesis_may_follow_a_substitution() {
    means(
        "(role:member and project_id:%(owner)s)",
        "role:member and project_id:%(owner)s",
    );
}

#[test]
fn the_older_form_is_alternatives_of_checks_that_must_all_hold() {
    let list = |list: &[&[&str]]| {
        let owned: Vec<Vec<String>> = list
            .iter()
            .map(|checks| checks.iter().map(|check| (*check).to_owned()).collect())
            .collect();
        parse_list(&owned)
    };
    assert_eq!(list(&[]), Ok(Check::True));
    assert_eq!(list(&[&[]]), Ok(Check::False));
    assert_eq!(
        list(&[&["role:a", "role:b"], &[], &["rule:c"]]),
        parse("role:a and role:b or rule:c")
    );
    assert_eq!(
        list(&[&["role:a or role:b"]]).map_err(|error| error.fault),
        Err(Fault::Unjoined)
    );
    assert_eq!(
        list(&[&["http://host"]]).map_err(|error| error.fault),
        Err(Fault::Remote)
    );
}

#[test]
fn what_is_no_rule_is_refused_by_name() {
    for (text, expected) in [
        (" ", Fault::NoCheck),
        ("and", Fault::NoCheck),
        ("role:a or", Fault::NoCheck),
        ("role:a and or role:b", Fault::NoCheck),
        ("not", Fault::NoCheck),
        ("()", Fault::NoCheck),
        (")", Fault::NoCheck),
        ("role:a role:b", Fault::Unjoined),
        ("role:a)", Fault::Unjoined),
        ("(role:a role:b)", Fault::Unjoined),
        ("(role:a", Fault::Unclosed),
        ("admin", Fault::NoColon),
        ("'admin'", Fault::NoColon),
        ("role:", Fault::OneSided),
        (":admin", Fault::OneSided),
        ("rule:", Fault::OneSided),
        ("'a:%(name)s", Fault::Quotation),
        ("'a\":%(name)s", Fault::Quotation),
        ("a'b':%(name)s", Fault::Quotation),
        ("':%(name)s", Fault::Quotation),
        ("not(role:a)", Fault::Parenthesis),
        ("role:a)and", Fault::Parenthesis),
        ("(role:a)and role:b", Fault::Parenthesis),
        ("rule:a)and", Fault::Parenthesis),
        ("role:a(b", Fault::Parenthesis),
        ("role:%s", Fault::Substitution),
        ("role:50%", Fault::Substitution),
        ("role:%()s", Fault::Substitution),
        ("role:%(a", Fault::Substitution),
        ("role:%(a)d", Fault::Substitution),
        ("role:%(a)d%(b)s", Fault::Substitution),
    ] {
        assert_eq!(fault(text), Some(expected), "{text}");
    }
}

#[test]
fn a_remote_check_is_refused_wherever_it_stands() {
    for text in [
        "http://example.org/check",
        "HTTPS://example.org/%(project_id)s",
        "role:a or (not https://example.org)",
    ] {
        assert_eq!(fault(text), Some(Fault::Remote), "{text}");
    }
}

#[test]
fn an_error_tells_the_place_and_what_stands_there() {
    let error = parse("rolé:a and (admin or role:b)").expect_err("no colon");
    assert_eq!(
        (error.column, error.near.as_str()),
        (13, "admin or role:b)")
    );
    assert_eq!(
        error.to_string(),
        "a check has no colon, at character 13: \"admin or role:b)\""
    );
}

#[test]
fn nesting_and_length_have_bounds() {
    let nested = |depth| format!("{}role:a{}", "(".repeat(depth), ")".repeat(depth));
    means(&nested(MAX_DEPTH), "role:a");
    assert_eq!(fault(&nested(MAX_DEPTH + 1)), Some(Fault::TooDeep));
    assert_eq!(fault(&"(".repeat(MAX_LENGTH)), Some(Fault::TooDeep));
    assert_eq!(fault(&"not ".repeat(10_000)), Some(Fault::TooDeep));
    assert_eq!(fault(&"(".repeat(100_000)), Some(Fault::TooLong));
    let long = vec!["role:a"; 5_000].join(" or ");
    assert!(parse(&long).is_ok());
}

#[test]
fn a_template_spells_its_text_with_all_gaps_filled() {
    let template = Template::parse("%(a)s_%(b)s%%").expect("a template");
    let value = |key: &str| match key {
        "a" => Some("x".into()),
        "b" => Some("y_".into()),
        _ => None,
    };
    assert!(template.spells("x_y_%", value));
    assert!(!template.spells("x_y_", value));
    assert!(!template.spells("x_y_%more", value));
    let open = Template::parse("%(a)s%(missing)s").expect("a template");
    assert!(!open.spells("x", value));
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let _ = parse(&text);
    }

    #[test]
    fn no_text_of_rule_parts_makes_the_parser_panic(
        text in "((\\(|\\)| |not|and|or|role:|rule:|'|\"|%|%\\(a\\)s|http:|[a-z0-9.!@é]){0,5}){0,8}"
    ) {
        if let Err(malformed) = parse(&text) {
            prop_assert!(malformed.column <= text.chars().count() + 1);
        }
    }

    #[test]
    fn every_well_formed_combination_is_taken(
        roles in prop::collection::vec("[a-z]{1,5}", 1..8),
        joint in "and|or|AND|Or",
    ) {
        let checks: Vec<_> = roles.iter().map(|role| format!("(not role:{role})")).collect();
        let text = checks.join(&format!(" {joint} "));
        prop_assert!(parse(&text).is_ok(), "{}", text);
    }
}
