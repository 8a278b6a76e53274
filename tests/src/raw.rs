//! A client that writes bytes and not requests, for what no honest client sends.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection.
pub struct Raw {
    stream: TcpStream,
    /// What has come and was not asked for yet.
    buffer: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub struct RawReply {
    /// Its status.
    pub status: u16,
    /// Its status line and headers, in lower case.
    pub head: String,
    /// Its body.
    pub body: Vec<u8>,
}

impl RawReply {
    /// The value of a header; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| *key == name).map(|(_, value)| value).unwrap_or_default()
    }
}

impl Raw {
    /// A connection to `address`.
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: Vec::new() }
    }

    /// Writes all of `bytes`. A server that has closed already is no failure: what it said is still there.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).await.is_ok()
    }

    /// Writes no more, and goes on reading.
    pub async fn finish(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Drops the connection in the way that tells the server so at once.
    pub fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }

    /// The next answer whose body has a length; `None` once the server has closed.
    pub async fn answer(&mut self) -> Option<RawReply> {
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await?;
        };
        let head = String::from_utf8(self.buffer.drain(..end).collect()).unwrap().to_ascii_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut reply = RawReply { status, head, body: Vec::new() };
        let length = reply.header("content-length").parse().unwrap_or(0);
        while self.buffer.len() < length {
            self.more().await?;
        }
        reply.body = self.buffer.drain(..length).collect();
        Some(reply)
    }

    /// Whether the server closes within `limit` without a further word.
    pub async fn is_closed_within(&mut self, limit: Duration) -> bool {
        let closed = async { self.buffer.is_empty() && self.more().await.is_none() };
        tokio::time::timeout(limit, closed).await.unwrap_or(false)
    }

    /// Reads what there is. Nothing more comes from a connection that was closed or reset.
    async fn more(&mut self) -> Option<()> {
        match self.stream.read_buf(&mut self.buffer).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(()),
        }
    }
}

/// A POST of `body` to the endpoint, with `headers` (each ending in CR LF) besides those it needs.
pub fn post(headers: &str, body: &[u8]) -> Vec<u8> {
    let mut request = format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}
