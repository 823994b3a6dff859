//! What truly differs between the engines.

pub(super) mod postgres;
pub(super) mod sqlite;

/// The few statements that each engine has in words of its own.
#[derive(Debug)]
pub(super) struct Statements {
    /// Takes over the claim that lapsed first, and gives it as it is then.
    ///
    /// `$1` now, `$2` the new holder, `$3` the end of its lease.
    pub(super) take_lapsed_claim: &'static str,
    /// Takes the oldest task that nobody works on, unless its bytes are staged in another staging
    /// area than the holder's, and gives it as it is then.
    ///
    /// `$1` now, `$2` the holder, `$3` the end of its lease, `$4` the holder's staging area; the
    /// empty text is that of none.
    pub(super) claim_task: &'static str,
    /// Takes the check that is due longest and that nobody works on, and gives it as it is then.
    ///
    /// `$1` now, `$2` the holder, `$3` the end of its lease.
    pub(super) claim_check: &'static str,
    /// Keeps others from submitting, beginning and cancelling jobs until the transaction ends.
    pub(super) lock_jobs: &'static str,
    /// Keeps others from changing the image until the transaction ends.
    ///
    /// `$1` the image.
    pub(super) lock_image: &'static str,
    /// Keeps others from the project's row until the transaction ends.
    ///
    /// `$1` the project.
    pub(super) lock_project: &'static str,
    /// Keeps others from changing the namespace of metadata definitions until the transaction
    /// ends.
    ///
    /// `$1` the namespace.
    pub(super) lock_namespace: &'static str,
    /// How many tables keep the history of the schema: one, or none before the first migration.
    pub(super) count_histories: &'static str,
}
