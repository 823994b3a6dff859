//! Who submitted a job, as the row keeps it: what rules ask of a caller, and no credentials.

use serde::{Deserialize, Serialize};

use crate::{
    db::{DbError, rows::Cell},
    domain::{Caller, Reach},
};

#[derive(Debug, Serialize, Deserialize)]
struct CallerRow {
    user_id: Option<String>,
    user_domain_id: Option<String>,
    project_id: Option<String>,
    project_domain_id: Option<String>,
    domain_id: Option<String>,
    roles: Vec<String>,
    reach: ReachRow,
    request_id: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ReachRow {
    Project,
    System,
    Domain,
    Nobody,
}

/// The JSON text of `caller`.
pub(super) fn written(caller: &Caller) -> String {
    let row = CallerRow {
        user_id: caller.user_id.clone(),
        user_domain_id: caller.user_domain_id.clone(),
        project_id: caller.project_id.clone(),
        project_domain_id: caller.project_domain_id.clone(),
        domain_id: caller.domain_id.clone(),
        roles: caller.roles.clone(),
        reach: match caller.reach {
            Reach::Project => ReachRow::Project,
            Reach::System => ReachRow::System,
            Reach::Domain => ReachRow::Domain,
            Reach::Nobody => ReachRow::Nobody,
        },
        request_id: caller.request_id.clone(),
    };
    serde_json::json!(row).to_string()
}

/// The caller that `text` tells of.
pub(super) fn read(cell: Cell<'_>, text: &str) -> Result<Caller, DbError> {
    let row: CallerRow = serde_json::from_str(text).map_err(|error| cell.unsound(error))?;
    Ok(Caller {
        user_id: row.user_id,
        user_domain_id: row.user_domain_id,
        project_id: row.project_id,
        project_domain_id: row.project_domain_id,
        domain_id: row.domain_id,
        roles: row.roles,
        reach: match row.reach {
            ReachRow::Project => Reach::Project,
            ReachRow::System => Reach::System,
            ReachRow::Domain => Reach::Domain,
            ReachRow::Nobody => Reach::Nobody,
        },
        ..Caller::anonymous(row.request_id)
    })
}
