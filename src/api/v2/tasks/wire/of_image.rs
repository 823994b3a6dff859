//! The tasks of an image, as Glance shows their rows.

use serde::Serialize;
use utoipa::ToSchema;

use super::input::{TaskInput, TaskResult};
use crate::{api::time::Micros, domain::Task};

/// The tasks of an image.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImageTasks)]
pub(in crate::api::v2::tasks) struct ImageTasksView {
    /// The tasks.
    tasks: Vec<ImageTaskView>,
}

impl From<Vec<Task>> for ImageTasksView {
    fn from(tasks: Vec<Task>) -> Self {
        Self {
            tasks: tasks.into_iter().map(ImageTaskView::from).collect(),
        }
    }
}

/// A task of an image, as Glance shows its row.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImageTask)]
struct ImageTaskView {
    /// The id.
    id: String,
    /// What it does.
    #[serde(rename = "type")]
    kind: &'static str,
    /// `pending`, `processing`, `success` or `failure`.
    status: &'static str,
    /// The project that asked for it.
    owner: Option<String>,
    /// The image.
    image_id: String,
    /// The request that asked for it.
    request_id: String,
    /// The user that asked for it.
    user_id: Option<String>,
    /// What it is to do.
    input: TaskInput,
    /// What came of it, once it succeeded.
    result: Option<TaskResult>,
    /// Progress, or why it failed.
    message: String,
    /// When it was created.
    #[schema(value_type = String)]
    created_at: Micros,
    /// When it last changed.
    #[schema(value_type = String)]
    updated_at: Micros,
    /// When its record goes.
    #[schema(value_type = Option<String>)]
    expires_at: Option<Micros>,
    /// Always null.
    deleted_at: Option<String>,
    /// Always false.
    deleted: bool,
}

impl From<Task> for ImageTaskView {
    fn from(task: Task) -> Self {
        let Task {
            id,
            kind,
            status,
            image_id,
            owner,
            user_id,
            request_id,
            import,
            message,
            attempts: _,
            created_at,
            updated_at,
            expires_at,
        } = task;
        let image_id = image_id.to_string();
        let result = TaskResult::of(status, &image_id);
        let input = TaskInput::new(&image_id, import);
        Self {
            id: id.to_string(),
            kind: kind.as_str(),
            status: status.as_str(),
            owner,
            image_id,
            request_id,
            user_id,
            input,
            result,
            message,
            created_at: Micros(created_at),
            updated_at: Micros(updated_at),
            expires_at: expires_at.map(Micros),
            deleted_at: None,
            deleted: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{
        ChecksumSource, ImportMethod, ImportRequest, StoresNeeded, TaskKind, TaskStatus, Timestamp,
    };

    const ID: &str = "0abcdef0-0000-4000-8000-00000000000f";

    #[test]
    fn a_task_is_shown_as_glance_shows_its_row() {
        let view = ImageTaskView::from(Task {
            id: ID.parse().expect("an id"),
            kind: TaskKind::ApiImageImport,
            status: TaskStatus::Success,
            image_id: ID.parse().expect("an id"),
            owner: Some("p".into()),
            user_id: Some("u".into()),
            request_id: "req-1".into(),
            import: ImportRequest {
                method: ImportMethod::WebDownload {
                    uri: "http://a/b".into(),
                },
                stores: vec!["fast".parse().expect("an id")],
                needed: StoresNeeded::Any,
                expected: "md5:ab".parse().expect("a digest"),
                certificate: None,
                checksums: Some(ChecksumSource {
                    url: "http://a/SUMS".into(),
                    signature_url: None,
                    publisher: Some("a".into()),
                    name: None,
                }),
                asked: None,
                injects: true,
            },
            message: "Copied 1 MiB".into(),
            attempts: 1,
            created_at: Timestamp::from_micros(1),
            updated_at: Timestamp::from_micros(2),
            expires_at: None,
        });
        assert_eq!(
            serde_json::to_value(view).expect("JSON"),
            json!({
                "id": ID, "type": "api_image_import", "status": "success",
                "owner": "p",
                "image_id": ID,
                "request_id": "req-1",
                "user_id": "u",
                "input": {
                    "image_id": ID,
                    "import_req": {
                        "method": {
                            "name": "web-download", "uri": "http://a/b", "checksum": "md5:ab",
                            "checksum_url": "http://a/SUMS", "publisher": "a",
                        },
                        "all_stores_must_succeed": false,
                    },
                    "backend": ["fast"],
                },
                "result": {"image_id": ID},
                "message": "Copied 1 MiB",
                "created_at": "1970-01-01T00:00:00.000001",
                "updated_at": "1970-01-01T00:00:00.000002",
                "expires_at": null,
                "deleted_at": null,
                "deleted": false,
            })
        );
    }
}
