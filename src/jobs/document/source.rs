//! Where the bytes of an image are.

use super::fields::{Fields, Invalid};
use crate::domain::{ImageId, StoreId};

/// How long a path may be, in bytes; the system takes no longer ones.
const MOST_PATH: usize = 4095;

/// Where the bytes of an image are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// In a file beneath the image roots; its path as the job wrote it.
    Path(String),
    /// In the stores of the registry.
    Registry {
        /// The image.
        id: ImageId,
        /// The stores whose copies are meant; none: all that hold it.
        stores: Vec<StoreId>,
    },
}

/// What a document may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Files beneath the image roots.
    Files,
    /// Images of a registry and files on the web, too.
    Registry,
}

/// Where the bytes are: `path`, or `image_id` and `stores`.
pub(super) fn read(fields: &Fields<'_>, scope: Scope) -> Result<Source, Invalid> {
    let Some(id) = fields.text("image_id")? else {
        let path = fields.needed("path", MOST_PATH)?;
        return Ok(Source::Path(path.to_owned()));
    };
    if scope == Scope::Files {
        let problem = "is not supported: this worker knows no registry; give a path";
        return Err(fields.fault("image_id", problem));
    }
    if fields.value("path").is_some() {
        return Err(fields.fault("image_id", "must not be given beside path"));
    }
    let store = |name: String| {
        let problem = "must be a list of ids of stores";
        let store = name.parse::<StoreId>();
        store.map_err(|_| fields.fault("stores", problem))
    };
    Ok(Source::Registry {
        id: id
            .parse()
            .map_err(|_| fields.fault("image_id", "must be the id of an image"))?,
        stores: fields
            .words("stores")?
            .into_iter()
            .map(store)
            .collect::<Result<_, _>>()?,
    })
}
