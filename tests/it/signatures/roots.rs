//! Certificates that count only if somebody vouches for them.

use std::fs;

use hallmark::{signature::KeyType, worker::Turn};
use serde_json::json;
use tempfile::NamedTempFile;
use tokio_util::sync::CancellationToken;

use super::{DATA, Ground, ID, signed};
use crate::support::{Engine, Purpose, Signer, Terms, on_every_engine};

on_every_engine![
    a_certificate_counts_if_a_root_vouches_for_it_now,
    a_certificate_that_nobody_vouches_for_is_refused,
    a_certificate_that_is_not_for_signatures_is_refused,
    a_certificate_that_came_with_its_chain_counts,
    an_import_holds_its_certificate_against_the_roots_again,
];

/// A registry that trusts `trusted`.
async fn trusting(engine: Engine, trusted: &[&Signer]) -> (Ground, NamedTempFile) {
    let file = NamedTempFile::new().expect("a file");
    let pems: String = trusted.iter().map(|signer| signer.pem()).collect();
    fs::write(file.path(), pems).expect("a file");
    let option = format!("certificate_roots = \"{}\"", file.path().display());
    (Ground::with(engine, &option).await, file)
}

/// What comes of an image that `signer` has signed and whose certificate is kept as `pem`.
async fn sent(ground: &Ground, signer: &Signer, pem: &str) -> Result<(), String> {
    ground.keep(&format!("{ID}.pem"), pem);
    let id = ground.image(signed(signer)).await;
    let answer = ground.upload(&id, DATA).await;
    if answer.status == 204 {
        return Ok(());
    }
    ground.untouched(&id).await;
    Err(answer.expect(400).text())
}

async fn a_certificate_counts_if_a_root_vouches_for_it_now(engine: Engine) {
    let root = Signer::authority();
    let (ground, _roots) = trusting(engine, &[&root]).await;
    for purpose in [Purpose::Any, Purpose::Signing] {
        let signer = root.vouches_for("signer", Terms::of(purpose));
        assert_eq!(sent(&ground, &signer, &signer.pem()).await, Ok(()));
    }
    for (since, left) in [(30, -1), (-1, 30)] {
        let terms = Terms {
            since,
            left,
            purpose: Purpose::Signing,
        };
        let signer = root.vouches_for("signer", terms);
        let told = sent(&ground, &signer, &signer.pem()).await;
        let told = told.expect_err("a refusal");
        assert!(told.contains("img_signature_certificate_uuid"), "{told}");
        assert!(told.contains("certificate_roots"), "{told}");
    }
}

async fn a_certificate_that_nobody_vouches_for_is_refused(engine: Engine) {
    let root = Signer::authority();
    let (ground, _roots) = trusting(engine, &[&root]).await;
    let namesake = Signer::authority();
    let mut strangers = vec![Signer::new(KeyType::EccSecp384r1)];
    strangers.push(namesake.vouches_for("signer", Terms::of(Purpose::Signing)));
    // Who is vouched for does not vouch for others.
    let holder = root.vouches_for("holder", Terms::of(Purpose::Signing));
    let friend = holder.vouches_for("signer", Terms::of(Purpose::Signing));
    for stranger in &strangers {
        let told = sent(&ground, stranger, &stranger.pem()).await;
        assert!(told.expect_err("a refusal").contains("not trusted"));
    }
    let chain = friend.pem() + &holder.pem();
    let told = sent(&ground, &friend, &chain).await;
    assert!(told.expect_err("a refusal").contains("not trusted"));
}

async fn a_certificate_that_is_not_for_signatures_is_refused(engine: Engine) {
    let root = Signer::authority();
    let (ground, _roots) = trusting(engine, &[&root]).await;
    for purpose in [
        Purpose::WebServer,
        Purpose::KeyAgreement,
        Purpose::Authority,
    ] {
        let signer = root.vouches_for("signer", Terms::of(purpose));
        let told = sent(&ground, &signer, &signer.pem()).await;
        let told = told.expect_err("a refusal");
        assert!(told.contains("not one for signatures"), "{told}");
    }
}

async fn a_certificate_that_came_with_its_chain_counts(engine: Engine) {
    let root = Signer::authority();
    let (ground, _roots) = trusting(engine, &[&root]).await;
    let between = root.vouches_for("between", Terms::of(Purpose::Authority));
    let signer = between.vouches_for("signer", Terms::of(Purpose::Signing));
    let told = sent(&ground, &signer, &signer.pem()).await;
    assert!(told.is_err(), "the link is not there");
    let chain = signer.pem() + &between.pem();
    assert_eq!(sent(&ground, &signer, &chain).await, Ok(()));
    // An operator may trust whom they like, not only who stands at the top.
    let (ground, _roots) = trusting(engine, &[&between]).await;
    assert_eq!(sent(&ground, &signer, &signer.pem()).await, Ok(()));
    let (ground, _roots) = trusting(engine, &[&signer]).await;
    assert_eq!(sent(&ground, &signer, &signer.pem()).await, Ok(()));
}

async fn an_import_holds_its_certificate_against_the_roots_again(engine: Engine) {
    let root = Signer::authority();
    let (ground, roots) = trusting(engine, &[&root]).await;
    let signer = root.vouches_for("signer", Terms::of(Purpose::Signing));
    ground.keep(&format!("{ID}.pem"), signer.pem());
    let id = ground.image(signed(&signer)).await;
    ground.stage(&id, DATA).await;
    let method = json!({"name": "glance-direct"});
    ground.import(&id, method).await.expect(202);
    // The process that runs it trusts somebody else by now.
    fs::write(roots.path(), Signer::authority().pem()).expect("a file");
    let later = ground.registry.twin().await;
    let turn = later.worker().turn(&CancellationToken::new()).await;
    assert_eq!(turn.expect("a database"), Turn::Worked {});
    let why = ground.dropped(&id).await;
    assert!(why.starts_with("SIGNATURE_VERIFICATION_FAILED: "), "{why}");
    assert!(why.contains("not trusted"), "{why}");
}
