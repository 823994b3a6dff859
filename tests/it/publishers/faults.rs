//! Wrong bytes never become usable, whatever happens at the same time.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, body::Body, routing::get};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{DATA, assert_failed, import, published, sums};
use crate::support::{
    Engine, Ground, Origin, Persona, Process, Publisher, Registry, on_every_engine, until,
};

/// How many images are imported at the same time.
const MANY: usize = 12;

/// A lease that a test can wait for, and the loopback to download from.
const SETTINGS: &str = r#"
[worker]
lease = 3
poll_interval = 1
[import_filtering_opts]
allowed_ports = []
[fetch]
allowed_networks = ["127.0.0.0/8"]
"#;

on_every_engine![
    many_imports_at_once_let_only_the_right_bytes_in,
    a_killed_import_is_held_against_the_checksum_file_again,
];

async fn many_imports_at_once_let_only_the_right_bytes_in(engine: Engine) {
    let publisher = Publisher::new();
    let registry = Registry::with(engine, &publisher.settings("")).await;
    let text = sums("image.img", DATA);
    let origin = Origin::of_files(vec![
        ("/good/image.img".to_owned(), DATA.to_vec()),
        ("/bad/image.img".to_owned(), b"other bytes".to_vec()),
        ("/SUMS".to_owned(), text.clone().into_bytes()),
        ("/SUMS.sig".to_owned(), publisher.sign(text.as_bytes())),
    ])
    .await;
    let mut images = Vec::new();
    for number in 0..MANY {
        let folder = ["good", "bad"][number % 2];
        let id = registry.image(Persona::MEMBER, json!({})).await;
        let method = json!({
            "name": "web-download", "uri": origin.url(&format!("{folder}/image.img")),
            "checksum_url": origin.url("SUMS"), "signature_url": origin.url("SUMS.sig"),
        });
        import(&registry, &id, &method).await.expect(202);
        images.push((id, folder));
    }
    let twin = registry.twin().await;
    let stop = CancellationToken::new();
    let worker = async |app: &hallmark::app::App| {
        use hallmark::worker::Turn;
        while app.worker().turn(&stop).await.expect("a database") == Turn::Worked {}
    };
    let apps = [registry.app(), &twin, registry.app(), &twin];
    join_all(apps.map(worker)).await;
    for (id, folder) in &images {
        if *folder == "good" {
            assert_eq!(registry.shown(id).await["status"], "active");
            assert_eq!(published(&registry, id).await.len(), 1);
        } else {
            assert_failed(&registry, id, "CHECKSUM_VERIFICATION_FAILED").await;
        }
    }
    assert_eq!(registry.files().len(), MANY / 2);
}

/// How often something was asked for.
type Count = Arc<AtomicUsize>;

/// A server of a checksum file and of an image that hangs the first time, and then is `data`;
/// and how often the checksum file and the image were asked for.
async fn first_time_hanging(publisher: &Publisher, data: &'static [u8]) -> (Origin, Count, Count) {
    let text = sums("image.img", DATA);
    let (signature, asked) = (publisher.sign(text.as_bytes()), Count::default());
    let (begun, counted) = (Count::default(), Arc::clone(&asked));
    let first = Arc::clone(&begun);
    let image = move || {
        let body = match first.fetch_add(1, Ordering::SeqCst) {
            0 => Body::from_stream(futures_util::stream::pending::<std::io::Result<Vec<u8>>>()),
            _ => Body::from(data),
        };
        std::future::ready(body)
    };
    let router = Router::new()
        .route("/image.img", get(image))
        .route("/SUMS.sig", get(async move || signature))
        .route(
            "/SUMS",
            get(async move || {
                counted.fetch_add(1, Ordering::SeqCst);
                text
            }),
        );
    (Origin::running(router).await, asked, begun)
}

/// Begins an import on `process`; gives the image's id.
async fn begin(process: &Process, origin: &Origin) -> String {
    let id = process.image().await;
    let body = json!({"method": {
        "name": "web-download", "uri": origin.url("image.img"),
        "checksum_url": origin.url("SUMS"), "signature_url": origin.url("SUMS.sig"),
    }});
    let call = process.call(Method::POST, &format!("/v2/images/{id}/import"));
    let answer = call.body(body.to_string()).send().await.expect("an answer");
    assert_eq!(answer.status(), 202);
    id
}

async fn a_killed_import_is_held_against_the_checksum_file_again(engine: Engine) {
    for (data, status) in [(DATA, "active"), (&b"other bytes"[..], "queued")] {
        let publisher = Publisher::new();
        let settings = format!("{SETTINGS}\n{}", publisher.settings(""));
        let ground = Ground::new(engine, &settings).await;
        let (origin, asked, begun) = first_time_hanging(&publisher, data).await;
        let process = ground.start().await;
        let id = begin(&process, &origin).await;
        until("the image is asked for", async || {
            begun.load(Ordering::SeqCst) > 0
        })
        .await;
        process.kill();
        let next = ground.start().await;
        next.until_status(&id, status).await;
        assert!(asked.load(Ordering::SeqCst) > 1, "it was read again");
        let image = next.shown(&id).await;
        if status == "queued" {
            let reason = image["os_glance_failure"].as_str().expect("a reason");
            assert!(
                reason.starts_with("CHECKSUM_VERIFICATION_FAILED"),
                "{reason}"
            );
        } else {
            let path = format!("/v2/images/{id}/digests");
            let answer = next
                .call(Method::GET, &path)
                .send()
                .await
                .expect("an answer");
            let text = answer.text().await.expect("a body");
            let found: Value = serde_json::from_str(&text).expect("JSON");
            assert!(text.contains("\"publisher\":\"example\""), "{found}");
        }
    }
}
