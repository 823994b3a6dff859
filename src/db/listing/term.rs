//! The tags and properties that the images of a list must have.
//!
//! A term that few images have is looked up first; of a term that many have, the images are
//! walked in the order of the list and tried one by one until the page is full. Either way is
//! slower than the other by the number of images if taken for the wrong term, and neither
//! planner can tell which it is. So the images that have it are counted, up to [`COMMON`].

use sea_query::{Expr, ExprTrait as _, Query, SelectStatement};

use crate::{
    db::{DbError, Session, session::fetch_optional},
    domain::ImageFilter,
};

/// How many images make a term common. With 100,000 images both ways take equally long at
/// about 1500.
const COMMON: i64 = 1000;

/// How much of a property's value its index holds, in characters.
const INDEXED: usize = 255;

/// Something an image must have.
#[derive(Debug)]
enum Term<'a> {
    Tag(&'a str),
    Property {
        name: &'a str,
        value: &'a str,
        /// As much of the value as the index holds.
        indexed: String,
    },
}

impl Session {
    /// The conditions that the tags and properties of `filter` spell.
    pub(super) async fn terms(&mut self, filter: &ImageFilter) -> Result<Vec<Expr>, DbError> {
        let tags = filter.tags.iter().map(|tag| Term::Tag(tag));
        let properties = filter
            .properties
            .iter()
            .map(|(name, value)| Term::Property {
                name,
                value,
                indexed: value.chars().take(INDEXED).collect(),
            });
        let mut terms = Vec::new();
        for term in tags.chain(properties) {
            terms.push(if self.count(&term).await? < COMMON {
                term.looked_up()
            } else {
                term.tried()
            });
        }
        Ok(terms)
    }

    /// How many images have it, as far as that matters.
    async fn count(&mut self, term: &Term<'_>) -> Result<i64, DbError> {
        const TAGGED: &str = "
            SELECT COUNT(*)
              FROM (SELECT image_id
                      FROM image_tags
                     WHERE tag = $1
                     LIMIT $2) AS found";
        const HAVING: &str = "
            SELECT COUNT(*)
              FROM (SELECT image_id
                      FROM image_properties
                     WHERE name = $1 AND substr(value, 1, 255) = $2
                     LIMIT $3) AS found";
        let count = match term {
            Term::Tag(tag) => fetch_optional!(self, (i64,), TAGGED, *tag, COMMON),
            Term::Property { name, indexed, .. } => {
                fetch_optional!(self, (i64,), HAVING, *name, indexed.as_str(), COMMON)
            }
        };
        Ok(count.map_or(0, |(count,)| count))
    }
}

impl Term<'_> {
    /// Whether the image is one of those that have it.
    fn looked_up(&self) -> Expr {
        let mut images = Query::select();
        images.column("image_id");
        match self {
            Self::Tag(tag) => images
                .from("image_tags")
                .and_where(Expr::col("tag").eq(*tag)),
            Self::Property {
                name,
                value,
                indexed,
            } => images
                .from("image_properties")
                .and_where(Expr::col("name").eq(*name))
                .and_where(Expr::cust("substr(value, 1, 255)").eq(indexed))
                .and_where(Expr::col("value").eq(*value)),
        };
        Expr::col("id").in_subquery(images)
    }

    /// Whether it is one of those that the image has. Compared as a value, since both planners
    /// would turn an `EXISTS` into a look-up again.
    fn tried(&self) -> Expr {
        let of_image = |table: &'static str, column: &'static str| -> SelectStatement {
            Query::select()
                .column(column)
                .from(table)
                .and_where(Expr::col((table, "image_id")).equals(("images", "id")))
                .take()
        };
        let (mut found, key, value) = match self {
            Self::Tag(tag) => (of_image("image_tags", "tag"), ("tag", tag), tag),
            Self::Property { name, value, .. } => {
                (of_image("image_properties", "value"), ("name", name), value)
            }
        };
        let (column, key) = key;
        found.and_where(Expr::col(column).eq(*key));
        Expr::SubQuery(None, Box::new(found.into())).eq(*value)
    }
}
