//! A gateway that serves in this process.

use std::net::SocketAddr;

use runtime::{Config, Limits, Product, Running, Setup};
use tempfile::TempDir;

use crate::client::Client;

/// All services, so that every tool has somewhere to go.
const SERVICES: [(&str, &str); 10] = [
    ("memory", "/mcp/memory"),
    ("crm", "/mcp/crm"),
    ("support", "/support"),
    ("marketing", "/marketing"),
    ("website", "/website"),
    ("backoffice", "/backoffice"),
    ("onboarding", "/onboarding"),
    ("automation", "/automation"),
    ("inbox", "/inbox"),
    ("files", "/files"),
];

/// Limits that no test reaches by accident.
pub const NO_LIMITS: &str =
    "rate_limits: {default_per_minute: 1000000000, per_actor_per_minute: 1000000000}\n";

/// The product as it is shipped, without an embedded backend of its own.
pub fn product() -> Product {
    Product { tools: simple_gpt_mcp::TOOLS, services: simple_gpt_mcp::SERVICES, dev_backend: None }
}

/// A configuration for a free port in which every service of tenant `default` is at `backend`.
/// `more` is appended: further sections, or keys of `server` when indented.
pub fn config_text(backend: SocketAddr, more: &str) -> String {
    let mut text = "tenants:\n  default:\n    services:\n".to_owned();
    for (service, path) in SERVICES {
        text.push_str(&format!("      {service}: http://{backend}{path}\n"));
    }
    if !more.contains("rate_limits:") {
        text.push_str(NO_LIMITS);
    }
    text + "server:\n  port: 0\n" + more
}

/// A running gateway.
pub struct Gateway {
    running: Running,
    /// Keeps the files of a gateway until it is gone.
    _files: Option<TempDir>,
    backend: Option<dev_backend::Running>,
}

impl Gateway {
    /// Serves the product's tools, forwarding all of them to `backend`.
    pub async fn before(backend: SocketAddr) -> Self {
        Self::with_config(&product(), &config_text(backend, "")).await
    }

    /// Serves a product of the test's own under a configuration of its own.
    pub async fn with_config(product: &Product, text: &str) -> Self {
        Self::with_setup(product, text, Setup::default()).await
    }

    /// Serves a product under a configuration and within limits of the test's own.
    pub async fn within(product: &Product, text: &str, limits: Limits) -> Self {
        Self::with_setup(product, text, Setup { limits, ..Setup::default() }).await
    }

    /// Serves a product under a configuration, with limits and a clock of the test's own.
    pub async fn with_setup(product: &Product, text: &str, setup: Setup) -> Self {
        Self::in_environment(product, text, setup, &[]).await
    }

    /// Serves a product under a configuration that sees these variables of the environment and no others.
    pub async fn in_environment(
        product: &Product,
        text: &str,
        setup: Setup,
        variables: &[(&str, &str)],
    ) -> Self {
        let variable =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let config = Config::parse("server.yaml", text, product, &variable).expect("a good configuration");
        let running = runtime::start(product, config, setup).await.expect("a free port");
        Self { running, _files: None, backend: None }
    }

    /// Serves the product's tools on a development backend with an empty database.
    pub async fn with_dev_backend() -> Self {
        let files = tempfile::tempdir().expect("a place for files");
        let settings = dev_backend::Settings {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data: files.path().join("dev.sqlite"),
            demo: false,
            service: None,
        };
        let backend = dev_backend::start(settings).await.expect("a development backend");
        let gateway = Self::before(backend.address()).await;
        Self { _files: Some(files), backend: Some(backend), ..gateway }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.running.address()
    }

    /// The token for deciding on approvals that the server made at start.
    pub fn approver_token(&self) -> Option<&str> {
        self.running.approver_token()
    }

    /// A client of it.
    pub fn client(&self) -> Client {
        Client::new(self.address())
    }

    /// Stops it; whether everything under way finished.
    pub async fn stop(self) -> bool {
        let finished = self.running.stop().await;
        if let Some(backend) = self.backend {
            backend.stop().await;
        }
        finished
    }
}
