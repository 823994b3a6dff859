//! The staging area of this process, opened as the configuration says.

use std::sync::Arc;

use anyhow::Context as _;

use crate::{
    config::Config,
    domain::Ids,
    service::StagingArea,
    store::{
        Store,
        file::{self, FileStore},
    },
};

/// Opens the staging area. That of a node with a name gets an id, by which all who have it know it;
/// one that has an id keeps it.
pub(super) fn open(
    config: &Config,
    ids: &dyn Ids,
) -> anyhow::Result<(Arc<dyn Store>, Option<StagingArea>)> {
    let folder = &config.stores.staging;
    let opened = || {
        let store = FileStore::open(&file::Settings {
            filesystem_store_datadir: folder.clone(),
            ..file::Settings::default()
        })?;
        let id = match &config.node {
            Some(_) => Some(store.area(ids.next())?),
            None => store.find_area()?,
        };
        anyhow::Ok((store, id))
    };
    let (store, id) = opened()
        .with_context(|| format!("folder {}", folder.display()))
        .context("the staging area cannot be opened")?;
    let node = config.node.clone();
    let area = id.map(|id| StagingArea { id, node });
    if let Some(area) = &area {
        tracing::info!(
            area.id = %area.id,
            node = area.node,
            "what is staged here is imported by who has this staging area"
        );
    }
    Ok((Arc::new(store), area))
}
