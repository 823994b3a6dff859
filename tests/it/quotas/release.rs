//! What is reserved comes back, however the bytes end.

use axum::{Router, body::Body, routing::get};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use hallmark::{domain::Resource, service::Swept, worker::Turn};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{MIB, delete, images, import_from, import_staged, over, put, slow, used};
use crate::support::{Engine, KnownLimits, Origin, Persona, Registry, on_every_engine, until};

on_every_engine![
    bytes_that_are_arriving_are_taken,
    data_that_breaks_off_gives_its_reservation_back,
    a_deleted_image_gives_its_reservation_back,
    an_upload_whose_process_stopped_gives_its_reservation_back,
    an_import_that_is_put_back_gives_its_reservation_back,
    a_deleted_import_gives_its_reservation_back,
];

const ALPHA: &str = Persona::MEMBER.project;

/// A registry whose project alpha may have 4 MiB in stores, and as much staged.
async fn limited(engine: Engine) -> Registry {
    let limits = KnownLimits::of(ALPHA, Resource::ImageSizeTotal, 4);
    limits.set(ALPHA, Resource::ImageStageTotal, 4);
    Registry::limited(engine, "", &limits).await
}

async fn until_used(registry: &Registry, resource: &str, mib: u64) {
    let reached = async || used(registry, resource).await == mib;
    until(&format!("{resource} is {mib}"), reached).await;
}

fn frame(size: usize) -> Bytes {
    Bytes::from(vec![7; size])
}

/// What the bytes of `what` count as.
fn resource(what: &str) -> &'static str {
    match what {
        "stage" => "image_stage_total",
        _ => "image_size_total",
    }
}

async fn bytes_that_are_arriving_are_taken(engine: Engine) {
    let registry = limited(engine).await;
    for what in ["file", "stage"] {
        let ids = images(&registry, 2).await;
        let (sender, body) = slow();
        let upload = put(&registry, &ids[0], what, Body::from_stream(body));
        let others = async {
            sender.send(frame(3 * MIB)).await.expect("an upload");
            until_used(&registry, resource(what), 3).await;
            over(put(&registry, &ids[1], what, frame(2 * MIB)).await);
            put(&registry, &ids[1], what, frame(MIB)).await.expect(204);
            drop(sender);
        };
        let (uploaded, ()) = tokio::join!(upload, others);
        uploaded.expect(204);
        assert_eq!(used(&registry, resource(what)).await, 4);
        for id in ids {
            delete(&registry, &id).await;
        }
        assert_eq!(used(&registry, resource(what)).await, 0);
    }
}

async fn data_that_breaks_off_gives_its_reservation_back(engine: Engine) {
    let registry = limited(engine).await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    for what in ["file", "stage"] {
        let broken = stream::iter([
            Ok(frame(3 * MIB)),
            Err(std::io::Error::other("the wire was cut")),
        ]);
        put(&registry, &id, what, Body::from_stream(broken))
            .await
            .expect(400);
        assert_eq!(used(&registry, resource(what)).await, 0);
    }
    put(&registry, &id, "file", frame(4 * MIB))
        .await
        .expect(204);
}

async fn a_deleted_image_gives_its_reservation_back(engine: Engine) {
    let registry = limited(engine).await;
    for what in ["file", "stage"] {
        let id = registry.image(Persona::MEMBER, json!({})).await;
        let (sender, body) = slow();
        let upload = put(&registry, &id, what, Body::from_stream(body));
        let deletion = async {
            sender.send(frame(3 * MIB)).await.expect("an upload");
            until_used(&registry, resource(what), 3).await;
            delete(&registry, &id).await;
            assert_eq!(used(&registry, resource(what)).await, 0);
            // What goes on to arrive takes nothing any more.
            sender.send(frame(MIB)).await.expect("an upload");
            drop(sender);
        };
        let (answer, ()) = tokio::join!(upload, deletion);
        answer.expect(410);
        assert_eq!(used(&registry, resource(what)).await, 0);
        assert_eq!(registry.files(), Vec::<String>::new());
    }
}

async fn an_upload_whose_process_stopped_gives_its_reservation_back(engine: Engine) {
    let registry = limited(engine).await;
    let twin = registry.twin().await;
    for what in ["file", "stage"] {
        let id = registry.image(Persona::MEMBER, json!({})).await;
        let (sender, body) = slow();
        let stopped = put(&registry, &id, what, Body::from_stream(body));
        let others = async {
            sender.send(frame(3 * MIB)).await.expect("an upload");
            until_used(&registry, resource(what), 3).await;
            registry
                .execute("UPDATE image_claims SET lease_until = 1")
                .await;
            let swept = twin.maintenance().sweep().await.expect("a sweep");
            assert_eq!(
                swept,
                Swept {
                    abandoned: 1,
                    ..Swept::default()
                }
            );
            assert_eq!(used(&registry, resource(what)).await, 0);
            // The image takes new data, which the stopped process does not meddle with.
            put(&registry, &id, what, frame(2 * MIB)).await.expect(204);
            sender.send(frame(MIB)).await.expect("an upload");
            drop(sender);
        };
        let (answer, ()) = tokio::join!(stopped, others);
        assert!(!answer.status.is_success(), "{}", answer.text());
        assert_eq!(used(&registry, resource(what)).await, 2);
        delete(&registry, &id).await;
    }
}

/// A web server that sends 3 MiB, and then nothing for as long as the stream is kept.
async fn stuck() -> Origin {
    let image = async || {
        let begun = stream::iter([Ok::<_, std::io::Error>(frame(3 * MIB))]);
        Body::from_stream(begun.chain(stream::pending()))
    };
    Origin::running(Router::new().route("/image", get(image))).await
}

async fn an_import_that_is_put_back_gives_its_reservation_back(engine: Engine) {
    let registry = limited(engine).await;
    let origin = stuck().await;
    let id = registry.image(Persona::MEMBER, json!({})).await;
    import_from(&registry, &id, &origin.url("image"))
        .await
        .expect(202);
    let stop = CancellationToken::new();
    let stopping = async {
        until_used(&registry, "image_size_total", 3).await;
        assert_eq!(used(&registry, "image_stage_total").await, 3);
        stop.cancel();
    };
    let (turn, ()) = tokio::join!(registry.app().worker().turn(&stop), stopping);
    assert_eq!(turn.expect("a database"), Turn::Worked);
    for resource in ["image_size_total", "image_stage_total"] {
        assert_eq!(used(&registry, resource).await, 0);
    }
    assert_eq!(registry.shown(&id).await["status"], "importing");
}

async fn a_deleted_import_gives_its_reservation_back(engine: Engine) {
    let registry = limited(engine).await;
    let staged = registry.image(Persona::MEMBER, json!({})).await;
    put(&registry, &staged, "stage", frame(3 * MIB))
        .await
        .expect(204);
    import_staged(&registry, &staged).await.expect(202);
    assert_eq!(used(&registry, "image_size_total").await, 3);
    delete(&registry, &staged).await;
    for resource in ["image_size_total", "image_stage_total"] {
        assert_eq!(used(&registry, resource).await, 0);
    }
    registry.work().await;
    assert_eq!(registry.files(), Vec::<String>::new());
}
