//! The way to the brokers: which of them, and what is said to them.

use std::{sync::Arc, time::Duration};

use rustls::ClientConfig;
use serde_json::Value;
use tokio::{sync::Mutex, time::timeout};

use crate::{
    domain::Notification,
    notify::{
        NotifyError, TransportUrl, envelope,
        link::{Link, Outgoing, Topology},
        settings::{Driver, Settings},
        tls,
    },
};

/// How long a broker may take to confirm what was handed to it.
const CONFIRMED: Duration = Duration::from_secs(30);

/// What came of an attempt to deliver notifications.
#[derive(Debug)]
pub struct Published {
    /// How many, from the first on, are delivered.
    pub confirmed: usize,
    /// Why the next one is not, unless all are.
    pub fault: Option<NotifyError>,
}

impl Published {
    const fn nothing(fault: NotifyError) -> Self {
        Self {
            confirmed: 0,
            fault: Some(fault),
        }
    }
}

/// The brokers of a cluster.
pub(super) struct Rabbit {
    url: TransportUrl,
    topology: Topology,
    topics: Vec<String>,
    drivers: Vec<Driver>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    link: Option<Link>,
    /// The host that is tried first.
    host: usize,
}

impl Rabbit {
    /// The brokers that `settings` name; none if no driver needs them. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`NotifyError`] if the address or the files of TLS cannot be used.
    pub(super) fn new(settings: &Settings) -> Result<Option<Self>, NotifyError> {
        let drivers = settings.drivers.iter().copied();
        let drivers: Vec<_> = drivers.filter(|driver| driver.needs_broker()).collect();
        let Some(url) = settings.transport.clone().filter(|_| !drivers.is_empty()) else {
            return Ok(None);
        };
        let rabbit = Self {
            topology: Topology {
                exchange: settings.exchange.clone(),
                settings: url.overriding(&settings.rabbit)?,
            },
            url,
            topics: settings.topics.clone(),
            drivers,
            state: Mutex::default(),
        };
        // Read again for every connection, for certificates are renewed; but what cannot be used
        // at the start is a fault of the settings.
        rabbit.tls()?;
        Ok(Some(rabbit))
    }

    /// Hands over `batch` in its order, with `publisher` as the sender.
    pub(super) async fn publish(&self, batch: &[Notification], publisher: &str) -> Published {
        let mut state = self.state.lock().await;
        // Whatever goes wrong from here on, also that nobody waits any more, ends the connection.
        let link = state.link.take().filter(Link::is_open);
        let mut link = match link {
            Some(link) => link,
            None => match self.connect(&mut state).await {
                Ok(link) => link,
                Err(fault) => return Published::nothing(fault),
            },
        };
        let messages = self.messages(batch, publisher);
        let delivered = timeout(CONFIRMED, link.deliver(&messages, &self.topology)).await;
        let (taken, fault) = delivered.unwrap_or_else(|_| {
            let host = link.host().to_owned();
            (0, Some(NotifyError::Silent { host }))
        });
        if fault.is_none() {
            state.link = Some(link);
        }
        let each = self.topics.len() * self.drivers.len();
        Published {
            confirmed: taken.checked_div(each).unwrap_or(batch.len()),
            fault,
        }
    }

    /// Connects to the first host that can be, beginning with the one behind the last.
    async fn connect(&self, state: &mut State) -> Result<Link, NotifyError> {
        let tls = self.tls()?;
        let heartbeat = self.topology.settings.heartbeat_timeout_threshold;
        let mut fault = NotifyError::Address("at least one host");
        for _ in &self.url.hosts {
            let host = &self.url.hosts[state.host % self.url.hosts.len()];
            state.host = (state.host + 1) % self.url.hosts.len();
            match Link::open(host, &self.url.vhost, heartbeat, tls.clone()).await {
                Ok(link) => return Ok(link),
                Err(error) => fault = error,
            }
        }
        Err(fault)
    }

    fn tls(&self) -> Result<Option<Arc<ClientConfig>>, NotifyError> {
        let settings = &self.topology.settings;
        let config = settings.ssl.then(|| tls::client_config(settings));
        Ok(config.transpose()?.map(Arc::new))
    }

    /// All messages that `batch` becomes: for each notification one per topic and form.
    fn messages(&self, batch: &[Notification], publisher: &str) -> Vec<Outgoing> {
        let mut messages = Vec::new();
        for notification in batch {
            let message = envelope::message(notification, publisher);
            let priority = notification.priority.as_str().to_ascii_lowercase();
            for topic in &self.topics {
                for driver in &self.drivers {
                    messages.push(Outgoing {
                        queue: format!("{topic}.{priority}"),
                        message_id: notification.message_id.to_string(),
                        body: body(*driver, &message),
                    });
                }
            }
        }
        messages
    }
}

fn body(driver: Driver, message: &Value) -> Vec<u8> {
    let text = match driver {
        Driver::Enveloped => envelope::enveloped(message).to_string(),
        Driver::Bare | Driver::Log | Driver::Noop => message.to_string(),
    };
    text.into_bytes()
}
