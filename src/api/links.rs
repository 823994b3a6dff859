//! Links within the API: to the pages of a list, and to what has a name of its own.

use std::fmt::Write as _;

/// The parameter that tells where a page begins.
pub(crate) const MARKER: &str = "marker";

/// Links to the pages of a list: its path, and the parameters of the request but the marker.
#[derive(Debug)]
pub(crate) struct Links {
    path: &'static str,
    kept: String,
}

impl Links {
    /// The links of the list at `path` that `query` asked for.
    pub(crate) fn new(path: &'static str, query: &str) -> Self {
        let kept: Vec<_> = query
            .split('&')
            .filter(|parameter| {
                let key = parameter.split('=').next().unwrap_or_default();
                !parameter.is_empty() && key != MARKER
            })
            .map(|parameter| encoded(parameter, b"-._~%+=:,/@!$'()*;"))
            .collect();
        Self {
            path,
            kept: kept.join("&"),
        }
    }

    /// The path of the first page.
    pub(crate) fn first(&self) -> String {
        if self.kept.is_empty() {
            self.path.to_owned()
        } else {
            format!("{}?{}", self.path, self.kept)
        }
    }

    /// The path of the page after `marker`.
    pub(crate) fn next(&self, marker: &str) -> String {
        let separator = if self.kept.is_empty() { "" } else { "&" };
        let marker = encoded(marker, b"-._~:");
        format!("{}?{}{separator}{MARKER}={marker}", self.path, self.kept)
    }
}

/// `name` as one part of a path.
pub(crate) fn segment(name: &str) -> String {
    encoded(name, b"-._~!$&'()*+,;=:@")
}

/// `text` with all bytes percent-encoded but letters, digits and those `kept`.
fn encoded(text: &str, kept: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_all_parameters_but_the_marker() {
        let kept = "tag=a&tag=b%26c&name=%C3%A9+x&sort_key=name";
        let links = Links::new("/v2/x", &format!("{kept}&marker=m"));
        assert_eq!(links.first(), format!("/v2/x?{kept}"));
        assert_eq!(
            links.next("n&m é"),
            format!("/v2/x?{kept}&marker=n%26m%20%C3%A9")
        );
        assert_eq!(Links::new("/v2/x", "").first(), "/v2/x");
        assert_eq!(Links::new("/v2/x", "").next("n"), "/v2/x?marker=n");
        assert_eq!(
            Links::new("/v2/x", "a=\"<é>").first(),
            "/v2/x?a=%22%3C%C3%A9%3E"
        );
    }

    #[test]
    fn a_name_is_one_part_of_a_path() {
        assert_eq!(segment("OS::Nova::Server"), "OS::Nova::Server");
        assert_eq!(segment("a b?#é"), "a%20b%3F%23%C3%A9");
    }
}
