//! The one place that knows both the runtime and the development backend.

use std::net::SocketAddr;

use runtime::{BackendSettings, EmbeddedBackend, Pending};

/// Starts the development backend in this process.
pub(crate) fn start(settings: BackendSettings) -> Pending<Result<Box<dyn EmbeddedBackend>, String>> {
    let BackendSettings { listen, data, demo, service } = settings;
    Box::pin(async move {
        let settings = dev_backend::Settings { listen, data, demo, service };
        let running = dev_backend::start(settings).await.map_err(|error| error.to_string())?;
        Ok(Box::new(Embedded(running)) as Box<dyn EmbeddedBackend>)
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
