//! What other services are told, and where the broker is.

use secrecy::ExposeSecret as _;

use crate::{
    config::{check::Check, sections::Fixed},
    notify::{Driver, Settings, TransportUrl},
};

/// The drivers that oslo.messaging has and this version has not.
const ABSENT_DRIVERS: &[&str] = &["routing", "test"];

/// How long the name of an exchange or a topic is at most. AMQP's limit is 255; a queue has the
/// priority in its name, too.
const LONGEST_NAME: usize = 200;

/// Notifications as Glance's options describe them together. The address of the broker is looked
/// at only if a driver needs it.
pub(super) fn notifications(check: &mut Check<'_>, fixed: &Fixed) -> Settings {
    let section = &fixed.oslo_messaging_notifications;
    let names = check.available(
        ("oslo_messaging_notifications", "driver"),
        &section.driver,
        Driver::NAMES,
        ABSENT_DRIVERS,
    );
    let drivers: Vec<Driver> = names.into_iter().filter_map(Driver::named).collect();
    let transport = if drivers.iter().any(|driver| driver.needs_broker()) {
        check_names(check, fixed);
        transport(check, fixed)
    } else {
        None
    };
    Settings {
        drivers,
        publisher_id: fixed.main.default_publisher_id.clone(),
        disabled: fixed.main.disabled_notifications.clone(),
        topics: section.topics.clone(),
        exchange: fixed.main.control_exchange.clone(),
        transport,
        rabbit: fixed.oslo_messaging_rabbit.clone(),
    }
}

/// The names of exchange and queues have to fit into AMQP's frames.
fn check_names(check: &mut Check<'_>, fixed: &Fixed) {
    let fits = |name: &String| (1..=LONGEST_NAME).contains(&name.len());
    let allowed = format!("1 to {LONGEST_NAME} bytes");
    if !fits(&fixed.main.control_exchange) {
        check.refuse("DEFAULT", "control_exchange", allowed.clone());
    }
    if !fixed.oslo_messaging_notifications.topics.iter().all(fits) {
        check.refuse("oslo_messaging_notifications", "topics", allowed);
    }
}

/// The broker of notifications, or else the one of everything.
fn transport(check: &mut Check<'_>, fixed: &Fixed) -> Option<TransportUrl> {
    let own = fixed.oslo_messaging_notifications.transport_url.as_ref();
    let (section, url) = match own {
        Some(url) => ("oslo_messaging_notifications", Some(url)),
        None => ("DEFAULT", fixed.main.transport_url.as_ref()),
    };
    match TransportUrl::parse(url.map_or("", |url| url.expose_secret())) {
        Ok(url) => Some(url),
        Err(error) => {
            check.refuse(section, "transport_url", error.to_string());
            None
        }
    }
}
