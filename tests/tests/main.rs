//! All end-to-end tests, in one binary so that they link once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test that cannot be set up should fail where it stands, and may show its figures"
)]

mod admission;
mod approval;
mod architecture;
mod audit;
mod authoring;
mod backend_request;
mod configuration;
mod contract;
mod edge;
mod fetch;
mod first_line;
mod identity;
mod injection;
mod listing;
mod protocol;
mod resilience;
mod rmcp_oracle;
mod schema_oracle;
mod services;
mod tls;
