//! JSON pointers, as patches of images use them.

/// The parts of the JSON pointer `text`, without blanks around them.
///
/// # Errors
///
/// Says what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Vec<String>, &'static str> {
    let Some(inner) = text.strip_prefix('/') else {
        return Err("must begin with /");
    };
    if inner.ends_with('/') {
        return Err("must not end with /");
    }
    if text.contains("//") {
        return Err("must not contain //");
    }
    inner.split('/').map(part).collect()
}

fn part(escaped: &str) -> Result<String, &'static str> {
    let mut pieces = escaped.split('~');
    let mut part = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (character, rest) = match piece.as_bytes().first() {
            Some(b'0') => ('~', &piece[1..]),
            Some(b'1') => ('/', &piece[1..]),
            _ => return Err("may contain ~ only as ~0 or ~1"),
        };
        part.push(character);
        part.push_str(rest);
    }
    Ok(part.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_split_and_unescaped() {
        for (text, parts) in [
            ("/name", vec!["name"]),
            ("/locations/-", vec!["locations", "-"]),
            ("/a~1b~0c", vec!["a/b~c"]),
            ("/~01", vec!["~1"]),
            ("/ name ", vec!["name"]),
            ("/", vec![""]),
        ] {
            let expected = Ok(parts.into_iter().map(str::to_owned).collect());
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_pointer_is_refused() {
        for text in [
            "", "name", "/name/", "//name", "/a//b", "//", "/a~", "/a~2", "/a~~0",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
