//! What an operator decides, read from `config/server.yaml`.
//!
//! Reading reports every problem of the file at once, each at its line and column, and never shows a secret.

mod approval;
mod audit;
mod auth;
mod fetch;
mod idempotency;
mod jwt;
mod loosened;
mod pending;
mod proxies;
mod rate_limits;
mod read;
mod reading;
#[cfg(test)]
mod schema;
mod security;
mod server;
mod service;
mod tenants;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

pub(crate) use approval::{ApprovalMode, ApprovalSection, ToolApproval, Webhook};
pub(crate) use audit::{AuditSection, Durability};
pub(crate) use auth::AuthSection;
pub(crate) use fetch::FetchSection;
pub(crate) use idempotency::IdempotencySection;
pub(crate) use proxies::TrustedProxies;
pub use read::ConfigError;
pub(crate) use service::{ContextPlace, Issuers, Secret, Service};

use crate::rate_limit::RateLimitSettings;

/// The whole configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// How the server listens and shows itself.
    pub server: ServerSection,
    /// The embedded backend for development.
    pub dev_backend: DevBackendSection,
    /// Backend services by tenant and service name.
    pub(crate) tenants: BTreeMap<String, BTreeMap<String, Service>>,
    pub(crate) security: SecuritySection,
    pub(crate) rate_limits: RateLimitSettings,
    /// The audit log; `None` where the file has no section for it. `serve` then keeps one all the same.
    pub(crate) audit: Option<AuditSection>,
    /// Where idempotency keys are kept; `None` where the file has no section for them. `serve` then keeps them on disk.
    pub(crate) idempotency: Option<IdempotencySection>,
    pub(crate) fetch: FetchSection,
    /// What an operator should know though it is no error.
    pub(crate) warnings: Vec<String>,
}

/// How the server listens and shows itself.
#[derive(Clone, Debug)]
pub struct ServerSection {
    /// Name that clients are shown.
    pub name: String,
    /// Address to listen on.
    pub host: IpAddr,
    /// Port to listen on; 0 lets the system choose.
    pub port: u16,
    /// Least severe level that is logged.
    pub log_level: tracing::Level,
    /// Further `Host` values that are accepted, besides loopback names and the listening address.
    pub allowed_hosts: Vec<String>,
    /// Values of `Origin` that are accepted.
    pub allowed_origins: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub(crate) trusted_proxies: TrustedProxies,
    /// Whether `tools/list` shows aliases as tools of their own.
    pub list_aliases: bool,
    /// Whether `tools/list` shows result schemas.
    pub list_outputs: bool,
    /// Origin under which clients reach the server, where that is not its own address.
    pub public_origin: Option<String>,
    /// Role of a caller that names none, in auth mode `none`.
    pub default_actor_role: Option<String>,
}

impl ServerSection {
    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }
}

/// The embedded backend for development.
#[derive(Clone, Debug)]
pub struct DevBackendSection {
    /// Whether `serve` starts it.
    pub enabled: bool,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Its database file.
    pub data: PathBuf,
    /// Whether it fills the tenant `default` with a believable small business, where that has no data.
    pub demo: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct SecuritySection {
    pub(crate) default_allowed_roles: Vec<String>,
    /// Overrides by canonical tool name.
    pub(crate) tools: BTreeMap<String, ToolPolicy>,
    pub(crate) auth: AuthSection,
    pub(crate) approval: ApprovalSection,
}

/// What configuration changes about one tool.
#[derive(Clone, Debug, Default)]
pub(crate) struct ToolPolicy {
    pub(crate) approval_required: Option<bool>,
    pub(crate) approval: Option<ToolApproval>,
    pub(crate) allowed_roles: Option<Vec<String>>,
}
