//! Tools that read and change something at two services, with time enough or with next to none.

use std::net::SocketAddr;
use std::time::Duration;

use runtime::{Method, Product, Setup, Spec, Target, Tool};
use serde_json::{Value, json};
use tests::client::Client;
use tests::gateway::{Gateway, NO_LIMITS};
use tests::notes::{self, Nothing};
use tests::recorder::Recorder;

use super::faulty::Faulty;
use crate::admission::Hand;

/// Reads, with time enough.
pub(super) const READ: &str = notes::READ.name;
/// Changes something, with time enough.
pub(super) const WRITE: &str = notes::WRITE.name;
/// Reads in next to no time or not at all.
pub(super) const HASTY: &str = "notes_hasty_read";
/// The time that it has.
pub(super) const HASTE: Duration = Duration::from_millis(300);
/// Reads at another service.
pub(super) const OTHER: &str = "pages_read";

static TOOLS: &[&Tool] = &[
    &Tool::new::<Nothing>(&Spec { name: HASTY, timeout: HASTE, ..notes::READ }),
    &Tool::new::<Nothing>(&notes::READ),
    &Tool::new::<Nothing>(&notes::WRITE),
    &Tool::new::<Nothing>(&Spec {
        name: OTHER,
        target: Target::Backend { service: "pages", method: Method::Get, path: "/read" },
        ..notes::READ
    }),
];

/// A gateway whose `notes` are at a backend that fails, for two tenants, and whose `pages` are at one that is well.
pub(super) struct Before {
    pub(super) gateway: Gateway,
    pub(super) client: Client,
    /// The time of circuits and budgets, which stands still until it is moved.
    pub(super) hand: Hand,
}

impl Before {
    pub(super) async fn backend(backend: &Faulty) -> Self {
        Self::at(backend.address(), "", "").await
    }

    /// The same for an address, with further keys of the service, and further sections.
    pub(super) async fn at(notes: SocketAddr, keys: &str, sections: &str) -> Self {
        let hand = Hand::new();
        let setup = hand.setup();
        Self::with_setup(notes, keys, sections, hand, setup).await
    }

    /// The same in a time that passes by itself.
    pub(super) async fn in_real_time(notes: SocketAddr, keys: &str) -> Self {
        Self::with_setup(notes, keys, "", Hand::new(), Setup::default()).await
    }

    async fn with_setup(notes: SocketAddr, keys: &str, sections: &str, hand: Hand, setup: Setup) -> Self {
        let pages = Recorder::start().await;
        let product = Product { tools: TOOLS, services: &["notes", "pages"], dev_backend: None };
        let services = format!(
            "{{services: {{notes: {{url: 'http://{notes}'{keys}}}, pages: 'http://{}'}}}}",
            pages.address()
        );
        let text = format!(
            "tenants: {{default: {services}, other: {services}}}\nserver: {{port: 0}}\n{NO_LIMITS}{sections}"
        );
        let gateway = Gateway::with_setup(&product, &text, setup).await;
        Self { client: gateway.client(), gateway, hand }
    }

    /// Calls a tool: what it answers, or the error that it tells.
    pub(super) async fn call(&self, tool: &str) -> Result<Value, Value> {
        self.call_as("default", tool).await
    }

    /// The same for a tenant.
    pub(super) async fn call_as(&self, tenant: &str, tool: &str) -> Result<Value, Value> {
        let reply = self.client.call(tool, json!({"tenant_id": tenant})).await;
        if reply.result()["isError"] == true {
            return Err(reply.tool_error());
        }
        Ok(reply.content().clone())
    }

    /// Calls a tool so many times at once.
    pub(super) fn calls(
        &self,
        tool: &'static str,
        count: usize,
    ) -> tokio::task::JoinSet<Result<Value, Value>> {
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..count {
            let client = self.client.clone();
            calls.spawn(async move {
                let reply = client.call(tool, json!({})).await;
                let refused = reply.result()["isError"] == true;
                if refused { Err(reply.tool_error()) } else { Ok(reply.content().clone()) }
            });
        }
        calls
    }

    /// The value of a figure, such as `mcp_backend_waiting{service="notes"}`.
    pub(super) async fn figure(&self, name: &str) -> f64 {
        let metrics = self.client.get("/metrics").await;
        let value = metrics.text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.unwrap_or_else(|| panic!("no {name} in\n{}", metrics.text)).parse().unwrap()
    }

    /// Waits until a figure has this value.
    pub(super) async fn until(&self, name: &str, value: f64) {
        let reached = async {
            while self.figure(name).await != value {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), reached).await.expect("a figure");
    }

    /// Lets so much time pass that nothing which failed before counts any more.
    pub(super) fn forget(&self) {
        self.hand.pass(Duration::from_secs(60));
    }
}
