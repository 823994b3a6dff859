//! One connection to one broker.

use std::{collections::BTreeSet, sync::Arc};

use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ErrorKind, ExchangeKind,
    options::{
        BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions, QueueBindOptions,
        QueueDeclareOptions,
    },
    protocol::{AMQPErrorKind, AMQPSoftError},
    types::{AMQPValue, FieldTable},
};
use rustls::ClientConfig;
use tokio::time::timeout;

use crate::notify::{
    NotifyError, RabbitSettings,
    address::Host,
    dial::{READY, dial},
};

/// The number by which AMQP says that the broker is to write a message to disk, as far as its
/// queue is durable.
const PERSISTENT: u8 = 2;

/// A message on its way.
pub(super) struct Outgoing {
    pub(super) queue: String,
    pub(super) message_id: String,
    pub(super) body: Vec<u8>,
}

/// How exchange and queues are declared.
pub(super) struct Topology {
    pub(super) exchange: String,
    pub(super) settings: RabbitSettings,
}

/// A connection that is ready for messages.
pub(super) struct Link {
    host: String,
    // The channel works as long as its connection is kept.
    connection: Connection,
    channel: Channel,
    declared: BTreeSet<String>,
}

impl Link {
    /// Connects to `host`, by TLS if its configuration is given.
    ///
    /// # Errors
    ///
    /// [`NotifyError::Unreachable`], or [`NotifyError::Silent`] after ten seconds.
    pub(super) async fn open(
        host: &Host,
        vhost: &str,
        heartbeat: u16,
        tls: Option<Arc<ClientConfig>>,
    ) -> Result<Self, NotifyError> {
        let name = host.to_string();
        let ready = async {
            let connection = dial(host, vhost, heartbeat, tls).await?;
            let channel = confirming(&connection).await?;
            Ok((connection, channel))
        };
        match timeout(READY, ready).await {
            Ok(Ok((connection, channel))) => Ok(Self {
                host: name,
                connection,
                channel,
                declared: BTreeSet::new(),
            }),
            Ok(Err(source)) => Err(NotifyError::Unreachable { host: name, source }),
            Err(_) => Err(NotifyError::Silent { host: name }),
        }
    }

    /// Whether nothing is known to be wrong with it.
    pub(super) fn is_open(&self) -> bool {
        self.connection.status().connected() && self.channel.status().connected()
    }

    /// The broker's host and port.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Hands over messages in their order. Gives how many of them, from the first on, the broker
    /// has taken over, and why it has not the next.
    pub(super) async fn deliver(
        &mut self,
        messages: &[Outgoing],
        topology: &Topology,
    ) -> (usize, Option<NotifyError>) {
        let mut confirms = Vec::with_capacity(messages.len());
        for message in messages {
            match self.hand_over(message, topology).await {
                Ok(confirm) => confirms.push(confirm),
                Err(error) => return (0, Some(NotifyError::Broken(error))),
            }
        }
        for (taken, (confirm, message)) in confirms.into_iter().zip(messages).enumerate() {
            match confirm.await {
                Ok(Confirmation::Ack(None)) => {}
                // Refused, or given back because no queue would take it.
                Ok(_) => {
                    let refused = NotifyError::Refused(message.queue.clone());
                    return (taken, Some(refused));
                }
                Err(error) => return (taken, Some(NotifyError::Broken(error))),
            }
        }
        (messages.len(), None)
    }

    async fn hand_over(
        &mut self,
        message: &Outgoing,
        topology: &Topology,
    ) -> lapin::Result<lapin::PublisherConfirm> {
        if !self.declared.contains(&message.queue) {
            self.declare(&message.queue, topology).await?;
            self.declared.insert(message.queue.clone());
        }
        let properties = BasicProperties::default()
            .with_content_type("application/json".into())
            .with_content_encoding("utf-8".into())
            .with_delivery_mode(PERSISTENT)
            .with_priority(0)
            .with_message_id(message.message_id.as_str().into());
        let options = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        self.channel
            .basic_publish(
                topology.exchange.as_str().into(),
                message.queue.as_str().into(),
                options,
                &message.body,
                properties,
            )
            .await
    }

    /// Declares exchange and queue and binds them, as oslo.messaging does before it sends: what
    /// nobody consumes yet waits in the queue. Both are used as they are if they are there with
    /// other properties.
    async fn declare(&mut self, queue: &str, topology: &Topology) -> lapin::Result<()> {
        let settings = &topology.settings;
        let exchange = topology.exchange.as_str();
        let options = ExchangeDeclareOptions {
            durable: settings.is_durable(),
            auto_delete: settings.amqp_auto_delete,
            ..ExchangeDeclareOptions::default()
        };
        let declared = self
            .channel
            .exchange_declare(
                exchange.into(),
                ExchangeKind::Topic,
                options,
                FieldTable::default(),
            )
            .await;
        self.tolerate(declared, exchange).await?;
        let options = QueueDeclareOptions {
            durable: settings.is_durable(),
            auto_delete: settings.amqp_auto_delete,
            ..QueueDeclareOptions::default()
        };
        let mut arguments = FieldTable::default();
        if settings.rabbit_quorum_queue {
            let quorum = AMQPValue::LongString("quorum".into());
            arguments.insert("x-queue-type".into(), quorum);
        }
        let declared = self
            .channel
            .queue_declare(queue.into(), options, arguments)
            .await;
        self.tolerate(declared.map(drop), queue).await?;
        self.channel
            .queue_bind(
                queue.into(),
                exchange.into(),
                queue.into(),
                QueueBindOptions::default(),
                FieldTable::default(),
            )
            .await
    }

    /// Goes on with a new channel if `name` is there already with other properties.
    async fn tolerate(&mut self, declared: lapin::Result<()>, name: &str) -> lapin::Result<()> {
        match declared {
            Err(error) if is_otherwise(&error) => {
                tracing::warn!(
                    name,
                    "the broker has an exchange or a queue of this name with other properties, \
                     which is used as it is"
                );
                self.channel = confirming(&self.connection).await?;
                Ok(())
            }
            declared => declared,
        }
    }
}

/// A channel on which the broker confirms what it takes over.
async fn confirming(connection: &Connection) -> lapin::Result<Channel> {
    let channel = connection.create_channel().await?;
    channel
        .confirm_select(ConfirmSelectOptions::default())
        .await?;
    Ok(channel)
}

fn is_otherwise(error: &lapin::Error) -> bool {
    let kind = AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED);
    matches!(error.kind(), ErrorKind::ProtocolError(error) if *error.kind() == kind)
}
