//! Where the broker is: the address as oslo.messaging writes it.

use std::fmt;

use secrecy::SecretString;

use crate::notify::{NotifyError, RabbitSettings};

/// The port of a broker, unless it is said.
const PORT: u16 = 5672;

/// How an address may begin. All mean the same.
const SCHEMES: &[&str] = &["rabbit", "kombu", "amqp"];

/// How many bytes the name of a virtual host has at most, by AMQP.
const LONGEST_NAME: usize = 255;

const FORM: NotifyError =
    NotifyError::Address("rabbit://USER:PASSWORD@HOST:PORT/VHOST, further hosts behind commas");
const OVERRIDES: NotifyError = NotifyError::Address(
    "an address behind whose \"?\" stand options of [oslo_messaging_rabbit] with values that they \
     may have",
);

/// One broker of a cluster.
#[derive(Debug, Clone)]
pub(super) struct Host {
    /// The name or the IP address.
    pub(super) name: String,
    pub(super) port: u16,
    pub(super) user: String,
    pub(super) password: SecretString,
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.port)
    }
}

/// The brokers of a cluster, each of which will do.
#[derive(Debug, Clone)]
pub struct TransportUrl {
    /// Never empty.
    pub(super) hosts: Vec<Host>,
    pub(super) vhost: String,
    /// Options of `[oslo_messaging_rabbit]` that the address sets; others are passed over.
    overrides: Vec<(String, String)>,
}

impl TransportUrl {
    /// Reads an address.
    ///
    /// What is not said is what `RabbitMQ` has at first: the host `localhost`, user and password
    /// `guest`, the virtual host `/`.
    ///
    /// # Errors
    ///
    /// [`NotifyError::Address`], which says what is allowed and nothing of the address.
    pub fn parse(text: &str) -> Result<Self, NotifyError> {
        let (scheme, rest) = text.trim().split_once("://").ok_or(FORM)?;
        if !SCHEMES.contains(&scheme) {
            return Err(FORM);
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (netloc, path) = rest.split_once('/').unwrap_or((rest, ""));
        let named = netloc.split(',').filter(|host| !host.is_empty());
        let mut hosts = named.map(host).collect::<Result<Vec<_>, _>>()?;
        if hosts.is_empty() {
            hosts.push(host("localhost")?);
        }
        let vhost = or(decoded(path)?, "/");
        if vhost.len() > LONGEST_NAME {
            return Err(FORM);
        }
        let url = Self {
            hosts,
            vhost,
            overrides: pairs(query)?,
        };
        url.overriding(&RabbitSettings::default())?;
        Ok(url)
    }

    /// `settings`, with those that the address sets in their place.
    ///
    /// # Errors
    ///
    /// [`NotifyError::Address`] if it sets one to what it cannot be.
    pub(super) fn overriding(
        &self,
        settings: &RabbitSettings,
    ) -> Result<RabbitSettings, NotifyError> {
        let mut settings = settings.clone();
        for (option, value) in &self.overrides {
            match option.as_str() {
                "ssl" => settings.ssl = switch(value)?,
                "ssl_ca_file" => settings.ssl_ca_file = Some(value.into()),
                "ssl_cert_file" => settings.ssl_cert_file = Some(value.into()),
                "ssl_key_file" => settings.ssl_key_file = Some(value.into()),
                "amqp_auto_delete" => settings.amqp_auto_delete = switch(value)?,
                "amqp_durable_queues" => settings.amqp_durable_queues = switch(value)?,
                "rabbit_quorum_queue" => settings.rabbit_quorum_queue = switch(value)?,
                "heartbeat_timeout_threshold" => {
                    settings.heartbeat_timeout_threshold = value.parse().map_err(|_| OVERRIDES)?;
                }
                _ => {}
            }
        }
        Ok(settings)
    }
}

fn host(text: &str) -> Result<Host, NotifyError> {
    let (identity, place) = text.rsplit_once('@').unwrap_or(("", text));
    let (user, password) = identity.split_once(':').unwrap_or((identity, ""));
    let (name, port) = match place.strip_prefix('[').and_then(|it| it.split_once(']')) {
        Some((name, rest)) => (name, rest.strip_prefix(':')),
        None => match place.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (place, None),
        },
    };
    Ok(Host {
        name: or(name.to_owned(), "localhost"),
        port: port.map_or(Ok(PORT), |port| port.parse().map_err(|_| FORM))?,
        user: or(decoded(user)?, "guest"),
        password: or(decoded(password)?, "guest").into(),
    })
}

