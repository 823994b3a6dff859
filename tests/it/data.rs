//! Bytes in and out: uploads, staging, downloads and what goes wrong with them.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::support::{Answer, Engine, Persona, Registry, on_every_engine};

const DATA: &str = "0123456789abcdef";

on_every_engine![
    what_was_uploaded_is_downloaded,
    only_a_published_file_is_in_the_store,
    an_image_without_formats_takes_no_data,
    an_active_image_takes_no_second_upload,
    of_two_uploads_at_a_time_one_wins,
    data_needs_the_media_type_of_bytes,
    data_of_another_size_than_announced_is_refused,
    a_size_that_is_no_number_is_refused,
    data_beyond_the_cap_is_refused,
    data_that_breaks_off_leaves_the_image_queued,
    the_owner_reads_why_an_upload_failed_and_others_do_not,
    an_upload_ends_when_its_image_is_deleted,
    a_deleted_image_leaves_no_bytes,
    an_unknown_store_is_refused,
    a_named_store_is_used,
    a_range_is_answered_with_its_bytes,
    an_unsatisfiable_range_is_refused,
    an_image_without_data_has_no_content,
    a_deactivated_image_is_closed_to_all_but_admins,
    a_reader_cannot_download,
    a_stranger_learns_nothing_from_data_calls,
    staged_data_is_not_usable,
    data_is_staged_once,
    a_large_image_comes_out_as_it_went_in,
    data_that_the_store_lost_is_not_found,
];

fn file(id: &str) -> String {
    format!("/v2/images/{id}/file")
}

async fn put(registry: &Registry, id: &str, what: &str, body: impl Into<Body>) -> Answer {
    let call = registry.call(Method::PUT, &format!("/v2/images/{id}/{what}"));
    call.by(Persona::MEMBER).data(body).send().await
}

async fn download(registry: &Registry, id: &str, range: &str) -> Answer {
    let call = registry.call(Method::GET, &file(id));
    let call = call.by(Persona::MEMBER).header("range", range);
    call.send().await
}

/// A body that breaks off after some bytes.
fn broken() -> Body {
    let frames = [
        Ok(Bytes::from_static(b"some")),
        Err(std::io::Error::other("the wire was cut")),
    ];
    Body::from_stream(stream::iter(frames))
}

async fn assert_queued_without_bytes(registry: &Registry, id: &str) {
    let image = registry.shown(id).await;
    assert_eq!(image["status"], "queued");
    for attribute in ["size", "virtual_size", "checksum", "os_hash_value"] {
        assert_eq!(image[attribute], Value::Null, "{attribute}");
    }
    assert_eq!(registry.files(), Vec::<String>::new());
}

async fn what_was_uploaded_is_downloaded(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "active");
    assert_eq!(image["size"], DATA.len());
    assert_eq!(image["virtual_size"], DATA.len());

    let answer = registry.get(Persona::MEMBER, &file(&id)).await.expect(200);
    assert_eq!(answer.text(), DATA);
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    assert_eq!(answer.header("content-length"), DATA.len().to_string());
    assert_eq!(answer.header("content-md5"), image["checksum"]);
}

async fn only_a_published_file_is_in_the_store(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    assert_eq!(registry.files(), [format!("data/images/{id}")]);
}

async fn an_image_without_formats_takes_no_data(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .image(
            Persona::MEMBER,
            json!({"disk_format": null, "container_format": null}),
        )
        .await;
    for what in ["file", "stage"] {
        let text = put(&registry, &id, what, DATA).await.expect(400).text();
        assert!(
            text.contains("disk_format, container_format must be set prior to saving data."),
            "{text}"
        );
    }
    assert_queued_without_bytes(&registry, &id).await;
}

async fn an_active_image_takes_no_second_upload(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    let before = registry.shown(&id).await;
    for what in ["file", "stage"] {
        put(&registry, &id, what, "other").await.expect(409);
    }
    assert_eq!(registry.shown(&id).await, before);
    let answer = registry.get(Persona::MEMBER, &file(&id)).await;
    assert_eq!(answer.expect(200).text(), DATA);
}

