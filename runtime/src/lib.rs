//! The MCP server and the path of a call.
//!
//! The runtime serves whatever [`Tool`]s it is handed. It knows no tool, alias or backend service by name:
//! generated code describes tools to it, configuration tells it where services are, and everything between
//! the agent's request and the service's answer happens here.

mod append_file;
mod approval;
mod args;
mod audit;
mod auth;
mod backend;
mod call;
mod catalog;
mod cli;
mod clock;
mod config;
mod context;
mod correlation;
mod hidden;
mod http;
mod idempotency;
mod json;
mod lines;
mod masked;
mod mcp;
mod metrics;
pub mod native;
mod problem;
mod product;
mod rate_limit;
mod request_parts;
mod server;
mod tool;
mod tool_error;

pub use args::{
    AnyJson, Args, Choice, Flag, Format, FreeObject, Integer, List, Number, Pattern, Record, Rule, Text,
};
pub use audit::{AuditError, AuditFault, AuditReport, verify_audit};
pub use cli::main;
pub use clock::Clock;
pub use config::{Config, ConfigError};
pub use idempotency::JournalError;
pub use json::Json;
pub use problem::Problem;
pub use product::{BackendSettings, EmbeddedBackend, Pending, Product, StartBackend};
pub use request_parts::{Encode, ObjectWriter, RequestParts};
pub use server::{Limits, Running, Setup, StartError, start};
pub use tool::{Effect, Method, ObjectInput, Roles, Spec, Target, Tool, ToolInput};
pub use tool_error::{ErrorCode, FetchRule, ToolError};
