//! What the operator says of notifications, in Glance's words.

use crate::{
    config::tests::{faults, load},
    notify::Driver,
};

#[test]
fn without_a_driver_nobody_is_told_and_no_broker_is_looked_for() {
    let config = load(&[("a.conf", "[DEFAULT]\ntransport_url = fake://")]).expect("valid");
    assert_eq!(config.notify.drivers, []);
    assert!(config.notify.transport.is_none());
}

#[test]
fn a_driver_stands_on_a_line_of_its_own_and_those_we_have_not_are_left_out() {
    let config = load(&[(
        "glance-api.conf",
        "[DEFAULT]\ntransport_url = rabbit://u:p@h1,u:p@h2/v\n\
         default_publisher_id = image.host1\ndisabled_notifications = task, image.member\n\
         [oslo_messaging_notifications]\ndriver = messagingv2\ndriver = routing\ndriver = log\n\
         [oslo_messaging_rabbit]\namqp_durable_queues = true\nheartbeat_rate = 3",
    )])
    .expect("valid");
    let notify = &config.notify;
    assert_eq!(notify.drivers, [Driver::Enveloped, Driver::Log]);
    assert_eq!(notify.publisher_id, "image.host1");
    assert_eq!(notify.disabled, ["task", "image.member"]);
    assert_eq!(notify.topics, ["notifications"]);
    assert_eq!(notify.exchange, "glance");
    assert!(notify.transport.is_some());
    assert!(notify.rabbit.is_durable());
    assert!(
        config
            .warnings
            .iter()
            .any(|warning| warning.contains("routing")),
        "{:?}",
        config.warnings
    );
}

#[test]
fn the_broker_of_notifications_wins_over_the_one_of_everything() {
    let text = "[DEFAULT]\ntransport_url = fake://\n[oslo_messaging_notifications]\n\
                driver = messagingv2\ntransport_url = rabbit://h/";
    let config = load(&[("a.conf", text)]).expect("valid");
    assert!(config.notify.transport.is_some());
}

#[test]
fn what_no_broker_can_be_told_stops_the_start() {
    let driver = "[oslo_messaging_notifications]\ndriver = messagingv2\n";
    for (more, option) in [
        ("transport_url = kafka://u:hunter2@h", "transport_url"),
        ("[DEFAULT]\ncontrol_exchange =", "control_exchange"),
        ("[DEFAULT]\ntransport_url = u:hunter2@h", "transport_url"),
        ("driver = carrier_pigeon", "driver"),
    ] {
        let text = format!("{driver}{more}");
        let told = faults(&[("a.conf", &text)]);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(option), "{told:?}");
        assert!(!told[0].contains("hunter2"), "{told:?}");
    }
}

#[test]
fn the_password_of_the_broker_is_not_shown() {
    let text = "[DEFAULT]\ntransport_url = rabbit://u:hunter2@h1,v:hunter2@h2/\n\
                [oslo_messaging_notifications]\ntransport_url = rabbit://u:hunter2@h/x?ssl=1";
    let shown = load(&[("a.conf", text)]).expect("valid").show().to_string();
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(
        shown.contains("transport_url = \"rabbit://u:***@h/x?***\""),
        "{shown}"
    );
}
