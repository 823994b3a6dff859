//! Where the configuration is read from.

use std::{
    env,
    path::{Path, PathBuf},
};

/// The file that is read if none is named.
const USUAL_FILE: &str = "/etc/hallmark/hallmark.toml";
/// The variable that moves the folder of everything that is kept.
const DATA_DIR: &str = "HALLMARK_DATA_DIR";

/// The files and the environment that are looked at.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<PathBuf>,
    environment: Vec<(String, String)>,
}

impl Sources {
    /// Exactly these: files, of which a later one wins, and environment variables with their
    /// values, which win over all of them.
    #[must_use]
    pub fn new(files: Vec<PathBuf>, environment: Vec<(String, String)>) -> Self {
        Self { files, environment }
    }

    /// `files`, or the usual one if there are none and it exists, and the environment of the
    /// process. A variable that is not UTF-8 is read with replacement characters.
    #[must_use]
    pub fn of_process(mut files: Vec<PathBuf>) -> Self {
        if files.is_empty() && Path::new(USUAL_FILE).exists() {
            files.push(USUAL_FILE.into());
        }
        let environment = env::vars_os().map(|(name, value)| {
            let text = |os: std::ffi::OsString| os.to_string_lossy().into_owned();
            (text(name), text(value))
        });
        Self::new(files, environment.collect())
    }

    /// The files, in the order in which they are read.
    #[must_use]
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The environment variables.
    pub(super) fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// The folder of everything that is kept, unless an option says otherwise.
    pub(super) fn data_dir(&self) -> PathBuf {
        let moved = self
            .environment
            .iter()
            .find(|(name, value)| name == DATA_DIR && !value.is_empty());
        moved.map_or_else(|| "hallmark-data".into(), |(_, value)| value.into())
    }

    /// The folder that relative names of policy files are looked up in: that of the last file.
    pub(super) fn folder(&self) -> PathBuf {
        self.files
            .last()
            .and_then(|file| file.parent())
            .map_or_else(|| self.data_dir(), Path::to_owned)
    }
}
