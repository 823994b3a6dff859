//! What `SQLite` says in its own words.

use std::{fs, path::Path, time::Duration};

use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::Statements;
use crate::db::{DbError, Settings};

/// How long the write-ahead log may stay after a checkpoint, in bytes.
const LOG_SIZE_LIMIT: &str = "67108864";

/// Writers come one after the other, so no row is ever locked by somebody else.
pub(in crate::db) const STATEMENTS: Statements = Statements {
    take_lapsed_claim: "
        UPDATE image_claims
           SET holder = $2, lease_until = $3
         WHERE image_id = (SELECT image_id
                             FROM image_claims
                            WHERE lease_until < $1
                            ORDER BY lease_until
                            LIMIT 1)
     RETURNING image_id, holder, lease_until",
    claim_task: "
        UPDATE tasks
           SET status = 'processing', holder = $2, lease_until = $3, updated_at = $1,
               attempts = attempts + 1
         WHERE id = (SELECT id
                       FROM tasks
                      WHERE status IN ('pending', 'processing')
                        AND (status = 'pending' OR lease_until < $1)
                        AND NOT EXISTS (SELECT 1
                                          FROM images
                                         WHERE images.id = tasks.image_id
                                           AND images.staged_in <> $4)
                      ORDER BY created_at, id
                      LIMIT 1)
     RETURNING id, kind, status, image_id, owner, user_id, request_id, input,
               message, attempts, created_at, updated_at, expires_at",
    claim_check: "
        UPDATE checks
           SET holder = $2, lease_until = $3, begun_at = $1, attempts = attempts + 1
         WHERE (image_id, store) = (SELECT image_id, store
                                      FROM checks
                                     WHERE due_at <= $1
                                       AND (holder IS NULL OR lease_until < $1)
                                     ORDER BY due_at, image_id, store
                                     LIMIT 1)
     RETURNING image_id, store, purpose, algorithms, user_id, request_id, attempts",
    // A transaction that may write keeps all others out from its start.
    lock_jobs: "
        SELECT 1",
    lock_image: "
        SELECT id
          FROM images
         WHERE id = $1",
    lock_project: "
        SELECT project
          FROM quota_projects
         WHERE project = $1",
    lock_namespace: "
        SELECT name
          FROM metadef_namespaces
         WHERE name = $1",
    count_histories: "
        SELECT COUNT(*)
          FROM sqlite_master
         WHERE type = 'table' AND name = '_sqlx_migrations'",
};

/// The two pools of one file.
#[derive(Debug, Clone)]
pub(in crate::db) struct Pools {
    /// Connections without a transaction.
    pub(in crate::db) readers: SqlitePool,
    /// The one connection for transactions. Those of this process queue for it in order, where
    /// connections of their own would poll for `SQLite`'s lock and starve each other.
    pub(in crate::db) writer: SqlitePool,
}

/// Opens the file, creating it and its folder unless they are there.
pub(in crate::db) async fn open(path: &Path, settings: &Settings) -> Result<Pools, DbError> {
    let patience = Duration::from_secs(settings.pool_timeout);
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // NORMAL is faster, but a commit may be gone after a power cut, and with it the row of
        // bytes that are stored.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(patience)
        .foreign_keys(true)
        .pragma("journal_size_limit", LOG_SIZE_LIMIT);
    let pool = SqlitePoolOptions::new()
        .acquire_timeout(patience)
        .test_before_acquire(false);
    let unopenable = |source| DbError::Unopenable {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| unopenable(error.into()))?;
    }
    // One after the other: the first puts a new file into WAL mode, which locks the others out.
    let writer = pool
        .clone()
        .max_connections(1)
        .connect_with(options.clone())
        .await
        .map_err(unopenable)?;
    let readers = pool
        .max_connections(settings.max_pool_size.max(1))
        .connect_with(options)
        .await
        .map_err(unopenable)?;
    Ok(Pools { readers, writer })
}
