//! The rules of the configuration as a whole.

mod example;
mod image_cache;
mod keystone;
mod notifying;
mod operator;
mod refusals;
mod signatures;
mod sources;

use std::{fs, path::PathBuf};

use crate::config::{Config, Faults, Sources};

/// Configuration files in a folder that goes away with it.
struct Files {
    folder: tempfile::TempDir,
    paths: Vec<PathBuf>,
}

impl Files {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = files.iter().map(|(name, text)| {
            let path = folder.path().join(name);
            fs::write(&path, text).expect("a file");
            path
        });
        let paths = paths.collect();
        Self { folder, paths }
    }

    fn load(&self, environment: &[(&str, &str)]) -> Result<Config, Faults> {
        let environment = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::load(&Sources::new(self.paths.clone(), environment.collect()))
    }

    /// The text of every fault, with the folder's name left out.
    fn faults(&self, environment: &[(&str, &str)]) -> Vec<String> {
        let faults = self.load(environment).expect_err("something is wrong").0;
        let folder = format!("{}/", self.folder.path().display());
        faults
            .iter()
            .map(|fault| fault.to_string().replace(&folder, ""))
            .collect()
    }
}

/// What `files` make, without any environment.
fn load(files: &[(&str, &str)]) -> Result<Config, Faults> {
    Files::new(files).load(&[])
}

/// The faults of `files`, without any environment.
fn faults(files: &[(&str, &str)]) -> Vec<String> {
    Files::new(files).faults(&[])
}
