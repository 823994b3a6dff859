//! The order of a list, and where in it a page begins.

use sea_query::{Expr, ExprTrait as _, Order, SelectStatement, Value};

use crate::{
    db::rows::bytes,
    domain::{Direction, Image, SortField, SortKey},
};

/// Orders the images by `keys`, the first counting most.
pub(super) fn sort(select: &mut SelectStatement, keys: &[SortKey]) {
    for key in keys {
        let order = match key.direction {
            Direction::Ascending => Order::Asc,
            Direction::Descending => Order::Desc,
        };
        select.order_by_expr(sorted(key.field), order);
    }
}

/// Whether an image comes after `marker`.
///
/// For keys a, b, c it is `a >= x AND (a > x OR (b >= y AND (b > y OR c > z)))`: the first
/// comparison lets the engines enter an index at the marker, which a plain `OR` would not.
pub(super) fn after(keys: &[SortKey], marker: &Image) -> Expr {
    let Some((key, others)) = keys.split_first() else {
        return Expr::value(false);
    };
    let (column, at) = (sorted(key.field), of(key.field, marker));
    let beyond = match key.direction {
        Direction::Ascending => column.clone().gt(at.clone()),
        Direction::Descending => column.clone().lt(at.clone()),
    };
    if others.is_empty() {
        return beyond;
    }
    let not_before = match key.direction {
        Direction::Ascending => column.gte(at),
        Direction::Descending => column.lte(at),
    };
    not_before.and(beyond.or(after(others, marker)))
}

/// The name of the column.
pub(super) const fn column(field: SortField) -> &'static str {
    match field {
        SortField::Name => "name",
        SortField::Status => "status",
        SortField::ContainerFormat => "container_format",
        SortField::DiskFormat => "disk_format",
        SortField::Size => "size",
        SortField::Id => "id",
        SortField::CreatedAt => "created_at",
        SortField::UpdatedAt => "updated_at",
        SortField::VirtualSize => "virtual_size",
        SortField::MinDisk => "min_disk",
        SortField::MinRam => "min_ram",
    }
}

/// What is compared: the column, with null as the empty text or zero. A column that is never
/// null stands bare, so that its index serves. The spelling is that of the index on names.
pub(super) fn sorted(field: SortField) -> Expr {
    match field {
        SortField::Name => Expr::cust("COALESCE(name, '')"),
        SortField::ContainerFormat => Expr::cust("COALESCE(container_format, '')"),
        SortField::DiskFormat => Expr::cust("COALESCE(disk_format, '')"),
        SortField::Size => Expr::cust("COALESCE(size, 0)"),
        SortField::VirtualSize => Expr::cust("COALESCE(virtual_size, 0)"),
        SortField::Status
        | SortField::Id
        | SortField::CreatedAt
        | SortField::UpdatedAt
        | SortField::MinDisk
        | SortField::MinRam => Expr::col(column(field)),
    }
}

/// The value of the marker that is compared.
fn of(field: SortField, marker: &Image) -> Value {
    let text = |text: &Option<String>| Value::from(text.clone().unwrap_or_default());
    match field {
        SortField::Name => text(&marker.name),
        SortField::Status => marker.status.as_str().into(),
        SortField::ContainerFormat => text(&marker.container_format),
        SortField::DiskFormat => text(&marker.disk_format),
        SortField::Size => marker.size.map_or(0, bytes).into(),
        SortField::Id => marker.id.as_str().into(),
        SortField::CreatedAt => marker.created_at.as_micros().into(),
        SortField::UpdatedAt => marker.updated_at.as_micros().into(),
        SortField::VirtualSize => marker.virtual_size.map_or(0, bytes).into(),
        SortField::MinDisk => i64::from(marker.min_disk).into(),
        SortField::MinRam => i64::from(marker.min_ram).into(),
    }
}
