//! What a client asks of a list of images.

use std::fmt::Write as _;

use axum::extract::{FromRequestParts, Query};
use http::{Uri, request::Parts};

use crate::{
    api::{
        ApiState, Settings,
        error::ApiError,
        v2::images::{filter, sort::Sort},
    },
    domain::{ImageFilter, ImageId, ImageQuery},
};

const PATH: &str = "/v2/images";
const MARKER: &str = "marker";

/// The most parameters of a list: more would make a statement that no database takes.
const MAX_PARAMETERS: usize = 256;

/// A list that is asked for, and how to link to its other pages.
#[derive(Debug)]
pub(super) struct ListRequest {
    /// What is asked for.
    pub(super) query: ImageQuery,
    /// The links.
    pub(super) links: Links,
}

/// Links to the pages of a list: the parameters of the request but the marker.
#[derive(Debug)]
pub(super) struct Links(String);

impl FromRequestParts<ApiState> for ListRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, ApiError> {
        Self::read(&parts.uri, &api.settings)
    }
}

impl ListRequest {
    fn read(uri: &Uri, settings: &Settings) -> Result<Self, ApiError> {
        let Query(parameters) = Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|_| ApiError::Invalid("the query of the request cannot be read".into()))?;
        if parameters.len() > MAX_PARAMETERS {
            return Err(ApiError::Invalid(format!(
                "a list may have {MAX_PARAMETERS} parameters at most"
            )));
        }
        let mut filter = ImageFilter::default();
        let mut sort = Sort::default();
        let mut marker = None;
        let mut limit = settings.limit_param_default;
        for (key, value) in parameters {
            match key.as_str() {
                "limit" => limit = number(&value)?,
                MARKER => marker = Some(image(&value)?),
                "sort" => sort.pairs = Some(value),
                "sort_key" => sort.keys.push(value),
                "sort_dir" => sort.directions.push(value),
                _ => filter::narrow(&mut filter, &key, value)?,
            }
        }
        Ok(Self {
            query: ImageQuery {
                filter,
                sort: sort.into_keys()?,
                marker,
                limit: limit.min(settings.api_limit_max),
            },
            links: Links::new(uri.query().unwrap_or_default()),
        })
    }
}

/// A number of images; one beyond all numbers is as good as the greatest.
fn number(digits: &str) -> Result<u32, ApiError> {
    let well_formed = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if well_formed {
        Ok(digits.parse().unwrap_or(u32::MAX))
    } else {
        Err(ApiError::Invalid(format!(
            "Invalid value of the parameter 'limit': {digits:?} is not a whole number from 0"
        )))
    }
}

fn image(id: &str) -> Result<ImageId, ApiError> {
    id.parse().map_err(|error| {
        ApiError::Invalid(format!("Invalid value of the parameter 'marker': {error}"))
    })
}

impl Links {
    fn new(query: &str) -> Self {
        let kept: Vec<_> = query
            .split('&')
            .filter(|parameter| {
                let key = parameter.split('=').next().unwrap_or_default();
                !parameter.is_empty() && key != MARKER
            })
            .map(encoded)
            .collect();
        Self(kept.join("&"))
    }

    /// The path of the first page.
    pub(super) fn first(&self) -> String {
        if self.0.is_empty() {
            PATH.to_owned()
        } else {
            format!("{PATH}?{}", self.0)
        }
    }

    /// The path of the page after `marker`.
    pub(super) fn next(&self, marker: ImageId) -> String {
        let separator = if self.0.is_empty() { "" } else { "&" };
        format!("{PATH}?{}{separator}{MARKER}={marker}", self.0)
    }
}

/// A parameter as it came, with all that does not belong into an address percent-encoded.
fn encoded(parameter: &str) -> String {
    let mut encoded = String::with_capacity(parameter.len());
    for byte in parameter.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~%+=:,/@!$'()*;".contains(&byte) {
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

    const ID: &str = "0abcdef0-0000-4000-8000-00000000000f";

    fn read(query: &str) -> Result<ListRequest, ApiError> {
        let uri: Uri = format!("{PATH}?{query}").parse().expect("a path");
        ListRequest::read(&uri, &Settings::default())
    }

    #[test]
    fn a_page_has_a_size_within_bounds() {
        let limit = |query| read(query).expect("a request").query.limit;
        assert_eq!(limit(""), 25);
        assert_eq!(limit("limit=0"), 0);
        assert_eq!(limit("limit=5000"), 1000);
        assert_eq!(limit("limit=99999999999999999999"), 1000);
        for query in ["limit=", "limit=-1", "limit=a", "limit=1.5"] {
            assert!(read(query).is_err(), "{query}");
        }
    }

    #[test]
    fn a_marker_is_the_id_of_an_image() {
        let request = read(&format!("marker={ID}")).expect("a request");
        assert_eq!(request.query.marker, ID.parse().ok());
        assert!(read("marker=zzz").is_err());
    }

    #[test]
    fn links_keep_all_parameters_but_the_marker() {
        let query = format!("tag=a&tag=b%26c&marker={ID}&name=%C3%A9+x&sort_key=name");
        let links = read(&query).expect("a request").links;
        let kept = "tag=a&tag=b%26c&name=%C3%A9+x&sort_key=name";
        assert_eq!(links.first(), format!("/v2/images?{kept}"));
        assert_eq!(
            links.next(ID.parse().expect("an id")),
            format!("/v2/images?{kept}&marker={ID}")
        );
        assert_eq!(Links::new("").first(), "/v2/images");
        assert_eq!(
            Links::new("a=\"<é>").first(),
            "/v2/images?a=%22%3C%C3%A9%3E"
        );
    }

    #[test]
    fn a_list_has_a_bounded_number_of_parameters() {
        assert!(read(&"tag=a&".repeat(MAX_PARAMETERS)).is_ok());
        assert!(read(&"tag=a&".repeat(MAX_PARAMETERS + 1)).is_err());
    }

    #[test]
    fn parameters_are_decoded() {
        let filter = read("name=a%20b+c&tag=%C3%A9")
            .expect("a request")
            .query
            .filter;
        assert_eq!(filter.name, Some(vec!["a b c".to_owned()]));
        assert_eq!(filter.tags, ["é"]);
    }
}
