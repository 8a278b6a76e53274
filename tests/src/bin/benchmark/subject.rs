//! The servers that are measured, each in a process of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use aws_lc_rs::digest::{SHA256, digest};
use tests::gateway::{Gateway, config_text, product};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::floor::FLOOR;

/// The name of the server itself among the arguments of the process.
pub(crate) const GATEWAY: &str = "server";
/// What the caller shows.
pub(crate) const TOKEN: &str = "a-token-of-the-benchmark";
/// How many connections ask at once.
const CONNECTIONS: usize = 8;

/// A server in a process of its own, which ends with this.
pub(crate) struct Subject {
    process: Child,
    address: SocketAddr,
}

/// Serves the product with a token, limits, approvals and the audit log, until the process is ended.
pub(crate) async fn serve_gateway(backend: &str, folder: &str) {
    let sha256: String =
        digest(&SHA256, TOKEN.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let more = format!(
        "security:\n  auth:\n    mode: token\n    tokens:\n      - {{name: bench, sha256: {sha256}, tenant: default, \
         actor: bench, roles: [Agent]}}\n  approval: {{mode: argument}}\naudit: {{path: {folder}/audit.log}}\n"
    );
    let backend = backend.parse().expect("the address of the backend");
    let gateway = Gateway::with_config(&product(), &config_text(backend, &more)).await;
    println!("{}", gateway.address());
    std::future::pending::<()>().await;
}

// === impl Subject ===

impl Subject {
    /// The server itself.
    pub(crate) async fn gateway(backend: SocketAddr, folder: &Path) -> Self {
        Self::start(GATEWAY, backend, folder).await
    }

    /// The floor, which has the list of tools from this file.
    pub(crate) async fn floor(backend: SocketAddr, list: &Path) -> Self {
        Self::start(FLOOR, backend, list).await
    }

    async fn start(role: &str, backend: SocketAddr, file: &Path) -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut command = Command::new(program);
        command.arg(role).arg(backend.to_string()).arg(file).stdout(Stdio::piped());
        let mut process = command.spawn().expect("a process");
        let output = process.stdout.take().expect("its output");
        let said = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            BufReader::new(output).read_line(&mut line).map(|_| line)
        });
        let line = said.await.expect("a reader").expect("a line");
        Self { process, address: line.trim().parse().unwrap_or_else(|_| panic!("no address: {line:?}")) }
    }

    /// Sends one request on a connection of its own, and returns the body of the answer.
    pub(crate) async fn send(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.expect("a connection");
        String::from_utf8(exchange(&mut stream, request, &mut Vec::new()).await).expect("an answer in UTF-8")
    }

    /// Sends a request many times, and returns the seconds of processor time that the server took for them.
    pub(crate) async fn take_turn(&self, request: &str, times: usize) -> f64 {
        let before = self.processor_time();
        let mut connections = JoinSet::new();
        for _ in 0..CONNECTIONS {
            let (address, request) = (self.address, request.to_owned());
            connections.spawn(async move {
                let mut stream = TcpStream::connect(address).await.expect("a connection");
                let mut buffer = Vec::new();
                for _ in 0..times / CONNECTIONS {
                    exchange(&mut stream, &request, &mut buffer).await;
                }
            });
        }
        connections.join_all().await;
        self.processor_time() - before
    }

    /// What the server has used of the processors so far, in seconds. Linux tells it for each thread in
    /// nanoseconds; the threads of a server at work do not end.
    fn processor_time(&self) -> f64 {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.process.id())).expect("its threads");
        let used = |path: &Path| -> u64 {
            let text = std::fs::read_to_string(path.join("schedstat")).unwrap_or_default();
            text.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or_default()
        };
        threads.flatten().map(|thread| used(&thread.path()) as f64 / 1e9).sum()
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        // Whether it has ended already makes no difference.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One request and its answer, of which the body is returned.
async fn exchange(stream: &mut TcpStream, request: &str, buffer: &mut Vec<u8>) -> Vec<u8> {
    stream.write_all(request.as_bytes()).await.expect("a request that is taken");
    buffer.clear();
    loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length
                .and_then(|length| length.trim().parse().ok())
                .unwrap_or_else(|| panic!("no length: {head}"));
            let whole = end + 4 + length;
            while buffer.len() < whole {
                read(stream, buffer).await;
            }
            return buffer[end + 4..whole].to_vec();
        }
        read(stream, buffer).await;
    }
}

async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) {
    let taken = stream.read_buf(buffer).await.expect("an answer");
    assert_ne!(taken, 0, "the connection was closed");
}
