//! Forwarding a call to a backend service.
//!
//! One pooled client serves all tenants, and one more each file of issuers that services name. It follows no redirect, obeys no proxy of the environment, asks for
//! no compression, and reads no more of an answer than the limit.

mod answer;
mod error;
mod pace;
mod request;
mod statement;

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect;
use tokio::time::{Instant, timeout_at};

use crate::config::{Issuers, Service};
use crate::json::Json;
use crate::tool_error::ToolError;

pub(crate) use error::Failure;
use pace::Pace;
pub(crate) use pace::PaceSettings;
pub(crate) use request::BackendRequest;

/// Longest wait for a connection, whatever the tool's own timeout.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Idle connections are closed before a service's usual own limit, so that few requests meet a closed one.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Idle connections kept per service.
const IDLE_CONNECTIONS: usize = 64;

/// The client of all backend services.
#[derive(Clone, Debug)]
pub(crate) struct Backend {
    client: reqwest::Client,
    /// Clients that take certificates of the issuers in these files alone.
    private: HashMap<PathBuf, reqwest::Client>,
    /// The pace of services that have one, by tenant and name.
    paces: Arc<HashMap<String, HashMap<String, Pace>>>,
}

impl Backend {
    /// The client of these services.
    pub(crate) fn new(tenants: &BTreeMap<String, BTreeMap<String, Service>>) -> Result<Self, reqwest::Error> {
        let mut private = HashMap::new();
        let services = tenants.values().flat_map(BTreeMap::values);
        for Issuers { path, pem } in services.filter_map(|service| service.issuers.as_ref()) {
            if !private.contains_key(path) {
                let issuers = reqwest::Certificate::from_pem_bundle(pem)?;
                private.insert(path.clone(), builder().tls_certs_only(issuers).build()?);
            }
        }
        let of_tenant = |services: &BTreeMap<String, Service>| {
            let pace = |(name, service): (&String, &Service)| Some((name.clone(), Pace::new(service.pace)?));
            services.iter().filter_map(pace).collect()
        };
        let paces = tenants.iter().map(|(tenant, services)| (tenant.clone(), of_tenant(services))).collect();
        Ok(Self { client: builder().build()?, private, paces: Arc::new(paces) })
    }

    /// The client itself, for what the server asks of others than backend services.
    pub(crate) fn client(&self) -> reqwest::Client {
        self.client.clone()
    }

    /// Sends a tenant's request and reads its whole answer, all within `timeout`: the status, and the JSON of a
    /// success. Waiting for its turn is part of that.
    pub(crate) async fn send(
        &self,
        tenant: &str,
        request: BackendRequest,
        timeout: Duration,
    ) -> Result<(u16, Json), Failure> {
        let service = request.service;
        let deadline = Instant::now() + timeout;
        let pace = self.paces.get(tenant).and_then(|services| services.get(service));
        let _turn = match pace {
            Some(pace) => {
                let turn = timeout_at(deadline, pace.turn()).await;
                Some(turn.map_err(|_| Failure::of_pace(service, timeout))?)
            }
            None => None,
        };
        let exchange = async {
            let client = match &request.issuers {
                None => &self.client,
                Some(path) => self.private.get(path).ok_or_else(|| Failure::without_client(service))?,
            };
            let response = client
                .execute(request.into_http()?)
                .await
                .map_err(|error| Failure::of_transport(service, error))?;
            let status = response.status().as_u16();
            answer::read(service, response).await.map(|json| (status, json))
        };
        timeout_at(deadline, exchange).await.unwrap_or_else(|_| Err(Failure::timeout(service, timeout)))
    }

    /// Whether what listens at `address` says that it is well.
    pub(crate) async fn is_healthy(&self, address: SocketAddr, timeout: Duration) -> bool {
        let probe = self.client.get(format!("http://{address}/health")).timeout(timeout).send();
        probe.await.is_ok_and(|response| response.status().is_success())
    }
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .tcp_nodelay(true)
}

/// The refusal of a call to a service that the caller's tenant does not have.
pub(crate) fn not_configured(service: &str) -> ToolError {
    ToolError::new(
        crate::tool_error::ErrorCode::BackendUnavailable,
        format!("the {service} service is not set up for this tenant; an operator can add it"),
    )
}
