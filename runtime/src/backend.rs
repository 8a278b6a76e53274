//! Forwarding a call to a backend service.
//!
//! One pooled client serves all tenants, and one more each file of issuers that services name. It follows no redirect,
//! obeys no proxy of the environment, asks for no compression, sends nothing twice by itself, and reads no more of an
//! answer than the limit.

mod answer;
mod breaker;
mod budget;
mod chance;
mod circuit;
mod error;
mod figures;
mod names;
mod pace;
mod request;
mod retry;
mod statement;
mod tally;
mod upstream;

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::time::Duration;

use reqwest::redirect;

use crate::clock::Clock;
use crate::config::{Issuers, Service};
use crate::tool_error::ToolError;

pub(crate) use error::Failure;
pub(crate) use figures::BackendFigures;
use names::Names;
pub(crate) use pace::PaceSettings;
pub(crate) use request::BackendRequest;
use upstream::Upstream;
pub(crate) use upstream::{Asked, Terms};

/// Longest wait for a connection, whatever the tool's own timeout.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Idle connections are closed before a service's usual own limit, so that few requests meet a closed one.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Idle connections kept per service.
const IDLE_CONNECTIONS: usize = 64;

/// The client of all backend services.
#[derive(Debug)]
pub(crate) struct Backend {
    client: reqwest::Client,
    /// Services by tenant and name.
    upstreams: HashMap<String, HashMap<String, Upstream>>,
}

impl Backend {
    /// The client of these services.
    pub(crate) fn new(
        tenants: &BTreeMap<String, BTreeMap<String, Service>>,
        clock: &Clock,
    ) -> Result<Self, reqwest::Error> {
        let names = Names::of_system();
        let client = builder(&names).build()?;
        // Clients that take certificates of the issuers in these files alone.
        let mut private = HashMap::new();
        let mut upstreams: HashMap<_, HashMap<_, _>> = HashMap::new();
        for (tenant, services) in tenants {
            let of_tenant = upstreams.entry(tenant.clone()).or_default();
            for (name, service) in services {
                let client = match &service.issuers {
                    None => client.clone(),
                    Some(Issuers { path, pem }) => match private.get(path) {
                        Some(client) => reqwest::Client::clone(client),
                        None => {
                            let issuers = reqwest::Certificate::from_pem_bundle(pem)?;
                            let client = builder(&names).tls_certs_only(issuers).build()?;
                            private.insert(path, client.clone());
                            client
                        }
                    },
                };
                let upstream = Upstream::new(tenant.clone(), client, service.pace, clock.clone());
                of_tenant.insert(name.clone(), upstream);
            }
        }
        Ok(Self { client, upstreams })
    }

    /// The client itself, for what the server asks of others than backend services.
    pub(crate) fn client(&self) -> reqwest::Client {
        self.client.clone()
    }

    /// Sends a tenant's request to a service until there is an answer, nothing more may be tried, or the time is
    /// over. `request` makes it anew for each attempt, when it is about to be sent. `None` where the tenant has no such service.
    pub(crate) async fn ask(
        &self,
        tenant: &str,
        service: &'static str,
        terms: Terms,
        request: impl Fn() -> BackendRequest,
    ) -> Option<Asked> {
        Some(self.upstream(tenant, service)?.ask(service, terms, request).await)
    }

    /// Whether a tenant's service fails so often that it is hardly asked.
    pub(crate) fn is_cut_off(&self, tenant: &str, service: &str) -> bool {
        self.upstream(tenant, service).is_some_and(Upstream::is_cut_off)
    }

    /// The figures of each service, of all tenants together.
    pub(crate) fn figures(&self) -> BTreeMap<&str, BackendFigures> {
        let mut figures = BTreeMap::<_, BackendFigures>::new();
        for (service, upstream) in self.upstreams.values().flatten() {
            *figures.entry(service.as_str()).or_default() += upstream.figures();
        }
        figures
    }

    fn upstream(&self, tenant: &str, service: &str) -> Option<&Upstream> {
        self.upstreams.get(tenant)?.get(service)
    }

    /// Whether what listens at `address` says that it is well.
    pub(crate) async fn is_healthy(&self, address: SocketAddr, timeout: Duration) -> bool {
        let probe = self.client.get(format!("http://{address}/health")).timeout(timeout).send();
        probe.await.is_ok_and(|response| response.status().is_success())
    }
}

fn builder(names: &Names) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .dns_resolver(names.clone())
        .no_proxy()
        .redirect(redirect::Policy::none())
        // What may be sent again is decided where the call is known.
        .retry(reqwest::retry::never())
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
