//! The running server: what all requests share, from start to the last answer.

mod accept;
mod connection;
mod framing;
mod limits;
mod seats;
mod timed_io;
mod wire;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use crate::backend::Backend;
use crate::catalog::Catalog;
use crate::config::Config;
use crate::http;
use crate::product::Product;

use connection::Shared;
pub use limits::Limits;
use seats::Seats;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) config: Config,
    pub(crate) catalog: Catalog,
    pub(crate) backend: Backend,
    /// Calls that go on when their client is gone.
    pub(crate) tasks: TaskTracker,
    /// Name and version as clients are shown them.
    pub(crate) info: Value,
    /// The member `serverInfo` of a result's `_meta`, ready to splice.
    pub(crate) server_info_member: Arc<str>,
    /// Where the embedded backend listens, if there is one.
    pub(crate) embedded: Option<SocketAddr>,
    pub(crate) limits: Limits,
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
}

impl Server {
    /// Whether new work is still taken.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}

/// A server that listens.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    server: Arc<Server>,
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

/// Starts to serve the product's tools. `embedded` is where the embedded backend listens, if there is one.
pub async fn start(
    product: &Product,
    config: Config,
    embedded: Option<SocketAddr>,
) -> Result<Running, StartError> {
    start_within(product, config, embedded, Limits::default()).await
}

/// Starts to serve within limits of the caller's own.
pub async fn start_within(
    product: &Product,
    config: Config,
    embedded: Option<SocketAddr>,
    limits: Limits,
) -> Result<Running, StartError> {
    let address = config.server.address();
    let listen = |cause| StartError::Listen { address, cause };
    let backend = Backend::new().map_err(|error| StartError::Client(error.without_url().to_string()))?;
    let info = json!({"name": config.server.name, "version": env!("CARGO_PKG_VERSION")});
    let server = Arc::new(Server {
        catalog: Catalog::new(product.tools, &config),
        backend,
        tasks: TaskTracker::new(),
        server_info_member: format!(r#""io.modelcontextprotocol/serverInfo":{info}"#).into(),
        info,
        embedded,
        limits,
        draining: AtomicBool::new(false),
        config,
    });
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let (stop, stopped) = watch::channel(false);
    let shared = Arc::new(Shared {
        router: http::router(Arc::clone(&server), address),
        limits,
        proxies: server.config.server.trusted_proxies.clone(),
        forwarded: Seats::new(usize::MAX, limits.per_client),
    });
    let accepting = tokio::spawn(accept::run(listener, shared, stopped));
    Ok(Running { address, server, stop, accepting })
}

impl Running {
    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more calls, lets those under way finish, and returns whether all of them did in time; those that
    /// did not are cut off from their clients.
    pub async fn stop(self) -> bool {
        self.server.draining.store(true, Ordering::Relaxed);
        // Nobody listening any more means that accepting has ended already.
        let _ended = self.stop.send(true);
        self.server.tasks.close();
        let abort = self.accepting.abort_handle();
        let drain = self.server.limits.drain;
        let finish = async {
            let _joined = self.accepting.await;
            self.server.tasks.wait().await;
        };
        let finished = tokio::time::timeout(drain, finish).await.is_ok();
        abort.abort();
        finished
    }
}
