//! `hallmark db load-metadefs`: metadata definitions from files, as Glance ships them.

use std::{
    fs::{self, File},
    io::{Read as _, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, ensure};
use clap::Args;

use crate::{
    api,
    cli::{Outcome, complain},
    db::Db,
    domain::{
        SystemClock,
        metadef::{Contents, Namespace},
    },
    service::{Existing, Loaded, MetadefLoader},
};

/// The most bytes of a file: as many as a request that creates a namespace may have.
const MAX_BYTES: u64 = 1 << 20;

/// The owner of namespaces whose files name none, as with Glance.
const OWNER: &str = "admin";

/// The arguments of `hallmark db load-metadefs`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A file of JSON with one namespace, or a folder of such files (*.json)
    #[arg(value_name = "PATH", default_value = "/etc/glance/metadefs")]
    path: PathBuf,

    /// Add what a namespace that is there does not have; without this, it is left as it is
    #[arg(long)]
    merge: bool,

    /// With --merge: also make what it has what the file says
    #[arg(long, alias = "prefer_new", requires = "merge")]
    prefer_new: bool,

    /// With --merge: replace it, with all that is in it
    #[arg(long, requires = "merge", conflicts_with = "prefer_new")]
    overwrite: bool,
}

impl Arguments {
    const fn existing(&self) -> Existing {
        match (self.merge, self.prefer_new, self.overwrite) {
            (false, ..) => Existing::Kept,
            (true, false, false) => Existing::Merged,
            (true, true, _) => Existing::Updated,
            (true, false, true) => Existing::Replaced,
        }
    }
}

/// What came of one file.
pub(super) struct Load {
    file: PathBuf,
    said: anyhow::Result<String>,
}

/// Loads each file in a transaction of its own. One that cannot be loaded does not keep the others
/// from it.
pub(super) async fn load(arguments: &Arguments, db: Db) -> anyhow::Result<Vec<Load>> {
    let loader = MetadefLoader::new(db, Arc::new(SystemClock), arguments.existing());
    let mut loads = Vec::new();
    for file in files(&arguments.path)? {
        let said = load_file(&loader, &file).await;
        loads.push(Load { file, said });
    }
    Ok(loads)
}

/// Writes what was loaded to `out`, and names what was not on standard error.
pub(super) fn tell(loads: Vec<Load>, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::Done;
    for Load { file, said } in loads {
        match said {
            Ok(said) => writeln!(out, "{said}")?,
            Err(error) => {
                complain(&format!("{}: {error:#}", file.display()));
                outcome = Outcome::Failed;
            }
        }
    }
    Ok(outcome)
}

/// The files at `path`, in the order of their names.
fn files(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let unreadable = || format!("{} cannot be read", path.display());
    if fs::metadata(path).with_context(unreadable)?.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).with_context(unreadable)? {
        let file = entry.with_context(unreadable)?.path();
        if file.extension().is_some_and(|end| end == "json") && file.is_file() {
            files.push(file);
        }
    }
    ensure!(!files.is_empty(), "{} has no *.json", path.display());
    files.sort();
    Ok(files)
}

async fn load_file(loader: &MetadefLoader, file: &Path) -> anyhow::Result<String> {
    let (namespace, contents) = read(file)?;
    let name = namespace.name.clone();
    Ok(match loader.load(namespace, contents).await? {
        Loaded::Created => format!("{name}: created"),
        Loaded::Kept => format!("{name}: is there already, left as it is"),
        Loaded::Changed => format!("{name}: changed"),
    })
}

fn read(file: &Path) -> anyhow::Result<(Namespace, Contents)> {
    let mut text = Vec::new();
    File::open(file)?
        .take(MAX_BYTES + 1)
        .read_to_end(&mut text)?;
    ensure!(
        text.len() as u64 <= MAX_BYTES,
        "it has more than {MAX_BYTES} bytes"
    );
    let json = serde_json::from_slice(&text).context("it is no JSON")?;
    let (mut namespace, contents) = api::read_namespace(json)?;
    namespace.owner.get_or_insert_with(|| OWNER.to_owned());
    Ok((namespace, contents))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        load: Arguments,
    }

    fn existing(words: &[&str]) -> Option<Existing> {
        let command = Command::try_parse_from([&["load"], words].concat()).ok()?;
        Some(command.load.existing())
    }

    #[test]
    fn what_becomes_of_a_namespace_that_is_there_is_said_as_to_glance() {
        assert_eq!(existing(&[]), Some(Existing::Kept));
        assert_eq!(existing(&["--merge"]), Some(Existing::Merged));
        let prefer = ["--merge", "--prefer-new"];
        assert_eq!(existing(&prefer), Some(Existing::Updated));
        let prefer = ["--merge", "--prefer_new"];
        assert_eq!(existing(&prefer), Some(Existing::Updated));
        let overwrite = ["--merge", "--overwrite"];
        assert_eq!(existing(&overwrite), Some(Existing::Replaced));
        assert_eq!(existing(&["--overwrite"]), None);
        assert_eq!(existing(&["--prefer-new"]), None);
        assert_eq!(existing(&["--merge", "--prefer-new", "--overwrite"]), None);
    }
}
