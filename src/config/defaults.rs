//! What is in force where nothing is said.

use std::path::Path;

use figment::value::{Dict, Empty, Tag, Value};
use serde::Serialize;

use crate::{
    config::{
        layer::Sections,
        options::LOGIN_SECTIONS,
        sections::{Fixed, StoreSection},
    },
    keystone::LoginOptions,
    store::{file, http},
};

/// What is in force where nothing is said, with everything that is kept under `data_dir`.
pub(super) fn sections(data_dir: &Path) -> Sections {
    let mut fixed = Fixed::default();
    fixed.os_glance_staging_store.filesystem_store_datadir = data_dir.join("staging");
    let store = file::Settings {
        filesystem_store_datadir: data_dir.join("images"),
        ..file::Settings::default()
    };
    let connection = format!("sqlite:{}", data_dir.join("hallmark.db").display());
    let mut sections: Sections = into_dict(&fixed)
        .into_iter()
        .filter_map(|(section, options)| Some((section, options.into_dict()?)))
        .collect();
    let section = sections.entry("glance_store".into()).or_default();
    section.extend(into_dict(&store));
    section.extend(into_dict(&http::Settings::default()));
    for section in LOGIN_SECTIONS {
        let section = sections.entry((*section).to_owned()).or_default();
        section.extend(login());
    }
    // The settings never write an address that may hold a password.
    for (section, option, value) in [
        ("database", "connection", connection.into()),
        ("DEFAULT", "transport_url", "rabbit://".into()),
        (
            "oslo_messaging_notifications",
            "transport_url",
            Value::Empty(Tag::Default, Empty::None),
        ),
    ] {
        let options = sections.entry(section.into()).or_default();
        options.insert(option.into(), value);
    }
    sections
}

/// What is in force where nothing is said about a login.
pub(super) fn login() -> Dict {
    into_dict(&LoginOptions::default())
}

/// What is in force in a store's section where nothing is said.
pub(super) fn store() -> Dict {
    let mut options = into_dict(&StoreSection::default());
    options.extend(into_dict(&file::Settings::default()));
    options.extend(into_dict(&http::Settings::default()));
    // Two stores in one folder would be one store: each has to name its own.
    options.remove("filesystem_store_datadir");
    options
}

#[expect(
    clippy::expect_used,
    reason = "settings are structs of numbers, switches and UTF-8 text"
)]
fn into_dict(settings: &impl Serialize) -> Dict {
    Value::serialize(settings)
        .expect("plain settings can be written")
        .into_dict()
        .expect("settings are a table")
}
