//! The catalogue: which services there are, which routes they have, and what work each route does.

use std::pin::Pin;
use std::sync::Arc;

use axum::http::Method;
use serde_json::Value as Json;

use crate::automation;
use crate::call::Call;
use crate::crm;
use crate::database::{Change, Database, View};
use crate::failure::Failure;
use crate::files;
use crate::inbox;
use crate::memory;
use crate::start_error::StartError;
use crate::suggestion;
use crate::workflow;

/// What a route's work returns.
pub(crate) type Answer = Result<Json, Failure>;

/// What a route's work returns in a while.
pub(crate) type Pending = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// The work behind a route.
#[derive(Clone, Copy)]
pub(crate) enum Work {
    /// Reads a snapshot, beside other readers.
    Read(fn(&View<'_>, &Call) -> Answer),
    /// Reads behind everything that is queued for writing, so that it sees what was just recorded.
    ReadInOrder(fn(&View<'_>, &Call) -> Answer),
    /// Changes something.
    Write(fn(&Change<'_>, &Call) -> Answer),
    /// Changes something, and leaves no trace of what was there before in the files of the database.
    Erase(fn(&Change<'_>, &Call) -> Answer),
    /// Waits for others between its reads and its writes, so that the database does not wait with it.
    Outside(fn(Arc<Database>, Arc<Call>) -> Pending),
}

/// One route of a service.
pub(crate) struct Route {
    pub(crate) method: Method,
    /// The path below the service's prefix.
    pub(crate) path: &'static str,
    pub(crate) work: Work,
}

/// One service and its routes.
pub(crate) struct Service {
    pub(crate) name: &'static str,
    pub(crate) prefix: &'static str,
    pub(crate) routes: &'static [Route],
    /// Whether each call is recorded for the service's telemetry.
    pub(crate) records_operations: bool,
}

/// Every service.
pub(crate) static SERVICES: &[Service] = &[
    Service { name: "memory", prefix: "/mcp/memory", routes: memory::ROUTES, records_operations: true },
    Service { name: "crm", prefix: "/mcp/crm", routes: crm::ROUTES, records_operations: false },
    Service { name: "support", prefix: "/support", routes: workflow::SUPPORT, records_operations: false },
    Service {
        name: "marketing",
        prefix: "/marketing",
        routes: workflow::MARKETING,
        records_operations: false,
    },
    Service { name: "website", prefix: "/website", routes: workflow::WEBSITE, records_operations: false },
    Service {
        name: "backoffice",
        prefix: "/backoffice",
        routes: workflow::BACKOFFICE,
        records_operations: false,
    },
    Service {
        name: "onboarding",
        prefix: "/onboarding",
        routes: workflow::ONBOARDING,
        records_operations: false,
    },
    Service {
        name: "automation",
        prefix: "/automation",
        routes: automation::ROUTES,
        records_operations: false,
    },
    Service { name: "inbox", prefix: "/inbox", routes: inbox::ROUTES, records_operations: false },
    Service { name: "files", prefix: "/files", routes: files::ROUTES, records_operations: false },
];

// === impl Route ===

impl Route {
    /// A POST route.
    pub(crate) const fn post(path: &'static str, work: Work) -> Self {
        Self { method: Method::POST, path, work }
    }

    /// A GET route.
    pub(crate) const fn get(path: &'static str, work: Work) -> Self {
        Self { method: Method::GET, path, work }
    }
}

/// The work behind a route of a service, where there is such a route.
pub(crate) fn work(service: &str, path: &str) -> Option<&'static Work> {
    let service = SERVICES.iter().find(|known| known.name == service)?;
    service.routes.iter().find(|route| route.path == path).map(|route| &route.work)
}

/// The services to serve: the one named, or all.
///
/// # Errors
/// An unknown name.
pub(crate) fn chosen(name: Option<&str>) -> Result<&'static [Service], StartError> {
    let Some(name) = name else { return Ok(SERVICES) };
    let found = SERVICES.iter().find(|service| service.name == name).map(std::slice::from_ref);
    found.ok_or_else(|| {
        let names: Vec<&str> = SERVICES.iter().map(|service| service.name).collect();
        let hint = suggestion::hint(name, names.iter().copied());
        StartError::UnknownService { name: name.to_owned(), hint, known: names.join(", ") }
    })
}
