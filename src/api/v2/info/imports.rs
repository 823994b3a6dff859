//! `GET /v2/info/import`

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{
    ApiState,
    docs::Always,
    error::ApiError,
    extract::{Authenticated, NoBody},
    refusal::ErrorBody,
};

/// How data can be imported.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportInfo {
    /// The import methods that are open.
    #[serde(rename = "import-methods")]
    import_methods: ImportMethods,
}

/// The import methods that are open, in the manner of a schema.
#[derive(Debug, Serialize, ToSchema)]
struct ImportMethods {
    /// For people.
    description: &'static str,
    /// Always `array`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Their names.
    value: Vec<String>,
}

/// Tell how data can be imported.
#[utoipa::path(
    get, path = "/v2/info/import", tag = "discovery", operation_id = "show_import_methods",
    responses(
        (status = OK, description = "The import methods that are open", body = ImportInfo),
        (status = BAD_REQUEST, description = "There is a body", body = ErrorBody),
        Always,
    ),
)]
pub(super) async fn imports(
    State(api): State<ApiState>,
    _: Authenticated,
    _: NoBody,
) -> Result<Json<ImportInfo>, ApiError> {
    Ok(Json(ImportInfo {
        import_methods: ImportMethods {
            description: "Ways to bring data into an image without uploading it.",
            kind: "array",
            value: api.discovery.import_methods().to_vec(),
        },
    }))
}
