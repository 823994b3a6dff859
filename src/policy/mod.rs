//! Who may do what: rules in the language of oslo.policy, their defaults, and the engine that
//! asks them.
//!
//! Start with [`Policy`]; a use case asks it about one [`Action`] on one [`Target`]. The language
//! itself is in `rule`.

mod action;
mod defaults;
mod engine;
mod error;
mod file;
mod question;
mod rule;
mod rules;
mod settings;
mod sources;
mod target;
#[cfg(test)]
mod tests;

pub use self::{
    action::Action,
    engine::{Denied, Policy},
    error::{Origin, PolicyError},
    rule::{Fault, Malformed},
    settings::Settings,
    target::Target,
};
