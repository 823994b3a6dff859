//! Quotas over all images of a project: what fits, what does not, and what is given back.

mod release;
mod storage;
mod unified;

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use bytes::Bytes;
use futures_util::{
    future::join_all,
    stream::{self, BoxStream, StreamExt as _},
};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::support::{Answer, Persona, Registry};

const MIB: usize = 1 << 20;

/// The settings by which each owner has `quota` in stores.
fn owners_have(quota: &str) -> String {
    format!("[DEFAULT]\nuser_storage_quota = \"{quota}\"")
}

/// Whether a client says how many bytes it sends.
#[derive(Debug, Clone, Copy)]
enum Size {
    Known,
    Unknown,
}

impl Size {
    const BOTH: [Self; 2] = [Self::Known, Self::Unknown];

    /// A body of `size` bytes; of an unknown size it comes in one frame.
    fn body(self, size: usize) -> Body {
        match self {
            Self::Known => Body::from(vec![7; size]),
            Self::Unknown => framed(&[size]),
        }
    }
}

/// A body of unknown size in frames of these sizes.
fn framed(frames: &[usize]) -> Body {
    let frames: Vec<_> = frames
        .iter()
        .map(|size| Ok::<_, std::io::Error>(Bytes::from(vec![7; *size])))
        .collect();
    Body::from_stream(stream::iter(frames))
}

/// A body that goes on for as long as the sender is kept.
fn slow() -> (
    mpsc::Sender<Bytes>,
    BoxStream<'static, std::io::Result<Bytes>>,
) {
    let (sender, receiver) = mpsc::channel::<Bytes>(1);
    let frames = stream::unfold(receiver, async |mut receiver| {
        let frame = receiver.recv().await?;
        Some((Ok(frame), receiver))
    });
    (sender, frames.boxed())
}

async fn put(registry: &Registry, id: &str, what: &str, body: impl Into<Body>) -> Answer {
    let call = registry.call(Method::PUT, &format!("/v2/images/{id}/{what}"));
    call.by(Persona::MEMBER).data(body).send().await
}

async fn create(registry: &Registry) -> Answer {
    let body = json!({"disk_format": "raw", "container_format": "bare"});
    registry.post(Persona::MEMBER, "/v2/images", &body).await
}

async fn images(registry: &Registry, count: usize) -> Vec<String> {
    let created = (0..count).map(|_| registry.image(Persona::MEMBER, json!({})));
    join_all(created).await
}

async fn delete(registry: &Registry, id: &str) {
    let path = format!("/v2/images/{id}");
    registry.delete(Persona::MEMBER, &path).await.expect(204);
}

async fn import_staged(registry: &Registry, id: &str) -> Answer {
    let body = json!({"method": {"name": "glance-direct"}});
    let path = format!("/v2/images/{id}/import");
    registry.post(Persona::MEMBER, &path, &body).await
}

async fn import_from(registry: &Registry, id: &str, uri: &str) -> Answer {
    let body = json!({"method": {"name": "web-download", "uri": uri}});
    let path = format!("/v2/images/{id}/import");
    registry.post(Persona::MEMBER, &path, &body).await
}

/// What `persona` is told of its project.
async fn usage(registry: &Registry, persona: Persona) -> Value {
    let answer = registry.get(persona, "/v2/info/usage").await.expect(200);
    answer.json()["usage"].take()
}

/// How much of `resource` the member's project has.
async fn used(registry: &Registry, resource: &str) -> u64 {
    let usage = usage(registry, Persona::MEMBER).await;
    usage[resource]["usage"].as_u64().expect("a number")
}

/// The explanation of a refusal for a quota.
#[track_caller]
fn over(answer: Answer) -> String {
    answer.expect(413).text()
}

/// How many of the answers say yes; the others say that a quota is used up.
#[track_caller]
fn accepted(answers: Vec<Answer>) -> usize {
    let (yes, no): (Vec<_>, Vec<_>) = answers
        .into_iter()
        .partition(|answer| answer.status.is_success());
    for answer in no {
        let (status, text) = (answer.status, answer.text());
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{text}");
        assert!(text.contains("limit"), "{text}");
    }
    yes.len()
}

/// The image waits for data, has none, and says why the last did not stay.
async fn assert_refused_for_quota(registry: &Registry, id: &str) {
    let image = registry.shown(id).await;
    assert_eq!(image["status"], "queued", "{image}");
    assert_eq!(image["size"], Value::Null);
    let reason = image["os_glance_failure"].as_str().expect("a reason");
    assert!(reason.starts_with("OVER_QUOTA: "), "{reason}");
    let left: Vec<_> = registry
        .files()
        .into_iter()
        .filter(|file| file.contains(id))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}
