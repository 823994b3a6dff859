//! What becomes a notification, and who gets it.

use uuid::Uuid;

use crate::{
    domain::{Notification, Timestamp},
    notify::{
        Event, NotifyError, envelope, log,
        rabbit::{Published, Rabbit},
        settings::{Driver, Settings},
    },
};

/// Makes notifications of events, and delivers them.
pub struct Notifier {
    publisher: String,
    disabled: Vec<String>,
    rabbit: Option<Rabbit>,
    writes_log: bool,
}

impl Notifier {
    /// Delivers as `settings` say. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`NotifyError`] if the address of the broker or the files of TLS cannot be used.
    pub fn new(settings: &Settings) -> Result<Self, NotifyError> {
        Ok(Self {
            publisher: settings.publisher_id.clone(),
            disabled: settings.disabled.clone(),
            rabbit: Rabbit::new(settings)?,
            writes_log: settings.drivers.contains(&Driver::Log),
        })
    }

    /// Whether there is anybody to deliver to.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.writes_log || self.rabbit.is_some()
    }

    /// The notification of `event`, which happened `at` that time; none if nobody is to be told.
    #[must_use]
    pub fn compose(
        &self,
        event: &Event<'_>,
        at: Timestamp,
        id: impl FnOnce() -> Uuid,
    ) -> Option<Notification> {
        let kind = event.kind();
        if !self.is_on() || self.disabled.iter().any(|entry| covers(entry, kind)) {
            return None;
        }
        Some(Notification {
            message_id: id(),
            event_type: kind.to_owned(),
            priority: event.priority(),
            payload: event.payload(at).to_string(),
            created_at: at,
        })
    }

    /// Delivers `batch` in its order. What is not confirmed may have arrived all the same, so
    /// who repeats it keeps its ids.
    pub async fn publish(&self, batch: &[Notification]) -> Published {
        let published = match &self.rabbit {
            Some(rabbit) => rabbit.publish(batch, &self.publisher).await,
            None => Published {
                confirmed: batch.len(),
                fault: None,
            },
        };
        if self.writes_log {
            for notification in batch.iter().take(published.confirmed) {
                let message = envelope::message(notification, &self.publisher);
                log::write(&notification.event_type, notification.priority, &message);
            }
        }
        published
    }
}

/// Whether the `entry` of a list means the event `kind`: it is its type, or the type's beginning
/// up to a dot.
fn covers(entry: &str, kind: &str) -> bool {
    kind.strip_prefix(entry)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notifier(drivers: &[Driver], disabled: &[&str]) -> Notifier {
        Notifier::new(&Settings {
            drivers: drivers.to_vec(),
            disabled: disabled.iter().map(ToString::to_string).collect(),
            ..Settings::default()
        })
        .expect("a notifier")
    }

    fn composed(notifier: &Notifier) -> Option<Notification> {
        let at = Timestamp::from_micros(0);
        notifier.compose(&Event::UploadFailed("no room"), at, Uuid::nil)
    }

    #[test]
    fn an_entry_silences_its_type_and_what_begins_with_it_up_to_a_dot() {
        for (entry, kind, silenced) in [
            ("image", "image.create", true),
            ("image", "image.member.create", true),
            ("image.member", "image.member.create", true),
            ("image.member", "image.create", false),
            ("image.create", "image.create", true),
            ("image.c", "image.create", false),
            ("task", "image.create", false),
            ("", "image.create", false),
        ] {
            assert_eq!(covers(entry, kind), silenced, "{entry} of {kind}");
        }
    }

    #[test]
    fn without_a_driver_that_delivers_nothing_is_made() {
        assert_eq!(composed(&notifier(&[], &[])), None);
        assert_eq!(composed(&notifier(&[Driver::Noop], &[])), None);
        // A driver that needs a broker delivers nowhere if there is none.
        assert_eq!(composed(&notifier(&[Driver::Enveloped], &[])), None);
        assert!(composed(&notifier(&[Driver::Noop, Driver::Log], &[])).is_some());
        assert_eq!(composed(&notifier(&[Driver::Log], &["image"])), None);
    }

    #[test]
    fn a_failed_upload_is_an_error_whose_payload_is_a_text() {
        let made = composed(&notifier(&[Driver::Log], &["task"])).expect("a notification");
        assert_eq!(made.event_type, "image.upload");
        assert_eq!(made.priority.as_str(), "ERROR");
        assert_eq!(made.payload, "\"no room\"");
    }
}
