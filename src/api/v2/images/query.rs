//! What a client asks of a list of images.

use axum::extract::FromRequestParts;
use http::{Uri, request::Parts};

use crate::{
    api::{
        ApiState, Settings,
        error::ApiError,
        extract::{limit, parameters},
        links::{Links, MARKER},
        v2::images::{filter, sort::Sort},
    },
    domain::{ImageFilter, ImageId, ImageQuery},
};

const PATH: &str = "/v2/images";

/// A list that is asked for, and how to link to its other pages.
#[derive(Debug)]
pub(super) struct ListRequest {
    /// What is asked for.
    pub(super) query: ImageQuery,
    /// The links.
    pub(super) links: Links,
}

impl FromRequestParts<ApiState> for ListRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, ApiError> {
        Self::read(&parts.uri, &api.settings)
    }
}

impl ListRequest {
    fn read(uri: &Uri, settings: &Settings) -> Result<Self, ApiError> {
        let mut filter = ImageFilter::default();
        let mut sort = Sort::default();
        let mut marker = None;
        let mut size = settings.limit_param_default;
        for (key, value) in parameters(uri)? {
            match key.as_str() {
                "limit" => size = limit(&value)?,
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
                limit: size.min(settings.api_limit_max),
            },
            links: Links::new(PATH, uri.query().unwrap_or_default()),
        })
    }
}

fn image(id: &str) -> Result<ImageId, ApiError> {
    id.parse().map_err(|error| {
        ApiError::Invalid(format!("Invalid value of the parameter 'marker': {error}"))
    })
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
    fn parameters_are_decoded() {
        let filter = read("name=a%20b+c&tag=%C3%A9")
            .expect("a request")
            .query
            .filter;
        assert_eq!(filter.name, Some(vec!["a b c".to_owned()]));
        assert_eq!(filter.tags, ["é"]);
    }
}
