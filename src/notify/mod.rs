//! What other services are told, and how it gets to them.
//!
//! [`Event`] says what happened, and becomes a [`Notification`](crate::domain::Notification)
//! unless the operator does not want it ([`Notifier::compose`]). Notifications are kept in an
//! outbox until [`Notifier::publish`] has delivered them. The messages are those of
//! oslo.messaging: `envelope` has their form, `rabbit` and `link` the way to the broker.

mod address;
mod dial;
mod envelope;
mod error;
mod event;
mod link;
mod log;
mod notifier;
mod payload;
mod rabbit;
mod sections;
mod settings;
mod tls;

pub use self::{
    address::TransportUrl,
    error::NotifyError,
    event::{Event, ImageVerb, MemberVerb, TaskVerb},
    notifier::Notifier,
    payload::Sent,
    rabbit::Published,
    sections::{NotificationSettings, RabbitSettings},
    settings::{Driver, Settings},
};
