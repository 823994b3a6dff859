//! Which hash algorithms a user may ask for.

use super::{Core, ServiceError};
use crate::domain::Algorithm;

impl Core {
    /// Only the algorithms the operator allows may be chosen; the default applies without a
    /// choice and need not be among them.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Invalid`] with those that are allowed.
    pub(super) fn check_choice(&self, choice: &Algorithm) -> Result<(), ServiceError> {
        let allowed = &self.parts.settings.hashing.allowed;
        if allowed.contains(choice) {
            return Ok(());
        }
        let names: Vec<_> = allowed.iter().map(Algorithm::as_str).collect();
        Err(ServiceError::Invalid(format!(
            "Invalid value for os_hash_algo: '{choice}' is not allowed. Allowed values: {}",
            names.join(", ")
        )))
    }
}
