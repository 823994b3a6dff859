//! The form of a message, as oslo.messaging's consumers read it.

use serde_json::{Value, json};

use crate::domain::Notification;

/// The version of the envelope.
const VERSION: &str = "2.0";

/// The message itself, which says that `publisher` sends it.
///
/// `_unique_id` is what oslo.messaging's consumers know a repeated message by. It is made from
/// the message's id, so one that is delivered twice is handled once.
pub(super) fn message(notification: &Notification, publisher: &str) -> Value {
    let payload: Value = serde_json::from_str(&notification.payload).unwrap_or_default();
    json!({
        "message_id": notification.message_id.hyphenated().to_string(),
        "publisher_id": publisher,
        "event_type": notification.event_type,
        "priority": notification.priority.as_str(),
        "payload": payload,
        "timestamp": timestamp(notification),
        "_unique_id": notification.message_id.simple().to_string(),
    })
}

/// `message` in the envelope of version 2.0, where it is a text.
pub(super) fn enveloped(message: &Value) -> Value {
    json!({
        "oslo.version": VERSION,
        "oslo.message": message.to_string(),
    })
}

/// `YYYY-MM-DD HH:MM:SS.ffffff`, in UTC without saying so.
fn timestamp(notification: &Notification) -> String {
    let at = notification.created_at.utc();
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        at.microsecond()
    )
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::{Priority, Timestamp};

    #[test]
    fn the_envelope_holds_the_message_as_a_text() {
        let notification = Notification {
            message_id: Uuid::from_u128(7),
            event_type: "image.upload".into(),
            priority: Priority::Error,
            payload: "\"no room\"".into(),
            created_at: Timestamp::from_micros(1_700_000_000_000_456),
        };
        let message = message(&notification, "image.host");
        let envelope = enveloped(&message);
        assert_eq!(envelope["oslo.version"], "2.0");
        let text = envelope["oslo.message"].as_str().expect("a text");
        let inner: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(
            inner,
            json!({
                "message_id": "00000000-0000-0000-0000-000000000007",
                "publisher_id": "image.host",
                "event_type": "image.upload",
                "priority": "ERROR",
                "payload": "no room",
                "timestamp": "2023-11-14 22:13:20.000456",
                "_unique_id": "00000000000000000000000000000007",
            })
        );
    }
}
