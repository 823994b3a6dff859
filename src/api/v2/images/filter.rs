//! The filters of a list of images.

use std::{fmt::Display, str::FromStr};

use crate::{
    api::{error::ApiError, time},
    domain::{
        Comparison, Digest, ExpectedDigests, ImageFilter, MemberFilter, OneOf, SortField,
        Timestamp, VisibilityFilter,
    },
};

/// The most values of one `in:` list: as many as a page can hold.
const MAX_TEXTS: usize = 1000;

/// Narrows `filter` by the parameter `key`.
///
/// # Errors
///
/// [`ApiError::Invalid`] with the parameter and what is allowed.
pub(super) fn narrow(filter: &mut ImageFilter, key: &str, value: String) -> Result<(), ApiError> {
    if key.contains('\0') || value.contains('\0') {
        return Err(invalid(key, "no text holds the character NUL"));
    }
    match key {
        "visibility" => filter.visibility = visibility(&value)?,
        "member_status" => filter.member_status = member_status(&value)?,
        "owner" => filter.owner = Some(value),
        "os_hidden" => filter.os_hidden = boolean(key, &value.to_ascii_lowercase())?,
        "protected" => filter.protected = Some(boolean(key, &value)?),
        "tag" => filter.tags.push(value),
        "id" => filter.id = Some(one_of(key, &value)?),
        "name" => filter.name = Some(one_of(key, &value)?),
        "status" => filter.status = Some(one_of(key, &value)?),
        "container_format" => filter.container_format = Some(one_of(key, &value)?),
        "disk_format" => filter.disk_format = Some(one_of(key, &value)?),
        "checksum" => filter.checksum = Some(value),
        "os_hash_algo" => filter.os_hash_algo = Some(value),
        "os_hash_value" => filter.os_hash_value = Some(value),
        "digest" => filter.digest = Some(digest(key, &value)?),
        "created_at" => filter.created_at.push(moment(key, &value)?),
        "updated_at" => filter.updated_at.push(moment(key, &value)?),
        "changes-since" | "locations" | "properties" | "members" => {
            return Err(invalid(key, "images cannot be filtered by it"));
        }
        // Deleted images are never listed.
        "deleted" => {}
        _ => match numeric(key) {
            Some((field, comparison)) => {
                filter
                    .numbers
                    .push((field, comparison, number(key, &value)?));
            }
            None => filter.properties.push((key.to_owned(), value)),
        },
    }
    Ok(())
}

fn visibility(value: &str) -> Result<VisibilityFilter, ApiError> {
    Ok(match value {
        "" => VisibilityFilter::Nothing,
        "all" => VisibilityFilter::All,
        word => VisibilityFilter::Only(parsed("visibility", word, "all")?),
    })
}

fn member_status(value: &str) -> Result<MemberFilter, ApiError> {
    Ok(match value {
        "all" => MemberFilter::All,
        word => MemberFilter::Only(parsed("member_status", word, "all")?),
    })
}

/// The word, or what is allowed, `more` included.
fn parsed<T: FromStr<Err: Display>>(key: &str, word: &str, more: &str) -> Result<T, ApiError> {
    word.parse()
        .map_err(|error| invalid(key, format!("{error}, {more}")))
}

fn boolean(key: &str, value: &str) -> Result<bool, ApiError> {
    value
        .parse()
        .map_err(|_| invalid(key, format!("{value:?} is neither true nor false")))
}

/// One digest, `alg:hex`.
fn digest(key: &str, value: &str) -> Result<Digest, ApiError> {
    let expected: ExpectedDigests = value.parse().map_err(|error| invalid(key, error))?;
    let mut digests = expected.iter();
    match (digests.next(), digests.next()) {
        (Some(digest), None) => Ok(digest.clone()),
        _ => Err(invalid(key, "one digest can be looked for at a time")),
    }
}

fn number(key: &str, value: &str) -> Result<i64, ApiError> {
    value
        .parse()
        .map_err(|_| invalid(key, format!("{value:?} is not a whole number")))
}

