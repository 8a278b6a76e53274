//! How the gateway is, as far as it concerns one tenant: no URL, no secret, and nothing of any other tenant.

mod rules;

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Url;
use serde_json::{Map, Value, json};
use tokio::net::TcpStream;

use super::{Answer, NativeAnswer, NativeCall};
use crate::approval::{ApprovalState, Approver};
use crate::clock::iso;
use crate::config::Service;
use crate::json::Json;

/// Longest wait for a service to accept a connection.
const PROBE: Duration = Duration::from_secs(2);

/// What to tell.
#[derive(Debug)]
pub struct Arguments {
    /// Whether to tell the limits and rules that hold for the caller.
    pub include_config: bool,
}

/// Answers with what concerns the caller's tenant.
pub fn run(call: NativeCall, arguments: Arguments) -> NativeAnswer {
    Box::pin(async move {
        let mut health = health(&call).await;
        if let (true, Some(members)) = (arguments.include_config, health.as_object_mut()) {
            members.insert("config".to_owned(), rules::of(&call));
        }
        Ok(Answer::Json(Json::from_value(&health)))
    })
}

async fn health(call: &NativeCall) -> Value {
    let server = &call.server;
    let services = match server.config.tenants.get(&call.tenant) {
        Some(services) => reachable(services).await,
        None => Vec::new(),
    };
    let writable = !server.audit.is_failing();
    let services: Vec<_> = services
        .into_iter()
        .map(|(name, reachable)| (name, reachable, server.backend.is_cut_off(&call.tenant, name)))
        .collect();
    let well = writable && services.iter().all(|(_, reachable, cut_off)| *reachable && !cut_off);
    let services: Map<String, Value> = services
        .into_iter()
        .map(|(name, reachable, cut_off)| {
            let circuit = if cut_off { "open" } else { "closed" };
            (name.to_owned(), json!({"reachable": reachable, "circuit": circuit}))
        })
        .collect();
    json!({
        "tenant_id": call.tenant,
        "status": if well { "healthy" } else { "degraded" },
        "time": iso(server.clock.now()),
        "uptime_seconds": server.uptime().as_secs_f64().round(),
        "server": server.info,
        "services": services,
        "audit": {"enabled": server.audit.is_on(), "writable": writable},
        "approvals": {"pending": pending(call).await},
    })
}

/// Which of these services accept connections. All are asked at once, so that one that hangs costs no more than
/// the bound.
async fn reachable(services: &BTreeMap<String, Service>) -> Vec<(&str, bool)> {
    let answers = join_all(services.values().map(accepts)).await;
    services.keys().map(String::as_str).zip(answers).collect()
}

/// Whether a service accepts a connection. Nothing is sent: it does not have to know of this.
async fn accepts(service: &Service) -> bool {
    let Ok(url) = Url::parse(&service.url) else { return false };
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return false };
    let connect = TcpStream::connect((host.trim_matches(['[', ']']), port));
    matches!(tokio::time::timeout(PROBE, connect).await, Ok(Ok(_)))
}

/// How many calls of the tenant wait for a decision.
async fn pending(call: &NativeCall) -> usize {
    let of_tenant = Approver { credential: String::new(), tenant: Some(call.tenant.clone()) };
    let approvals = call.server.approvals.list(&of_tenant).await;
    approvals.iter().filter(|approval| approval.state == ApprovalState::Pending).count()
}
