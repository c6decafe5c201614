//! The least that a server can do: `bench ping` answers every POST at /ping by one word, through axum. A peer for `hello`.

use axum::Router;
use axum::routing::post;

pub(crate) fn serve() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("ready http://{}", listener.local_addr().expect("an address"));
        axum::serve(listener, Router::new().route("/ping", post(async || "pong"))).await.expect("it serves");
    });
}
