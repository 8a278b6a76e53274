//! How a page that a user named is opened: by a function of whoever starts the service, since this service
//! does not judge addresses and so must never open one of a user's itself.

use std::pin::Pin;
use std::sync::Arc;

/// Opens pages. It decides what may be opened, and answers within a time of its own.
pub type Fetch = Arc<dyn Fn(FetchRequest) -> Fetching + Send + Sync>;

/// A page that is on its way; an error is in words for the user and gives nothing of the network away.
pub type Fetching = Pin<Box<dyn Future<Output = Result<FetchedPage, String>> + Send>>;

/// Which page to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchRequest {
    /// For which tenant.
    pub tenant: String,
    /// Its absolute URL.
    pub url: String,
}

/// What a page said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedPage {
    /// The status of the answer.
    pub status: u16,
    /// The page's title; blank where it has none.
    pub title: String,
    /// Its text. A stranger wrote it.
    pub text: String,
}
