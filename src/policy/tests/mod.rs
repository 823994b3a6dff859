//! Rules asked from outside, as use cases ask them.

mod defaults;
mod files;
mod former;
mod language;
mod metadefs;
mod personas;
mod protections;
mod reload;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use tempfile::TempDir;

use super::{Action, Origin, Policy, PolicyError, Reason, Settings, Target};
use crate::domain::{Caller, Clock, Image, ImageStatus, Reach, Timestamp, Visibility};

/// A clock that a test sets.
#[derive(Default)]
struct SetClock(AtomicI64);

impl SetClock {
    fn pass_millis(&self, millis: i64) {
        self.0.fetch_add(millis * 1_000, Ordering::Relaxed);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// A folder of rules.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(&path, text).expect("a file");
        path
    }

    fn load(&self) -> Result<Policy, PolicyError> {
        self.load_at(Arc::new(SetClock::default()))
    }

    /// With `settings`, which must do.
    fn load_with(&self, settings: &Settings) -> Policy {
        let folders = [self.path().to_owned()];
        Policy::load(settings, &folders, Arc::new(SetClock::default())).expect("a policy")
    }

    fn load_at(&self, clock: Arc<dyn Clock>) -> Result<Policy, PolicyError> {
        Policy::load(&Settings::default(), &[self.path().to_owned()], clock)
    }
}

/// The policy whose `policy.yaml` is `text`.
fn policy(text: &str) -> Result<Policy, PolicyError> {
    let folder = Folder::new();
    folder.write("policy.yaml", text);
    folder.load()
}

fn caller(project: Option<&str>, roles: &[&str]) -> Caller {
    Caller {
        user_id: Some("erin".into()),
        user_name: Some("Erin".into()),
        user_domain_id: Some("users".into()),
        project_id: project.map(Into::into),
        project_name: None,
        project_domain_id: Some("projects".into()),
        domain_id: None,
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        service_roles: vec!["service".into()],
        reach: Reach::Project,
        credentials: None,
        request_id: "req-1".into(),
    }
}

/// An image of the project `home`.
fn image(visibility: Visibility) -> Image {
    Image {
        id: "11111111-2222-4333-8444-555555555555"
            .parse()
            .expect("an id"),
        name: Some("jammy".into()),
        disk_format: Some("qcow2".into()),
        container_format: None,
        visibility,
        status: ImageStatus::Active,
        owner: Some("home".into()),
        size: Some(42),
        virtual_size: None,
        checksum: None,
        os_hash_algo: None,
        os_hash_value: None,
        min_disk: 5,
        min_ram: 0,
        protected: true,
        os_hidden: false,
        created_at: Timestamp::from_micros(0),
        updated_at: Timestamp::from_micros(0),
        properties: [
            ("team".to_owned(), Some("blue".to_owned())),
            ("kernel_id".to_owned(), None),
            ("member_id".to_owned(), Some("guest".to_owned())),
            ("tenant".to_owned(), Some("guest".to_owned())),
        ]
        .into(),
        tags: ["tag".to_owned()].into(),
        locations: Vec::new(),
    }
}
