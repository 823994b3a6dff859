//! A registry of a test's own: the real router, a real database, real files.

mod answer;
mod database;
mod limits;
mod keystone;
mod origin;
mod persona;
mod process;
mod registry;
mod request;

pub use self::{
    answer::Answer,
    database::Engine,
    limits::KnownLimits,
    keystone::{FakeKeystone, Mood, in_seconds},
    origin::Origin,
    persona::Persona,
    process::{Ground, Process, until},
    registry::Registry,
    request::Call,
};

/// Runs each rule, an `async fn rule(engine: Engine)`, on every database there is.
macro_rules! on_every_engine {
    ($($rule:ident),+ $(,)?) => {
        mod on_sqlite {
            $(
                #[tokio::test]
                async fn $rule() {
                    super::$rule($crate::support::Engine::Sqlite).await;
                }
            )+
        }
        mod on_postgres {
            $(
                #[tokio::test]
                async fn $rule() {
                    super::$rule($crate::support::Engine::Postgres).await;
                }
            )+
        }
    };
}

pub(crate) use on_every_engine;
