//! What Keystone said about tokens, kept for a while.

use std::{fmt, sync::Arc, time::Duration};

use moka::{future::Cache, ops::compute::Op};
use sha2::{Digest as _, Sha256};

use crate::{
    auth::{AuthError, Unauthenticated, keystone::settings::CacheSettings},
    domain::{Clock, Timestamp},
    keystone::{Catalog, Expired, KeystoneError, Session, Subject, Validated},
};

/// How long an answer stays in memory when none is to be used twice: only requests that wait for
/// the same answer share it.
const FLEETING: Duration = Duration::from_secs(1);

/// Asks Keystone about tokens, and remembers what is valid.
///
/// - The key is a digest: the memory of the process holds no token of a user for long.
/// - Requests with one token that come at the same time ask once.
/// - What an expired token was allowed for is kept apart from what every request may use.
/// - Refusals are not kept: a token that has just been made valid works at once.
pub(super) struct Tokens {
    session: Session,
    catalog: Catalog,
    /// None: nothing is used twice.
    time: Option<Duration>,
    clock: Arc<dyn Clock>,
    kept: Cache<Key, Kept>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    digest: [u8; 32],
    expired: Expired,
}

#[derive(Debug, Clone)]
struct Kept {
    validated: Arc<Validated>,
    until: Timestamp,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("session", &self.session)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

impl Tokens {
    pub(super) fn new(
        session: Session,
        settings: CacheSettings,
        catalog: Catalog,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            session,
            catalog,
            time: settings.time,
            clock,
            kept: Cache::builder()
                .max_capacity(settings.size)
                .time_to_live(settings.time.unwrap_or(FLEETING))
                .build(),
        }
    }

    /// What is known about `token`, or else what Keystone says.
    ///
    /// # Errors
    ///
    /// [`Unauthenticated::InvalidToken`], or [`AuthError::Keystone`] if it cannot be found out.
    pub(super) async fn get(
        &self,
        token: &str,
        expired: Expired,
    ) -> Result<Arc<Validated>, AuthError> {
        let key = Key::new(token, expired);
        if let Some(validated) = self.find(key).await {
            return Ok(validated);
        }
        let subject = Subject {
            token,
            expired,
            catalog: self.catalog,
        };
        let asked = self.kept.try_get_with(key, self.ask(subject)).await;
        match asked {
            Ok(kept) => Ok(kept.validated),
            Err(error) => Err(match *error {
                KeystoneError::InvalidToken => Unauthenticated::InvalidToken.into(),
                _ => AuthError::Keystone(error),
            }),
        }
    }

    /// What is known about `token`.
    pub(super) async fn known_for(&self, token: &str, expired: Expired) -> Option<Arc<Validated>> {
        self.find(Key::new(token, expired)).await
    }

    /// How many answers are kept, roughly.
    pub(super) fn known(&self) -> u64 {
        self.kept.entry_count()
    }

    /// What is kept under `key`, if it may still be used.
    async fn find(&self, key: Key) -> Option<Arc<Validated>> {
        let kept = self.kept.get(&key).await?;
        let now = self.clock.now();
        if now < kept.until {
            return Some(kept.validated);
        }
        // Another request may have replaced it meanwhile.
        let stale = async |entry: Option<moka::Entry<Key, Kept>>| match entry {
            Some(entry) if entry.value().until <= now => Op::Remove,
            _ => Op::Nop,
        };
        self.kept.entry(key).and_compute_with(stale).await;
        None
    }

    async fn ask(&self, subject: Subject<'_>) -> Result<Kept, KeystoneError> {
        let validated = self.session.validate(subject).await?;
        let now = self.clock.now();
        let until = self.time.map_or(now, |time| now.plus(time));
        Ok(Kept {
            until: match subject.expired {
                Expired::Refused => until.min(validated.expires_at),
                Expired::Allowed => until,
            },
            validated: Arc::new(validated),
        })
    }
}

impl Key {
    fn new(token: &str, expired: Expired) -> Self {
        Self {
            digest: Sha256::digest(token).into(),
            expired,
        }
    }
}
