//! Keystone, the identity service of a cloud: the registry's own login, and what is asked with it.
//!
//! Authentication and limits share one client, a [`Session`], which holds these rules:
//!
//! - The registry logs in once and uses its token until shortly before it expires; a token that
//!   Keystone no longer knows is replaced once per request. Many requests make one login.
//! - Requests are those of [`cloud`](crate::cloud), with its bounds; the time of one with all its
//!   repetitions together is bounded, and so is the number of requests under way.
//! - What Keystone does not answer clearly is an error, never a yes.
//! - No error or log line holds a token, a password or an answer's content.

mod error;
mod limits;
mod login;
mod login_options;
mod own_token;
mod session;
mod settings;
mod token;
mod wire;

pub use self::{
    error::KeystoneError,
    limits::{Limits, LimitsSettings, Place},
    login::Login,
    login_options::{LoginFault, LoginOptions},
    session::{Catalog, Expired, Session, Subject},
    settings::Settings,
    token::{AccessRule, Scope, Validated},
};
