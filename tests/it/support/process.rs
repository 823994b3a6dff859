//! The real program, as a process that can be killed.

use std::{
    fs, io,
    net::TcpListener,
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;

use super::{Engine, database::Database};

/// How long something that must happen may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the program keeps: a database and files, which outlive its processes.
pub struct Ground {
    database: Database,
    folder: TempDir,
    settings: String,
}

impl Ground {
    /// New ground, on which programs run with `settings`, as TOML.
    pub async fn new(engine: Engine, settings: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        Self {
            database: Database::create(engine, folder.path()).await,
            folder,
            settings: settings.to_owned(),
        }
    }

    /// The folder of its files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a statement on its database, behind the back of programs.
    pub async fn execute(&self, statement: &'static str) {
        self.database.execute(statement).await;
    }

    /// The first column of the rows that a query finds, behind the back of programs.
    pub async fn rows(&self, query: &'static str) -> Vec<String> {
        self.database.rows(query).await
    }

    /// Runs a statement that the database must refuse.
    pub async fn refuses(&self, statement: &'static str) {
        self.database.refuses(statement).await;
    }

    /// From now on programs run with `settings`, as TOML.
    pub fn set_up(&mut self, settings: &str) {
        settings.clone_into(&mut self.settings);
    }

    /// Starts the program, and waits until it answers.
    pub async fn start(&self) -> Process {
        self.start_by(&[]).await
    }

    /// As [`Ground::start`], with words before the program's name.
    pub async fn start_by(&self, wrapper: &[&str]) -> Process {
        let port = free_port();
        let file = self.folder.path().join(format!("{port}.toml"));
        fs::write(&file, &self.settings).expect("a file");
        let program = env!("CARGO_BIN_EXE_hallmark");
        let file = file.display().to_string();
        self.run(program, &["db", "sync", "--config-file", &file]);
        let mut words = wrapper.to_vec();
        words.extend([program, "serve", "--config-file", &file]);
        let child = self
            .command(words[0])
            .args(&words[1..])
            .env("HALLMARK__DEFAULT__BIND_PORT", port.to_string())
            .stdin(Stdio::null())
            .spawn()
            .expect("a process");
        let process = Process {
            child,
            base: format!("http://127.0.0.1:{port}"),
            client: client(),
        };
        until("it answers", async || process.answers().await).await;
        process
    }

    /// Runs the program with `arguments` and the settings to its end, and gives what it wrote.
    pub fn output(&self, arguments: &[&str]) -> Output {
        self.output_with(arguments, &[])
    }

    /// As [`Ground::output`], with more in its environment.
    pub fn output_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        let file = self.folder.path().join("command.toml");
        fs::write(&file, &self.settings).expect("a file");
        let mut command = self.command(env!("CARGO_BIN_EXE_hallmark"));
        command.args(arguments).arg("--config-file").arg(file);
        command.envs(environment.iter().copied());
        command.output().expect("a process")
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let status = self.command(program).args(arguments).status();
        assert!(status.expect("a process").success(), "{arguments:?}");
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("HALLMARK__DATABASE__CONNECTION", self.database.connection())
            .env("HALLMARK_DATA_DIR", self.folder.path().join("data"));
        command
    }

    /// Every file of the store and the staging area, published or not.
    pub fn files(&self) -> Vec<String> {
        let mut names = Vec::new();
        for place in ["images", "images/.incoming", "staging", "staging/.incoming"] {
            let folder = self.folder.path().join("data").join(place);
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let entry = entry.expect("an entry");
                if entry.path().is_file() {
                    names.push(format!("{place}/{}", entry.file_name().to_string_lossy()));
                }
            }
        }
        names.sort();
        names
    }
}

/// A running program. It is killed when it is dropped.
pub struct Process {
    child: Child,
    base: String,
    client: Client,
}

impl Process {
    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A request.
    pub fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    /// Creates an image that can take data; gives its id.
    pub async fn image(&self) -> String {
        let body = json!({"disk_format": "raw", "container_format": "bare"});
        let call = self.call(Method::POST, "/v2/images").body(body.to_string());
        let answer = call.send().await.expect("an answer");
        assert_eq!(answer.status(), 201);
        let text = answer.text().await.expect("a body");
        let image: Value = serde_json::from_str(&text).expect("JSON");
        image["id"].as_str().expect("an id").to_owned()
    }

    /// What the image looks like.
    pub async fn shown(&self, id: &str) -> Value {
        let call = self.call(Method::GET, &format!("/v2/images/{id}"));
        let answer = call.send().await.expect("an answer");
        serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON")
    }

    /// Waits until the image has this status.
    pub async fn until_status(&self, id: &str, status: &str) {
        let reached = async || self.shown(id).await["status"] == status;
        until(&format!("image {id} is {status}"), reached).await;
    }

    /// Kills the process at once, as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().expect("a process to kill");
        self.child.wait().expect("its end");
    }

    /// Tells the process to stop, and waits until it has.
    pub fn stop(mut self) {
        self.tell_to_stop();
        assert!(self.child.wait().expect("its end").success());
    }

    /// Tells the process to stop.
    pub fn tell_to_stop(&self) {
        let told = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        assert!(told.expect("kill").success());
    }

    /// How the process ended, which it must do soon.
    pub async fn ended(mut self) -> ExitStatus {
        let child = &mut self.child;
        let mut status = None;
        until("it ends", async || {
            status = child.try_wait().expect("a process");
            status.is_some()
        })
        .await;
        status.expect("an end")
    }

    /// A connection of its own to the process.
    pub async fn connect(&self) -> io::Result<TcpStream> {
        TcpStream::connect(self.base.trim_start_matches("http://")).await
    }

    async fn answers(&self) -> bool {
        let call = self.client.get(self.url("/healthcheck"));
        call.send().await.is_ok_and(|answer| answer.status() == 200)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until `holds`, and fails if it never does.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A client that speaks to servers on the loopback.
pub(super) fn client() -> Client {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let tls = rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .build()
        .expect("a client")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}
