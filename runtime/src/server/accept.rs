//! Taking connections, and letting go of them.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::ServiceExt;

/// How long a client may take for the head of a request, and leave a connection idle.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest head of a request, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;
/// Pause after the system had no connection to give, so that the loop does not spin.
const BACK_OFF: Duration = Duration::from_millis(50);

/// Serves connections until `stopped` turns true, then until each has answered what it was asked.
pub(super) async fn run(listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) {
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.wait_for(|stopped| *stopped) => break,
        };
        let (stream, peer) = match accepted {
            Ok(connection) => connection,
            Err(error) => {
                tracing::warn!(error = error.to_string(), "cannot take a connection");
                tokio::time::sleep(BACK_OFF).await;
                continue;
            }
        };
        // Without this small answers wait for the client's acknowledgement; a failure only costs speed.
        let _slower = stream.set_nodelay(true);
        let router = router.clone();
        let service = service_fn(move |request| answer(router.clone(), peer, request));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .max_buf_size(LONGEST_HEAD)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = error.to_string(), "connection ended");
            }
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

async fn answer(
    router: Router,
    peer: SocketAddr,
    request: http::Request<Incoming>,
) -> Result<axum::response::Response, Infallible> {
    let mut request = request.map(axum::body::Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    router.oneshot(request).await
}
