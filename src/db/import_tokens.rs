//! The tokens of those who asked for an import from another registry, for as long as it lasts.
//!
//! The schema removes one in the transaction that ends its task, however that ends.

use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    db::{
        DbError, Session,
        session::{execute, fetch_optional},
    },
    domain::TaskId,
};

impl Session {
    /// Keeps the token for the task until it is over.
    ///
    /// # Errors
    ///
    /// [`DbError::Refused`] if there is no such task.
    #[tracing::instrument(
        level = "debug", name = "db.import_tokens.save",
        skip_all, fields(task.id = %id), err(level = "debug")
    )]
    pub async fn save_import_token(
        &mut self,
        id: TaskId,
        token: &SecretString,
    ) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO import_tokens (task_id, token)
            VALUES ($1, $2)";
        execute!(self, SQL, id.to_string(), token.expose_secret());
        Ok(())
    }

    /// The token that is kept for the task, if it is not over.
    ///
    /// # Errors
    ///
    /// [`DbError::Unavailable`]
    #[tracing::instrument(
        level = "debug", name = "db.import_tokens.find",
        skip_all, fields(task.id = %id), err(level = "debug")
    )]
    pub async fn find_import_token(&mut self, id: TaskId) -> Result<Option<SecretString>, DbError> {
        const SQL: &str = "
            SELECT token
              FROM import_tokens
             WHERE task_id = $1";
        let found = fetch_optional!(self, (String,), SQL, id.to_string());
        Ok(found.map(|(token,)| token.into()))
    }
}
