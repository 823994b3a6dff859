//! What `PostgreSQL` says in its own words.

use std::time::Duration;

use sqlx::{
    Connection as _, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::Statements;
use crate::db::{DbError, Settings};

/// A connection that lay unused for longer is tested before it is lent. The test is a round
/// trip, which would double the time of showing an image if it came before every use.
const TRUSTED: Duration = Duration::from_secs(1);

/// Rows that another process is about to take are skipped, so workers never wait for each other.
pub(in crate::db) const STATEMENTS: Statements = Statements {
    take_lapsed_claim: "
        UPDATE image_claims
           SET holder = $2, lease_until = $3
         WHERE image_id = (SELECT image_id
                             FROM image_claims
                            WHERE lease_until < $1
                            ORDER BY lease_until
                            LIMIT 1
                              FOR UPDATE SKIP LOCKED)
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
                      LIMIT 1
                        FOR UPDATE SKIP LOCKED)
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
                                     LIMIT 1
                                       FOR UPDATE SKIP LOCKED)
     RETURNING image_id, store, purpose, algorithms, user_id, request_id, attempts",
    lock_jobs: "
        SELECT pg_advisory_xact_lock(5223088716193204)",
    lock_image: "
        SELECT id
          FROM images
         WHERE id = $1
           FOR UPDATE",
    lock_project: "
        SELECT project
          FROM quota_projects
         WHERE project = $1
         FOR UPDATE",
    lock_namespace: "
        SELECT name
          FROM metadef_namespaces
         WHERE name = $1
           FOR UPDATE",
    count_histories: "
        SELECT COUNT(*)
          FROM pg_catalog.pg_tables
         WHERE tablename = '_sqlx_migrations'
           AND schemaname = ANY (current_schemas(FALSE))",
};

/// Opens a pool, and one connection to see whether the server is there.
pub(in crate::db) async fn open(
    options: PgConnectOptions,
    settings: &Settings,
) -> Result<PgPool, DbError> {
    PgPoolOptions::new()
        .max_connections(
            settings
                .max_pool_size
                .saturating_add(settings.max_overflow)
                .max(1),
        )
        .acquire_timeout(Duration::from_secs(settings.pool_timeout))
        .test_before_acquire(false)
        .before_acquire(|connection, lent| {
            Box::pin(async move {
                if lent.idle_for > TRUSTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(options)
        .await
        .map_err(DbError::Unavailable)
}
