//! The stores that images are kept in, and the staging area before them.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::{
    config::{
        check::Check,
        options::{ABSENT_STORE_TYPES, FILE_STORE, HTTP_STORE, STORE, STORE_TYPES, rows},
        sections::{Fixed, StoreSection},
    },
    domain::StoreId,
    store::{file, http},
};

/// The id of the store where the operator names none, and its type.
const SINGLE: &str = "file";

/// The id of the store that reads web servers where the operator names none, and its type.
const HTTP: &str = "http";

/// The stores that images are kept in, and the staging area before them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stores {
    /// The stores; never empty. Higher weights come first, among equals by name.
    pub backends: Vec<BackendConfig>,
    /// The one of them that is used if a request names none.
    pub default: StoreId,
    /// Whether the operator named them (`enabled_backends`), so that clients see them.
    pub are_named: bool,
    /// The folder of the staging area.
    pub staging: PathBuf,
}

/// One store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackendConfig {
    /// Its name.
    pub id: StoreId,
    /// What users are told about it.
    pub description: Option<String>,
    /// How much it is preferred; more is better.
    pub weight: i64,
    /// Its type, with the settings of that type.
    pub kind: BackendKind,
}

/// The type of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackendKind {
    /// A folder.
    File(file::Settings),
    /// Web servers of others.
    Http(http::Settings),
}

impl BackendConfig {
    fn folder(&self) -> Option<&Path> {
        match &self.kind {
            BackendKind::File(settings) => Some(&settings.filesystem_store_datadir),
            BackendKind::Http(_) => None,
        }
    }
}

/// The stores that the options name; `None`, with the faults noted in `check`, if they make none.
pub(super) fn resolve(check: &mut Check<'_>, fixed: &Fixed) -> Option<Stores> {
    let named = fixed.main.enabled_backends.as_ref();
    let named = named.filter(|named| !named.is_empty());
    let staging_option = staging_option(check, fixed, named.is_some());
    let staging = staging(check, fixed, staging_option);
    let (mut backends, default) = match named {
        Some(named) => several(check, named, fixed.glance_store.default_backend.as_deref())?,
        None => single(check, &fixed.glance_store.stores)?,
    };
    if let Some(twin) = backends
        .iter()
        .find(|it| it.folder().is_some() && it.folder() == staging.as_deref())
    {
        let allowed = format!("a folder of its own (it is the folder of {} too)", twin.id);
        check.refuse(staging_option.0, staging_option.1, allowed);
    }
    backends.sort_by(|a, b| (Reverse(a.weight), &a.id).cmp(&(Reverse(b.weight), &b.id)));
    Some(Stores {
        backends,
        default,
        are_named: named.is_some(),
        staging: staging?,
    })
}

type Found = Option<(Vec<BackendConfig>, StoreId)>;

fn single(check: &mut Check<'_>, stores: &[String]) -> Found {
    let place = ("glance_store", "stores");
    let types = check.available(place, stores, STORE_TYPES, ABSENT_STORE_TYPES);
    let unnamed = |id: &str, kind| {
        Some(BackendConfig {
            id: id.parse().ok()?,
            description: None,
            weight: 0,
            kind,
        })
    };
    let file = BackendKind::File(file_settings(check, "glance_store")?);
    let mut backends = vec![unnamed(SINGLE, file)?];
    if types.contains(&HTTP) {
        let http = BackendKind::Http(http_settings(check, "glance_store")?);
        backends.push(unnamed(HTTP, http)?);
    }
    Some((backends, SINGLE.parse().ok()?))
}

fn several(
    check: &mut Check<'_>,
    named: &BTreeMap<String, String>,
    default: Option<&str>,
) -> Found {
    let mut backends: Vec<BackendConfig> = Vec::new();
    for (id, kind) in named {
        if let Some(backend) = backend(check, id, kind) {
            refuse_a_shared_folder(check, &backends, &backend);
            backends.push(backend);
        }
    }
    let ids = named.keys().cloned().collect::<Vec<_>>().join(", ");
    match default {
        None => check.missing("glance_store", "default_backend", ids),
        Some(id) => match named.get(id).map(String::as_str) {
            None => check.refuse("glance_store", "default_backend", ids),
            Some(HTTP) => check.refuse(
                "glance_store",
                "default_backend",
                format!("a store that takes new images ({id} only reads what others have)"),
            ),
            Some(_) => {}
        },
    }
    let default = default?.parse().ok()?;
    Some((backends, default))
}

