//! Taking connections, as many as there are places for, and letting go of them.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::connection::{self, Shared};
use super::seats::Seats;

/// Connections that may wait to be taken. Those beyond are lost without a word to clients that believe to be
/// connected, so a burst of as many as there are places for must fit.
const BACKLOG: u32 = 4096;
/// Pause after the system had no connection to give, so that the loop does not spin.
const BACK_OFF: Duration = Duration::from_millis(50);
/// The answer to a connection for which there is no place.
const NO_PLACE: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n\
    content-length: 0\r\n\r\n";

/// Listens on an address.
pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A server that is started again need not wait for connections of the one before.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves connections until `stopped` turns true, then until each has answered what it was asked. Dropped
/// before, it cuts all of them off.
///
/// While it waits for those it still takes new ones, for as long: a load balancer has to hear from somewhere
/// that the server is no longer ready, and a client that it should ask another.
pub(super) async fn run(listener: TcpListener, shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    let mut host = Host::new(listener, shared);
    let graceful = GracefulShutdown::new();
    loop {
        tokio::select! {
            () = host.welcome(|| Some(graceful.watcher())) => {}
            _ = stopped.wait_for(|stopped| *stopped) => break,
        }
    }
    let mut done = pin!(graceful.shutdown());
    loop {
        tokio::select! {
            () = host.welcome(|| None) => {}
            () = &mut done => break,
        }
    }
}

/// Who lets connections in.
struct Host {
    listener: TcpListener,
    shared: Arc<Shared>,
    seats: Arc<Seats>,
    connections: JoinSet<()>,
    /// Whether the last attempt failed, so that a failure that lasts is logged once.
    failing: bool,
}

impl Host {
    fn new(listener: TcpListener, shared: Arc<Shared>) -> Self {
        let limits = shared.server.limits;
        let seats = Seats::new(limits.connections, limits.per_client);
        Self { listener, shared, seats, connections: JoinSet::new(), failing: false }
    }

    /// Waits for one connection and starts to serve it. May be dropped at any time.
    async fn welcome(&mut self, watcher: impl FnOnce() -> Option<Watcher>) {
        let accepted = tokio::select! {
            accepted = self.listener.accept() => accepted,
            // Connections that have ended are let go of as they end.
            Some(_) = self.connections.join_next() => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                self.failing = false;
                self.seat(stream, peer, watcher());
            }
            // This one client has gone again; the next may be there.
            Err(error) if is_of_one_client(&error) => {}
            Err(error) => {
                if !std::mem::replace(&mut self.failing, true) {
                    tracing::warn!(error = error.to_string(), "cannot take connections");
                }
                tokio::time::sleep(BACK_OFF).await;
            }
        }
    }

    fn seat(&mut self, stream: TcpStream, peer: SocketAddr, watcher: Option<Watcher>) {
        let peer = peer.ip();
        // A proxy holds connections for many clients, whose shares are counted by request.
        let client = (!self.shared.proxies().contains(peer)).then_some(peer);
        let seat = match self.seats.take(client) {
            Ok(seat) => seat,
            Err(full) => {
                tracing::debug!(?full, %peer, "connection refused");
                self.shared.server.refused(StatusCode::SERVICE_UNAVAILABLE, peer, None);
                return turn_away(stream);
            }
        };
        let shared = Arc::clone(&self.shared);
        self.connections.spawn(async move {
            connection::serve(shared, stream, peer, watcher).await;
            drop(seat);
        });
    }
}

/// Whether accepting failed because of the one connection that was accepted.
fn is_of_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Answers that there is no place, without ever waiting, and closes.
fn turn_away(stream: TcpStream) {
    let answer = |mut stream: std::net::TcpStream| {
        stream.write_all(NO_PLACE)?;
        // A request that was left unread would take the answer back.
        stream.read(&mut [0; 4096])
    };
    // The socket does not block, so a client that cannot take the answer at once goes without.
    let _without = stream.into_std().and_then(answer);
}
