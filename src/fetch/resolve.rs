//! Names to addresses, of which only permitted ones come out.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;

use crate::fetch::{FetchError, filter::Filter};

/// Looks up names.
#[async_trait]
pub trait Resolve: Send + Sync + 'static {
    /// The addresses of `host`, in the order in which they are to be tried.
    ///
    /// # Errors
    ///
    /// If there is no such name, or nobody answers.
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The resolver of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((host, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// Why a name gives no address to connect to.
#[derive(Debug, thiserror::Error)]
pub(super) enum NameFault {
    /// The name cannot be resolved.
    #[error("the host name cannot be resolved")]
    Unknown,
    /// It has addresses, and none is permitted.
    #[error("no address of the host is permitted")]
    Forbidden,
}

impl From<&NameFault> for FetchError {
    fn from(fault: &NameFault) -> Self {
        match fault {
            NameFault::Unknown => Self::UnknownHost,
            NameFault::Forbidden => Self::Forbidden,
        }
    }
}

/// A resolver that gives permitted addresses only. All connections to names are made with it, so
/// an address that was not judged is never connected to.
pub(super) struct GuardedResolver {
    pub(super) inner: Arc<dyn Resolve>,
    pub(super) filter: Arc<Filter>,
    /// How long a lookup may take.
    pub(super) patience: Duration,
}

impl GuardedResolver {
    /// The addresses at which `host` may be reached; at least one.
    pub(super) async fn permitted(&self, host: &str) -> Result<Vec<IpAddr>, NameFault> {
        let lookup = self.inner.resolve(host);
        let found = match tokio::time::timeout(self.patience, lookup).await {
            Ok(Ok(found)) if !found.is_empty() => found,
            Ok(_) | Err(_) => return Err(NameFault::Unknown),
        };
        let count = found.len();
        let permitted: Vec<_> = found
            .into_iter()
            .filter(|&address| self.filter.permits(host, address))
            .collect();
        if permitted.len() < count {
            let dropped = count - permitted.len();
            tracing::warn!(
                host,
                dropped,
                "addresses of a host to fetch from are closed"
            );
        }
        if permitted.is_empty() {
            return Err(NameFault::Forbidden);
        }
        Ok(permitted)
    }
}

/// [`GuardedResolver`] as the HTTP client wants it.
#[derive(Clone)]
pub(super) struct ClientResolver(pub(super) Arc<GuardedResolver>);

impl reqwest::dns::Resolve for ClientResolver {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let resolver = Arc::clone(&self.0);
        Box::pin(async move {
            let permitted = resolver.permitted(name.as_str()).await?;
            // Port 0 stands for the port of the URI.
            let addresses = permitted.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok(Box::new(addresses) as reqwest::dns::Addrs)
        })
    }
}