async fn of_two_uploads_at_a_time_one_wins(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let uploads = (0..8).map(|_| put(&registry, &id, "file", DATA));
    let mut answers: Vec<_> = stream::iter(uploads).buffer_unordered(8).collect().await;
    answers.sort_by_key(|answer| answer.status);
    assert_eq!(answers[0].status, StatusCode::NO_CONTENT);
    for answer in &answers[1..] {
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());
    }
    assert_eq!(registry.shown(&id).await["status"], "active");
    assert_eq!(registry.files(), [format!("data/images/{id}")]);
}

async fn data_needs_the_media_type_of_bytes(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for what in ["file", "stage"] {
        for media_type in [None, Some("application/json"), Some("text/plain")] {
            let call = registry.call(Method::PUT, &format!("/v2/images/{id}/{what}"));
            let call = call.by(Persona::MEMBER).body(DATA);
            let call = match media_type {
                Some(media_type) => call.header("content-type", media_type),
                None => call,
            };
            call.send().await.expect(415);
        }
    }
    assert_queued_without_bytes(&registry, &id).await;
    let call = registry.call(Method::PUT, &file(&id)).by(Persona::MEMBER);
    let call = call.header("content-type", "application/octet-stream; charset=x");
    call.body(DATA).send().await.expect(204);
}

async fn data_of_another_size_than_announced_is_refused(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for what in ["file", "stage"] {
        for announced in [DATA.len() - 1, DATA.len() + 1] {
            let call = registry.call(Method::PUT, &format!("/v2/images/{id}/{what}"));
            let call = call.by(Persona::MEMBER);
            let call = call.header("x-openstack-image-size", &announced.to_string());
            let text = call.data(DATA).send().await.expect(400).text();
            assert!(text.contains(&announced.to_string()), "{text}");
            assert_queued_without_bytes(&registry, &id).await;
        }
    }
    let call = registry.call(Method::PUT, &file(&id)).by(Persona::MEMBER);
    let call = call.header("x-openstack-image-size", &DATA.len().to_string());
    call.data(DATA).send().await.expect(204);
}

async fn a_size_that_is_no_number_is_refused(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for size in ["x", "-1", "1.5", "99999999999999999999999"] {
        let call = registry.call(Method::PUT, &file(&id)).by(Persona::MEMBER);
        let call = call.header("x-openstack-image-size", size);
        let text = call.data(DATA).send().await.expect(400).text();
        assert!(
            text.to_lowercase().contains("x-openstack-image-size"),
            "{text}"
        );
    }
    assert_queued_without_bytes(&registry, &id).await;
}

async fn data_beyond_the_cap_is_refused(engine: Engine) {
    let settings = "[DEFAULT]\nimage_size_cap = 10";
    let registry = Registry::with(engine, settings).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for what in ["file", "stage"] {
        // Announced, and not.
        put(&registry, &id, what, "01234567890").await.expect(413);
        let frames = (0..11).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(b"0")));
        let body = Body::from_stream(stream::iter(frames));
        put(&registry, &id, what, body).await.expect(413);
        assert_queued_without_bytes(&registry, &id).await;
    }
    put(&registry, &id, "file", "0123456789").await.expect(204);
}

async fn data_that_breaks_off_leaves_the_image_queued(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for what in ["file", "stage"] {
        put(&registry, &id, what, broken()).await.expect(400);
        assert_queued_without_bytes(&registry, &id).await;
    }
    put(&registry, &id, "file", DATA).await.expect(204);
}

async fn the_owner_reads_why_an_upload_failed_and_others_do_not(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .image(
            Persona::ADMIN,
            json!({"visibility": "public", "owner": "alpha"}),
        )
        .await;
    put(&registry, &id, "file", broken()).await.expect(400);

    let path = format!("/v2/images/{id}");
    for (persona, knows) in [
        (Persona::MEMBER, true),
        (Persona::ADMIN, true),
        (Persona::STRANGER, false),
    ] {
        let image = registry.get(persona, &path).await.expect(200).json();
        let reason = image["os_glance_failure"].as_str();
        let told = reason.is_some_and(|reason| reason.starts_with("DATA_INTERRUPTED: "));
        assert_eq!(told, knows, "{persona:?}: {image}");
    }
    put(&registry, &id, "file", DATA).await.expect(204);
    let image = registry.shown(&id).await;
    assert_eq!(image.get("os_glance_failure"), None);
}

