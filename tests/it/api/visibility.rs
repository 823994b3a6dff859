//! `GET /v2/images`: who finds which images.

use serde_json::json;

use super::{THIRD, image, names};
use crate::support::{Engine, Persona, Registry, on_every_engine};

on_every_engine![
    an_owner_finds_its_own_images_and_public_ones,
    a_member_finds_what_it_accepted,
    a_stranger_finds_what_is_public,
    an_administrator_finds_all_but_community_images,
    membership_says_which_shared_images_are_found,
];

/// The images that the registry holds besides a hidden one, by their names.
const ALL: [&str; 8] = [
    "accepted",
    "beta's",
    "community",
    "pending",
    "private",
    "public",
    "rejected",
    "shared",
];
/// Those with the visibility `shared`.
const SHARED: [&str; 4] = ["accepted", "pending", "rejected", "shared"];
/// Those with the visibility `community`.
const COMMUNITY: [&str; 2] = ["beta's", "community"];

/// A query, and the names of the images that it finds.
type Case<'a> = (&'a str, &'a [&'a str]);

/// A registry with images of every visibility: of alpha, of beta and for all. The names of
/// some are what beta answered to them.
async fn assorted(engine: Engine) -> Registry {
    let registry = Registry::open(engine).await;
    for visibility in ["private", "shared", "community"] {
        let attributes = json!({"name": visibility, "visibility": visibility});
        registry.image(Persona::MEMBER, attributes).await;
    }
    let open = json!({"name": "beta's", "visibility": "community"});
    registry.image(Persona::STRANGER, open).await;
    let public = json!({"name": "public", "visibility": "public"});
    registry.image(Persona::ADMIN, public).await;
    let hidden = json!({"name": "hidden", "visibility": "public", "os_hidden": true});
    registry.image(Persona::ADMIN, hidden).await;
    for status in ["pending", "accepted", "rejected"] {
        let id = registry
            .image(Persona::MEMBER, json!({"name": status}))
            .await;
        let members = format!("{}/members", image(&id));
        let body = json!({"member": "beta"});
        registry
            .post(Persona::MEMBER, &members, &body)
            .await
            .expect(200);
        let (path, body) = (format!("{members}/beta"), json!({"status": status}));
        registry
            .put(Persona::STRANGER, &path, &body)
            .await
            .expect(200);
    }
    registry
}

async fn assert_finds(registry: &Registry, persona: Persona, cases: &[Case<'_>]) {
    for (query, expected) in cases {
        let path = format!("/v2/images?limit=100&{query}");
        let list = registry.get(persona, &path).await.expect(200).json();
        let mut found = names(&list);
        found.sort_unstable();
        assert_eq!(found, *expected, "{} {query}", persona.project);
    }
}

async fn an_owner_finds_its_own_images_and_public_ones(engine: Engine) {
    let registry = assorted(engine).await;
    let usual: Vec<_> = ALL.into_iter().filter(|name| *name != "beta's").collect();
    let cases: [Case<'_>; 7] = [
        ("", &usual),
        ("visibility=all", &ALL),
        ("visibility=private", &["private"]),
        ("visibility=shared", &SHARED),
        ("visibility=public", &["public"]),
        ("visibility=community", &COMMUNITY),
        ("visibility=", &[]),
    ];
    assert_finds(&registry, Persona::MEMBER, &cases).await;
}

async fn a_member_finds_what_it_accepted(engine: Engine) {
    let registry = assorted(engine).await;
    let cases: [Case<'_>; 5] = [
        ("", &["accepted", "beta's", "public"]),
        (
            "visibility=all",
            &["accepted", "beta's", "community", "public"],
        ),
        ("visibility=private", &[]),
        ("visibility=shared", &["accepted"]),
        ("visibility=community", &COMMUNITY),
    ];
    assert_finds(&registry, Persona::STRANGER, &cases).await;
}

async fn a_stranger_finds_what_is_public(engine: Engine) {
    let registry = assorted(engine).await;
    let cases: [Case<'_>; 6] = [
        ("", &["public"]),
        ("visibility=all", &["beta's", "community", "public"]),
        ("visibility=private", &[]),
        ("visibility=shared", &[]),
        ("visibility=community", &COMMUNITY),
        ("os_hidden=true", &["hidden"]),
    ];
    assert_finds(&registry, THIRD, &cases).await;
}

async fn an_administrator_finds_all_but_community_images(engine: Engine) {
    let registry = assorted(engine).await;
    let usual: Vec<_> = ALL
        .into_iter()
        .filter(|name| !COMMUNITY.contains(name))
        .collect();
    let cases: [Case<'_>; 4] = [
        ("", &usual),
        ("visibility=all", &ALL),
        ("visibility=shared", &SHARED),
        ("visibility=community", &COMMUNITY),
    ];
    assert_finds(&registry, Persona::ADMIN, &cases).await;
}

async fn membership_says_which_shared_images_are_found(engine: Engine) {
    let registry = assorted(engine).await;
    let cases: [Case<'_>; 5] = [
        ("visibility=shared&member_status=accepted", &["accepted"]),
        ("visibility=shared&member_status=pending", &["pending"]),
        ("visibility=shared&member_status=rejected", &["rejected"]),
        (
            "visibility=shared&member_status=all",
            &["accepted", "pending", "rejected"],
        ),
        ("member_status=pending", &["beta's", "pending", "public"]),
    ];
    assert_finds(&registry, Persona::STRANGER, &cases).await;
    let cases: [Case<'_>; 1] = [("visibility=shared&member_status=all", &[])];
    assert_finds(&registry, THIRD, &cases).await;
    let cases: [Case<'_>; 1] = [("visibility=shared&member_status=pending", &SHARED)];
    assert_finds(&registry, Persona::MEMBER, &cases).await;
}
