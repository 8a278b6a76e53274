//! What the operator decides about the service.

use std::net::SocketAddr;
use std::path::PathBuf;

/// How to start the development backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The address to listen on; port 0 takes any free port. Anything but loopback is warned about,
    /// since the service believes whatever tenant and actor a caller names.
    pub listen: SocketAddr,
    /// The SQLite file; it and its parent folders are created where missing.
    pub data: PathBuf,
    /// Fill the tenant `default` with a believable small business, where nothing has ever happened in it.
    pub demo: bool,
    /// Serve this one service only, at its usual prefix; `None` serves them all.
    pub service: Option<String>,
}
