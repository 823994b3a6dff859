//! Which form of an answer a client asks for with `Accept` and `Accept-Encoding`.

use http::{HeaderMap, HeaderValue, header};

/// The form of an answer that has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `application/json`
    Json,
    /// `text/html`
    Html,
    /// `text/plain`
    Text,
}

/// A quality value in thousandths.
type Quality = u16;

impl Form {
    /// The form that the value of `Accept` prefers: HTML before JSON where both are as welcome,
    /// and plain text where neither is or nothing is said.
    pub(crate) fn preferred(accept: Option<&HeaderValue>) -> Self {
        let Some(accept) = accept.and_then(|value| value.to_str().ok()) else {
            return Self::Text;
        };
        let html = quality(accept, "text", "html");
        let json = quality(accept, "application", "json");
        if html > 0 && html >= json {
            Self::Html
        } else if json > 0 {
            Self::Json
        } else {
            Self::Text
        }
    }
}

/// Whether a client asks for answers that are compressed with gzip, or takes any compression.
pub(crate) fn takes_gzip(headers: &HeaderMap) -> bool {
    let named = |name: &str| {
        let values = headers.get_all(header::ACCEPT_ENCODING).iter();
        let codings = values.filter_map(|value| value.to_str().ok());
        codings.flat_map(|text| text.split(',')).find_map(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let is_it = parts.next()?.eq_ignore_ascii_case(name);
            is_it.then(|| parts.find_map(weight).unwrap_or(1000) > 0)
        })
    };
    named("gzip").or_else(|| named("*")).unwrap_or(false)
}

/// How welcome a media type is: what the most precise range that covers it says.
fn quality(accept: &str, main: &str, sub: &str) -> Quality {
    accept
        .split(',')
        .filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let (range_main, range_sub) = parts.next()?.split_once('/')?;
            let precision = match (range_main, range_sub) {
                ("*", "*") => 1,
                (_, "*") if range_main.eq_ignore_ascii_case(main) => 2,
                _ if range_main.eq_ignore_ascii_case(main)
                    && range_sub.eq_ignore_ascii_case(sub) =>
                {
                    3
                }
                _ => return None,
            };
            Some((precision, parts.find_map(weight).unwrap_or(1000)))
        })
        .max_by_key(|(precision, _)| *precision)
        .map_or(0, |(_, quality)| quality)
}

/// The value of the parameter `q`, in thousandths; one that makes no sense refuses the range.
fn weight(parameter: &str) -> Option<Quality> {
    let (name, value) = parameter.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let (whole, fraction) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    let thousandths = format!("{fraction:0<3.3}").parse::<Quality>();
    Some(match (whole, thousandths) {
        ("1", Ok(_)) => 1000,
        ("0", Ok(thousandths)) => thousandths,
        _ => 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preferred(accept: &'static str) -> Form {
        Form::preferred(Some(&HeaderValue::from_static(accept)))
    }

    #[test]
    fn json_is_given_to_those_who_ask_for_it() {
        assert_eq!(preferred("application/json"), Form::Json);
        assert_eq!(preferred("Application/JSON; q=0.1"), Form::Json);
        assert_eq!(preferred("application/*"), Form::Json);
        assert_eq!(
            preferred("application/json, text/html;q=0.5, */*;q=0.1"),
            Form::Json
        );
    }

    #[test]
    fn html_is_given_to_those_who_take_anything() {
        assert_eq!(preferred("*/*"), Form::Html);
        assert_eq!(preferred("text/html"), Form::Html);
        assert_eq!(preferred("application/json, text/html"), Form::Html);
        assert_eq!(preferred("text/html;q=0, */*"), Form::Json);
    }

    #[test]
    fn gzip_is_for_those_who_ask_for_it_or_take_any_compression() {
        let of = |text| {
            let value = HeaderValue::from_static(text);
            takes_gzip(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, value)]))
        };
        for text in [
            "gzip",
            "br, GZIP;q=0.1",
            "*",
            "gzip, deflate",
            "*;q=0, gzip",
        ] {
            assert!(of(text), "{text}");
        }
        for text in [
            "",
            "identity",
            "gzip;q=0",
            "*, gzip;q=0.0",
            "gzipped",
            "x-gzip",
            "*;q=0",
        ] {
            assert!(!of(text), "{text}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn plain_text_is_given_to_those_who_ask_for_neither() {
        assert_eq!(Form::preferred(None), Form::Text);
        for accept in ["", "text/plain", "image/png", "application/json;q=0", "x"] {
            assert_eq!(preferred(accept), Form::Text, "{accept}");
        }
    }
}
