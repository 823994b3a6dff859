//! The sections of a configuration that oslo.messaging has, as far as they mean something here.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// `[oslo_messaging_notifications]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NotificationSettings {
    /// The drivers by name.
    pub driver: Vec<String>,
    /// The topics.
    pub topics: Vec<String>,
    /// `rabbit://USER:PASSWORD@HOST:PORT/VHOST`. Unset: `[DEFAULT] transport_url`.
    #[serde(skip_serializing)]
    pub transport_url: Option<SecretString>,
}

impl Default for NotificationSettings {
    fn default() -> Self {
        Self {
            driver: Vec::new(),
            topics: vec!["notifications".into()],
            transport_url: None,
        }
    }
}

/// `[oslo_messaging_rabbit]`: how to talk to the broker.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of oslo.messaging"
)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RabbitSettings {
    /// Whether the exchange and the queues go when nobody uses them.
    pub amqp_auto_delete: bool,
    /// Whether the exchange and the queues outlive a restart of the broker.
    pub amqp_durable_queues: bool,
    /// Seconds after which a silent broker is given up; 0: as the broker wants it.
    pub heartbeat_timeout_threshold: u16,
    /// Whether queues are replicated; they are durable then.
    pub rabbit_quorum_queue: bool,
    /// Whether the connection is encrypted.
    pub ssl: bool,
    /// The certificates (PEM) that are trusted. Unset: the system's.
    pub ssl_ca_file: Option<PathBuf>,
    /// Our certificate (PEM), if the broker asks for one.
    pub ssl_cert_file: Option<PathBuf>,
    /// The key (PEM) of our certificate.
    pub ssl_key_file: Option<PathBuf>,
}

impl Default for RabbitSettings {
    fn default() -> Self {
        Self {
            amqp_auto_delete: false,
            amqp_durable_queues: false,
            heartbeat_timeout_threshold: 60,
            rabbit_quorum_queue: false,
            ssl: false,
            ssl_ca_file: None,
            ssl_cert_file: None,
            ssl_key_file: None,
        }
    }
}

impl RabbitSettings {
    /// Whether exchange and queues are declared durable.
    #[must_use]
    pub const fn is_durable(&self) -> bool {
        self.amqp_durable_queues || self.rabbit_quorum_queue
    }
}
