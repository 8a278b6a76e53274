//! The binary as a process of its own, in a folder of its own.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;

use serde_json::Value;

const BINARY: &str = env!("CARGO_BIN_EXE_simple-gpt-mcp");

/// The binary without the variables of whoever runs the tests.
pub(crate) fn binary(folder: &Path) -> Command {
    let mut command = Command::new(BINARY);
    for name in ["CONFIG", "HOST", "PORT", "TOKEN", "URL"] {
        command.env_remove(format!("MCP_SERVER_{name}"));
    }
    command.current_dir(folder);
    command
}

/// A port that nobody listens on. It is below those that the system gives away, so that no connection of another test
/// takes it before the server does.
fn free_port() -> u16 {
    const FIRST: u32 = 20_000;
    const PORTS: u32 = 12_000;
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    // Test binaries that run at the same time begin at different places.
    let start = std::process::id() * 64;
    let ports = std::iter::repeat_with(|| start + TAKEN.fetch_add(1, Ordering::Relaxed));
    let mut ports = ports.map(|number| u16::try_from(FIRST + number % PORTS).unwrap());
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

/// A folder with a configuration like the quick start's, on ports that are free.
pub(crate) fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("config")).unwrap();
    let text = include_str!("../../../config/server.yaml")
        .replace(":8000", &format!(":{}", free_port()))
        .replace("port: 9000", "port: 0");
    std::fs::write(folder.path().join("config/server.yaml"), text).unwrap();
    folder
}

/// A server that is ended with the test.
pub(crate) struct Serving {
    child: Child,
    /// Keeps its log as `server.log` in its folder.
    log: Option<JoinHandle<()>>,
    /// Its endpoint.
    pub(crate) url: String,
}

impl Serving {
    pub(crate) fn start(folder: &Path) -> Self {
        let mut child = binary(folder).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let line = log.find(|line| line.contains("\"serving\"")).expect("a line that says where");
        let url = serde_json::from_str::<Value>(&line).unwrap()["url"].as_str().unwrap().to_owned();
        let mut file = std::fs::File::create(folder.join("server.log")).unwrap();
        // Whoever writes a log wants it read to its end.
        let log = std::thread::spawn(move || log.for_each(|line| writeln!(file, "{line}").unwrap()));
        Self { child, log: Some(log), url }
    }

    /// Asks the server to stop, as an operator does, and gives its exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        self.ask_to_stop();
        let code = self.child.wait().unwrap().code();
        self.log.take().map(JoinHandle::join).unwrap().unwrap();
        code
    }

    pub(crate) fn ask_to_stop(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _no_zombie = self.child.wait();
    }
}
