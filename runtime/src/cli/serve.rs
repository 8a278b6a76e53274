//! `serve`: the server, with the embedded backend where the configuration asks for it.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::{Failure, output};
use crate::config::Config;
use crate::native::fetch::Pages;
use crate::product::{BackendSettings, EmbeddedBackend, Product};
use crate::server::{self, Setup};

/// Serves until the process is told to stop. False when calls had to be cut off.
pub(super) async fn run(product: &Product, mut config: Config) -> Result<bool, Failure> {
    log(config.server.log_level);
    // A server for people keeps a record whether or not its configuration says where.
    config.audit.get_or_insert_default();
    config.idempotency.get_or_insert_default();
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    for line in config.loosened(product.tools.iter().map(|tool| tool.spec())) {
        tracing::warn!("looser than its manifest: {line}");
    }
    for line in config.open_doors() {
        tracing::warn!("{line}");
    }
    let embedded = match config.dev_backend.enabled {
        true => Some(start_backend(product, settings(&config)?).await?),
        false => None,
    };
    let address = embedded.as_ref().map(|backend| backend.address());
    let setup = Setup { embedded: address, ..Setup::default() };
    let running = server::start(product, config, setup).await.map_err(|error| format!("error: {error}"))?;
    if let Some(token) = running.approver_token() {
        // For the person at the terminal; a log would keep it.
        output::line(&format!("token for deciding on approvals, until the server stops: {token}"));
    }
    let mut signals = StopSignals::listen();
    tracing::info!(url = format!("http://{}/mcp", running.address()), "serving");
    signals.next().await;
    tracing::info!("stopping: calls under way may finish");
    let mut at_once = false;
    let finished = running
        .stop_before(async {
            signals.next().await;
            at_once = true;
        })
        .await;
    if at_once {
        return Err("stopped at once: calls under way were cut off".to_owned());
    }
    if let Some(backend) = embedded {
        backend.stop().await;
    }
    Ok(finished)
}

fn settings(config: &Config) -> Result<BackendSettings, Failure> {
    let section = &config.dev_backend;
    let pages = Pages::new(config.fetch.clone(), config.server.address())
        .map_err(|error| format!("error: {error}"))?;
    Ok(BackendSettings {
        listen: section.listen,
        data: section.data.clone(),
        demo: section.demo,
        service: None,
        pages,
    })
}

/// Starts the embedded backend, if this binary has one.
pub(super) async fn start_backend(
    product: &Product,
    settings: BackendSettings,
) -> Result<Box<dyn EmbeddedBackend>, Failure> {
    let start = product.dev_backend.ok_or("error: this binary was built without the feature dev-backend")?;
    start(settings).await.map_err(|message| format!("error: {message}"))
}

/// Logs as JSON lines on standard error, since text lines could be forged by what callers send.
pub(super) fn log(level: Level) {
    let own = ["runtime", "dev_backend", "simple_gpt_mcp"];
    let filter = own.into_iter().fold(Targets::new().with_default(Level::WARN), |filter, target| {
        filter.with_target(target, LevelFilter::from_level(level))
    });
    let layer = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::stderr);
    tracing_subscriber::registry().with(layer).with(filter).init();
}

/// Interrupts and requests to terminate. None is missed from the moment this is made.
pub(super) struct StopSignals([Option<Signal>; 2]);

impl StopSignals {
    pub(super) fn listen() -> Self {
        // Without a handler the system's own reaction to the signal stays in force.
        Self([SignalKind::terminate(), SignalKind::interrupt()].map(|kind| signal(kind).ok()))
    }

    pub(super) async fn next(&mut self) {
        let Self([terminate, interrupt]) = self;
        tokio::select! {
            () = of(terminate) => {}
            () = of(interrupt) => {}
        }
    }
}

async fn of(signal: &mut Option<Signal>) {
    if let Some(signal) = signal
        && signal.recv().await.is_some()
    {
        return;
    }
    std::future::pending().await
}