async fn an_upload_ends_when_its_image_is_deleted(engine: Engine) {
    let registry = Registry::open(engine).await;
    for what in ["file", "stage"] {
        let id = registry.image(Persona::MEMBER, json!({})).await;
        let (sender, receiver) = mpsc::channel::<Bytes>(1);
        let frames = stream::unfold(receiver, async |mut receiver| {
            let frame = receiver.recv().await?;
            Some((Ok::<_, std::io::Error>(frame), receiver))
        });
        let deletion = async {
            // The first frame is taken once the upload has begun, the second once it moves.
            for _ in 0..3 {
                let frame = Bytes::from_static(b"some");
                sender.send(frame).await.expect("an upload");
            }
            let path = format!("/v2/images/{id}");
            registry.delete(Persona::MEMBER, &path).await.expect(204);
            drop(sender);
        };
        let upload = put(&registry, &id, what, Body::from_stream(frames));
        let (answer, ()) = tokio::join!(upload, deletion);
        answer.expect(410);
        assert_eq!(registry.files(), Vec::<String>::new());
        let path = format!("/v2/images/{id}");
        registry.get(Persona::ADMIN, &path).await.expect(404);
    }
}

async fn a_deleted_image_leaves_no_bytes(engine: Engine) {
    let registry = Registry::open(engine).await;
    let active = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    let staged = registry.image(Persona::MEMBER, json!({})).await;
    put(&registry, &staged, "stage", DATA).await.expect(204);
    for id in [active, staged] {
        let path = format!("/v2/images/{id}");
        registry.delete(Persona::MEMBER, &path).await.expect(204);
        registry.get(Persona::ADMIN, &file(&id)).await.expect(404);
    }
    assert_eq!(registry.files(), Vec::<String>::new());
}

/// Two stores that users can tell apart.
fn two_stores(registry_folder: &str) -> String {
    format!(
        r#"
[DEFAULT]
enabled_backends = {{ fast = "file", slow = "file" }}
[glance_store]
default_backend = "fast"
[fast]
filesystem_store_datadir = "{registry_folder}/stores/fast"
weight = 200
[slow]
filesystem_store_datadir = "{registry_folder}/stores/slow"
[os_glance_staging_store]
filesystem_store_datadir = "{registry_folder}/staging"
"#
    )
}

async fn with_two_stores(engine: Engine) -> (Registry, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = two_stores(&folder.path().display().to_string());
    (Registry::with(engine, &settings).await, folder)
}

