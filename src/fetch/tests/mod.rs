//! The rules of fetching, played against small servers on this machine.

mod addresses;
mod downloads;
mod redirects;
mod resumes;
mod secrets;
mod server;
mod tls;
mod uris;

use std::{
    collections::HashMap,
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures_util::TryStreamExt as _;

use crate::{
    fetch::{FetchError, Fetcher, FilterSettings, Resolve, Settings, timing::Timing},
    stream::Interrupted,
};

/// Names as a test wants them.
#[derive(Default)]
struct Names {
    answers: HashMap<&'static str, Vec<&'static [&'static str]>>,
    lookups: AtomicUsize,
}

impl Names {
    /// A resolver that knows `name` only. Each lookup takes the next of `answers`; the last one
    /// is given again.
    fn one(name: &'static str, answers: &[&'static [&'static str]]) -> Arc<Self> {
        Arc::new(Self {
            answers: [(name, answers.to_vec())].into(),
            lookups: AtomicUsize::new(0),
        })
    }

    fn lookups(&self) -> usize {
        self.lookups.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Resolve for Names {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let lookup = self.lookups.fetch_add(1, Ordering::SeqCst);
        let answers = self.answers.get(host).ok_or(io::ErrorKind::NotFound)?;
        let answer = answers[lookup.min(answers.len() - 1)];
        Ok(answer.iter().map(|ip| ip.parse().unwrap()).collect())
    }
}

/// What a test varies of a fetcher.
struct Maker {
    settings: Settings,
    lists: FilterSettings,
    timing: Timing,
    names: Arc<Names>,
}

impl Maker {
    /// Opens loopback and every port, as the servers of the tests are there.
    fn open() -> Self {
        Self {
            settings: Settings {
                allowed_networks: vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()],
                retries: 3,
                ..Settings::default()
            },
            lists: FilterSettings {
                allowed_ports: Vec::new(),
                ..FilterSettings::default()
            },
            timing: Timing {
                connect: Duration::from_secs(5),
                idle: Duration::from_secs(20),
                total: Duration::from_mins(1),
                pause: Duration::from_millis(1),
                longest_pause: Duration::from_millis(4),
            },
            names: Arc::default(),
        }
    }

    /// Opens nothing that is closed by default, but every port.
    fn closed() -> Self {
        let mut maker = Self::open();
        maker.settings.allowed_networks.clear();
        maker
    }

    fn names(mut self, names: &Arc<Names>) -> Self {
        self.names = Arc::clone(names);
        self
    }

    fn retries(mut self, retries: u32) -> Self {
        self.settings.retries = retries;
        self
    }

    fn make(self) -> Fetcher {
        Fetcher::with_timing(&self.settings, &self.lists, self.names, self.timing).unwrap()
    }
}

/// Fetches the whole content of `uri`.
async fn fetch(fetcher: &Fetcher, uri: &str) -> Result<Vec<u8>, FetchError> {
    fetch_at_most(fetcher, uri, u64::MAX).await
}

async fn fetch_at_most(fetcher: &Fetcher, uri: &str, most: u64) -> Result<Vec<u8>, FetchError> {
    let download = fetcher.open(fetcher.check(uri)?, most).await?;
    let all = download
        .into_incoming()
        .try_fold(Vec::new(), async |mut all, bytes| {
            all.extend_from_slice(&bytes);
            Ok(all)
        });
    all.await.map_err(|interrupted| match interrupted {
        Interrupted::Stalled(patience) => FetchError::Stalled(patience),
        Interrupted::TooLarge(limit) => FetchError::TooLarge(limit),
        Interrupted::Source(error) => *error.downcast().expect("a source fails with FetchError"),
        Interrupted::Refused(error) => panic!("nobody refuses: {error}"),
        Interrupted::BrokenOff(error) => panic!("no sender but a source: {error}"),
    })
}
