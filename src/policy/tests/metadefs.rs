//! The defaults for metadata definitions, worked out by hand.
//!
//! The namespace belongs to `home`. A letter says who may: Admin of elsewhere, Member of home,
//! Reader of home, Looker (reader of elsewhere), Nobody (of home, without a role).

use super::*;
use crate::domain::metadef::{Namespace, Visibility};

const READS: [Action; 9] = [
    Action::GetMetadefNamespace,
    Action::GetMetadefObject,
    Action::GetMetadefObjects,
    Action::ListMetadefResourceTypes,
    Action::GetMetadefResourceType,
    Action::GetMetadefProperty,
    Action::GetMetadefProperties,
    Action::GetMetadefTag,
    Action::GetMetadefTags,
];

const WRITES: [Action; 16] = [
    Action::ModifyMetadefNamespace,
    Action::AddMetadefNamespace,
    Action::DeleteMetadefNamespace,
    Action::ModifyMetadefObject,
    Action::AddMetadefObject,
    Action::DeleteMetadefObject,
    Action::AddMetadefResourceTypeAssociation,
    Action::RemoveMetadefResourceTypeAssociation,
    Action::ModifyMetadefProperty,
    Action::AddMetadefProperty,
    Action::RemoveMetadefProperty,
    Action::ModifyMetadefTag,
    Action::AddMetadefTag,
    Action::AddMetadefTags,
    Action::DeleteMetadefTag,
    Action::DeleteMetadefTags,
];

fn who_may(ask: impl Fn(&Caller) -> bool) -> String {
    let personas = [
        ('A', caller(Some("away"), &["admin", "member", "reader"])),
        ('M', caller(Some("home"), &["member", "reader"])),
        ('R', caller(Some("home"), &["reader"])),
        ('L', caller(Some("away"), &["reader"])),
        ('N', caller(Some("home"), &[])),
    ];
    let may = personas.into_iter().filter(|(_, caller)| ask(caller));
    may.map(|(letter, _)| letter).collect()
}

fn namespace(visibility: Visibility, owner: Option<&str>) -> Namespace {
    Namespace {
        name: "OS::Test".parse().expect("a name"),
        display_name: None,
        description: None,
        visibility,
        protected: false,
        owner: owner.map(Into::into),
    }
}

#[test]
fn readers_see_public_namespaces_and_their_own_and_administrators_write() {
    let policy = Folder::new().load().expect("the defaults");
    for (visibility, owner, readers) in [
        (Visibility::Public, Some("home"), "AMRL"),
        (Visibility::Private, Some("home"), "AMR"),
        (Visibility::Private, None, "A"),
        (Visibility::Public, None, "AMRL"),
    ] {
        let namespace = namespace(visibility, owner);
        let target = Target::namespace(&namespace);
        for action in READS {
            let may = who_may(|caller| policy.allows(caller, action, &target));
            assert_eq!(may, readers, "{action} {visibility} {owner:?}");
        }
        for action in WRITES {
            let may = who_may(|caller| policy.allows(caller, action, &target));
            assert_eq!(may, "A", "{action} {visibility} {owner:?}");
        }
    }
}

#[test]
fn readers_list_namespaces_and_types_of_resources() {
    let policy = Folder::new().load().expect("the defaults");
    for action in [
        Action::GetMetadefNamespaces,
        Action::ListMetadefResourceTypes,
    ] {
        let may = who_may(|caller| policy.allows(caller, action, &Target::none(caller)));
        assert_eq!(may, "AMRL", "{action}");
    }
}
