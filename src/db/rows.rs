//! The rows of `images`, and how they become images.

use std::{collections::BTreeSet, fmt::Display, str::FromStr};

use crate::{
    db::DbError,
    domain::{Image, Properties, Timestamp},
};

/// A row of `images`.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct ImageRow {
    id: String,
    name: Option<String>,
    disk_format: Option<String>,
    container_format: Option<String>,
    visibility: String,
    status: String,
    owner: Option<String>,
    size: Option<i64>,
    virtual_size: Option<i64>,
    checksum: Option<String>,
    os_hash_algo: Option<String>,
    os_hash_value: Option<String>,
    min_disk: i64,
    min_ram: i64,
    protected: bool,
    os_hidden: bool,
    created_at: i64,
    updated_at: i64,
}

/// The image of the row, still without properties, tags and locations.
impl TryFrom<ImageRow> for Image {
    type Error = DbError;

    fn try_from(row: ImageRow) -> Result<Self, DbError> {
        let cell = Cell {
            table: "images",
            row: &row.id,
        };
        Ok(Self {
            id: cell.parse(&row.id)?,
            visibility: cell.parse(&row.visibility)?,
            status: cell.parse(&row.status)?,
            size: row.size.map(|size| cell.number(size)).transpose()?,
            virtual_size: row.virtual_size.map(|size| cell.number(size)).transpose()?,
            os_hash_algo: row.os_hash_algo.map(|name| cell.parse(&name)).transpose()?,
            min_disk: cell.number(row.min_disk)?,
            min_ram: cell.number(row.min_ram)?,
            name: row.name,
            disk_format: row.disk_format,
            container_format: row.container_format,
            owner: row.owner,
            checksum: row.checksum,
            os_hash_value: row.os_hash_value,
            protected: row.protected,
            os_hidden: row.os_hidden,
            created_at: Timestamp::from_micros(row.created_at),
            updated_at: Timestamp::from_micros(row.updated_at),
            properties: Properties::new(),
            tags: BTreeSet::new(),
            locations: Vec::new(),
        })
    }
}

/// A cell whose content is read, for the error if it means nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell<'a> {
    /// The table.
    pub(super) table: &'static str,
    /// The key of the row.
    pub(super) row: &'a str,
}

impl Cell<'_> {
    /// What `text` spells.
    pub(super) fn parse<T: FromStr<Err: Display>>(self, text: &str) -> Result<T, DbError> {
        text.parse().map_err(|error| self.unsound(error))
    }

    /// `number` in a type that is too small for some.
    pub(super) fn number<T: TryFrom<i64, Error: Display>>(self, number: i64) -> Result<T, DbError> {
        number.try_into().map_err(|error| self.unsound(error))
    }

    /// The error that tells `what` is wrong with the row.
    pub(super) fn unsound(self, what: impl Display) -> DbError {
        DbError::Unsound {
            table: self.table,
            row: self.row.to_owned(),
            what: what.to_string(),
        }
    }
}

/// A number of bytes, as a column holds it.
///
/// No store holds 2^63 bytes, but the header of an image may claim a disk as large as that.
pub(super) fn bytes(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
