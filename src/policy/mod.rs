//! Who may do what: rules in the language of oslo.policy, their defaults, and the engine that
//! asks them.
//!
//! Start with [`Policy`]; a use case asks it about one [`Action`] on one [`Target`]. The language
//! itself is in `rule`; who may do what to which custom property is in `protection`.

mod action;
mod defaults;
mod engine;
mod error;
mod file;
mod guard;
mod inventory;
mod ownership;
mod protection;
mod question;
mod rule;
mod rules;
mod settings;
mod sources;
mod target;
#[cfg(test)]
mod tests;
mod watch;
mod written;

pub use self::{
    action::Action,
    engine::{Denied, Policy, Reason},
    error::PolicyError,
    guard::PropertyGuard,
    inventory::RuleInForce,
    protection::{ProtectionFault, ProtectionSettings, RuleFormat, Verb},
    rule::{Fault, Malformed},
    settings::Settings,
    target::Target,
    written::Origin,
};
