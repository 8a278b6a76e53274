//! The backend services that stand behind the gateway during development: memory, CRM, workflows, automation,
//! inbox and files on real data in one SQLite file and a folder beside it, spoken to over plain HTTP. It knows
//! nothing of MCP, tools or manifests.
//!
//! # The surface
//! `GET /health`, and below the prefixes `/mcp/memory`, `/mcp/crm`, `/support`, `/marketing`, `/website`,
//! `/backoffice`, `/onboarding`, `/automation`, `/inbox` and `/files` the routes of the services. A POST carries
//! its arguments as a JSON object, a GET in its query; unknown arguments are refused. `/echo` below each prefix
//! gives back any arguments of a GET or POST.
//! - *Context*: tenant and actor come from the headers `X-Tenant-Id` and `X-Actor` or from the arguments
//!   `tenant_id` and `actor`, role and correlation id likewise; where both are given they must agree. They
//!   are believed: authentication is the business of the gateway in front.
//! - *Answers*: ids are a prefix and a UUID v7, times are ISO 8601 in UTC with milliseconds, probabilities
//!   are fractions of 1, and lists are `{"items": [...], "total": N, "next_offset": N or null}`.
//! - *Errors*: `{"error": {"code": ..., "message": ...}}` with 400 `bad_request`, 404 `not_found`, 405
//!   `method_not_allowed`, 409 `conflict`, 413 `too_large`, 415 `unsupported_media_type`, 422
//!   `unprocessable` (readable, but without meaning here), 500 `internal`, 503 `unavailable`.
//!
//! # Inside
//! A request takes one way: `app` finds the route, `call` reads who asks and for which tenant, the
//! route's work runs on the `database` (a read on a snapshot, a write through one `Change`, which also
//! records the event that timelines tell), and `failure` maps what went wrong to the wire. An area
//! (`memory`, `crm`, ...) is a folder of such works. A new route is a line in its area's `ROUTES`, a new table
//! a step in `migrations/`. The `demo` is a list of calls that go the same way but for the HTTP.

mod app;
mod automation;
mod call;
mod clock;
mod crm;
mod database;
mod demo;
mod digest;
mod echo;
mod entity;
mod event;
mod failure;
mod fetch;
mod files;
mod hooks;
mod ids;
mod inbox;
mod input;
mod list;
mod memory;
mod moment;
mod operation;
mod running;
mod service;
mod settings;
mod shown;
mod start_error;
mod suggestion;
mod workflow;

pub use clock::Clock;
pub use fetch::{Fetch, FetchRequest, FetchedPage, Fetching};
pub use hooks::Hooks;
pub use running::{Running, start, start_with};
pub use settings::Settings;
pub use start_error::StartError;
