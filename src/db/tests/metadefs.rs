//! Rules of metadata definitions.

use sqlx::AssertSqlSafe;

use super::{engines::on_every_engine, samples::at};
use crate::{
    db::{Db, DbError, MetadefKind, session::on_engine},
    domain::metadef::{Association, Dated, Definition, Name, Namespace, Property, Visibility},
};

on_every_engine![
    what_is_in_a_namespace_follows_its_name_and_goes_with_it,
    a_taken_name_is_told_from_other_refusals,
    nothing_is_in_a_namespace_that_does_not_exist,
    a_definition_that_is_no_object_is_unsound,
];

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

fn namespace(text: &str) -> Dated<Namespace> {
    let namespace = Namespace {
        name: name(text),
        display_name: None,
        description: None,
        visibility: Visibility::Public,
        protected: true,
        owner: None,
    };
    Dated::new(namespace, at(1))
}

fn property(text: &str) -> Property {
    Property {
        name: name(text),
        definition: Definition::new("{}".into()).expect("a definition"),
    }
}

async fn what_is_in_a_namespace_follows_its_name_and_goes_with_it(db: Db) {
    let mut session = db.read().await.expect("a session");
    let old = namespace("old");
    session.insert_namespace(&old).await.expect("a namespace");
    let association = Association {
        resource_type: name("OS::A"),
        prefix: None,
        properties_target: None,
    };
    let association = Dated::new(association, at(2));
    session
        .insert_association(&name("old"), &association)
        .await
        .expect("an association");
    session
        .insert_metadef_property(&name("old"), &property("p"))
        .await
        .expect("a property");
    let new = namespace("new").what;
    let updated = session.update_namespace(&name("old"), &new, at(3)).await;
    assert!(updated.expect("an update"));
    let found = session.find_namespace(&name("new")).await;
    let expected = Dated {
        what: new,
        created_at: at(1),
        updated_at: at(3),
    };
    assert_eq!(found.expect("a look-up"), Some(expected));
    for kind in [MetadefKind::Properties, MetadefKind::Associations] {
        for (namespace, count) in [("old", 0), ("new", 1)] {
            let counted = session.count_metadefs(&name(namespace), kind).await;
            assert_eq!(counted.expect("a count"), count, "{kind:?} of {namespace}");
        }
    }
    assert!(session.delete_namespace(&name("new")).await.expect("one"));
    let left = session.list_metadef_properties(&name("new")).await;
    assert_eq!(left.expect("a list"), []);
    let types = session.list_resource_types().await.expect("a list");
    assert_eq!(types, [Dated::new(name("OS::A"), at(2))]);
}

async fn a_taken_name_is_told_from_other_refusals(db: Db) {
    let mut session = db.read().await.expect("a session");
    for text in ["a", "b"] {
        session
            .insert_namespace(&namespace(text))
            .await
            .expect("a namespace");
        session
            .insert_metadef_property(&name("a"), &property(text))
            .await
            .expect("a property");
    }
    let (a, b) = (name("a"), name("b"));
    let twice = session.insert_namespace(&namespace("a")).await;
    let to_a = namespace("a").what;
    let renamed = session.update_namespace(&b, &to_a, at(2)).await.map(drop);
    let property_twice = session.insert_metadef_property(&a, &property("a")).await;
    let property_renamed = session
        .update_metadef_property(&a, &b, &property("a"))
        .await
        .map(drop);
    for taken in [twice, renamed, property_twice, property_renamed] {
        assert!(matches!(taken, Err(DbError::Taken { .. })), "{taken:?}");
    }
    let mut long = namespace("b").what;
    long.display_name = Some("x".repeat(81));
    let refused = session.update_namespace(&b, &long, at(2)).await;
    assert!(matches!(refused, Err(DbError::Refused(_))), "{refused:?}");
}

async fn nothing_is_in_a_namespace_that_does_not_exist(db: Db) {
    let mut session = db.read().await.expect("a session");
    let orphan = session
        .insert_metadef_property(&name("none"), &property("p"))
        .await;
    assert!(matches!(orphan, Err(DbError::Refused(_))), "{orphan:?}");
    let tag = Dated::new(name("t"), at(1));
    let orphan = session.insert_metadef_tag(&name("none"), &tag).await;
    assert!(matches!(orphan, Err(DbError::Refused(_))), "{orphan:?}");
}

async fn a_definition_that_is_no_object_is_unsound(db: Db) {
    let mut session = db.read().await.expect("a session");
    session
        .insert_namespace(&namespace("n"))
        .await
        .expect("a namespace");
    session
        .insert_metadef_property(&name("n"), &property("p"))
        .await
        .expect("a property");
    let sql = "UPDATE metadef_properties SET definition = '[]'";
    on_engine!(session, |connection| {
        sqlx::query(AssertSqlSafe(sql))
            .execute(connection)
            .await
            .expect("an update");
    });
    let found = session.find_metadef_property(&name("n"), &name("p")).await;
    assert!(matches!(found, Err(DbError::Unsound { .. })), "{found:?}");
}
