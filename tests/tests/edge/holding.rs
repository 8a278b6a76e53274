//! A backend that holds every answer until it is told to give it, and sees when nobody waits for it any more.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

pub(crate) struct Holding {
    address: SocketAddr,
    arrived: mpsc::UnboundedReceiver<Held>,
}

/// A request whose answer is held.
pub(crate) struct Held(TcpStream);

impl Holding {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, arrived) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sender = sender.clone();
                tokio::spawn(async move { sender.send(Held(receive(stream).await)) });
            }
        });
        Self { address, arrived }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next request that has come whole.
    pub(crate) async fn next(&mut self) -> Held {
        let next = tokio::time::timeout(Duration::from_secs(5), self.arrived.recv());
        next.await.expect("a request").expect("a backend")
    }

    /// Whether no further request has come.
    pub(crate) fn is_quiet(&mut self) -> bool {
        self.arrived.try_recv().is_err()
    }
}

impl Held {
    pub(crate) async fn answer(mut self) {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\nconnection: close\r\n\r\n{\"ok\":true}";
        self.0.write_all(answer).await.unwrap();
    }

    /// Whether the gateway gives the request up within `limit`.
    pub(crate) async fn is_given_up_within(&mut self, limit: Duration) -> bool {
        let mut nothing = [0; 1];
        tokio::time::timeout(limit, self.0.read(&mut nothing)).await.is_ok()
    }
}

/// Reads one request, head and body.
async fn receive(mut stream: TcpStream) -> TcpStream {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    stream.read_exact(&mut vec![0; length]).await.unwrap();
    stream
}
