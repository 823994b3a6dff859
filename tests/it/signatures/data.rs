//! The bytes of signed images, by every way by which bytes arrive.

use hallmark::signature::{HashMethod, KeyType};
use serde_json::{Value, json};

use super::{DATA, Ground, ID, OTHER, OTHER_ID, signed, signer};
use crate::support::{Engine, Origin, Persona, Signer, on_every_engine};

on_every_engine![
    every_kind_of_key_and_hash_is_verified,
    data_that_were_signed_become_active_by_every_way,
    an_upload_that_was_not_signed_is_dropped,
    staged_data_that_were_not_signed_never_become_active,
    a_download_that_was_not_signed_never_becomes_active,
    a_signature_by_another_key_holds_for_nothing,
    what_the_image_says_when_the_import_runs_is_what_counts,
    another_certificate_than_the_accepted_one_is_not_used,
    the_certificate_of_an_import_is_not_shown,
];

async fn every_kind_of_key_and_hash_is_verified(engine: Engine) {
    let ground = Ground::open(engine).await;
    for key_type in KeyType::ALL {
        let signer = Signer::new(key_type);
        ground.keep(&format!("{ID}.pem"), signer.pem());
        for hash in HashMethod::ALL {
            let what = format!("{} {}", key_type.as_str(), hash.as_str());
            let properties = signer.properties(hash, ID, DATA.as_bytes());
            let id = ground.image(properties).await;
            let refused = ground.upload(&id, OTHER).await;
            assert_eq!(refused.status, 400, "{what}: {}", refused.text());
            let taken = ground.upload(&id, DATA).await;
            assert_eq!(taken.status, 204, "{what}: {}", taken.text());
            let image = ground.registry.shown(&id).await;
            assert_eq!(image["status"], "active", "{what}");
            assert_eq!(image.get("os_glance_failure"), None, "{what}");
        }
    }
}

async fn data_that_were_signed_become_active_by_every_way(engine: Engine) {
    let ground = Ground::open(engine).await;
    let signer = Signer::new(KeyType::RsaPss);
    ground.keep(&format!("{ID}.der"), signer.der());
    let uploaded = ground.image(signed(&signer)).await;
    ground.upload(&uploaded, DATA).await.expect(204);
    let staged = ground.image(signed(&signer)).await;
    ground.stage(&staged, DATA).await;
    let method = json!({"name": "glance-direct"});
    ground.import(&staged, method).await.expect(202);
    let origin = Origin::serving(DATA).await;
    let downloaded = ground.image(signed(&signer)).await;
    let method = json!({"name": "web-download", "uri": origin.url("image")});
    ground.import(&downloaded, method).await.expect(202);
    ground.registry.work().await;
    for id in [uploaded, staged, downloaded] {
        assert_eq!(ground.registry.shown(&id).await["status"], "active");
    }
}

async fn an_upload_that_was_not_signed_is_dropped(engine: Engine) {
    let ground = Ground::open(engine).await;
    let id = ground.image(signed(&signer(&ground))).await;
    let told = ground.upload(&id, OTHER).await.expect(400).text();
    let glances = format!("Signature verification failed for image {id}");
    assert!(told.contains(&glances), "{told}");
    let why = ground.dropped(&id).await;
    assert!(
        why.starts_with("SIGNATURE_VERIFICATION_FAILED: ") && why.contains(&glances),
        "{why}"
    );
    // The signature is kept, and the right bytes are still welcome.
    ground.upload(&id, DATA).await.expect(204);
}

/// Runs the import, which fails because of the signature, once.
async fn fails_once(ground: &Ground, id: &str) {
    ground.registry.work().await;
    let why = ground.dropped(id).await;
    assert!(why.starts_with("SIGNATURE_VERIFICATION_FAILED: "), "{why}");
    let path = format!("/v2/images/{id}/tasks");
    let told = ground.registry.get(Persona::MEMBER, &path).await.json();
    let tasks = told["tasks"].as_array().expect("a list").clone();
    assert_eq!(tasks.len(), 1, "{told}");
    assert_eq!(tasks[0]["status"], "failure");
    assert_eq!(tasks[0]["message"], why);
}