async fn an_unknown_store_is_refused(engine: Engine) {
    let (registry, _folder) = with_two_stores(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for store in ["nowhere", "os_glance_staging_store"] {
        let call = registry.call(Method::PUT, &file(&id)).by(Persona::MEMBER);
        let call = call.header("x-image-meta-store", store);
        let text = call.data(DATA).send().await.expect(400).text();
        assert!(
            text.contains(store) && text.contains("fast, slow"),
            "{text}"
        );
    }
    assert_eq!(registry.shown(&id).await["status"], "queued");
}

async fn a_named_store_is_used(engine: Engine) {
    let (registry, folder) = with_two_stores(engine).await;
    for (header, store) in [(Some("slow"), "slow"), (None, "fast")] {
        let id = registry.image(Persona::MEMBER, json!({})).await;
        let call = registry.call(Method::PUT, &file(&id)).by(Persona::MEMBER);
        let call = match header {
            Some(store) => call.header("x-image-meta-store", store),
            None => call,
        };
        call.data(DATA).send().await.expect(204);
        assert_eq!(registry.shown(&id).await["stores"], store);
        let path = folder.path().join("stores").join(store).join(&id);
        assert_eq!(std::fs::read_to_string(path).expect("a file"), DATA);
    }
}

async fn a_range_is_answered_with_its_bytes(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    for (range, part, content_range) in [
        ("bytes=0-3", "0123", "bytes 0-3/16"),
        ("bytes=10-", "abcdef", "bytes 10-15/16"),
        ("bytes=-2", "ef", "bytes 14-15/16"),
        ("bytes=15-900", "f", "bytes 15-15/16"),
        ("bytes=-900", DATA, "bytes 0-15/16"),
    ] {
        let answer = download(&registry, &id, range).await.expect(206);
        assert_eq!(answer.text(), part, "{range}");
        assert_eq!(answer.header("content-range"), content_range);
        assert_eq!(answer.header("content-length"), part.len().to_string());
        let whole = registry.shown(&id).await["checksum"].clone();
        assert_eq!(answer.header("content-md5"), whole);
    }
}

async fn an_unsatisfiable_range_is_refused(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    for range in [
        "bytes=16-",
        "bytes=-0",
        "bytes=x",
        "bytes=5-3",
        "lines=0-1",
        "bytes=",
    ] {
        download(&registry, &id, range).await.expect(416);
    }
    download(&registry, &id, "bytes=0-1,4-5").await.expect(400);
    let empty = registry.active_image(Persona::MEMBER, json!({}), "").await;
    download(&registry, &empty, "bytes=0-").await.expect(416);
}

async fn an_image_without_data_has_no_content(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let answer = registry.get(Persona::MEMBER, &file(&id)).await.expect(204);
    assert!(answer.body.is_empty());
}

async fn a_deactivated_image_is_closed_to_all_but_admins(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    let turn = async |verb: &str| {
        let path = format!("/v2/images/{id}/actions/{verb}");
        let call = registry.call(Method::POST, &path).by(Persona::MEMBER);
        call.send().await.expect(204);
    };
    turn("deactivate").await;
    turn("deactivate").await;
    registry.get(Persona::MEMBER, &file(&id)).await.expect(403);
    registry.get(Persona::ADMIN, &file(&id)).await.expect(200);
    turn("reactivate").await;
    registry.get(Persona::MEMBER, &file(&id)).await.expect(200);

    let queued = registry.image(Persona::MEMBER, json!({})).await;
    let path = format!("/v2/images/{queued}/actions/deactivate");
    let call = registry.call(Method::POST, &path).by(Persona::MEMBER);
    let text = call.send().await.expect(403).text();
    assert!(
        text.contains("Not allowed to deactivate image in status"),
        "{text}"
    );
}

async fn a_reader_cannot_download(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    registry.get(Persona::READER, &file(&id)).await.expect(403);
}

async fn a_stranger_learns_nothing_from_data_calls(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({"visibility": "private"}), DATA)
        .await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    let mut answers = Vec::new();
    for id in [id.as_str(), nobody] {
        for (method, what, body) in [
            (Method::GET, "file", ""),
            (Method::PUT, "file", DATA),
            (Method::PUT, "stage", DATA),
        ] {
            let call = registry.call(method, &format!("/v2/images/{id}/{what}"));
            let call = call.by(Persona::STRANGER).data(body);
            let answer = call.send().await.expect(404);
            answers.push(answer.text().replace(id, "ID"));
        }
    }
    assert_eq!(answers[..3], answers[3..]);
}

async fn staged_data_is_not_usable(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    put(&registry, &id, "stage", DATA).await.expect(204);
    let image = registry.shown(&id).await;
    assert_eq!(image["status"], "uploading");
    assert_eq!(image["size"], DATA.len());
    assert_eq!(image["checksum"], Value::Null);
    registry.get(Persona::ADMIN, &file(&id)).await.expect(204);
}

async fn data_is_staged_once(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    put(&registry, &id, "stage", DATA).await.expect(204);
    put(&registry, &id, "stage", "other").await.expect(409);
    put(&registry, &id, "file", "other").await.expect(409);
}

async fn a_large_image_comes_out_as_it_went_in(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    let block: Vec<u8> = (0..=255).cycle().take(100_003).collect();
    let block = Bytes::from(block);
    let frames: Vec<_> = (0..50)
        .map(|_| Ok::<_, std::io::Error>(block.clone()))
        .collect();
    let body = Body::from_stream(stream::iter(frames));
    put(&registry, &id, "file", body).await.expect(204);

    let whole = registry
        .get(Persona::MEMBER, &file(&id))
        .await
        .expect(200)
        .body;
    assert!(whole == block.repeat(50), "other bytes came out");
    let part = download(&registry, &id, "bytes=99999-3000000")
        .await
        .expect(206)
        .body;
    assert!(
        part == whole[99_999..=3_000_000],
        "other bytes came out of a range"
    );
}

async fn data_that_the_store_lost_is_not_found(engine: Engine) {
    let registry = Registry::open(engine).await;
    let id = registry
        .active_image(Persona::MEMBER, json!({}), DATA)
        .await;
    let path = registry.folder().join("data/images").join(&id);
    std::fs::write(&path, "0123").expect("a shorter file");
    registry.get(Persona::MEMBER, &file(&id)).await.expect(404);
    std::fs::remove_file(&path).expect("a file");
    registry.get(Persona::MEMBER, &file(&id)).await.expect(404);
}
