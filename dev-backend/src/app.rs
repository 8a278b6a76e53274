//! The HTTP surface: finds the route, runs its work, and leaves a record where the service keeps one.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Json as JsonResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, get};
use serde_json::{Value as Json, json};

use crate::call::Call;
use crate::database::{Change, Database, View};
use crate::echo;
use crate::failure::Failure;
use crate::hooks::Hooks;
use crate::moment;
use crate::operation::Operation;
use crate::service::{Answer, Route, Service, Work};

/// The largest body that is read.
const LARGEST_BODY: usize = 2 * 1024 * 1024;

/// A route being served.
#[derive(Clone)]
struct Endpoint {
    database: Arc<Database>,
    hooks: Hooks,
    service: &'static Service,
    route: &'static Route,
}

/// The router over these services; `name` is what the health route calls them.
pub(crate) fn router(
    database: &Arc<Database>,
    hooks: &Hooks,
    services: &'static [Service],
    name: &str,
) -> Router {
    let health = get(health).with_state((Arc::clone(database), Arc::from(name)));
    let mut router = Router::new().route("/health", health);
    for service in services {
        router = router.route(&format!("{}{}", service.prefix, echo::PATH), echo::route(service.name, hooks));
        for route in service.routes {
            let endpoint = Endpoint { database: Arc::clone(database), hooks: hooks.clone(), service, route };
            let path = format!("{}{}", service.prefix, route.path);
            router = router.route(&path, endpoint.into_method_router());
        }
    }
    router
        .fallback(async |uri: Uri| Failure::NotFound(format!("there is no route {}", uri.path())))
        .method_not_allowed_fallback(async || Failure::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
}

async fn health(State((database, name)): State<(Arc<Database>, Arc<str>)>) -> Response {
    match database.read(|connection| Ok(connection.query_row("SELECT 1", [], |_| Ok(Json::Null))?)).await {
        Ok(_) => JsonResponse(json!({"status": "healthy", "service": &*name})).into_response(),
        Err(failure) => failure.into_response(),
    }
}

async fn serve(
    State(endpoint): State<Endpoint>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let started = Instant::now();
    let answer = endpoint.answer(&method, &uri, &headers, body, started).await;
    let status = match answer {
        Ok(answer) => JsonResponse(answer).into_response(),
        Err(failure) => failure.into_response(),
    };
    let milliseconds = started.elapsed().as_secs_f64() * 1_000.0;
    tracing::debug!(path = uri.path(), status = status.status().as_u16(), milliseconds, "answered");
    status
}

// === impl Endpoint ===

impl Endpoint {
    fn into_method_router(self) -> MethodRouter {
        let filter = if self.route.method == Method::GET { MethodFilter::GET } else { MethodFilter::POST };
        MethodRouter::new().on(filter, serve).with_state(self)
    }

    async fn answer(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: Result<Bytes, BytesRejection>,
        started: Instant,
    ) -> Answer {
        let body = body.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Failure::TooLarge,
            _ => Failure::Malformed(format!("the body cannot be read: {rejection}")),
        })?;
        let call = Arc::new(Call::read(method, uri, headers, &body, &self.hooks)?);
        let answer = self.work(&call).await;
        if self.service.records_operations {
            self.record(&call, answer.is_ok(), started).await;
        }
        answer
    }

    async fn work(&self, call: &Arc<Call>) -> Answer {
        let call = Arc::clone(call);
        match self.route.work {
            Work::Read(work) => {
                self.database.read(move |rows| work(&View::new(rows, &call.context.tenant), &call)).await
            }
            Work::ReadInOrder(work) => {
                self.database.write(move |rows| work(&View::new(rows, &call.context.tenant), &call)).await
            }
            Work::Write(work) => self.database.write(move |rows| Change::run(rows, &call, work)).await,
            Work::Erase(work) => {
                let answer = self.database.write(move |rows| Change::run(rows, &call, work)).await?;
                self.database.forget().await?;
                Ok(answer)
            }
            Work::Outside(work) => work(Arc::clone(&self.database), call).await,
        }
    }

    async fn record(&self, call: &Call, succeeded: bool, started: Instant) {
        let operation = Operation {
            tenant: call.context.tenant.clone(),
            service: self.service.name,
            name: self.route.path.trim_start_matches('/'),
            succeeded,
            latency_ms: started.elapsed().as_secs_f64() * 1_000.0,
            at: moment::text(self.hooks.clock.now()),
        };
        // Queued before the caller hears its answer, so the caller's next look at telemetry counts it.
        self.database.queue(move |rows| operation.store(rows).map(|()| Json::Null)).await;
    }
}