async fn staged_data_that_were_not_signed_never_become_active(engine: Engine) {
    let ground = Ground::open(engine).await;
    let id = ground.image(signed(&signer(&ground))).await;
    ground.stage(&id, OTHER).await;
    let method = json!({"name": "glance-direct"});
    ground.import(&id, method).await.expect(202);
    fails_once(&ground, &id).await;
}

async fn a_download_that_was_not_signed_never_becomes_active(engine: Engine) {
    let ground = Ground::open(engine).await;
    let origin = Origin::serving(OTHER).await;
    let id = ground.image(signed(&signer(&ground))).await;
    let method = json!({"name": "web-download", "uri": origin.url("image")});
    ground.import(&id, method).await.expect(202);
    fails_once(&ground, &id).await;
}

async fn a_signature_by_another_key_holds_for_nothing(engine: Engine) {
    let ground = Ground::open(engine).await;
    signer(&ground);
    let thief = Signer::new(KeyType::EccSecp384r1);
    let id = ground.image(signed(&thief)).await;
    ground.upload(&id, DATA).await.expect(400);
    let why = ground.dropped(&id).await;
    assert!(why.starts_with("SIGNATURE_VERIFICATION_FAILED: "), "{why}");
}

async fn what_the_image_says_when_the_import_runs_is_what_counts(engine: Engine) {
    let ground = Ground::open(engine).await;
    let origin = Origin::serving(OTHER).await;
    let method = json!({"name": "web-download", "uri": origin.url("image")});
    let signer = signer(&ground);
    let [kept, swapped] = [
        ground.image(signed(&signer)).await,
        ground.image(signed(&signer)).await,
    ];
    for id in [&kept, &swapped] {
        ground.import(id, method.clone()).await.expect(202);
    }
    let other = signer.sign(HashMethod::Sha512, OTHER.as_bytes());
    ground.change(&swapped, "img_signature", &other).await;
    ground
        .change(&swapped, "img_signature_hash_method", "SHA-512")
        .await;
    ground.registry.work().await;
    assert_eq!(ground.registry.shown(&kept).await["status"], "queued");
    assert_eq!(ground.registry.shown(&swapped).await["status"], "active");
}

async fn another_certificate_than_the_accepted_one_is_not_used(engine: Engine) {
    let ground = Ground::open(engine).await;
    let origin = Origin::serving(DATA).await;
    let signer = signer(&ground);
    ground.keep(&format!("{OTHER_ID}.pem"), signer.pem());
    let id = ground.image(signed(&signer)).await;
    let method = json!({"name": "web-download", "uri": origin.url("image")});
    ground.import(&id, method.clone()).await.expect(202);
    ground
        .change(&id, "img_signature_certificate_uuid", OTHER_ID)
        .await;
    fails_once(&ground, &id).await;
    ground.import(&id, method).await.expect(202);
    ground.registry.work().await;
    assert_eq!(ground.registry.shown(&id).await["status"], "active");
}

async fn the_certificate_of_an_import_is_not_shown(engine: Engine) {
    let ground = Ground::open(engine).await;
    let id = ground.image(signed(&signer(&ground))).await;
    ground.stage(&id, DATA).await;
    let method = json!({"name": "glance-direct"});
    ground.import(&id, method).await.expect(202);
    let path = format!("/v2/images/{id}/tasks");
    let told = ground.registry.get(Persona::MEMBER, &path).await.json();
    let input = &told["tasks"][0]["input"]["import_req"];
    let expected = json!({"method": {"name": "glance-direct"}, "all_stores_must_succeed": true});
    assert_eq!(*input, expected);
    assert_ne!(told["tasks"][0]["id"], Value::Null);
}
