//! How events get to a real broker, whatever happens to it meanwhile.

use hallmark::{service::Relayed, worker::Worker};
use lapin::{
    ExchangeKind,
    options::{ExchangeDeclareOptions, QueueDeclareOptions},
    types::FieldTable,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::{
    Broker, Engine, Message, Persona, Registry, Way, broker_place, on_every_engine, until,
};

on_every_engine![
    an_event_reaches_the_queue_in_its_envelope,
    every_driver_and_topic_gets_each_event,
    an_error_goes_to_a_queue_of_its_own,
    a_broker_that_is_away_hinders_nobody_and_nothing_is_lost,
    two_processes_deliver_each_event_once_and_in_order,
    another_host_of_the_cluster_will_do,
    what_the_broker_has_already_is_used_as_it_is,
];

/// Creates images of these names, in this order.
async fn create(registry: &Registry, names: &[&str]) {
    for name in names {
        registry.image(Persona::MEMBER, json!({"name": name})).await;
    }
}

async fn deliver(worker: &Worker) -> Relayed {
    let stop = CancellationToken::new();
    worker.deliver(&stop).await.expect("a database")
}

/// The names of the images that the messages are about.
fn names(messages: &[Message]) -> Vec<String> {
    let name = |message: &Message| {
        message.inner()["payload"]["name"]
            .as_str()
            .map(String::from)
    };
    messages.iter().filter_map(name).collect()
}

async fn an_event_reaches_the_queue_in_its_envelope(engine: Engine) {
    let broker = Broker::connect().await;
    let registry = Registry::with(engine, &broker.settings(&broker_place())).await;
    let id = registry
        .image(Persona::MEMBER, json!({"name": "débian"}))
        .await;
    let written = registry.told().await;
    assert_eq!(deliver(registry.app().worker()).await, Relayed::Done);

    let messages = broker.messages("info").await;
    assert_eq!(messages.len(), 1);
    let message = &messages[0];
    assert_eq!(message.body["oslo.version"], "2.0");
    let inner = message.inner();
    assert_eq!(inner["event_type"], "image.create");
    assert_eq!(inner["priority"], "INFO");
    assert_eq!(inner["publisher_id"], "image.localhost");
    assert_eq!(inner["payload"]["id"], id);
    assert_eq!(inner["payload"], written[0].payload);
    let properties = &message.properties;
    let text = |text: &Option<lapin::types::ShortString>| {
        text.as_ref().map(|text| text.as_str().to_owned())
    };
    assert_eq!(
        text(properties.content_type()).as_deref(),
        Some("application/json")
    );
    assert_eq!(
        text(properties.content_encoding()).as_deref(),
        Some("utf-8")
    );
    assert_eq!(*properties.delivery_mode(), Some(2));
    assert_eq!(
        text(properties.message_id()).map(Value::from).as_ref(),
        Some(&inner["message_id"])
    );
    assert!(registry.told().await.is_empty());
}

async fn every_driver_and_topic_gets_each_event(engine: Engine) {
    let broker = Broker::connect().await;
    let topic = broker.topic();
    let settings = broker
        .settings(&broker_place())
        .replace(
            "\"messagingv2\"",
            "\"messagingv2\", \"messaging\", \"noop\", \"log\"",
        )
        .replace(
            &format!("[\"{topic}\"]"),
            &format!("[\"{topic}\", \"{topic}-2\"]"),
        );
    let registry = Registry::with(engine, &settings).await;
    create(&registry, &["one"]).await;
    assert_eq!(deliver(registry.app().worker()).await, Relayed::Done);
    for queue in [format!("{topic}.info"), format!("{topic}-2.info")] {
        let messages = broker.messages_of(&queue).await;
        assert_eq!(messages.len(), 2, "{queue}");
        assert_eq!(messages[0].inner(), messages[1].body, "{queue}");
    }
}

async fn an_error_goes_to_a_queue_of_its_own(engine: Engine) {
    let broker = Broker::connect().await;
    let settings = broker.settings(&broker_place());
    let settings = settings.replace("[DEFAULT]", "[DEFAULT]\nimage_size_cap = 4");
    let registry = Registry::with(engine, &settings).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let chunks = ["12345", "6"].map(Ok::<_, std::io::Error>);
    let body = axum::body::Body::from_stream(futures_util::stream::iter(chunks));
    registry
        .upload(Persona::MEMBER, &id, body)
        .await
        .expect(413);
    assert_eq!(deliver(registry.app().worker()).await, Relayed::Done);
    let errors = broker.messages("error").await;
    assert_eq!(errors.len(), 1);
    assert!(errors[0].inner()["payload"].is_string());
    assert_eq!(broker.messages("info").await.len(), 4);
}

async fn a_broker_that_is_away_hinders_nobody_and_nothing_is_lost(engine: Engine) {
    let broker = Broker::connect().await;
    let way = Way::open().await;
    let registry = Registry::with(engine, &broker.settings(&way.place())).await;
    let worker = registry.app().worker();
    create(&registry, &["before"]).await;
    assert_eq!(deliver(worker).await, Relayed::Done);

    way.cut();
    create(&registry, &["one", "two"]).await;
    assert_eq!(deliver(worker).await, Relayed::Waiting);
    create(&registry, &["three"]).await;
    assert_eq!(deliver(worker).await, Relayed::Waiting);
    assert_eq!(registry.told().await.len(), 3);
    // The right to deliver is not kept by who cannot.
    assert_eq!(
        deliver(registry.twin().await.worker()).await,
        Relayed::Waiting
    );

    way.mend();
    assert_eq!(deliver(worker).await, Relayed::Done);
    let messages = broker.messages("info").await;
    assert_eq!(names(&messages), ["before", "one", "two", "three"]);
    assert!(registry.told().await.is_empty());
}

async fn two_processes_deliver_each_event_once_and_in_order(engine: Engine) {
    let broker = Broker::connect().await;
    // Nobody looks into the outbox by the clock: what is delivered was rung for.
    let settings = broker.settings(&broker_place()) + "[worker]\npoll_interval = 3600";
    let registry = Registry::with(engine, &settings).await;
    let twin = registry.twin().await;
    let stop = CancellationToken::new();
    let workers = [registry.app().worker(), twin.worker()]
        .map(|worker| tokio::spawn(worker.clone().run(stop.clone())));

    let expected: Vec<String> = (0..60).map(|number| number.to_string()).collect();
    for (number, name) in expected.iter().enumerate() {
        let body = json!({"name": name});
        let router = match number % 2 {
            0 => registry.app().router(),
            _ => twin.router(),
        };
        let call = registry.call(axum::http::Method::POST, "/v2/images");
        call.to(router)
            .by(Persona::MEMBER)
            .json(&body)
            .send()
            .await
            .expect(201);
    }
    until("everything is delivered", async || {
        registry.told().await.is_empty()
    })
    .await;
    stop.cancel();
    for worker in workers {
        worker.await.expect("an orderly end");
    }
    assert_eq!(names(&broker.messages("info").await), expected);
}

async fn another_host_of_the_cluster_will_do(engine: Engine) {
    let broker = Broker::connect().await;
    let way = Way::open().await;
    way.cut();
    let places = format!("{},{}", way.place(), broker_place());
    let registry = Registry::with(engine, &broker.settings(&places)).await;
    create(&registry, &["one"]).await;
    assert_eq!(deliver(registry.app().worker()).await, Relayed::Done);
    assert_eq!(names(&broker.messages("info").await), ["one"]);
}

async fn what_the_broker_has_already_is_used_as_it_is(engine: Engine) {
    let broker = Broker::connect().await;
    let topic = broker.topic();
    let durable = ExchangeDeclareOptions {
        durable: true,
        ..ExchangeDeclareOptions::default()
    };
    let (channel, nothing) = (broker.channel(), FieldTable::default);
    let declared = channel
        .exchange_declare(topic.into(), ExchangeKind::Topic, durable, nothing())
        .await;
    declared.expect("an exchange");
    let queue = format!("{topic}.info");
    let declared = channel
        .queue_declare(queue.into(), QueueDeclareOptions::durable(), nothing())
        .await;
    declared.expect("a queue");
    let registry = Registry::with(engine, &broker.settings(&broker_place())).await;
    create(&registry, &["one"]).await;
    assert_eq!(deliver(registry.app().worker()).await, Relayed::Done);
    assert_eq!(names(&broker.messages("info").await), ["one"]);
}

#[tokio::test]
async fn the_usual_queue_is_the_one_that_consumers_of_glance_read() {
    let broker = Broker::connect().await;
    broker.purge("notifications.info").await;
    let settings = format!(
        "[DEFAULT]\ntransport_url = \"rabbit://{}//\"\n\
         [oslo_messaging_notifications]\ndriver = [\"messagingv2\"]",
        broker_place()
    );
    let registry = Registry::with(Engine::Sqlite, &settings).await;
    create(&registry, &["one"]).await;
    assert_eq!(deliver(registry.app().worker()).await, Relayed::Done);
    let messages = broker.messages_of("notifications.info").await;
    assert_eq!(names(&messages), ["one"]);
}
