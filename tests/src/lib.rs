//! What the end-to-end tests share: a gateway in this process, backends that record or misbehave, and a small
//! MCP client. Everything goes through real sockets on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up should fail where it stands"
)]

pub mod client;
pub mod conformance;
pub mod gateway;
pub mod issuer;
pub mod notes;
pub mod raw;
pub mod recorder;
