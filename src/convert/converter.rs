//! The program in its own process, from here.

use std::{
    fs::File,
    io,
    os::unix::process::{CommandExt as _, ExitStatusExt as _},
    path::Path,
    process::{Command, ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use tokio::{task::spawn_blocking, time::timeout};

use super::running::Running;

/// The program that converts.
const PROGRAM: &str = "qemu-img";

/// How long the system may take to show what it grants.
const PROBE: Duration = Duration::from_secs(10);

/// What keeps a program from the network, where the system grants it: a network of its own, which
/// leads nowhere.
const WITHOUT_NETWORK: &[&str] = &["unshare", "--user", "--map-current-user", "--net", "--"];

/// The helper, which each process gets as its standard input: within a namespace of its own, nothing
/// else of this process can be named.
const HELPER: &str = "/proc/self/fd/0";

/// How much a conversion may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory.
    pub memory: u64,
    /// Processor time.
    pub cpu: Duration,
    /// Time.
    pub time: Duration,
}

/// An image to convert.
#[derive(Debug, Clone, Copy)]
pub struct Conversion<'a> {
    /// The file of the image.
    pub source: &'a Path,
    /// Its format, in `qemu-img`'s word.
    pub from: &'a str,
    /// The file that is written; what it holds is lost.
    pub target: &'a Path,
    /// The format to make, in `qemu-img`'s word.
    pub to: &'a str,
    /// What else is to be said of it.
    pub options: Option<&'a str>,
    /// The most bytes that the result may have.
    pub largest: u64,
}

/// Why an image is not converted.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// The program cannot be started.
    #[error("qemu-img cannot be started")]
    NotStarted(#[source] io::Error),
    /// It took too long.
    #[error("it takes longer than {} seconds", .0.as_secs())]
    TooLong(Duration),
    /// It said why not.
    #[error("qemu-img: {0}")]
    Failed(String),
    /// It was killed, which happens beyond its bounds.
    #[error(
        "qemu-img was ended by signal {0}: it needs more processor time, or writes more, than is allowed"
    )]
    Killed(i32),
}

/// What converts images.
#[derive(Debug, Clone)]
pub struct Converter {
    /// What is run in front of the helper.
    wrapper: &'static [&'static str],
    /// The file of the helper, open: another may be put in its place.
    helper: Arc<File>,
    limits: Limits,
}

impl Converter {
    /// Finds the program, and out what the system grants. `helper` is this program's own file,
    /// whose subcommand `confined` calls [`confine`](super::confine()).
    ///
    /// # Errors
    ///
    /// If `qemu-img` cannot be run.
    pub async fn find(helper: File, limits: Limits) -> Result<Self, ConvertError> {
        let wrapper = if Self::can_be_without_network().await {
            WITHOUT_NETWORK
        } else {
            tracing::warn!(
                "the system gives qemu-img no network namespace of its own: that it asks for \
                 nothing depends on the inspection of images alone"
            );
            &[]
        };
        let converter = Self {
            wrapper,
            helper: Arc::new(helper),
            limits,
        };
        converter
            .run(&[PROGRAM.as_ref(), "--version".as_ref()], 0)
            .await?;
        Ok(converter)
    }

    async fn can_be_without_network() -> bool {
        let probe = || {
            let mut probe = Command::new(WITHOUT_NETWORK[0]);
            probe.args(&WITHOUT_NETWORK[1..]).arg("true");
            probe.stdin(Stdio::null()).stdout(Stdio::null());
            probe.stderr(Stdio::null()).status()
        };
        let probed = timeout(PROBE, spawn_blocking(probe)).await;
        matches!(probed, Ok(Ok(Ok(status))) if status.success())
    }

    /// Converts an image. When the future is dropped, the program is killed.
    ///
    /// # Errors
    ///
    /// Why not, in words for the owner of the image; what was written is of no use then.
    #[tracing::instrument(name = "convert.run", level = "debug", skip_all)]
    pub async fn convert(&self, job: &Conversion<'_>) -> Result<(), ConvertError> {
        let mut words: Vec<&Path> = [PROGRAM, "convert", "-f", job.from, "-O", job.to]
            .map(Path::new)
            .into();
        if let Some(options) = job.options {
            words.extend([Path::new("-o"), Path::new(options)]);
        }
        words.extend([job.source, job.target]);
        match self.run(&words, job.largest).await {
            Err(ConvertError::Failed(text)) => Err(ConvertError::Failed(
                text.replace(&*job.source.to_string_lossy(), "the image")
                    .replace(&*job.target.to_string_lossy(), "the result"),
            )),
            done => done,
        }
    }

    async fn run(&self, words: &[&Path], largest: u64) -> Result<(), ConvertError> {
        let command = self.command(words, largest);
        let running = command.and_then(Running::start);
        let mut running = running.map_err(ConvertError::NotStarted)?;
        let ended = timeout(self.limits.time, running.end()).await;
        let (status, told) = ended
            .map_err(|_| ConvertError::TooLong(self.limits.time))?
            .map_err(ConvertError::NotStarted)?;
        if status.success() {
            return Ok(());
        }
        Err(failure(status, &told))
    }

    fn command(&self, words: &[&Path], largest: u64) -> io::Result<Command> {
        let Limits { memory, cpu, .. } = self.limits;
        let parent = std::process::id();
        let bounds = [
            ("--parent", u64::from(parent)),
            ("--memory", memory),
            ("--cpu", cpu.as_secs()),
            ("--file", largest),
        ];
        let mut line = self.wrapper.iter().chain([&HELPER]);
        let mut command = Command::new(line.next().unwrap_or(&HELPER));
        command.args(line).arg("confined");
        for (name, value) in bounds {
            command.arg(name).arg(value.to_string());
        }
        command.arg("--").args(words).env_clear();
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command
            // Each of its threads would reserve address space for memory of its own.
            .env("MALLOC_ARENA_MAX", "2")
            .env("LC_ALL", "C")
            .stdin(self.helper.try_clone()?)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0);
        Ok(command)
    }
}

fn failure(status: ExitStatus, told: &str) -> ConvertError {
    if let Some(signal) = status.signal() {
        return ConvertError::Killed(signal);
    }
    let line: Vec<&str> = told.split_whitespace().collect();
    let text = line.join(" ");
    let text = text.strip_prefix("qemu-img: ").unwrap_or(&text).to_owned();
    if text.is_empty() {
        return ConvertError::Failed(status.to_string());
    }
    ConvertError::Failed(text)
}
