//! The one place that knows both the runtime and the development backend.

use std::net::SocketAddr;
use std::sync::Arc;

use dev_backend::{Fetch, FetchRequest, FetchedPage, Hooks};
use runtime::native::fetch::Pages;
use runtime::{BackendSettings, EmbeddedBackend, Pending};

/// How much of a page the development backend gets, in characters.
const MOST_CHARS: usize = 4_000;

/// Starts the development backend in this process.
pub(crate) fn start(settings: BackendSettings) -> Pending<Result<Box<dyn EmbeddedBackend>, String>> {
    let BackendSettings { listen, data, demo, service, pages } = settings;
    Box::pin(async move {
        let settings = dev_backend::Settings { listen, data, demo, service };
        let hooks = Hooks { fetch: Some(fetch(pages)), ..Hooks::default() };
        let running = dev_backend::start_with(settings, hooks).await.map_err(|error| error.to_string())?;
        Ok(Box::new(Embedded(running)) as Box<dyn EmbeddedBackend>)
    })
}

/// Pages that users of the development backend name are opened by the runtime, which judges every address.
fn fetch(pages: Pages) -> Fetch {
    Arc::new(move |FetchRequest { tenant, url }| {
        let pages = pages.clone();
        Box::pin(async move {
            let page = pages.open(&tenant, &url, MOST_CHARS).await.map_err(|error| error.message)?;
            Ok(FetchedPage { status: page.status, title: page.title, text: page.text })
        })
    })
}

struct Embedded(dev_backend::Running);

impl EmbeddedBackend for Embedded {
    fn address(&self) -> SocketAddr {
        self.0.address()
    }

    fn stop(self: Box<Self>) -> Pending<()> {
        Box::pin(self.0.stop())
    }
}
