//! What the health of this process is told by, and to whom.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use http::HeaderMap;
use ipnet::IpNet;

/// The headers that tell that a proxy passed a request on.
const OF_PROXIES: [&str; 6] = [
    "forwarded",
    "x-forwarded",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-forwarded-for",
    "x-forwarded-prefix",
];

/// How the health check answers, and whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// What is looked at. The process is healthy if nothing of it says otherwise.
    pub checks: Vec<Check>,
    /// How much is told.
    pub detail: Detail,
    /// The networks that are answered; none: all.
    pub sources: Vec<IpNet>,
    /// Whether requests that a proxy passed on are answered.
    pub proxied: Proxied,
}

/// How much the health check tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Detail {
    /// The reasons alone.
    #[default]
    Reasons,
    /// Which files were looked at, too.
    Files,
}

/// Whether the health check answers requests that a proxy passed on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Proxied {
    /// It does.
    #[default]
    Answered,
    /// It does not.
    Ignored,
}

/// One thing that is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// `disable_by_file`: healthy while this file is not there. None: always.
    DisableByFile(Option<PathBuf>),
    /// `disable_by_files_ports`: the same, with the file for the port that is listened on.
    DisableByFilesPorts(Option<PathBuf>),
    /// `enable_by_files`: healthy while all these files are there.
    EnableByFiles(Vec<PathBuf>),
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The name of the check.
    pub(crate) check: &'static str,
    /// Whether the process is healthy as far as the check knows.
    pub(crate) healthy: bool,
    /// `OK`, or why not.
    pub(crate) reason: &'static str,
    /// What was looked at.
    pub(crate) details: String,
}

impl Default for Health {
    fn default() -> Self {
        let file = PathBuf::from("/etc/glance/healthcheck_disable");
        Self {
            checks: vec![Check::DisableByFile(Some(file))],
            detail: Detail::default(),
            sources: Vec::new(),
            proxied: Proxied::default(),
        }
    }
}

impl Health {
    /// Whether a request from `peer` is answered.
    pub(crate) fn answers(&self, peer: IpAddr, headers: &HeaderMap) -> bool {
        let peer = peer.to_canonical();
        let is_near = self.sources.is_empty() || self.sources.iter().any(|it| it.contains(&peer));
        is_near && (self.proxied == Proxied::Answered || !is_proxied(headers))
    }
}

/// Whether a proxy passed the request on.
pub(crate) fn is_proxied(headers: &HeaderMap) -> bool {
    OF_PROXIES.iter().any(|name| headers.contains_key(*name))
}

impl Check {
    /// Looks.
    pub(crate) async fn look(&self) -> Finding {
        match self {
            Self::DisableByFile(file) => absent("disable_by_file", file.as_deref()).await,
            Self::DisableByFilesPorts(file) => {
                absent("disable_by_files_ports", file.as_deref()).await
            }
            Self::EnableByFiles(files) => present(files).await,
        }
    }
}

async fn absent(check: &'static str, file: Option<&Path>) -> Finding {
    let (healthy, details) = match file {
        None => (true, "no file is named".to_owned()),
        Some(file) if is_there(file).await => (false, format!("{} is there", file.display())),
        Some(file) => (true, format!("{} is not there", file.display())),
    };
    Finding {
        check,
        healthy,
        reason: if healthy { "OK" } else { "DISABLED BY FILE" },
        details,
    }
}

async fn present(files: &[PathBuf]) -> Finding {
    let check = "enable_by_files";
    for file in files {
        if !is_there(file).await {
            return Finding {
                check,
                healthy: false,
                reason: "FILE PATH MISSING",
                details: format!("{} is not there", file.display()),
            };
        }
    }
    Finding {
        check,
        healthy: true,
        reason: "OK",
        details: "all files are there".to_owned(),
    }
}

/// Whether a file is there; one that cannot be looked for is not.
async fn is_there(file: &Path) -> bool {
    tokio::fs::try_exists(file).await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn health(sources: &[&str], proxied: Proxied) -> Health {
        let sources = sources.iter().map(|text| text.parse().expect("a network"));
        Health {
            sources: sources.collect(),
            proxied,
            ..Health::default()
        }
    }

    #[test]
    fn only_networks_that_are_named_are_answered_unless_none_is() {
        let near = health(&["10.0.0.0/8", "fd00::/8"], Proxied::Answered);
        for (peer, expected) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("fd00::1", true),
            ("192.0.2.1", false),
            ("2001:db8::1", false),
        ] {
            let peer = peer.parse().expect("an address");
            assert_eq!(near.answers(peer, &HeaderMap::new()), expected, "{peer}");
            assert!(Health::default().answers(peer, &HeaderMap::new()));
        }
    }

    #[test]
    fn requests_that_a_proxy_passed_on_can_be_ignored() {
        let peer = IpAddr::from([127, 0, 0, 1]);
        let ignoring = health(&[], Proxied::Ignored);
        assert!(ignoring.answers(peer, &HeaderMap::new()));
        for name in OF_PROXIES {
            let name = HeaderName::from_static(name);
            let headers = HeaderMap::from_iter([(name, HeaderValue::from_static("x"))]);
            assert!(!ignoring.answers(peer, &headers));
            assert!(Health::default().answers(peer, &headers));
        }
    }

    #[tokio::test]
    async fn files_that_are_missing_take_the_process_out_of_service() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = ["a", "b"].map(|name| folder.path().join(name));
        let check = Check::EnableByFiles(files.to_vec());
        std::fs::write(&files[0], "").expect("a file");
        let finding = check.look().await;
        assert_eq!(
            (finding.healthy, finding.reason),
            (false, "FILE PATH MISSING")
        );
        assert!(finding.details.contains(&files[1].display().to_string()));
        std::fs::write(&files[1], "").expect("a file");
        assert_eq!(check.look().await.reason, "OK");
    }

    #[tokio::test]
    async fn without_a_file_to_look_for_the_process_is_healthy() {
        for check in [Check::DisableByFile(None), Check::DisableByFilesPorts(None)] {
            assert!(check.look().await.healthy);
        }
    }
}
