//! What every text of a client must keep to.

use crate::api::error::ApiError;

/// The most characters of a name, a tag, a project.
pub(crate) const NAME: usize = 255;

/// Checks the length of a text, and that databases can keep all its characters: none outside the
/// Basic Multilingual Plane, and no NUL.
///
/// # Errors
///
/// [`ApiError::Invalid`] with the name of the field and what is allowed.
pub(crate) fn check(field: &str, text: &str, max_characters: usize) -> Result<(), ApiError> {
    check_characters(field, text)?;
    if text.chars().count() > max_characters {
        return Err(ApiError::Invalid(format!(
            "{field} may have {max_characters} characters at most"
        )));
    }
    Ok(())
}

/// Checks that databases can keep all characters of a text.
///
/// # Errors
///
/// [`ApiError::Invalid`] with the name of the field and what is allowed.
pub(crate) fn check_characters(field: &str, text: &str) -> Result<(), ApiError> {
    if text.chars().all(|c| c != '\0' && u32::from(c) <= 0xFFFF) {
        Ok(())
    } else {
        Err(ApiError::Invalid(format!(
            "{field} may only have characters from U+0001 to U+FFFF"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_measured_in_characters() {
        assert!(check("name", &"é".repeat(NAME), NAME).is_ok());
        assert!(check("name", &"é".repeat(NAME + 1), NAME).is_err());
    }

    #[test]
    fn characters_that_databases_cannot_keep_are_refused() {
        assert!(check("name", "\u{FFFD}", NAME).is_ok());
        assert!(check("name", "\u{1F600}", NAME).is_err());
        assert!(check("name", "a\0b", NAME).is_err());
    }
}
