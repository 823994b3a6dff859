//! The broker that `tests/run` starts, and a way to it that can be cut.

use std::{
    env,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties,
    options::{BasicGetOptions, QueueDeclareOptions, QueuePurgeOptions},
    types::FieldTable,
};
use serde_json::Value;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
    time::{sleep, timeout},
};
use uuid::Uuid;

/// Where the broker for tests is: `amqp://guest:guest@HOST:PORT/%2f`.
const VARIABLE: &str = "HALLMARK_TEST_RABBITMQ";

/// How long the broker may take to start: it was started before the tests were compiled, but all
/// of them may be compiled already.
const START: Duration = Duration::from_mins(2);

/// A message as a consumer gets it.
#[derive(Debug, Clone)]
pub struct Message {
    /// What AMQP says of it.
    pub properties: BasicProperties,
    /// What it holds.
    pub body: Value,
}

impl Message {
    /// What stands in the envelope.
    pub fn inner(&self) -> Value {
        let text = self.body["oslo.message"].as_str().expect("an envelope");
        serde_json::from_str(text).expect("JSON")
    }
}

/// A consumer with a topic and an exchange of its own.
pub struct Broker {
    /// The connection works as long as it is kept.
    _connection: Connection,
    channel: Channel,
    /// The name of both the topic and the exchange.
    topic: String,
}

impl Broker {
    /// Waits until the broker is up, and connects.
    pub async fn connect() -> Self {
        let connection = timeout(START, connection()).await;
        let connection = connection.expect("the broker that tests/run starts");
        let channel = connection.create_channel().await.expect("a channel");
        Self {
            _connection: connection,
            channel,
            topic: format!("test-{}", Uuid::new_v4()),
        }
    }

    /// The settings of a registry that tells this consumer everything, by way of `place`.
    pub fn settings(&self, place: &str) -> String {
        let topic = &self.topic;
        format!(
            "[DEFAULT]\ncontrol_exchange = \"{topic}\"\ntransport_url = \"rabbit://{place}//\"\n\
             [oslo_messaging_notifications]\ndriver = [\"messagingv2\"]\ntopics = [\"{topic}\"]\n"
        )
    }

    /// The channel, for what a test does to the broker itself.
    pub const fn channel(&self) -> &Channel {
        &self.channel
    }

    /// The name of both the topic and the exchange.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Empties the queue, if it is there.
    pub async fn purge(&self, queue: &str) {
        let options = QueueDeclareOptions::default();
        let declared = self
            .channel
            .queue_declare(queue.into(), options, FieldTable::default())
            .await;
        declared.expect("a queue");
        let purged = self
            .channel
            .queue_purge(queue.into(), QueuePurgeOptions::default())
            .await;
        purged.expect("an empty queue");
    }

    /// Takes all messages of this consumer that matter as much as `priority` says.
    pub async fn messages(&self, priority: &str) -> Vec<Message> {
        self.messages_of(&format!("{}.{priority}", self.topic))
            .await
    }

    /// Takes all messages of a queue.
    pub async fn messages_of(&self, queue: &str) -> Vec<Message> {
        let mut messages = Vec::new();
        let options = BasicGetOptions { no_ack: true };
        while let Some(message) = self
            .channel
            .basic_get(queue.into(), options)
            .await
            .expect("a queue")
        {
            let delivery = message.delivery;
            messages.push(Message {
                properties: delivery.properties,
                body: serde_json::from_slice(&delivery.data).expect("JSON"),
            });
        }
        messages
    }
}

/// A connection, once the broker takes one.
async fn connection() -> Connection {
    let url = url();
    loop {
        match Connection::connect(&url, ConnectionProperties::default()).await {
            Ok(connection) => return connection,
            Err(_) => sleep(Duration::from_millis(200)).await,
        }
    }
}

/// User, password, host and port of the broker.
pub fn place() -> String {
    let url = url();
    let place = url
        .strip_prefix("amqp://")
        .and_then(|it| it.split_once('/'));
    place
        .expect("an address as tests/run gives it")
        .0
        .to_owned()
}

fn url() -> String {
    env::var(VARIABLE)
        .unwrap_or_else(|_| panic!("{VARIABLE} is not set: run the tests by tests/run"))
}

/// A way to the broker that can be cut and mended. It ends when it is dropped.
pub struct Way {
    address: SocketAddr,
    is_cut: Arc<AtomicBool>,
    cut: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Way {
    /// A way that is open.
    pub async fn open() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let is_cut = Arc::new(AtomicBool::new(false));
        let cut = Arc::new(Notify::new());
        let task = tokio::spawn(carry(listener, Arc::clone(&is_cut), Arc::clone(&cut)));
        Self {
            address,
            is_cut,
            cut,
            task,
        }
    }

    /// User, password, host and port of the broker at the end of this way.
    pub fn place(&self) -> String {
        let place = place();
        let (identity, _) = place.rsplit_once('@').expect("a user");
        format!("{identity}@{}", self.address)
    }

    /// Breaks every connection; none is let through any more.
    pub fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        self.cut.notify_waiters();
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(listener: TcpListener, is_cut: Arc<AtomicBool>, cut: Arc<Notify>) {
    let place = place();
    let (_, broker) = place.rsplit_once('@').expect("a host");
    loop {
        let (mut here, _) = listener.accept().await.expect("a connection");
        if is_cut.load(Ordering::SeqCst) {
            continue;
        }
        let mut there = TcpStream::connect(broker).await.expect("the broker");
        let cut = Arc::clone(&cut);
        tokio::spawn(async move {
            tokio::select! {
                _ = copy_bidirectional(&mut here, &mut there) => (),
                () = cut.notified() => (),
            }
        });
    }
}
