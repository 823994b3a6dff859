//! Who owns what: Glance's checks from before its rules knew roles.
//!
//! With `enforce_new_defaults = false` most rules let everybody do everything, and these are
//! what keeps strangers from changing an image.

use crate::domain::Caller;

use super::{Target, target::Value};

/// The rules of what only the owner of an image does, administrators apart. Glance asks for the
/// owner in its handlers; the rules on locations and on visibility are here too, since what they
/// are about changes the image as well.
const OF_OWNERS: &[&str] = &[
    "add_image",
    "add_member",
    "communitize_image",
    "deactivate",
    "delete_image",
    "delete_image_location",
    "delete_member",
    "modify_image",
    "reactivate",
    "set_image_location",
    "upload_image",
];

/// The rule of what only a member that an image is shared with does, and not its owner.
const OF_MEMBERS: &str = "modify_member";

/// Whether `caller`'s project stands to `target` as the rule `name` needs it. Who has no project
/// owns nothing, and nobody owns what has no owner.
pub(super) fn suffices(caller: &Caller, name: &str, target: &Target<'_>) -> bool {
    let is = |key| {
        let project = target.value(key).and_then(Value::text);
        caller.acts_for(project)
    };
    if name == OF_MEMBERS {
        is("member_id") && !is("owner")
    } else {
        !OF_OWNERS.contains(&name) || is("owner")
    }
}
