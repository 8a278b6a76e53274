//! A gateway with people around it: each with a token, a clock that tests set, and a backend that counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use aws_lc_rs::digest::{SHA256, digest};
use runtime::{Clock, Setup};
use serde_json::Value;
use tests::client::{Client, Reply};
use tests::gateway::{Gateway, product};
use tests::recorder::{Recorded, Recorder};

use super::call::{Call, Told};

/// Who there is: name, tenant, actor, rights. The token of each is the name with `-token`.
const PEOPLE: [(&str, &str, &str, &str); 7] = [
    ("agent", "default", "agent", ""),
    ("second-key", "default", "agent", ""),
    ("twin", "default", "agent", "approver"),
    ("colleague", "default", "colleague", ""),
    ("chief", "default", "chief", "approver"),
    ("stranger", "other", "agent", ""),
    ("foreign-chief", "other", "chief", "approver"),
];
/// When every test begins: 2027-01-15T08:00:00Z.
const START: u64 = 1_800_000_000;

/// The gateway, its backend and its clock.
pub(crate) struct Desk {
    pub(crate) backend: Recorder,
    pub(crate) gateway: Gateway,
    client: Client,
    http: reqwest::Client,
    security: String,
    seconds: Arc<AtomicU64>,
}

/// The section `security.auth` in which everybody has a token.
pub(crate) fn tokens() -> String {
    let tokens = PEOPLE.map(|(name, tenant, actor, rights)| {
        let sha256 = hex(digest(&SHA256, token(name).as_bytes()).as_ref());
        format!(
            "      - {{name: {name}, sha256: \"{sha256}\", tenant: {tenant}, actor: {actor}, roles: [Agent], rights: [{rights}]}}\n"
        )
    });
    format!("  auth:\n    mode: token\n    tokens:\n{}", tokens.concat())
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn token(name: &str) -> String {
    format!("{name}-token")
}

impl Desk {
    /// Where everybody has a token, and calls are approved in this mode.
    pub(crate) async fn open(mode: &str) -> Self {
        Self::with(&format!("{}  approval: {{mode: {mode}}}\n", tokens())).await
    }

    /// Under the keys of `security` that are given.
    pub(crate) async fn with(security: &str) -> Self {
        let backend = Recorder::start().await;
        let seconds = Arc::new(AtomicU64::new(START));
        let gateway = gateway(&config(backend.address(), security), &seconds).await;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let client = gateway.client();
        Self { backend, client, gateway, http, security: security.to_owned(), seconds }
    }

    /// Ends the server and starts it anew.
    pub(crate) async fn restart(&mut self) {
        let gateway = gateway(&config(self.backend.address(), &self.security), &self.seconds).await;
        self.client = gateway.client();
        assert!(std::mem::replace(&mut self.gateway, gateway).stop().await);
    }

    /// Lets time go by.
    pub(crate) fn after(&self, time: Duration) {
        self.seconds.fetch_add(time.as_secs(), Ordering::Relaxed);
    }

    /// What has come to the backend since this was asked last.
    pub(crate) fn reached(&self) -> Vec<Recorded> {
        self.backend.take()
    }

    /// Makes a call.
    pub(crate) async fn call(&self, call: &Call<'_>) -> Told {
        Told::of(&self.reply(call).await)
    }

    /// Makes a call; the whole answer.
    pub(crate) async fn reply(&self, call: &Call<'_>) -> Reply {
        let (body, headers) = call.message();
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.client.post(&body, &headers).await
    }

    /// Asks for a call and returns the id under which it waits.
    pub(crate) async fn ask(&self, call: &Call<'_>) -> String {
        match self.call(call).await {
            Told::Required(Some(id)) => id,
            other => panic!("expected an id to wait for, got {other:?}"),
        }
    }

    /// Asks for a call and returns the state that comes with the question.
    pub(crate) async fn asked(&self, call: &Call<'_>) -> String {
        match self.call(call).await {
            Told::Ask(state) => state,
            other => panic!("expected a question, got {other:?}"),
        }
    }

    /// Sends a decision; the status of the answer.
    pub(crate) async fn decide(&self, by: &str, id: &str, decision: &str) -> u16 {
        let url = format!("http://{}/approvals/{id}/{decision}", self.gateway.address());
        self.http.post(url).bearer_auth(token(by)).send().await.unwrap().status().as_u16()
    }

    /// Asks for a call and has it approved.
    pub(crate) async fn approved(&self, call: &Call<'_>) -> String {
        let id = self.ask(call).await;
        assert_eq!(self.decide("chief", &id, "approve").await, 200);
        id
    }

    /// The requests that somebody sees.
    pub(crate) async fn list(&self, by: &str, query: &str) -> Vec<Value> {
        let answer =
            self.request("GET", &format!("/approvals{query}"), &[("authorization", &bearer(by))], None).await;
        assert_eq!(answer.0, 200, "{}", answer.1);
        answer.1["items"].as_array().unwrap().clone()
    }

    /// Any request beside the endpoint; status and body.
    pub(crate) async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> (u16, Value) {
        let url = format!("http://{}{path}", self.gateway.address());
        let mut request = self.http.request(method.parse().unwrap(), url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_owned());
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default())
    }
}

/// The header that shows somebody's token.
pub(crate) fn bearer(name: &str) -> String {
    format!("Bearer {}", token(name))
}

async fn gateway(config: &str, seconds: &Arc<AtomicU64>) -> Gateway {
    let seconds = Arc::clone(seconds);
    let clock = Clock::from_fn(move || UNIX_EPOCH + Duration::from_secs(seconds.load(Ordering::Relaxed)));
    Gateway::with_setup(&product(), config, Setup { clock, ..Setup::default() }).await
}

/// Two tenants with the same services, and quotas out of the way.
fn config(backend: std::net::SocketAddr, security: &str) -> String {
    let services = format!("{{services: {{crm: http://{backend}/crm, memory: http://{backend}/memory}}}}");
    let quotas = "rate_limits: {default_per_minute: 1000000000, per_actor_per_minute: 1000000000}";
    format!(
        "server: {{port: 0}}\ntenants:\n  default: {services}\n  other: {services}\n{quotas}\nsecurity:\n{security}"
    )
}
