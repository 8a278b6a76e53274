//! Deciding on calls that wait for a person: `GET /approvals`, `POST /approvals/{id}/approve` and `/deny`.
//!
//! Only a bearer token with the right `approver` opens these; a browser sends none by itself, so no page of a
//! stranger can decide.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Path, Query, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::body::BodyReader;
use super::{ClientAddress, Recorded, Refusal};
use crate::approval::{Approval, ApprovalState, Approver, DecisionError};
use crate::audit::{Manner, Seat};
use crate::clock::iso;
use crate::server::Server;

/// Longest reason, in characters.
const LONGEST_REASON: usize = 500;
/// Longest id that is recorded, in characters.
const LONGEST_ID: usize = 64;
const UNRECORDED: Refusal =
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "decisions cannot be recorded now; look again later");

pub(super) fn router(bodies: BodyReader) -> Router<Arc<Server>> {
    let approve = {
        let bodies = bodies.clone();
        move |State(server): State<Arc<Server>>,
              client: Extension<ClientAddress>,
              id: Path<String>,
              request: Request| { decide(server, bodies, client.0, id.0, request, true) }
    };
    let deny =
        move |State(server): State<Arc<Server>>,
              client: Extension<ClientAddress>,
              id: Path<String>,
              request: Request| { decide(server, bodies, client.0, id.0, request, false) };
    Router::new()
        .route("/approvals", get(list))
        .route("/approvals/{id}/approve", post(approve))
        .route("/approvals/{id}/deny", post(deny))
}

#[derive(Deserialize)]
struct Filter {
    state: Option<String>,
}

async fn list(
    State(server): State<Arc<Server>>,
    Extension(client): Extension<ClientAddress>,
    Query(filter): Query<Filter>,
    headers: HeaderMap,
) -> Response {
    let approver = match server.auth.approver(&headers, client.0).await {
        Ok(approver) => approver,
        Err(refusal) => return refusal,
    };
    let state = match filter.state.map(|name| ApprovalState::of_name(&name)) {
        Some(None) => {
            return problem(StatusCode::BAD_REQUEST, "state: expected pending, approved or denied");
        }
        state => state.flatten(),
    };
    let approvals = server.approvals.list(&approver).await;
    let wanted = |approval: &&Approval| state.is_none_or(|state| state == approval.state);
    let items: Vec<Value> = approvals.iter().filter(wanted).map(shown).collect();
    answer(StatusCode::OK, &json!({"items": items}))
}

async fn decide(
    server: Arc<Server>,
    bodies: BodyReader,
    client: ClientAddress,
    id: String,
    request: Request,
    approve: bool,
) -> Response {
    let (parts, body) = request.into_parts();
    let approver = match server.auth.approver(&parts.headers, client.0).await {
        Ok(approver) => approver,
        Err(refusal) => return refusal,
    };
    let reason = if parts.headers.contains_key(header::CONTENT_TYPE) {
        match bodies.read(&parts.headers, body).await {
            Ok(body) => reason(&body.bytes),
            Err(refusal) => return refusal.into_response(),
        }
    } else {
        Ok(None)
    };
    let Ok(reason) = reason else {
        return problem(StatusCode::BAD_REQUEST, "expected a JSON object with at most a text `reason`");
    };
    // A decision that nobody could look up later is not taken.
    if server.audit.check().is_err() {
        return UNRECORDED.into_response();
    }
    let decision = if approve { Ok(()) } else { Err(reason) };
    let decided = server.approvals.decide(&id, &approver, decision).await;
    let record = Decision::new(&id, &approver, client.0, approve, &decided);
    if server.audit.send(Seat::NONE, &record, Manner::Happened).wait().await.is_err() {
        return UNRECORDED.into_response();
    }
    let mut response = match decided {
        Ok(approval) => answer(StatusCode::OK, &shown(&approval)),
        Err(DecisionError::Unknown) => {
            problem(StatusCode::NOT_FOUND, "there is no such request, or it has expired")
        }
        Err(DecisionError::Own) => problem(StatusCode::FORBIDDEN, "nobody decides on a request of their own"),
        Err(DecisionError::Decided) => problem(StatusCode::CONFLICT, "somebody has decided already"),
    };
    response.extensions_mut().insert(Recorded);
    response
}

/// A decision as the audit log is told, also of one that was not taken.
#[derive(Serialize)]
struct Decision<'a> {
    kind: &'static str,
    approval_id: String,
    decision: &'static str,
    /// Why it was not taken, or `ok`.
    code: &'static str,
    credential: &'a str,
    client: IpAddr,
    tool: Option<&'a str>,
    tenant: Option<&'a str>,
    actor: Option<&'a str>,
    reason: Option<&'a str>,
}

impl<'a> Decision<'a> {
    fn new(
        id: &str,
        approver: &'a Approver,
        client: IpAddr,
        approve: bool,
        decided: &'a Result<Approval, DecisionError>,
    ) -> Self {
        let approval = decided.as_ref().ok();
        Self {
            kind: "decision",
            approval_id: id.chars().take(LONGEST_ID).collect(),
            decision: if approve { "approve" } else { "deny" },
            code: match decided {
                Ok(_) => "ok",
                Err(DecisionError::Unknown) => "unknown",
                Err(DecisionError::Own) => "own_request",
                Err(DecisionError::Decided) => "already_decided",
            },
            credential: &approver.credential,
            client,
            tool: approval.map(|approval| approval.tool),
            tenant: approval.map(|approval| approval.tenant.as_str()),
            actor: approval.map(|approval| approval.actor.as_str()),
            reason: approval.and_then(|approval| approval.reason.as_deref()),
        }
    }
}

/// The reason in a body; an empty body has none.
fn reason(body: &[u8]) -> Result<Option<String>, serde_json::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        reason: Option<String>,
    }
    if body.trim_ascii().is_empty() {
        return Ok(None);
    }
    let reason = serde_json::from_slice::<Body>(body)?.reason;
    Ok(reason.map(|reason| reason.chars().take(LONGEST_REASON).collect()))
}

fn shown(approval: &Approval) -> Value {
    json!({
        "id": approval.id,
        "tool": approval.tool,
        "tenant": approval.tenant,
        "actor": approval.actor,
        "arguments": approval.arguments,
        "created_at": iso(approval.created_at),
        "expires_at": iso(approval.expires_at),
        "state": approval.state.as_str(),
    })
}

fn problem(status: StatusCode, message: &str) -> Response {
    answer(status, &json!({"error": message}))
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}
