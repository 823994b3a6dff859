//! What a viewer sees in a list.

use sea_query::{Cond, Condition, Expr, ExprTrait as _, Query, SelectStatement};

use crate::domain::{ImageFilter, MemberFilter, Viewer, Visibility, VisibilityFilter};

/// The parts of what `viewer` sees under `filter`. No image is in two of them.
pub(super) fn parts(viewer: &Viewer, filter: &ImageFilter) -> Vec<Condition> {
    match viewer {
        Viewer::Admin(project) => administrator(project.as_deref(), filter.visibility),
        Viewer::Project(project) => member(project, filter),
        Viewer::Nobody => stranger(filter.visibility),
    }
}

fn administrator(project: Option<&str>, narrowed: VisibilityFilter) -> Vec<Condition> {
    match narrowed {
        VisibilityFilter::Usual => {
            let owned = project.map(|project| Expr::col("owner").eq(project));
            vec![
                Cond::any()
                    .add(Expr::col("visibility").ne(Visibility::Community.as_str()))
                    .add_option(owned),
            ]
        }
        VisibilityFilter::All => vec![Cond::all()],
        VisibilityFilter::Only(visibility) => vec![any(visibility)],
        VisibilityFilter::Nothing => Vec::new(),
    }
}

fn member(project: &str, filter: &ImageFilter) -> Vec<Condition> {
    let own = || Cond::all().add(Expr::col("owner").eq(project));
    let shared = || {
        others(project, Visibility::Shared)
            .add(Expr::col("id").in_subquery(memberships(project, filter.member_status)))
    };
    match filter.visibility {
        VisibilityFilter::Usual => vec![own(), others(project, Visibility::Public), shared()],
        VisibilityFilter::All => vec![
            own(),
            others(project, Visibility::Public),
            others(project, Visibility::Community),
            shared(),
        ],
        VisibilityFilter::Only(Visibility::Shared) => {
            vec![own().add(any(Visibility::Shared)), shared()]
        }
        VisibilityFilter::Only(Visibility::Private) => vec![own().add(any(Visibility::Private))],
        VisibilityFilter::Only(open @ (Visibility::Public | Visibility::Community)) => {
            vec![any(open)]
        }
        VisibilityFilter::Nothing => Vec::new(),
    }
}

fn stranger(narrowed: VisibilityFilter) -> Vec<Condition> {
    match narrowed {
        VisibilityFilter::Usual | VisibilityFilter::Only(Visibility::Public) => {
            vec![any(Visibility::Public)]
        }
        VisibilityFilter::All => vec![any(Visibility::Public), any(Visibility::Community)],
        VisibilityFilter::Only(Visibility::Community) => vec![any(Visibility::Community)],
        VisibilityFilter::Only(Visibility::Private | Visibility::Shared)
        | VisibilityFilter::Nothing => Vec::new(),
    }
}

fn any(visibility: Visibility) -> Condition {
    Cond::all().add(Expr::col("visibility").eq(visibility.as_str()))
}

/// The images of this visibility that are not the project's.
fn others(project: &str, visibility: Visibility) -> Condition {
    any(visibility).add(
        Cond::any()
            .add(Expr::col("owner").is_null())
            .add(Expr::col("owner").ne(project)),
    )
}

/// The images that the project is a member of.
fn memberships(project: &str, status: MemberFilter) -> SelectStatement {
    let mut images = Query::select();
    images
        .column("image_id")
        .from("image_members")
        .and_where(Expr::col("member_id").eq(project));
    if let MemberFilter::Only(status) = status {
        images.and_where(Expr::col("status").eq(status.as_str()));
    }
    images
}
