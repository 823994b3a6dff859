//! The order of a list of images.

use crate::{
    api::error::ApiError,
    domain::{Direction, SortField, SortKey},
};

/// The order, as a client spells it. Both spellings cannot be mixed.
#[derive(Debug, Default)]
pub(super) struct Sort {
    /// `sort=key:dir,key:dir`
    pub(super) pairs: Option<String>,
    /// `sort_key`, repeated
    pub(super) keys: Vec<String>,
    /// `sort_dir`, repeated
    pub(super) directions: Vec<String>,
}

impl Sort {
    /// The keys, ended by `created_at` and `id` so that no two images are equal.
    ///
    /// # Errors
    ///
    /// [`ApiError::Invalid`] with the parameter and what is allowed.
    pub(super) fn into_keys(self) -> Result<Vec<SortKey>, ApiError> {
        let (mut keys, default) = match self.pairs {
            Some(_) if !(self.keys.is_empty() && self.directions.is_empty()) => {
                return Err(invalid("sort cannot be used with sort_key or sort_dir"));
            }
            Some(pairs) => from_pairs(&pairs)?,
            None => from_lists(&self.keys, &self.directions)?,
        };
        for field in [SortField::CreatedAt, SortField::Id] {
            if !keys.iter().any(|key| key.field == field) {
                keys.push(SortKey {
                    field,
                    direction: default,
                });
            }
        }
        Ok(keys)
    }
}

/// The keys, and the direction of those that nobody named: that of the only key, else descending.
type Parsed = (Vec<SortKey>, Direction);

fn from_pairs(pairs: &str) -> Result<Parsed, ApiError> {
    let keys = pairs
        .split(',')
        .map(|pair| {
            let (key, direction) = match pair.trim().split_once(':') {
                Some((key, word)) => (key, direction("sort", word)?),
                None => (pair.trim(), Direction::Descending),
            };
            Ok(SortKey {
                field: field("sort", key)?,
                direction,
            })
        })
        .collect::<Result<Vec<_>, ApiError>>()?;
    let default = match &keys[..] {
        [only] => only.direction,
        _ => Direction::Descending,
    };
    Ok((keys, default))
}

fn from_lists(keys: &[String], directions: &[String]) -> Result<Parsed, ApiError> {
    let fields = if keys.is_empty() {
        vec![SortField::CreatedAt]
    } else {
        keys.iter()
            .map(|key| field("sort_key", key))
            .collect::<Result<_, _>>()?
    };
    let directions = directions
        .iter()
        .map(|word| direction("sort_dir", word))
        .collect::<Result<Vec<_>, _>>()?;
    let (directions, default) = match &directions[..] {
        [] => (
            vec![Direction::Descending; fields.len()],
            Direction::Descending,
        ),
        [only] => (vec![*only; fields.len()], *only),
        several if several.len() == fields.len() => (several.to_vec(), Direction::Descending),
        _ => {
            return Err(invalid(
                "sort_dir must be given once, or once for every sort_key",
            ));
        }
    };
    let keys = fields
        .into_iter()
        .zip(directions)
        .map(|(field, direction)| SortKey { field, direction })
        .collect();
    Ok((keys, default))
}

fn field(parameter: &str, key: &str) -> Result<SortField, ApiError> {
    Ok(match key {
        "name" => SortField::Name,
        "status" => SortField::Status,
        "container_format" => SortField::ContainerFormat,
        "disk_format" => SortField::DiskFormat,
        "size" => SortField::Size,
        "id" => SortField::Id,
        "created_at" => SortField::CreatedAt,
        "updated_at" => SortField::UpdatedAt,
        _ => {
            return Err(invalid(&format!(
                "{parameter}: {key:?} is not one of name, status, container_format, \
                 disk_format, size, id, created_at, updated_at"
            )));
        }
    })
}

fn direction(parameter: &str, word: &str) -> Result<Direction, ApiError> {
    match word {
        "asc" => Ok(Direction::Ascending),
        "desc" => Ok(Direction::Descending),
        _ => Err(invalid(&format!(
            "{parameter}: {word:?} is not one of asc, desc"
        ))),
    }
}

fn invalid(why: &str) -> ApiError {
    ApiError::Invalid(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{Ascending as Asc, Descending as Desc};

    fn sort(pairs: Option<&str>, keys: &[&str], directions: &[&str]) -> Sort {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Sort {
            pairs: pairs.map(str::to_owned),
            keys: owned(keys),
            directions: owned(directions),
        }
    }

    fn keys(sort: Sort) -> Vec<(SortField, Direction)> {
        let keys = sort.into_keys().expect("an order");
        keys.iter().map(|key| (key.field, key.direction)).collect()
    }

    #[test]
    fn the_newest_come_first_unless_said() {
        assert_eq!(
            keys(Sort::default()),
            [(SortField::CreatedAt, Desc), (SortField::Id, Desc)]
        );
    }

    #[test]
    fn ties_are_broken_in_the_only_direction_given() {
        let expected = [
            (SortField::Name, Asc),
            (SortField::CreatedAt, Asc),
            (SortField::Id, Asc),
        ];
        assert_eq!(keys(sort(None, &["name"], &["asc"])), expected);
        assert_eq!(keys(sort(Some("name:asc"), &[], &[])), expected);
    }

    #[test]
    fn ties_are_broken_by_the_newest_when_directions_differ() {
        let expected = [
            (SortField::Name, Asc),
            (SortField::Id, Desc),
            (SortField::CreatedAt, Desc),
        ];
        assert_eq!(
            keys(sort(None, &["name", "id"], &["asc", "desc"])),
            expected
        );
        assert_eq!(keys(sort(Some("name:asc,id"), &[], &[])), expected);
    }

    #[test]
    fn an_order_that_makes_no_sense_is_refused() {
        for sort in [
            sort(Some("name"), &["name"], &[]),
            sort(Some("name"), &[], &["asc"]),
            sort(Some("nonsense"), &[], &[]),
            sort(Some("name:up"), &[], &[]),
            sort(Some(""), &[], &[]),
            sort(None, &["min_ram"], &[]),
            sort(None, &["name"], &["up"]),
            sort(None, &["name"], &["asc", "desc"]),
            sort(None, &["name", "id", "size"], &["asc", "desc"]),
        ] {
            assert!(sort.into_keys().is_err());
        }
    }
}
