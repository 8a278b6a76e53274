//! What the runtime is handed by the program that links it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;

use crate::native::fetch::Pages;
use crate::tool::Tool;

/// The tools to serve, and the embedded backend if it was built in.
#[derive(Clone, Copy, Debug)]
pub struct Product {
    /// All tools, sorted by name.
    pub tools: &'static [&'static Tool],
    /// Names of the backend services that manifests may name.
    pub services: &'static [&'static str],
    /// How to start the embedded backend.
    pub dev_backend: Option<StartBackend>,
}

/// Starts an embedded backend; an error is in words for the operator.
pub type StartBackend = fn(BackendSettings) -> Pending<Result<Box<dyn EmbeddedBackend>, String>>;

/// Something that will be there later.
pub type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What an embedded backend is to be.
#[derive(Clone, Debug)]
pub struct BackendSettings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Its database file.
    pub data: PathBuf,
    /// Whether it fills the tenant `default` with a believable small business, where that has no data.
    pub demo: bool,
    /// The one service to offer, or all of them.
    pub service: Option<String>,
    /// What opens pages that users name.
    pub pages: Pages,
}

/// A backend that runs inside this process.
pub trait EmbeddedBackend: Send {
    /// Where it listens.
    fn address(&self) -> SocketAddr;

    /// Stops it, with all answers given.
    fn stop(self: Box<Self>) -> Pending<()>;
}
