//! The parameters of a list.

use axum::extract::Query;
use http::Uri;

use crate::api::error::ApiError;

/// The most parameters of a list: more would make a statement that no database takes.
const MAX_PARAMETERS: usize = 256;

/// The parameters of a request, decoded, in their order.
///
/// # Errors
///
/// [`ApiError::Invalid`] if they cannot be read, or are too many.
pub(crate) fn parameters(uri: &Uri) -> Result<Vec<(String, String)>, ApiError> {
    let Query(parameters) = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|_| ApiError::Invalid("the query of the request cannot be read".into()))?;
    if parameters.len() > MAX_PARAMETERS {
        return Err(ApiError::Invalid(format!(
            "a list may have {MAX_PARAMETERS} parameters at most"
        )));
    }
    Ok(parameters)
}

/// A number of things of a list; one beyond all numbers is as good as the greatest.
///
/// # Errors
///
/// [`ApiError::Invalid`] if it is no number.
pub(crate) fn limit(digits: &str) -> Result<u32, ApiError> {
    let well_formed = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if well_formed {
        Ok(digits.parse().unwrap_or(u32::MAX))
    } else {
        Err(ApiError::Invalid(format!(
            "Invalid value of the parameter 'limit': {digits:?} is not a whole number from 0"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_a_bounded_number_of_parameters() {
        let read = |query: String| parameters(&format!("/?{query}").parse().expect("a path"));
        assert!(read("tag=a&".repeat(MAX_PARAMETERS)).is_ok());
        assert!(read("tag=a&".repeat(MAX_PARAMETERS + 1)).is_err());
    }

    #[test]
    fn parameters_are_decoded_and_keep_their_order() {
        let uri = "/?name=a%20b+c&tag=%C3%A9&name=x".parse().expect("a path");
        let read = parameters(&uri).expect("parameters");
        let read: Vec<_> = read
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        assert_eq!(read, [("name", "a b c"), ("tag", "é"), ("name", "x")]);
    }
}
