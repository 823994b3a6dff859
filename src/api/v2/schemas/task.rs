//! The schemas of a task and of a list of tasks.

use serde_json::{Value, json};

/// The schema of a task.
pub(super) fn one() -> Value {
    json!({
        "name": "task",
        "properties": {
            "id": {"type": "string", "description": "The id of the task"},
            "type": {
                "type": "string", "enum": ["import", "api_image_import", "location_import"],
                "description": "What the task does",
            },
            "status": {
                "type": "string", "enum": ["pending", "processing", "success", "failure"],
                "description": "Where the task stands",
            },
            "input": {"type": ["null", "object"], "description": "What the task is to do"},
            "result": {"type": ["null", "object"], "description": "What came of the task"},
            "message": {"type": "string", "description": "Progress, or why the task failed"},
            "owner": {"type": "string", "description": "The project that asked for the task"},
            "image_id": {"type": "string", "description": "The image"},
            "request_id": {"type": "string", "description": "The request that asked for it"},
            "user_id": {"type": "string", "description": "The user that asked for it"},
            "created_at": {"type": "string", "description": "When it was created"},
            "updated_at": {"type": "string", "description": "When it last changed"},
            "expires_at": {
                "type": ["null", "string"], "description": "When the record of the task goes",
            },
            "self": {"type": "string", "readOnly": true},
            "schema": {"type": "string", "readOnly": true},
        },
    })
}

/// The schema of a list of tasks.
pub(super) fn list() -> Value {
    json!({
        "name": "tasks",
        "properties": {
            "tasks": {"type": "array", "items": one()},
            "schema": {"type": "string"},
        },
    })
}
