//! What belongs to an image in tables of its own: properties, tags, locations.

use std::{collections::HashMap, iter};

use sqlx::{AssertSqlSafe, QueryBuilder};

use crate::{
    db::{
        DbError, Session,
        rows::Cell,
        session::{execute, on_engine},
    },
    domain::{Image, ImageId, Location},
};

/// How many rows one statement inserts at most, well below what the engines take.
const BATCH: usize = 500;

#[derive(Debug, sqlx::FromRow)]
struct SatelliteRow {
    image_id: String,
    #[sqlx(flatten)]
    satellite: Satellite,
}

#[derive(Debug, sqlx::FromRow)]
struct Satellite {
    kind: String,
    name: String,
    value: Option<String>,
    extra: Option<String>,
}

/// A satellite beside the columns of its image; null if the image has none.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct JoinedRow {
    #[sqlx(rename = "satellite_kind")]
    kind: Option<String>,
    #[sqlx(rename = "satellite_name")]
    name: Option<String>,
    #[sqlx(rename = "satellite_value")]
    value: Option<String>,
    #[sqlx(rename = "satellite_extra")]
    extra: Option<String>,
}

impl JoinedRow {
    /// Adds the satellite, if there is one, to its image.
    pub(super) fn add_to(self, image: &mut Image) -> Result<(), DbError> {
        let (Some(kind), Some(name)) = (self.kind, self.name) else {
            return Ok(());
        };
        let satellite = Satellite {
            kind,
            name,
            value: self.value,
            extra: self.extra,
        };
        satellite.add_to(image)
    }
}

impl Session {
    /// Completes images that were read without their satellites, by one statement.
    pub(super) async fn complete(&mut self, images: &mut [Image]) -> Result<(), DbError> {
        let Some(last) = images.last().map(|image| image.id) else {
            return Ok(());
        };
        // Rounded up by repeating the last id, so that few statements need to be prepared.
        let places = images.len().next_power_of_two();
        let ids: Vec<ImageId> = images
            .iter()
            .map(|image| image.id)
            .chain(iter::repeat(last))
            .take(places)
            .collect();
        let sql = select(places);
        let rows: Vec<SatelliteRow> = on_engine!(self, |connection| {
            let mut query = sqlx::query_as(AssertSqlSafe(sql));
            for id in &ids {
                query = query.bind(id.as_str());
            }
            query.fetch_all(connection).await?
        });
        let mut by_id: HashMap<&str, &mut Image> = ids
            .iter()
            .map(ImageId::as_str)
            .zip(images.iter_mut())
            .collect();
        for row in rows {
            if let Some(image) = by_id.get_mut(row.image_id.as_str()) {
                row.satellite.add_to(image)?;
            }
        }
        Ok(())
    }

    /// Inserts properties, or overwrites their values.
    pub(super) async fn write_properties<'a>(
        &mut self,
        id: ImageId,
        properties: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
    ) -> Result<(), DbError> {
        let rows: Vec<_> = properties.into_iter().collect();
        for batch in rows.chunks(BATCH) {
            on_engine!(self, |connection| {
                QueryBuilder::new("INSERT INTO image_properties (image_id, name, value) ")
                    .push_values(batch, |mut row, (name, value)| {
                        row.push_bind(id.as_str())
                            .push_bind(*name)
                            .push_bind(*value);
                    })
                    .push(" ON CONFLICT (image_id, name) DO UPDATE SET value = excluded.value")
                    .build()
                    .persistent(false)
                    .execute(connection)
                    .await?;
            });
        }
        Ok(())
    }

    /// Inserts tags that are not there yet.
    pub(super) async fn write_tags<'a>(
        &mut self,
        id: ImageId,
        tags: impl IntoIterator<Item = &'a String>,
    ) -> Result<(), DbError> {
        let rows: Vec<_> = tags.into_iter().collect();
        for batch in rows.chunks(BATCH) {
            on_engine!(self, |connection| {
                QueryBuilder::new("INSERT INTO image_tags (image_id, tag) ")
                    .push_values(batch, |mut row, tag| {
                        row.push_bind(id.as_str()).push_bind(tag.as_str());
                    })
                    .push(" ON CONFLICT (image_id, tag) DO NOTHING")
                    .build()
                    .persistent(false)
                    .execute(connection)
                    .await?;
            });
        }
        Ok(())
    }

    /// Inserts the locations of an image that has none.
    pub(super) async fn write_locations(
        &mut self,
        id: ImageId,
        locations: &[Location],
    ) -> Result<(), DbError> {
        const SQL: &str = "
            INSERT INTO image_locations (image_id, position, store, url, metadata)
            VALUES ($1, $2, $3, $4, $5)";
        for (position, location) in (0_i64..).zip(locations) {
            execute!(
                self,
                SQL,
                id.as_str(),
                position,
                location.store.as_str(),
                location.url.as_str(),
                location.metadata.as_str(),
            );
        }
        Ok(())
    }
}

/// The statement that reads the satellites of so many images.
fn select(images: usize) -> String {
    let ids: Vec<String> = (1..=images).map(|place| format!("${place}")).collect();
    let ids = ids.join(", ");
    format!(
        "
        SELECT 'property' AS kind, image_id, 0 AS position, name, value, NULL AS extra
          FROM image_properties
         WHERE image_id IN ({ids})
         UNION ALL
        SELECT 'tag', image_id, 0, tag, NULL, NULL
          FROM image_tags
         WHERE image_id IN ({ids})
         UNION ALL
        SELECT 'location', image_id, position, store, url, metadata
          FROM image_locations
         WHERE image_id IN ({ids})
         ORDER BY position"
    )
}

impl Satellite {
    fn add_to(self, image: &mut Image) -> Result<(), DbError> {
        match (self.kind.as_str(), self.value) {
            ("tag", _) => {
                image.tags.insert(self.name);
            }
            ("location", Some(url)) => {
                let cell = Cell {
                    table: "image_locations",
                    row: image.id.as_str(),
                };
                let store = cell.parse(&self.name)?;
                image.locations.push(Location {
                    store,
                    url,
                    metadata: self.extra.unwrap_or_default(),
                });
            }
            (_, value) => {
                image.properties.insert(self.name, value);
            }
        }
        Ok(())
    }
}
