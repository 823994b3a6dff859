//! What a client asks of an import.

use crate::domain::{ChecksumSource, ExpectedDigests, ImportMethod, StoresNeeded};

/// What a client asks of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportCall {
    /// Where the bytes come from.
    pub method: ImportMethod,
    /// `stores` of the body.
    pub stores: Option<Vec<String>>,
    /// `all_stores` of the body.
    pub all_stores: bool,
    /// `all_stores_must_succeed` of the body.
    pub needed: StoresNeeded,
    /// The header `X-Image-Meta-Store`.
    pub store_header: Option<String>,
    /// The digests that the bytes must have.
    pub expected: ExpectedDigests,
    /// Where their publisher says what digests they have.
    pub checksums: Option<ChecksumSource>,
}
