//! A registry of a test's own: the real router, a real database, real files.

mod answer;
mod broker;
mod database;
mod faulty;
mod keystone;
mod limits;
mod origin;
mod persona;
mod process;
mod publisher;
mod real_barbican;
mod real_keystone;
mod registry;
mod request;
mod signing;
mod web;

use self::process::client;
pub use self::{
    answer::Answer,
    broker::{Broker, Message, Way, place as broker_place},
    database::{Engine, Told},
    faulty::{Fault, FaultyStores},
    keystone::{FakeKeystone, Mood, in_seconds},
    limits::KnownLimits,
    origin::Origin,
    persona::Persona,
    process::{Ground, Process, until},
    publisher::Publisher,
    real_barbican::RealBarbican,
    real_keystone::{RealKeystone, Token},
    registry::Registry,
    request::Call,
    signing::{Purpose, Signer, Terms},
    web::{Page, Web},
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
