//! Pages for an embedded backend: the same fetcher under the same rules, without a call of an agent.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::fault::Fault;
use super::fetcher::Fetcher;
use super::html::Reading;
use super::network::Network;
use crate::clock::Clock;
use crate::config::FetchSection;
use crate::tool_error::ToolError;

/// Longest time that opening a page may take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Opens public pages by the rules of the section `fetch`.
#[derive(Clone, Debug)]
pub struct Pages(Arc<Fetcher>);

/// What a page says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageText {
    /// Status of the answer.
    pub status: u16,
    /// Its title; empty where it has none.
    pub title: String,
    /// Its text without markup, as far as it was asked for. A stranger wrote it.
    pub text: String,
}

impl Pages {
    /// Pages by these rules, and never from `own`, where this program listens.
    pub(crate) fn new(config: FetchSection, own: SocketAddr) -> Result<Self, String> {
        let fetcher = Fetcher::new(config, Network::default(), own, Clock::system());
        fetcher.map(|fetcher| Self(Arc::new(fetcher))).map_err(|error| error.to_string())
    }

    /// Opens a page for a tenant and returns so many characters of its text.
    ///
    /// # Errors
    /// Why there is no page, in words that a user may read.
    pub async fn open(&self, tenant: &str, url: &str, most_chars: usize) -> Result<PageText, ToolError> {
        let opened = tokio::time::timeout(TIMEOUT, self.read(tenant, url, most_chars)).await;
        opened.unwrap_or(Err(Fault::Late(TIMEOUT))).map_err(ToolError::from)
    }

    async fn read(&self, tenant: &str, url: &str, most_chars: usize) -> Result<PageText, Fault> {
        let Self(fetcher) = self;
        let page = fetcher.page(tenant, url).await?;
        let (base, deadline) = (page.final_url.clone(), Instant::now() + TIMEOUT);
        let reading = Reading { markdown: false, base, most_chars, deadline };
        let read = super::text(fetcher, &page, reading).await?;
        Ok(PageText { status: page.status, title: read.title, text: read.text })
    }
}
