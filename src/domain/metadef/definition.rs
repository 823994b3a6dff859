//! What a property may be, as its JSON schema says.

/// A definition that is longer than the registry keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a definition may have {} bytes of JSON at most",
    Definition::MAX_BYTES
)]
pub struct TooLong;

/// The text of a JSON object: the schema of one property, or those of an object's properties by
/// their names. Whoever makes one has checked what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition(String);

impl Definition {
    /// The most bytes that a definition may have.
    pub const MAX_BYTES: usize = 32 * 1024;

    /// The definition that `json` is.
    ///
    /// # Errors
    ///
    /// [`TooLong`] if it has more than [`Definition::MAX_BYTES`].
    pub fn new(json: String) -> Result<Self, TooLong> {
        if json.len() <= Self::MAX_BYTES {
            Ok(Self(json))
        } else {
            Err(TooLong)
        }
    }

    /// The JSON.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_has_a_bounded_length() {
        assert!(Definition::new("x".repeat(Definition::MAX_BYTES)).is_ok());
        let longer = Definition::new("x".repeat(Definition::MAX_BYTES + 1));
        assert_eq!(longer, Err(TooLong));
    }
}
