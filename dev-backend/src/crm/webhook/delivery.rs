//! Telling one receiver of its events, one after the other, until all are told or one fails.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use reqwest::{Client, StatusCode, redirect};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::Sha256;

use crate::failure::Failure;

/// How long one delivery may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long after the beginning of a dispatch no more deliveries are begun, so that the dispatch answers
/// before its caller gives up.
const BUDGET: Duration = Duration::from_secs(20);

/// What one subscription is still to be told.
#[derive(Serialize, Deserialize)]
pub(super) struct Delivery {
    pub(super) subscription_id: String,
    pub(super) name: String,
    pub(super) endpoint_url: String,
    pub(super) secret: Option<String>,
    pub(super) events: Vec<Untold>,
    /// What it has been told of once all the events are delivered.
    pub(super) told_seq: i64,
}

/// An event to be told.
#[derive(Serialize, Deserialize)]
pub(super) struct Untold {
    pub(super) seq: i64,
    pub(super) id: String,
    pub(super) body: Json,
}

/// What became of a delivery.
pub(super) struct Delivered {
    pub(super) subscription_id: String,
    pub(super) name: String,
    pub(super) events: u64,
    /// The last event that needs no more telling; none where the first one failed.
    pub(super) told_seq: Option<i64>,
    pub(super) failure: Option<Refusal>,
}

/// Why a receiver did not take an event.
pub(super) struct Refusal {
    pub(super) reason: String,
    /// It wants no more events.
    pub(super) is_final: bool,
}

/// A client that goes where the subscription says and nowhere else. There is one, since making it reads the
/// system's certificates; it keeps no connections, so that no delivery meets one that has died.
///
/// # Errors
/// A system without certificates.
pub(super) fn client() -> Result<Client, Failure> {
    static CLIENT: LazyLock<Result<Client, String>> = LazyLock::new(|| {
        let building = Client::builder().redirect(redirect::Policy::none()).no_proxy().timeout(PATIENCE);
        building.pool_max_idle_per_host(0).build().map_err(|error| error.to_string())
    });
    CLIENT.clone().map_err(|error| Failure::Broken(format!("no client for webhooks: {error}")))
}

// === impl Delivery ===

impl Delivery {
    /// Delivers the events in order.
    pub(super) async fn run(self, client: Client, now: Timestamp) -> Delivered {
        let started = Instant::now();
        let mut delivered = Delivered {
            subscription_id: self.subscription_id,
            name: self.name,
            events: 0,
            told_seq: None,
            failure: None,
        };
        for event in &self.events {
            if started.elapsed() > BUDGET {
                return delivered;
            }
            match event.send(&client, &self.endpoint_url, self.secret.as_deref(), now).await {
                Ok(()) => {
                    delivered.events += 1;
                    delivered.told_seq = Some(event.seq);
                }
                Err(refusal) => {
                    delivered.failure = Some(refusal);
                    return delivered;
                }
            }
        }
        delivered.told_seq = Some(self.told_seq);
        delivered
    }
}

// === impl Untold ===

impl Untold {
    async fn send(
        &self,
        client: &Client,
        url: &str,
        secret: Option<&str>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let body = self.body.to_string();
        let seconds = now.as_second().to_string();
        let mut request = client
            .post(url)
            .header("content-type", "application/json")
            .header("user-agent", "simple-gpt-mcp-dev-backend")
            .header("webhook-id", &self.id)
            .header("webhook-timestamp", &seconds);
        if let Some(secret) = secret {
            request = request.header("webhook-signature", signature(secret, &self.id, &seconds, &body));
        }
        // The answer's text is not read: what a receiver says is nobody's business but its status.
        match request.body(body).send().await {
            Ok(response) if response.status().is_success() => Ok(()),
            Ok(response) => Err(Refusal {
                reason: format!("status {}", response.status().as_u16()),
                is_final: response.status() == StatusCode::GONE,
            }),
            Err(error) => Err(Refusal { reason: unreachable(&error).to_owned(), is_final: false }),
        }
    }
}

fn unreachable(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the exchange failed"
    }
}

/// The value of `webhook-signature`.
fn signature(secret: &str, id: &str, seconds: &str, body: &str) -> String {
    // HMAC takes a key of any length, so nothing is left out where this holds nothing.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    for part in [id, ".", seconds, ".", body] {
        mac.update(part.as_bytes());
    }
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_what_any_hmac_sha256_signs() {
        let signed = signature("correct-horse-battery", "evt_1", "1800000000", r#"{"id":"evt_1"}"#);
        assert_eq!(signed, "v1,JQl+EjcXQyFas/yVBJCmfZ+HF1OnjWB/HYbX1rNSg2U=");
    }
}
