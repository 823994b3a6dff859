//! What stands between clients and the API: web pages, proxies, limits, compression, the end.

mod compression;
mod cors;
mod limits;
mod proxies;
mod request_ids;
mod stop;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::Process;

/// Sends `request` to the process as it is, on a connection of its own.
async fn send(process: &Process, request: &[u8]) -> TcpStream {
    let mut stream = process.connect().await.expect("a server");
    stream.write_all(request).await.expect("an ear");
    stream
}

/// Everything that the server says until it closes the connection.
async fn rest(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("an answer");
    text
}
