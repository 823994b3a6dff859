//! The schemas of a member and of a list of members.

use serde_json::{Value, json};

/// The schema of a member.
pub(super) fn one() -> Value {
    json!({
        "name": "member",
        "properties": {
            "member_id": {"type": "string", "description": "The project"},
            "image_id": {"type": "string", "description": "The image"},
            "status": {
                "type": "string", "enum": ["pending", "accepted", "rejected"],
                "description": "What the project says to the image",
            },
            "created_at": {"type": "string", "description": "When it was created"},
            "updated_at": {"type": "string", "description": "When it last changed"},
            "schema": {"type": "string", "readOnly": true},
        },
    })
}

/// The schema of a list of members.
pub(super) fn list() -> Value {
    json!({
        "name": "members",
        "properties": {
            "members": {"type": "array", "items": one()},
            "schema": {"type": "string"},
        },
    })
}
