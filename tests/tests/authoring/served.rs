//! The binary of a workspace while it serves, and an MCP client of it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rmcp::model::ClientConfig;
use rmcp::service::{RoleClient, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::{ClientLifecycleMode, ClientServiceExt};
use serde_json::Value;
use tempfile::TempDir;

/// A server that is ended with the test.
pub(super) struct Served {
    child: Child,
    /// Where it listens.
    pub(super) address: SocketAddr,
    _folder: TempDir,
}

impl Served {
    /// Serves under a configuration, in a folder of its own.
    pub(super) fn start(binary: &Path, config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("config")).unwrap();
        fs::write(folder.path().join("config/server.yaml"), config).unwrap();
        let mut command = Command::new(binary);
        for name in ["CONFIG", "HOST", "PORT", "TOKEN", "URL"] {
            command.env_remove(format!("MCP_SERVER_{name}"));
        }
        let command = command.current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let line = log.find(|line| line.contains("\"serving\"")).expect("a line that says where");
        let line: Value = serde_json::from_str(&line).unwrap();
        let (_, rest) = line["url"].as_str().unwrap().split_once("://").unwrap();
        let address = rest.split('/').next().unwrap().parse().unwrap();
        // Whoever writes a log wants it read to its end.
        std::thread::spawn(move || log.count());
        Self { child, address, _folder: folder }
    }

    /// A client as others have them.
    pub(super) async fn client(&self) -> RunningService<RoleClient, ClientConfig> {
        let transport = StreamableHttpClientTransport::from_uri(format!("http://{}/mcp", self.address));
        let mode = ClientLifecycleMode::Initialize;
        ClientConfig::default().serve_with_lifecycle(transport, mode).await.expect("a connection")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _no_zombie = self.child.wait();
    }
}
