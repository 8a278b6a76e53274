//! What the fetcher takes from the machine it runs on, so that tests can put something else in its place.
//!
//! No configuration reaches any of it: an operator cannot make a private address public.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use super::address::Addresses;

/// Addresses that are being looked up.
pub type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Finds the addresses of a name.
pub trait Resolve: Send + Sync {
    /// All addresses of `name`, in the order in which they should be tried.
    fn resolve(&self, name: &str) -> Resolving;
}

/// The resolver of the system.
struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: &str) -> Resolving {
        // With its dot the name is whole, so no search domain of the machine is put behind it.
        let name = format!("{name}.");
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// The network as the fetcher finds it.
#[derive(Clone)]
pub struct Network {
    /// Finds addresses.
    pub resolver: Arc<dyn Resolve>,
    /// Decides on them.
    pub addresses: Addresses,
    /// Certificates, in DER, that are trusted besides those of the system.
    pub more_roots: Vec<Vec<u8>>,
}

impl Default for Network {
    fn default() -> Self {
        Self { resolver: Arc::new(SystemResolver), addresses: Addresses::default(), more_roots: Vec::new() }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Network").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}
