//! What the runtime offers to the tools that it answers itself.

use super::fetch::Fetcher;

/// Shared by all calls of a server.
#[derive(Debug)]
pub(crate) struct Services {
    pub(crate) fetcher: Fetcher,
}
