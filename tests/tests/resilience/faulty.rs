//! A backend that does with each request what a script says: answers, breaks off, falls silent, or talks without end.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// An answer that is a success.
pub(super) const WELL: &str = "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"ok\":true}";

/// What is done with one request.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// Writes this and waits for the next request.
    Answer(String),
    /// Writes this and closes the connection.
    Close(String),
    /// Writes this and closes the connection a moment later, whatever has come by then.
    CloseLater(String, Duration),
    /// Writes this and resets the connection.
    Reset(String),
    /// Resets the connection before the request is read.
    HangUp,
    /// Writes this once it is released, and waits for the next request.
    Hold(String),
    /// Writes the first once and the second again and again, after each such pause.
    Repeat(String, String, Duration),
}

impl Act {
    pub(super) fn well() -> Self {
        Self::Answer(WELL.to_owned())
    }

    /// Answers well once it is released.
    pub(super) fn hold() -> Self {
        Self::Hold(WELL.to_owned())
    }

    /// An answer of this status; `more` are further headers, each ending in CR LF.
    pub(super) fn status(status: u16, more: &str) -> Self {
        Self::Answer(answer(status, more))
    }
}

/// The text of an answer of this status.
pub(super) fn answer(status: u16, more: &str) -> String {
    format!("HTTP/1.1 {status} Said So\r\n{more}content-length: 2\r\n\r\n{{}}")
}

/// The backend.
pub(super) struct Faulty {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    /// What is done next, and with all that come after.
    script: Mutex<(VecDeque<Act>, Act)>,
    /// Head and body of each request.
    requests: watch::Sender<Vec<String>>,
    connections: watch::Sender<usize>,
    /// Answers that are given to held requests.
    releases: Semaphore,
}

impl Faulty {
    /// Does this with all requests.
    pub(super) async fn start(act: Act) -> Self {
        Self::at(([127, 0, 0, 1], 0).into(), act).await
    }

    /// The same at an address of the test's choice.
    pub(super) async fn at(address: SocketAddr, act: Act) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            script: Mutex::new((VecDeque::new(), act)),
            requests: watch::Sender::default(),
            connections: watch::Sender::default(),
            releases: Semaphore::new(0),
        });
        let of_task = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                of_task.connections.send_modify(|count| *count += 1);
                tokio::spawn(serve(stream, Arc::clone(&of_task)));
            }
        });
        Self { address, shared }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Does these things first, and then goes on with what it does with all.
    pub(super) fn first(&self, acts: impl IntoIterator<Item = Act>) {
        self.shared.script.lock().unwrap().0 = acts.into_iter().collect();
    }

    /// From now on does this with all requests.
    pub(super) fn always(&self, act: Act) {
        *self.shared.script.lock().unwrap() = (VecDeque::new(), act);
    }

    /// How many requests have come whole.
    pub(super) fn requests(&self) -> usize {
        self.shared.requests.borrow().len()
    }

    /// Head and body of all requests, as they were sent.
    pub(super) fn received(&self) -> Vec<String> {
        self.shared.requests.borrow().clone()
    }

    /// How many connections there have been.
    pub(super) fn connections(&self) -> usize {
        *self.shared.connections.borrow()
    }

    /// Waits until so many requests have come.
    pub(super) async fn has_received(&self, count: usize) {
        let mut requests = self.shared.requests.subscribe();
        let reached = requests.wait_for(|requests| requests.len() >= count);
        tokio::time::timeout(Duration::from_secs(20), reached).await.expect("requests").unwrap();
    }

    /// Answers so many requests that are held, or will be.
    pub(super) fn release(&self, count: usize) {
        self.shared.releases.add_permits(count);
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    stream.set_nodelay(true).unwrap();
    loop {
        // Where the next thing is to hang up, nothing is read; a connection that nobody uses does not take it.
        let mut peeked = [0; 1];
        if !matches!(stream.peek(&mut peeked).await, Ok(1)) {
            return;
        }
        let act = {
            let mut script = shared.script.lock().unwrap();
            script.0.pop_front().unwrap_or_else(|| script.1.clone())
        };
        if matches!(act, Act::HangUp) {
            return stream.set_zero_linger().unwrap();
        }
        let Some(request) = receive(&mut stream).await else { return };
        shared.requests.send_modify(|requests| requests.push(request));
        let written = match act {
            Act::Answer(text) => stream.write_all(text.as_bytes()).await,
            Act::Close(text) => {
                let _gone = stream.write_all(text.as_bytes()).await;
                return;
            }
            Act::CloseLater(text, pause) => {
                let _gone = stream.write_all(text.as_bytes()).await;
                return tokio::time::sleep(pause).await;
            }
            Act::Reset(text) => {
                let _gone = stream.write_all(text.as_bytes()).await;
                // What has not been read by then is lost, as it is when a machine goes down.
                return stream.set_zero_linger().unwrap();
            }
            Act::HangUp => return,
            Act::Hold(text) => tokio::select! {
                released = shared.releases.acquire() => {
                    released.unwrap().forget();
                    stream.write_all(text.as_bytes()).await
                }
                // Whoever goes away needs no answer.
                _ = stream.peek(&mut peeked) => return,
            },
            Act::Repeat(first, part, pause) => {
                let mut written = stream.write_all(first.as_bytes()).await;
                while written.is_ok() {
                    tokio::time::sleep(pause).await;
                    written = stream.write_all(part.as_bytes()).await;
                }
                written
            }
        };
        if written.is_err() {
            return;
        }
    }
}

/// Reads one request, head and body.
async fn receive(stream: &mut TcpStream) -> Option<String> {
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n\r\n") {
        text.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&text).into_owned();
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(head + &String::from_utf8_lossy(&body))
}
