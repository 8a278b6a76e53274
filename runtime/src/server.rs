//! The running server: what all requests share, from start to the last answer.

mod accept;
mod connection;
mod framing;
mod limits;
mod seats;
mod timed_io;
mod wire;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::approval::Approvals;
use crate::audit::{Audit, AuditError, Refusals};
use crate::auth::metadata::Metadata;
use crate::auth::{Auth, AuthMode, Caller, TokenHash};
use crate::backend::Backend;
use crate::catalog::{Catalog, View};
use crate::clock::Clock;
use crate::config::Config;
use crate::context::DEFAULT_TENANT;
use crate::idempotency::{Idempotency, JournalError};
use crate::metrics::Metrics;
use crate::native::fetch::{Fetcher, Network};
use crate::product::Product;
use crate::rate_limit::RateLimits;

use connection::Shared;
pub use limits::Limits;
use seats::Seats;
pub(crate) use seats::network;

/// How long calls that are cut off may take to end.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) config: Config,
    pub(crate) catalog: Catalog,
    pub(crate) backend: Backend,
    pub(crate) fetcher: Fetcher,
    /// Calls that are under way, also those that go on when their client is gone.
    pub(crate) tasks: TaskTracker,
    /// Name and version as clients are shown them.
    pub(crate) info: Value,
    /// The member `serverInfo` of a result's `_meta`, ready to splice.
    pub(crate) server_info_member: Arc<str>,
    /// Where the embedded backend listens, if there is one.
    pub(crate) embedded: Option<SocketAddr>,
    pub(crate) limits: Limits,
    pub(crate) auth: Auth,
    pub(crate) approvals: Approvals,
    pub(crate) rate_limits: RateLimits,
    pub(crate) idempotency: Idempotency,
    pub(crate) metrics: Metrics,
    pub(crate) audit: Audit,
    refusals: Refusals,
    pub(crate) clock: Clock,
    /// When the server started, by the clock's elapsed time.
    started: Duration,
    /// Says that calls under way are to end now.
    pub(crate) cut: CancellationToken,
    draining: AtomicBool,
}

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or not one of this machine.
    #[error("cannot listen on {address}: {cause}; choose another with MCP_SERVER_PORT or server.port")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The client of the backend services could not be made.
    #[error("cannot set up the HTTP client: {0}")]
    Client(String),
    /// Without randomness no key and no token can be made.
    #[error("the system has no randomness to give")]
    NoRandomness,
    /// Without an audit log no call may be made.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// Without its journal no key could be relied on.
    #[error(transparent)]
    Idempotency(#[from] JournalError),
}

impl Server {
    /// Whether new work is still taken.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Counts and records a request that was refused before it was a call, to this route where one is known.
    pub(crate) fn refused(&self, status: StatusCode, client: IpAddr, route: Option<&str>) {
        self.metrics.refused(match status {
            StatusCode::UNAUTHORIZED => "unauthorized",
            StatusCode::FORBIDDEN => "forbidden",
            StatusCode::SERVICE_UNAVAILABLE => "unavailable",
            _ => "too_many_requests",
        });
        self.refusals.record(status.as_u16(), client, route);
    }

    /// How long the server has been there.
    pub(crate) fn uptime(&self) -> Duration {
        self.clock.elapsed().saturating_sub(self.started)
    }

    /// All figures as they are now.
    pub(crate) fn figures(&self) -> String {
        self.metrics.text(self.audit.lag(), self.idempotency.figures(), self.backend.figures())
    }

    /// What a caller gets to see.
    pub(crate) fn view(&self, caller: &Caller) -> Arc<View> {
        match caller {
            Caller::Anyone => {
                let role = self.config.server.default_actor_role.clone().map(|role| [role]);
                self.catalog.view(DEFAULT_TENANT, role.as_ref().map(<[String; 1]>::as_slice), None)
            }
            Caller::Known(principal) => {
                self.catalog.view(&principal.tenant, Some(&principal.roles), principal.scopes.as_deref())
            }
        }
    }
}

/// A server that listens.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    server: Arc<Server>,
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
    approver_token: Option<String>,
}

/// What a start may set beside the configuration.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where the embedded backend listens, if there is one.
    pub embedded: Option<SocketAddr>,
    /// Bounds of connections and requests.
    pub limits: Limits,
    /// The time.
    pub clock: Clock,
    /// The network from which pages are fetched.
    pub network: Network,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            embedded: None,
            limits: Limits::default(),
            clock: Clock::system(),
            network: Network::default(),
        }
    }
}

