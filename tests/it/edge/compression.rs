//! JSON is compressed for those who ask for it, if the operator says so; images never are.

use std::{
    io::{Read as _, Write as _},
    process::{Command, Stdio},
    thread,
};

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Engine, Persona, Registry};

const GZIP: &str = "[compression]\ngzip = true";

async fn get(registry: &Registry, path: &str, accepted: &str) -> Answer {
    let call = registry.call(Method::GET, path).by(Persona::MEMBER);
    let call = call.header("accept-encoding", accepted);
    call.send().await.expect(200)
}

fn uncompressed(answer: &Answer) -> Value {
    let mut gzip = Command::new("gzip")
        .arg("-dc")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("gzip");
    let mut sink = gzip.stdin.take().expect("its input");
    let bytes = answer.body.clone();
    let writer = thread::spawn(move || sink.write_all(&bytes));
    let mut text = String::new();
    let mut source = gzip.stdout.take().expect("its output");
    source.read_to_string(&mut text).expect("text");
    writer.join().expect("a writer").expect("whole input");
    assert!(gzip.wait().expect("its end").success());
    serde_json::from_str(&text).expect("JSON")
}

#[tokio::test]
async fn json_is_compressed_for_a_client_that_asks_for_it() {
    let registry = Registry::with(Engine::Sqlite, GZIP).await;
    let path = "/v2/schemas/images";
    let plain = get(&registry, path, "identity").await;
    assert_eq!(plain.headers.get("content-encoding"), None);
    assert_eq!(plain.header("vary"), "accept-encoding");
    let small = get(&registry, path, "deflate, gzip").await;
    assert_eq!(small.header("content-encoding"), "gzip");
    assert_eq!(small.header("vary"), "accept-encoding");
    assert!(small.body.len() < plain.body.len() / 2);
    assert_eq!(uncompressed(&small), plain.json());
}

#[tokio::test]
async fn a_client_that_refuses_every_coding_gets_its_answer_all_the_same() {
    let registry = Registry::with(Engine::Sqlite, GZIP).await;
    for refused in ["identity;q=0", "*;q=0", "gzip;q=0, identity;q=0"] {
        let answer = get(&registry, "/v2/schemas/images", refused).await;
        assert_eq!(answer.json()["name"], "images", "{refused}");
    }
}

#[tokio::test]
async fn an_answer_that_fits_into_a_packet_is_left_as_it_is() {
    let registry = Registry::with(Engine::Sqlite, GZIP).await;
    let answer = get(&registry, "/v2/info/import", "gzip").await;
    assert_eq!(answer.headers.get("content-encoding"), None);
    answer.json();
}

#[tokio::test]
async fn the_data_of_an_image_are_never_compressed() {
    let registry = Registry::with(Engine::Sqlite, GZIP).await;
    let data = "the same again, ".repeat(512);
    let id = registry.image(Persona::MEMBER, json!({})).await;
    registry
        .upload(Persona::MEMBER, &id, data.clone())
        .await
        .expect(204);
    let path = format!("/v2/images/{id}/file");
    let whole = get(&registry, &path, "gzip").await;
    assert_eq!(whole.headers.get("content-encoding"), None);
    assert_eq!(whole.header("content-length"), data.len().to_string());
    assert_eq!(whole.text(), data);

    let call = registry.call(Method::GET, &path).by(Persona::MEMBER);
    let call = call
        .header("accept-encoding", "gzip")
        .header("range", "bytes=0-4095");
    let part = call.send().await.expect(206);
    assert_eq!(part.headers.get("content-encoding"), None);
    assert_eq!(part.text(), data[..4096]);
}

#[tokio::test]
async fn nothing_is_compressed_unless_the_operator_says_so() {
    let registry = Registry::open(Engine::Sqlite).await;
    let answer = get(&registry, "/v2/schemas/images", "gzip").await;
    assert_eq!(answer.headers.get("content-encoding"), None);
    assert_eq!(answer.json()["name"], "images");
}