fn pairs(query: &str) -> Result<Vec<(String, String)>, NotifyError> {
    let given = query.split('&').filter(|pair| !pair.is_empty());
    given
        .map(|pair| {
            let (option, value) = pair.split_once('=').ok_or(OVERRIDES)?;
            Ok((option.to_owned(), decoded(value)?))
        })
        .collect()
}

fn switch(text: &str) -> Result<bool, NotifyError> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(OVERRIDES),
    }
}

/// `text` with the bytes that `%nn` stand for. A `%` that begins no such code stands for itself.
fn decoded(text: &str) -> Result<String, NotifyError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let mut byte = [0];
        match behind.split_at_checked(2) {
            Some((digits, after))
                if first == b'%' && hex::decode_to_slice(digits, &mut byte).is_ok() =>
            {
                bytes.push(byte[0]);
                rest = after;
            }
            _ => {
                bytes.push(first);
                rest = behind;
            }
        }
    }
    String::from_utf8(bytes).map_err(|_| FORM)
}

fn or(text: String, default: &str) -> String {
    if text.is_empty() {
        default.to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn parse(text: &str) -> TransportUrl {
        TransportUrl::parse(text).expect("an address")
    }

    fn hosts(url: &TransportUrl) -> Vec<(String, &str, &str)> {
        url.hosts
            .iter()
            .map(|host| {
                let password = host.password.expose_secret();
                (host.to_string(), host.user.as_str(), password)
            })
            .collect()
    }

    #[test]
    fn a_cluster_has_several_hosts_with_their_own_passwords() {
        let url = parse("rabbit://u:p%40s%3As@h1:5673,v:w@[::1]:1,h3/my%2Fhost");
        assert_eq!(
            hosts(&url),
            [
                ("h1:5673".to_owned(), "u", "p@s:s"),
                ("::1:1".to_owned(), "v", "w"),
                ("h3:5672".to_owned(), "guest", "guest"),
            ]
        );
        assert_eq!(url.vhost, "my/host");
    }

    #[test]
    fn what_is_not_said_is_what_rabbitmq_has_at_first() {
        for text in ["rabbit://", "rabbit:///", "kombu://", "amqp://localhost"] {
            let url = parse(text);
            assert_eq!(
                hosts(&url),
                [("localhost:5672".to_owned(), "guest", "guest")],
                "{text}"
            );
            assert_eq!(url.vhost, "/", "{text}");
        }
        assert_eq!(parse("rabbit://h//").vhost, "/");
    }

    #[test]
    fn an_address_sets_options_of_the_broker() {
        let url = parse(
            "rabbit://h/?ssl=1&rpc_conn_pool_size=3&ssl_ca_file=/etc/ca%20.pem&heartbeat_timeout_threshold=7",
        );
        let settings = url
            .overriding(&RabbitSettings::default())
            .expect("settings");
        assert_eq!(
            settings,
            RabbitSettings {
                ssl: true,
                ssl_ca_file: Some("/etc/ca .pem".into()),
                heartbeat_timeout_threshold: 7,
                ..RabbitSettings::default()
            }
        );
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_told() {
        for text in [
            "",
            "hunter2",
            "kafka://u:hunter2@h",
            "rabbit://u:hunter2@h:port",
            "rabbit://u:%ffhunter2@h",
            "rabbit://u:hunter2@h/?ssl=maybe",
            "rabbit://u:hunter2@h/?ssl",
        ] {
            let error = TransportUrl::parse(text).expect_err(text).to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_password_is_not_in_a_debug_text() {
        let text = format!("{:?}", parse("rabbit://u:hunter2@h/"));
        assert!(!text.contains("hunter2"), "{text}");
    }
}
