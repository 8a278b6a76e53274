//! Starting the service, and the handle that keeps it running.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::app;
use crate::automation;
use crate::database::Database;
use crate::demo;
use crate::hooks::Hooks;
use crate::service;
use crate::settings::Settings;
use crate::start_error::StartError;

/// How long requests that are under way may take to finish when the service stops.
const DRAIN: Duration = Duration::from_secs(5);

/// A running service. It stops when this is dropped; [`Running::stop`] also waits for its end.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    ended: watch::Receiver<bool>,
}

/// Starts the service: opens or creates the database, brings its schema up to date, and listens.
///
/// # Errors
/// Whatever keeps the service from starting, and what to do about it.
///
/// # Example
/// ```no_run
/// # async fn example() -> Result<(), dev_backend::StartError> {
/// let listen = std::net::SocketAddr::from(([127, 0, 0, 1], 8000));
/// let settings = dev_backend::Settings { listen, data: "data/dev.sqlite".into(), demo: false, service: None };
/// let running = dev_backend::start(settings).await?;
/// running.wait().await;
/// # Ok(())
/// # }
/// ```
pub async fn start(settings: Settings) -> Result<Running, StartError> {
    start_with(settings, Hooks::default()).await
}

/// Starts the service like [`start`], by another clock than the machine's, or able to open pages.
///
/// # Errors
/// Whatever keeps the service from starting, and what to do about it.
pub async fn start_with(settings: Settings, hooks: Hooks) -> Result<Running, StartError> {
    let services = service::chosen(settings.service.as_deref())?;
    let listener = listen(settings.listen).await?;
    let address =
        listener.local_addr().map_err(|source| StartError::Listen { address: settings.listen, source })?;
    let path = settings.data.clone();
    let opened = tokio::task::spawn_blocking(move || Database::open(&path)).await;
    let database = opened
        .map_err(|error| StartError::Database { path: settings.data.clone(), reason: error.to_string() })??;
    let name = settings.service.as_deref().unwrap_or("all");
    tracing::info!(%address, data = %settings.data.display(), service = name,
        "development backend: for development only, never put it before real users");
    if !address.ip().is_loopback() {
        tracing::warn!(%address, "listening beyond this machine: whoever reaches this address may read and \
            change every tenant's data");
    }
    if settings.demo {
        let now = hooks.clock.clone();
        let filled = database.write(move |rows| demo::fill(rows, &now)).await;
        filled.map_err(|failure| StartError::Database {
            path: settings.data.clone(),
            reason: format!("the demo data could not be written: {failure}"),
        })?;
    }
    let database = Arc::new(database);
    let router = app::router(&database, &hooks, services, name);
    if services.iter().any(|service| service.name == "automation") {
        let resumed = automation::resume(Arc::clone(&database), hooks.clock).await;
        resumed.map_err(|error| StartError::Database { path: settings.data, reason: error.to_string() })?;
    }
    let (stop, stopping) = watch::channel(false);
    let (ending, ended) = watch::channel(false);
    tokio::spawn(async move {
        serve(listener, router, stopping).await;
        database.close().await;
        // Nobody listening for the end is fine.
        let _unheard = ending.send(true);
    });
    Ok(Running { address, stop, ended })
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => StartError::AddressInUse { address },
        _ => StartError::Listen { address, source },
    })
}

/// Serves until told to stop, and then for as long as requests are under way, within a bound.
async fn serve(listener: TcpListener, router: axum::Router, stopping: watch::Receiver<bool>) {
    let graceful = axum::serve(listener, router).with_graceful_shutdown(told(stopping.clone()));
    let bound = async {
        told(stopping).await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        served = graceful => if let Err(error) = served {
            tracing::error!(%error, "the development backend failed");
        },
        () = bound => tracing::warn!("requests were cut off when the development backend stopped"),
    }
}

/// Returns when told to stop, or when nobody is left to tell it.
async fn told(mut stopping: watch::Receiver<bool>) {
    let _abandoned = stopping.wait_for(|stop| *stop).await.is_err();
}

// === impl Running ===

impl Running {
    /// The address that the service listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops the service: no new connections, requests under way finish within a bound, the database closes.
    pub async fn stop(self) {
        // An error means that it has ended already.
        let _ended = self.stop.send(true);
        self.wait().await;
    }

    /// Waits until the service has ended, by [`Running::stop`] or by a failure, which the log tells.
    pub async fn wait(&self) {
        let _crashed = self.ended.clone().wait_for(|ended| *ended).await.is_err();
    }
}