fn backend(check: &mut Check<'_>, id: &str, kind: &str) -> Option<BackendConfig> {
    let place = ("DEFAULT", "enabled_backends");
    let Some(name) = id.parse::<StoreId>().ok().filter(|_| rows(id).is_none()) else {
        let allowed = format!(
            "ids of 1 to 64 letters, digits, _, - or ., without os_glance_ in front, which are \
             not the names of other sections ({id} is no such id)"
        );
        check.refuse(place.0, place.1, allowed);
        return None;
    };
    if !STORE_TYPES.contains(&kind) {
        let types = STORE_TYPES.join(", ");
        let why = if ABSENT_STORE_TYPES.contains(&kind) {
            "is not available in this version"
        } else {
            "is no type of store"
        };
        check.refuse(
            place.0,
            place.1,
            format!("stores of the types {types} ({kind}, which {id} has, {why})"),
        );
        return None;
    }
    let kind = if kind == HTTP {
        BackendKind::Http(http_settings(check, id)?)
    } else {
        BackendKind::File(file_settings(check, id)?)
    };
    let is_common = |name: &str| STORE.iter().any(|row| row.name == name);
    let common: StoreSection = check
        .effective
        .extract(id, is_common)
        .map_err(|fault| check.faults.push(fault))
        .ok()?;
    Some(BackendConfig {
        id: name,
        description: common.store_description,
        weight: common.weight,
        kind,
    })
}

fn file_settings(check: &mut Check<'_>, section: &str) -> Option<file::Settings> {
    let is_file = |name: &str| FILE_STORE.iter().any(|row| row.name == name);
    let settings: file::Settings = check
        .effective
        .extract(section, is_file)
        .map_err(|fault| check.faults.push(fault))
        .ok()?;
    let folder = "filesystem_store_datadir";
    if settings.filesystem_store_datadir.as_os_str().is_empty()
        && !check.is_refused(section, folder)
    {
        check.missing(section, folder, "the folder of the images");
    }
    if settings
        .filesystem_store_file_perm
        .to_string()
        .contains(['8', '9'])
    {
        check.refuse(
            section,
            "filesystem_store_file_perm",
            "octal digits, as 640",
        );
    }
    Some(settings)
}

/// Warned of: what others may be read by and is not done here.
fn http_settings(check: &mut Check<'_>, section: &str) -> Option<http::Settings> {
    let is_http = |name: &str| HTTP_STORE.iter().any(|row| row.name == name);
    let settings: http::Settings = check
        .effective
        .extract(section, is_http)
        .map_err(|fault| check.faults.push(fault))
        .ok()?;
    let is_insecure = settings.https_insecure && settings.https_ca_certificates_file.is_none();
    for (option, is_asked, why) in [
        (
            "https_insecure",
            is_insecure,
            "has no effect: certificates are always verified",
        ),
        (
            "http_proxy_information",
            settings.http_proxy_information.is_some(),
            "has no effect: no proxy is used",
        ),
    ] {
        if is_asked {
            let origin = check.effective.origin(section, option);
            check
                .warnings
                .push(format!("{origin}: [{section}] {option} {why}"));
        }
    }
    Some(settings)
}

/// Two stores in one folder would delete each other's images.
fn refuse_a_shared_folder(check: &mut Check<'_>, there: &[BackendConfig], new: &BackendConfig) {
    let folder = new.folder().filter(|folder| !folder.as_os_str().is_empty());
    let twin = there.iter().find(|backend| backend.folder() == folder);
    if let Some(twin) = twin.filter(|_| folder.is_some()) {
        let allowed = format!("a folder of its own (it is the folder of {} too)", twin.id);
        check.refuse(new.id.as_str(), "filesystem_store_datadir", allowed);
    }
}

/// The option that says where the staging area is: with several stores Glance reads it from a
/// section, with a single one from an address.
fn staging_option(
    check: &Check<'_>,
    fixed: &Fixed,
    are_named: bool,
) -> (&'static str, &'static str) {
    let (section, option) = ("os_glance_staging_store", "filesystem_store_datadir");
    let counts = are_named && check.effective.is_given(section, option);
    if fixed.main.node_staging_uri.is_some() && !counts {
        ("DEFAULT", "node_staging_uri")
    } else {
        (section, option)
    }
}

fn staging(check: &mut Check<'_>, fixed: &Fixed, option: (&str, &str)) -> Option<PathBuf> {
    let (Some(uri), "DEFAULT") = (&fixed.main.node_staging_uri, option.0) else {
        let settings = &fixed.os_glance_staging_store;
        return Some(settings.filesystem_store_datadir.clone());
    };
    let path = uri
        .strip_prefix("file://")
        .filter(|path| Path::new(path).is_absolute());
    if path.is_none() {
        check.refuse(option.0, option.1, "file:///ABSOLUTE/PATH");
    }
    path.map(PathBuf::from)
}