/// Parameters that compare numbers: the attribute by itself, or with `_min` or `_max`.
fn numeric(key: &str) -> Option<(SortField, Comparison)> {
    let (name, comparison) = if let Some(name) = key.strip_suffix("_min") {
        (name, Comparison::GreaterOrEqual)
    } else if let Some(name) = key.strip_suffix("_max") {
        (name, Comparison::LessOrEqual)
    } else {
        (key, Comparison::Equal)
    };
    let field = match name {
        "size" => SortField::Size,
        "virtual_size" => SortField::VirtualSize,
        "min_disk" => SortField::MinDisk,
        "min_ram" => SortField::MinRam,
        _ => return None,
    };
    Some((field, comparison))
}

/// A time, or an operator and a time.
fn moment(key: &str, value: &str) -> Result<(Comparison, Timestamp), ApiError> {
    let operator = value.split_once(':').and_then(|(operator, rest)| {
        let comparison = match operator {
            "gt" => Comparison::Greater,
            "gte" => Comparison::GreaterOrEqual,
            "lt" => Comparison::Less,
            "lte" => Comparison::LessOrEqual,
            "eq" => Comparison::Equal,
            "neq" => Comparison::NotEqual,
            _ => return None,
        };
        Some((comparison, rest))
    });
    let (comparison, text) = operator.unwrap_or((Comparison::Equal, value));
    let at = time::parse(text).ok_or_else(|| {
        invalid(
            key,
            format!(
                "{value:?} is not a time in ISO 8601, after gt:, gte:, lt:, lte:, eq:, neq: or \
                 nothing"
            ),
        )
    })?;
    Ok((comparison, at))
}

/// A text; with `eq:`, any text; with `in:`, several.
fn one_of(key: &str, value: &str) -> Result<OneOf, ApiError> {
    match value.split_once(':') {
        None => Ok(vec![value.to_owned()]),
        Some(("eq", text)) => Ok(vec![text.to_owned()]),
        Some(("in", list)) => match texts(list) {
            Some(texts) if texts.len() <= MAX_TEXTS => Ok(texts),
            Some(_) => Err(invalid(
                key,
                format!("the list may have {MAX_TEXTS} values at most"),
            )),
            None => Err(invalid(
                key,
                "double quotes must enclose a whole value of the list",
            )),
        },
        Some((operator, _)) => Err(invalid(
            key,
            format!("the operator {operator:?} is not one of eq, in"),
        )),
    }
}

/// Texts separated by commas. One with a comma stands in double quotes, in which a backslash
/// takes away the meaning of the next character.
fn texts(list: &str) -> Option<OneOf> {
    let mut texts = Vec::new();
    let mut rest = list;
    loop {
        let (text, after) = if let Some(quoted) = rest.strip_prefix('"') {
            unquote(quoted)?
        } else {
            let (text, after) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
            if text.contains('"') {
                return None;
            }
            (text.to_owned(), after)
        };
        texts.push(text);
        match after.strip_prefix(',') {
            Some(more) => rest = more,
            None if after.is_empty() => return Some(texts),
            None => return None,
        }
    }
}

/// The text up to the closing quote, and what is behind it.
fn unquote(quoted: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((text, &quoted[at + 1..])),
            '\\' => text.push(characters.next()?.1),
            _ => text.push(character),
        }
    }
    None
}

