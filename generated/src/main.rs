//! The product: all tools, the shared runtime and, where it is built in, the embedded backend.

use std::process::ExitCode;

#[cfg(feature = "dev-backend")]
mod embedded;

fn main() -> ExitCode {
    runtime::main(runtime::Product {
        tools: simple_gpt_mcp::TOOLS,
        services: simple_gpt_mcp::SERVICES,
        #[cfg(feature = "dev-backend")]
        dev_backend: Some(embedded::start),
        #[cfg(not(feature = "dev-backend"))]
        dev_backend: None,
    })
}
