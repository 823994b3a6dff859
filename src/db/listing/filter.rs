//! What the images of a list have in common.

use sea_query::{Cond, Condition, Expr, ExprTrait as _, Query};

use crate::{
    db::listing::order,
    domain::{Comparison, Digest, ImageFilter, OneOf, SortField, Timestamp},
};

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// The condition that `filter` spells on the image's own row. Who sees what is said in `scope`,
/// and tags and properties are dealt with in `term`.
pub(super) fn condition(filter: &ImageFilter) -> Condition {
    // As a literal, since the indexes of the lists hold no deleted images.
    let mut all = Cond::all()
        .add(Expr::cust("status <> 'deleted'"))
        .add(Expr::col("os_hidden").eq(filter.os_hidden))
        .add_option(filter.protected.map(|yes| Expr::col("protected").eq(yes)))
        .add_option(filter.name.as_ref().map(named));
    for (column, allowed) in [
        ("id", &filter.id),
        ("status", &filter.status),
        ("container_format", &filter.container_format),
        ("disk_format", &filter.disk_format),
    ] {
        all = all.add_option(allowed.as_ref().map(|allowed| one_of(column, allowed)));
    }
    for (column, value) in [
        ("owner", &filter.owner),
        ("checksum", &filter.checksum),
        ("os_hash_algo", &filter.os_hash_algo),
        ("os_hash_value", &filter.os_hash_value),
    ] {
        all = all.add_option(value.as_ref().map(|value| Expr::col(column).eq(value)));
    }
    all = all.add_option(filter.digest.as_ref().map(found));
    for (how, time) in &filter.created_at {
        all = all.add(timed("created_at", *how, *time));
    }
    for (how, time) in &filter.updated_at {
        all = all.add(timed("updated_at", *how, *time));
    }
    for (field, how, number) in &filter.numbers {
        all = all.add(compared(order::column(*field), *how, *number));
    }
    all
}

fn one_of(column: &'static str, allowed: &OneOf) -> Expr {
    Expr::col(column).is_in(allowed)
}

/// Whether `digest` was ever found of the image's bytes.
fn found(digest: &Digest) -> Expr {
    let images = Query::select()
        .column("image_id")
        .from("image_digests")
        .and_where(Expr::col("value").eq(digest.value()))
        .and_where(Expr::col("algorithm").eq(digest.algorithm().as_str()))
        .take();
    Expr::col("id").in_subquery(images)
}

/// Compared as lists are sorted, so that one index serves both; null is no name.
fn named(allowed: &OneOf) -> Condition {
    Cond::all()
        .add(order::sorted(SortField::Name).is_in(allowed))
        .add(Expr::col("name").is_not_null())
}

fn compared(column: &'static str, how: Comparison, number: i64) -> Expr {
    let column = Expr::col(column);
    match how {
        Comparison::Greater => column.gt(number),
        Comparison::GreaterOrEqual => column.gte(number),
        Comparison::Less => column.lt(number),
        Comparison::LessOrEqual => column.lte(number),
        Comparison::Equal => column.eq(number),
        Comparison::NotEqual => column.ne(number),
    }
}

/// Compares with the time that the API shows, which has no fraction of a second.
fn timed(column: &'static str, how: Comparison, time: Timestamp) -> Condition {
    let time = time.as_micros();
    let second = time.div_euclid(SECOND) * SECOND;
    let next = second.saturating_add(SECOND);
    // The first second that is not before the time.
    let ceiling = if second == time { second } else { next };
    let from = |start: i64| Expr::col(column).gte(start);
    let until = |end: i64| Expr::col(column).lt(end);
    match how {
        Comparison::Greater => Cond::all().add(from(next)),
        Comparison::GreaterOrEqual => Cond::all().add(from(ceiling)),
        Comparison::Less => Cond::all().add(until(ceiling)),
        Comparison::LessOrEqual => Cond::all().add(until(next)),
        // Nothing equals a time with a fraction: the range from its ceiling to `next` is empty.
        Comparison::Equal => Cond::all().add(from(ceiling)).add(until(next)),
        Comparison::NotEqual => Cond::any().add(until(ceiling)).add(from(next)),
    }
}
