//! Members on the wire.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    api::{error::ApiError, text, time::Seconds},
    domain::{ImageId, Member, MemberStatus},
};

/// A project an image is shared with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub(super) struct MemberView {
    /// The project.
    member_id: String,
    /// The image.
    #[serde(serialize_with = "id")]
    #[schema(value_type = String)]
    image_id: ImageId,
    /// `pending`, `accepted` or `rejected`.
    status: &'static str,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Seconds,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Seconds,
    /// The path of the schema of members.
    schema: &'static str,
}

fn id<S: Serializer>(id: &ImageId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(id.as_str())
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        let Member {
            image_id,
            member_id,
            status,
            created_at,
            updated_at,
        } = member;
        Self {
            member_id,
            image_id,
            status: status.as_str(),
            created_at: Seconds(created_at),
            updated_at: Seconds(updated_at),
            schema: "/v2/schemas/member",
        }
    }
}

/// The projects an image is shared with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Members)]
pub(super) struct MemberListView {
    /// The members.
    members: Vec<MemberView>,
    /// The path of the schema of lists of members.
    schema: &'static str,
}

impl From<Vec<Member>> for MemberListView {
    fn from(members: Vec<Member>) -> Self {
        Self {
            members: members.into_iter().map(MemberView::from).collect(),
            schema: "/v2/schemas/members",
        }
    }
}

/// A project to share an image with.
#[derive(Debug, ToSchema)]
#[schema(as = AddMember, value_type = Object)]
pub(super) struct AddMemberBody(pub(super) Map<String, Value>);

impl AddMemberBody {
    /// The project.
    ///
    /// # Errors
    ///
    /// [`ApiError::Invalid`] if none is named, or one that cannot be kept.
    pub(super) fn into_member(mut self) -> Result<String, ApiError> {
        match self.0.remove("member") {
            Some(Value::String(member)) if !member.is_empty() => {
                text::check("member", &member, text::NAME)?;
                Ok(member)
            }
            _ => Err(ApiError::Invalid(
                "'member' must be the id of a project".into(),
            )),
        }
    }
}

/// What a project says to an image that is shared with it.
#[derive(Debug, ToSchema)]
#[schema(as = UpdateMember, value_type = Object)]
pub(super) struct UpdateMemberBody(pub(super) Map<String, Value>);

impl UpdateMemberBody {
    /// What it says.
    ///
    /// # Errors
    ///
    /// [`ApiError::Invalid`] if it is none of the statuses there are.
    pub(super) fn into_status(self) -> Result<MemberStatus, ApiError> {
        self.0
            .get("status")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .parse()
            .map_err(|error| ApiError::Invalid(format!("Invalid value of 'status': {error}")))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::Timestamp;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(object) => object,
            other => panic!("{other} is no object"),
        }
    }

    #[test]
    fn a_member_is_shown_with_its_schema() {
        let view = MemberView::from(Member {
            image_id: "0abcdef0-0000-4000-8000-00000000000f"
                .parse()
                .expect("an id"),
            member_id: "p".into(),
            status: MemberStatus::Pending,
            created_at: Timestamp::from_micros(0),
            updated_at: Timestamp::from_micros(0),
        });
        assert_eq!(
            serde_json::to_value(view).expect("JSON"),
            json!({
                "member_id": "p",
                "image_id": "0abcdef0-0000-4000-8000-00000000000f",
                "status": "pending",
                "created_at": "1970-01-01T00:00:00Z",
                "updated_at": "1970-01-01T00:00:00Z",
                "schema": "/v2/schemas/member",
            })
        );
    }

    #[test]
    fn a_member_must_be_named() {
        let named = AddMemberBody(object(json!({"member": "p"}))).into_member();
        assert_eq!(named.ok().as_deref(), Some("p"));
        for body in [
            json!({}),
            json!({"member": ""}),
            json!({"member": 5}),
            json!({"member": null}),
            json!({"member": "a".repeat(256)}),
        ] {
            let refused = AddMemberBody(object(body.clone())).into_member();
            assert!(matches!(refused, Err(ApiError::Invalid(_))), "{body}");
        }
    }

    #[test]
    fn a_status_must_be_one_that_there_is() {
        let accepted = UpdateMemberBody(object(json!({"status": "accepted"}))).into_status();
        assert_eq!(accepted.ok(), Some(MemberStatus::Accepted));
        for body in [json!({}), json!({"status": "maybe"}), json!({"status": 1})] {
            let refused = UpdateMemberBody(object(body.clone())).into_status();
            assert!(matches!(refused, Err(ApiError::Invalid(_))), "{body}");
        }
    }
}
