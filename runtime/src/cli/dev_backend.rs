//! `dev-backend`: the embedded backend services without the gateway before them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::Args;

use super::{Failure, serve};
use crate::config::FetchSection;
use crate::native::fetch::Pages;
use crate::product::{BackendSettings, Product};

/// What to run.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Offer just this service
    #[arg(long, env = "SERVICE_NAME", value_name = "NAME")]
    service: Option<String>,
    /// Address to listen on
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// Port to listen on
    #[arg(long, default_value_t = 8000)]
    port: u16,
    /// Database file
    #[arg(long, default_value = "data/dev.sqlite", value_name = "FILE")]
    data: PathBuf,
    /// Fill the tenant `default` with a believable small business, where it has no data
    #[arg(long)]
    demo: bool,
}

/// Runs until the process is told to stop.
pub(super) async fn run(product: &Product, arguments: Arguments) -> Result<bool, Failure> {
    serve::log(tracing::Level::INFO);
    let Arguments { service, host, port, data, demo } = arguments;
    let listen = SocketAddr::new(host, port);
    let pages = Pages::new(FetchSection::default(), listen).map_err(|error| format!("error: {error}"))?;
    let settings = BackendSettings { listen, data, demo, service, pages };
    let backend = serve::start_backend(product, settings).await?;
    serve::StopSignals::listen().next().await;
    backend.stop().await;
    Ok(true)
}