fn invalid(key: &str, why: impl Display) -> ApiError {
    ApiError::Invalid(format!("Invalid value of the parameter '{key}': {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MemberStatus, Visibility};

    fn narrowed(parameters: &[(&str, &str)]) -> Result<ImageFilter, ApiError> {
        let mut filter = ImageFilter::default();
        for (key, value) in parameters {
            narrow(&mut filter, key, (*value).to_owned())?;
        }
        Ok(filter)
    }

    #[test]
    fn several_values_are_told_apart_by_commas_outside_quotes() {
        for (value, expected) in [
            ("in:a,b", vec!["a", "b"]),
            (r#"in:a,"b,c",d"#, vec!["a", "b,c", "d"]),
            (r#"in:"a\"b""#, vec![r#"a"b"#]),
            ("in:a", vec!["a"]),
            ("in:", vec![""]),
            ("eq:a:b", vec!["a:b"]),
            ("a,b", vec!["a,b"]),
        ] {
            let filter = narrowed(&[("name", value)]).expect("a filter");
            let expected: Vec<_> = expected.into_iter().map(str::to_owned).collect();
            assert_eq!(filter.name, Some(expected), "{value}");
        }
    }

    #[test]
    fn a_list_of_values_is_bounded() {
        let list = |count| format!("in:{}", vec!["a"; count].join(","));
        assert!(narrowed(&[("id", &list(MAX_TEXTS))]).is_ok());
        assert!(narrowed(&[("id", &list(MAX_TEXTS + 1))]).is_err());
    }

    #[test]
    fn a_time_can_come_with_and_without_an_operator() {
        let filter = narrowed(&[
            ("created_at", "gte:1970-01-01T00:00:01Z"),
            ("created_at", "1970-01-01T00:00:02Z"),
        ])
        .expect("a filter");
        assert_eq!(
            filter.created_at,
            [
                (
                    Comparison::GreaterOrEqual,
                    Timestamp::from_micros(1_000_000)
                ),
                (Comparison::Equal, Timestamp::from_micros(2_000_000)),
            ]
        );
    }

    #[test]
    fn numbers_have_bounds_and_custom_properties_do_not() {
        let filter = narrowed(&[
            ("size_min", "5"),
            ("min_ram_max", "7"),
            ("min_disk", "1"),
            ("hw_max", "3"),
            ("os_distro", "cirros"),
        ])
        .expect("a filter");
        assert_eq!(
            filter.numbers,
            [
                (SortField::Size, Comparison::GreaterOrEqual, 5),
                (SortField::MinRam, Comparison::LessOrEqual, 7),
                (SortField::MinDisk, Comparison::Equal, 1),
            ]
        );
        let property = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            filter.properties,
            [property("hw_max", "3"), property("os_distro", "cirros")]
        );
    }

    #[test]
    fn words_narrow_whose_images_are_listed() {
        let filter = narrowed(&[
            ("visibility", "community"),
            ("member_status", "all"),
            ("os_hidden", "TRUE"),
            ("protected", "false"),
            ("tag", "a"),
            ("tag", "b"),
            ("deleted", "true"),
        ])
        .expect("a filter");
        assert_eq!(
            filter,
            ImageFilter {
                visibility: VisibilityFilter::Only(Visibility::Community),
                member_status: MemberFilter::All,
                os_hidden: true,
                protected: Some(false),
                tags: vec!["a".into(), "b".into()],
                ..ImageFilter::default()
            }
        );
        let filter = narrowed(&[("visibility", ""), ("member_status", "pending")]);
        let filter = filter.expect("a filter");
        assert_eq!(filter.visibility, VisibilityFilter::Nothing);
        assert_eq!(
            filter.member_status,
            MemberFilter::Only(MemberStatus::Pending)
        );
    }

    #[test]
    fn a_bad_value_is_refused_by_the_name_of_its_parameter() {
        for (key, value) in [
            ("visibility", "secret"),
            ("member_status", "maybe"),
            ("os_hidden", "1"),
            ("protected", "True"),
            ("name", "a:b"),
            ("name", "neq:a"),
            ("id", r#"in:a"b,c"#),
            ("id", r#"in:"a"b"#),
            ("status", r#"in:"a"#),
            ("created_at", "gt:yesterday"),
            ("updated_at", "in:2026-01-01"),
            ("size_min", "many"),
            ("min_ram", "1.5"),
            ("changes-since", "2026-01-01"),
            ("locations", "x"),
            ("properties", "x"),
            ("members", "x"),
            ("owner", "a\0"),
        ] {
            match narrowed(&[(key, value)]) {
                Err(ApiError::Invalid(why)) => assert!(why.contains(key), "{why}"),
                other => panic!("{key}={value}: {other:?}"),
            }
        }
    }
}
