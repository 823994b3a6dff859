//! Who is told what, and where the broker is.

use crate::notify::{RabbitSettings, TransportUrl};

/// How notifications are delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driver {
    /// To the broker, in an envelope (`messagingv2`).
    Enveloped,
    /// To the broker as they are (`messaging`).
    Bare,
    /// To the log (`log`).
    Log,
    /// Not at all (`noop`).
    Noop,
}

impl Driver {
    /// The words by which the operator names the drivers.
    pub const NAMES: &'static [&'static str] = &["log", "messaging", "messagingv2", "noop"];

    /// The driver that the operator calls `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "messagingv2" => Some(Self::Enveloped),
            "messaging" => Some(Self::Bare),
            "log" => Some(Self::Log),
            "noop" => Some(Self::Noop),
            _ => None,
        }
    }

    /// Whether it needs the broker.
    #[must_use]
    pub const fn needs_broker(self) -> bool {
        matches!(self, Self::Enveloped | Self::Bare)
    }
}

/// Settings of notifications, as they are in force.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// How they are delivered; empty: there are none.
    pub drivers: Vec<Driver>,
    /// Who says that it sends them.
    pub publisher_id: String,
    /// What is not sent: types of events, or how they begin up to a dot.
    pub disabled: Vec<String>,
    /// The topics; each message goes to every one.
    pub topics: Vec<String>,
    /// The exchange of the broker.
    pub exchange: String,
    /// The broker; without one, nothing goes there.
    pub transport: Option<TransportUrl>,
    /// How to talk to the broker.
    pub rabbit: RabbitSettings,
}
