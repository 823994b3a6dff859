//! What all answers of these routes are in.

use serde::Serialize;
use utoipa::ToSchema;

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Envelope<T> {
    /// Always true: a refusal has another form.
    success: bool,
    /// The answer itself.
    data: T,
}

impl<T> Envelope<T> {
    pub(super) const fn of(data: T) -> Self {
        Self {
            success: true,
            data,
        }
    }
}
