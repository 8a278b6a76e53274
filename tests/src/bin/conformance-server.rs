//! Serves the conformance suite's tools: `conformance-server --port N`, until it is ended.

use std::process::ExitCode;

use runtime::{Config, Setup};
use tests::conformance;

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let port = match (arguments.next().as_deref(), arguments.next().map(|port| port.parse())) {
        (Some("--port"), Some(Ok(port))) => port,
        _ => return ExitCode::from(2),
    };
    let product = conformance::product();
    let Ok(config) = Config::parse("conformance", &conformance::config_text(port), &product, &|_| None)
    else {
        return ExitCode::FAILURE;
    };
    let Ok(_running) = runtime::start(&product, config, Setup::default()).await else {
        return ExitCode::FAILURE;
    };
    std::future::pending().await
}