/// Starts to serve the product's tools.
pub async fn start(product: &Product, config: Config, setup: Setup) -> Result<Running, StartError> {
    let address = config.server.address();
    let listen = |cause| StartError::Listen { address, cause };
    let listener = accept::listen(address).map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let (server, approver_token) = server(product, config, setup, address)?;
    let (stop, stopped) = watch::channel(false);
    let shared = Arc::new(Shared {
        router: crate::http::router(Arc::clone(&server), address),
        forwarded: Seats::new(usize::MAX, server.limits.per_client),
        server: Arc::clone(&server),
    });
    let accepting = tokio::spawn(accept::run(listener, shared, stopped));
    Ok(Running { address, server, stop, accepting, approver_token })
}

/// What requests share, and the token for deciding on approvals where the configuration gives nobody that right.
fn server(
    product: &Product,
    config: Config,
    setup: Setup,
    address: SocketAddr,
) -> Result<(Arc<Server>, Option<String>), StartError> {
    let backend = Backend::new(&config.tenants, &setup.clock)
        .map_err(|error| StartError::Client(error.without_url().to_string()))?;
    let catalog = Catalog::new(product.tools, &config);
    let mode = config.security.auth.mode.clone();
    let (token, approver) = match mode.names_an_approver() {
        true => (None, None),
        false => TokenHash::generate()
            .map(|(token, hash)| (Some(token), Some(hash)))
            .ok_or(StartError::NoRandomness)?,
    };
    let origin = config.server.public_origin.clone().unwrap_or_else(|| format!("http://{address}"));
    let metadata = match &mode {
        AuthMode::Jwt(settings) => Some(Metadata::new(&origin, settings, &catalog.scopes())),
        AuthMode::None | AuthMode::Token(_) => None,
    };
    let fetcher = Fetcher::new(config.fetch.clone(), setup.network, address, setup.clock.clone())
        .map_err(|error| StartError::Client(error.to_string()))?;
    let webhook = config.security.approval.webhook.clone().map(|webhook| (backend.client(), webhook));
    let info = json!({"name": config.server.name, "version": env!("CARGO_PKG_VERSION")});
    let audit = match &config.audit {
        Some(section) => Audit::open(section, setup.clock.clone())?,
        None => Audit::default(),
    };
    let server = Server {
        refusals: Refusals::new(audit.clone()),
        audit,
        auth: Auth::new(mode, backend.client(), metadata, approver),
        rate_limits: RateLimits::new(config.rate_limits.clone(), config.tenants.keys()),
        idempotency: Idempotency::open(config.journal().as_deref(), setup.clock.clone())?,
        metrics: Metrics::new(product.tools.iter().map(|tool| tool.spec().name), config.tenants.keys()),
        started: setup.clock.elapsed(),
        clock: setup.clock.clone(),
        approvals: Approvals::new(setup.clock, webhook).ok_or(StartError::NoRandomness)?,
        catalog,
        fetcher,
        backend,
        tasks: TaskTracker::new(),
        server_info_member: format!(r#""io.modelcontextprotocol/serverInfo":{info}"#).into(),
        info,
        embedded: setup.embedded,
        limits: setup.limits,
        cut: CancellationToken::new(),
        draining: AtomicBool::new(false),
        config,
    };
    Ok((Arc::new(server), token))
}

impl Running {
    /// The token for deciding on approvals that was made at start, where the configuration gives nobody that right.
    pub fn approver_token(&self) -> Option<&str> {
        self.approver_token.as_deref()
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more calls, lets those under way finish, and returns whether all of them did in time; those that
    /// did not are cut off from their clients.
    pub async fn stop(self) -> bool {
        self.stop_before(std::future::pending()).await
    }

    /// The same, but calls are cut off as soon as `end` comes.
    pub async fn stop_before(mut self, end: impl Future<Output = ()>) -> bool {
        self.server.draining.store(true, Ordering::Relaxed);
        // Nobody listening any more means that accepting has ended already.
        let _ended = self.stop.send(true);
        self.server.tasks.close();
        let finish = async {
            let _joined = (&mut self.accepting).await;
            self.server.tasks.wait().await;
        };
        let finished = tokio::select! {
            () = finish => true,
            () = tokio::time::sleep(self.server.limits.drain) => false,
            () = end => false,
        };
        if !finished {
            self.server.cut.cancel();
            self.accepting.abort();
            // They only have to say that they were cut off.
            let _in_time = tokio::time::timeout(LAST_WORDS, self.server.tasks.wait()).await;
        }
        self.server.idempotency.close().await;
        self.server.refusals.flush();
        self.server.audit.close().await;
        finished
    }
}
