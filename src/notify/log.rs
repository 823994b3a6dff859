//! Notifications as lines of the log.

use serde_json::Value;

use crate::domain::Priority;

/// The target of the lines; the type of the event is a field.
const TARGET: &str = "oslo.messaging.notification";

/// What stands for a value that may be secret.
const MASK: &str = "***";

/// How the names of secrets begin, end, or go on.
const SECRETS: &[&str] = &[
    "password",
    "passwd",
    "adminpass",
    "admin_pass",
    "secret",
    "token",
    "private_key",
    "auth_key",
];

/// Writes one line that holds `message`; what is named like a secret is masked.
pub(super) fn write(event: &str, priority: Priority, message: &Value) {
    let message = masked(message);
    match priority {
        Priority::Info => tracing::info!(target: TARGET, event, "{message}"),
        Priority::Error => tracing::error!(target: TARGET, event, "{message}"),
    }
}

fn masked(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| {
                let value = if is_secret(name) && !value.is_null() {
                    MASK.into()
                } else {
                    masked(value)
                };
                (name.clone(), value)
            })
            .collect(),
        Value::Array(items) => items.iter().map(masked).collect(),
        other => other.clone(),
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRETS.iter().any(|secret| name.contains(secret))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_named_like_a_secret_is_masked() {
        let message = json!({
            "payload": {"properties": {"os_admin_Password": "hunter2", "api_token": "t", "a": "b"}},
            "tags": [{"secret": "s"}],
        });
        assert_eq!(
            masked(&message),
            json!({
                "payload": {"properties": {"os_admin_Password": "***", "api_token": "***", "a": "b"}},
                "tags": [{"secret": "***"}],
            })
        );
    }
}
