//! The backend services that stand behind the gateway during development: memory and CRM on real
//! data in one SQLite file, spoken to over plain HTTP. It knows nothing of MCP, tools or manifests.
//!
//! A request takes one way: [`app`] finds the route, [`call`] reads who asks and for which tenant, the
//! route's work runs on the [`database`] (a read on a snapshot, a write through one `Change`), and
//! [`failure`] maps what went wrong to the wire. An area (`memory`, `crm`) is a folder of such works.

mod app;
mod call;
mod crm;
mod database;
mod entity;
mod event;
mod failure;
mod input;
mod list;
mod memory;
mod moment;
mod operation;
mod running;
mod service;
mod settings;
mod start_error;
mod suggestion;
mod workflow;

pub use running::{Running, start};
pub use settings::Settings;
pub use start_error::StartError;
