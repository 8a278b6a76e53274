//! Telling somebody outside of a new request for approval.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use serde_json::json;

use super::store::Approval;
use crate::clock::iso;
use crate::config::Webhook;

/// Longest wait for the receiver.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Sends a notice without the arguments: whoever decides reads those where they decide. A receiver that is away
/// costs the notice and nothing else, since requests are listed until they expire.
pub(super) async fn notify(client: reqwest::Client, webhook: Webhook, approval: Approval) {
    let body = json!({
        "id": approval.id, "tool": approval.tool, "tenant": approval.tenant, "actor": approval.actor,
        "created_at": iso(approval.created_at), "expires_at": iso(approval.expires_at),
    })
    .to_string();
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs().to_string();
    let mut request = client
        .post(webhook.url.expose())
        .timeout(TIMEOUT)
        .header("content-type", "application/json")
        .header("x-timestamp", &seconds);
    if let Some(secret) = &webhook.secret {
        request = request.header("x-signature", signature(secret.expose(), &seconds, &body));
    }
    let failure = match request.body(body).send().await {
        Ok(response) if response.status().is_success() => return,
        Ok(response) => format!("status {}", response.status().as_u16()),
        Err(error) => error.without_url().to_string(),
    };
    tracing::warn!(approval_id = approval.id, failure, "the approval webhook was not told");
}

/// `sha256=` and the HMAC of the time and the body, joined by a point.
fn signature(secret: &str, seconds: &str, body: &str) -> String {
    let key = Key::new(HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{seconds}.{body}").as_bytes());
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}
