//! A web site of bytes: it counts connections, keeps requests, and sends whatever a test wants.

use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What happens after a request.
pub(super) type Serving = Pin<Box<dyn Future<Output = ()> + Send>>;

type Serve = dyn Fn(String, TcpStream) -> Serving + Send + Sync;

pub(super) struct Site {
    pub(super) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Site {
    /// Answers each request head by `serve`.
    pub(super) async fn start(
        ip: IpAddr,
        serve: impl Fn(String, TcpStream) -> Serving + Send + Sync + 'static,
    ) -> Self {
        Self::at((ip, 0).into(), serve).await
    }

    /// As [`Site::start`], at a port of the test's choice.
    pub(super) async fn at(
        address: SocketAddr,
        serve: impl Fn(String, TcpStream) -> Serving + Send + Sync + 'static,
    ) -> Self {
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let (keep, serve) = (Arc::clone(&requests), Arc::<Serve>::from(Box::new(serve) as Box<Serve>));
        let site = Self::raw(address, move |mut stream| {
            let (keep, serve) = (Arc::clone(&keep), Arc::clone(&serve));
            Box::pin(async move {
                let head = head(&mut stream).await;
                keep.lock().unwrap().push(head.clone());
                serve(head, stream).await;
            })
        })
        .await;
        Self { requests, ..site }
    }

    /// Hands each connection to `serve` as it is.
    pub(super) async fn start_raw(ip: IpAddr, serve: impl Fn(TcpStream) -> Serving + Send + 'static) -> Self {
        Self::raw((ip, 0).into(), serve).await
    }

    async fn raw(address: SocketAddr, serve: impl Fn(TcpStream) -> Serving + Send + 'static) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream));
            }
        });
        Self { address, connections, requests: Arc::default() }
    }

    /// Answers with what `answer` makes of a path and query; `robots.txt` is not there.
    pub(super) async fn of_answers(
        ip: IpAddr,
        answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        Self::start(ip, move |head, stream| {
            let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let bytes = if target == "/robots.txt" { not_found() } else { answer(&target) };
            Box::pin(send(stream, bytes))
        })
        .await
    }

    /// A listener that must never be reached.
    pub(super) async fn canary(ip: IpAddr) -> Self {
        Self::of_answers(ip, |_| page("text/plain", b"the inside")).await
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Heads of all requests, `robots.txt` left out.
    pub(super) fn requests(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        requests.iter().filter(|head| !head.starts_with("GET /robots.txt ")).cloned().collect()
    }
}

/// Reads up to the end of a request's headers.
pub(super) async fn head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte).await {
            Ok(1) => head.push(byte[0]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// Writes an answer and closes.
pub(super) async fn send(mut stream: TcpStream, bytes: Vec<u8>) {
    // A client that had enough has gone away.
    let _gone = stream.write_all(&bytes).await;
    let _gone = stream.shutdown().await;
}

/// A whole answer.
pub(super) fn page(content_type: &str, body: &[u8]) -> Vec<u8> {
    answer("200 OK", &[("content-type", content_type)], body)
}

pub(super) fn answer(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len()).into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

pub(super) fn redirect(to: &str) -> Vec<u8> {
    answer("302 Found", &[("location", to)], b"")
}

fn not_found() -> Vec<u8> {
    answer("404 Not Found", &[], b"")
}
