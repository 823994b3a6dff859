//! Requests to the whole API: whatever they hold, the answer is not that the registry is at fault.

use std::{net::SocketAddr, sync::OnceLock};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{Method, Request},
};
use hallmark::{
    app::{App, Given, open_database},
    config::{Config, Sources},
};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

/// The kinds of requests: the method, the path, and the header that the first line becomes. `*`
/// stands for the first line, and `{}` for a queued image.
const KINDS: [(Method, &str, &str); 23] = [
    (Method::PUT, "/v2/images/{}/file", "x-image-checksum"),
    (Method::PUT, "/v2/images/{}/file", "repr-digest"),
    (Method::PUT, "/v2/images/{}/file", "content-digest"),
    (Method::PUT, "/v2/images/{}/file", "content-md5"),
    (Method::PUT, "/v2/images/{}/stage", "x-image-checksum"),
    (Method::PUT, "/v2/images/{}/file", "x-openstack-image-size"),
    (Method::POST, "/v2/images", "x-roles"),
    (Method::PATCH, "/v2/images/{}", "x-openstack-request-id"),
    (Method::POST, "/v2/images/{}/import", "x-image-meta-store"),
    (Method::POST, "/v2/images/{}/hash", "accept"),
    (Method::POST, "/v2/images/{}/members", "accept"),
    (Method::PUT, "/v2/images/{}/tags/*", "accept"),
    (Method::GET, "/v2/images?*", "accept"),
    (Method::GET, "/v2/images/*", "range"),
    (Method::GET, "/*", "accept-encoding"),
    (Method::DELETE, "/v2/*", "accept"),
    (Method::POST, "/v2/*", "content-encoding"),
    (Method::POST, "/v2/metadefs/namespaces", "accept"),
    (Method::PUT, "/v2/metadefs/namespaces/*", "accept"),
    (Method::GET, "/v2/tasks?*", "forwarded"),
    (Method::POST, "/v2/images/{}/locations", "accept"),
    (Method::POST, "/v2/tasks", "accept"),
    (Method::POST, "/v1/jobs", "accept"),
];

const PATCH: &str = "application/openstack-images-v2.1-json-patch";

struct Registry {
    runtime: Runtime,
    router: Router,
    image: String,
    // What the router works with.
    _app: App,
    _folder: TempDir,
}

/// A request: the first byte says its kind, the rest of its first line a header or the end of its
/// path, what follows is the body.
pub fn request(data: &[u8]) {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    let registry = REGISTRY.get_or_init(opened);
    let Some((kind, rest)) = data.split_first() else {
        return;
    };
    let (method, path, header) = &KINDS[usize::from(*kind) % KINDS.len()];
    let end = rest.iter().position(|byte| *byte == b'\n');
    let (line, body) = rest.split_at(end.unwrap_or(rest.len()));
    let body = body.get(1..).unwrap_or_default().to_vec();
    let ending = String::from_utf8_lossy(line);
    let path = path.replace("{}", &registry.image).replace('*', &ending);
    let kind = match *method {
        Method::PUT if path.ends_with("/file") || path.ends_with("/stage") => {
            "application/octet-stream"
        }
        Method::PATCH => PATCH,
        _ => "application/json",
    };
    let request = Request::builder()
        .method(method.clone())
        .uri(path)
        .header("content-type", kind)
        .header(*header, line)
        .body(Body::from(body));
    // What HTTP itself does not let through.
    let Ok(request) = request else { return };
    let (status, text) = registry.runtime.block_on(answer(&registry.router, request));
    assert!(status < 500, "{status}: {text}");
}

async fn answer(router: &Router, mut request: Request<Body>) -> (u16, String) {
    let peer = SocketAddr::from(([127, 0, 0, 1], 40_000));
    request.extensions_mut().insert(ConnectInfo(peer));
    let answer = router.clone().oneshot(request).await;
    let (head, body) = answer.unwrap_or_else(|never| match never {}).into_parts();
    let body = to_bytes(body, 1 << 24).await.unwrap_or_default();
    (
        head.status.as_u16(),
        String::from_utf8_lossy(&body).into_owned(),
    )
}

fn opened() -> Registry {
    let folder = tempfile::tempdir().expect("a folder");
    let data_dir = folder.path().display().to_string();
    let environment = vec![("HALLMARK_DATA_DIR".to_owned(), data_dir)];
    let config = Config::load(&Sources::new(Vec::new(), environment));
    let config = config.unwrap_or_else(|faults| panic!("{faults}"));
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let app = runtime.block_on(async {
        let db = open_database(&config.database).await.expect("a database");
        db.migrate().await.expect("a schema");
        App::with(config, Given::default())
            .await
            .expect("a registry")
    });
    let router = app.router();
    let create = Request::post("/v2/images")
        .header("content-type", "application/json")
        // Formats are lacking, so that it stays queued whatever is sent.
        .body(Body::from(r#"{"name": "fuzz"}"#))
        .expect("a request");
    let (status, text) = runtime.block_on(answer(&router, create));
    assert_eq!(status, 201, "{text}");
    let image: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    Registry {
        image: image["id"].as_str().expect("an id").to_owned(),
        runtime,
        router,
        _app: app,
        _folder: folder,
    }
}
