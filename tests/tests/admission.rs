//! How often a call may be made, and what happens to one that is made twice.

mod hasty;
mod pace;
mod unknown;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use runtime::{Clock, Setup};
use serde_json::{Value, json};
use tests::client::{Client, Reply};
use tests::gateway::{Gateway, config_text, product};
use tests::recorder::Recorder;

use crate::edge::holding::Holding;

/// A time that stands still until it is moved.
#[derive(Clone)]
pub(crate) struct Hand(Arc<AtomicU64>);

impl Hand {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicU64::new(1_700_000_000_000)))
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.0.fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn setup(&self) -> Setup {
        let hand = Arc::clone(&self.0);
        let now = move || -> SystemTime { UNIX_EPOCH + Duration::from_millis(hand.load(Ordering::SeqCst)) };
        Setup { clock: Clock::from_fn(now), ..Setup::default() }
    }
}

async fn gateway(more: &str) -> (Gateway, Recorder, Client, Hand) {
    let backend = Recorder::start().await;
    let hand = Hand::new();
    let gateway = Gateway::with_setup(&product(), &config_text(backend.address(), more), hand.setup()).await;
    let client = gateway.client();
    (gateway, backend, client, hand)
}

fn limits(section: &str) -> String {
    format!("rate_limits: {section}\n")
}

async fn search(client: &Client, name: &str, actor: &str) -> Reply {
    client.call(name, json!({"query": "x", "actor": actor})).await
}

fn header(reply: &Reply, name: &str) -> String {
    reply.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

#[tokio::test]
async fn a_call_over_the_limit_is_told_when_to_come_back_and_may_then_be_made() {
    let (_gateway, backend, client, hand) =
        gateway(&limits("{per_actor_per_minute: 2, window_seconds: 60}")).await;
    let first = search(&client, "memory_search", "a").await;
    assert_eq!(
        (header(&first, "x-ratelimit-limit"), header(&first, "x-ratelimit-remaining")),
        ("2".into(), "1".into())
    );
    hand.pass(Duration::from_secs(20));
    search(&client, "memory.search", "a").await.content();
    let refused = search(&client, "memory_search", "a").await;
    let error = refused.tool_error();
    assert_eq!(refused.status, 200);
    assert_eq!(error["error_code"], "RATE_LIMIT_EXCEEDED", "name and alias share one limit");
    assert_eq!((error["class"].as_str(), error["retry_after_ms"].as_u64()), (Some("client"), Some(40_000)));
    assert_eq!(header(&refused, "x-ratelimit-remaining"), "0");
    assert_eq!(header(&refused, "x-ratelimit-reset"), "40");
    hand.pass(Duration::from_millis(39_999));
    assert_eq!(search(&client, "memory_search", "a").await.tool_error()["retry_after_ms"], 1);
    hand.pass(Duration::from_millis(1));
    search(&client, "memory_search", "a").await.content();
    assert_eq!(backend.take().len(), 3, "a refused call reached the backend");
}

#[tokio::test]
async fn what_is_refused_costs_nothing_and_what_is_admitted_costs_one_whatever_follows() {
    let (_gateway, backend, client, _hand) =
        gateway(&limits("{default_per_minute: 4, per_actor_per_minute: 2}")).await;
    for _ in 0..2 {
        let bad = client.call("memory_search", json!({"limit": 0, "actor": "a"})).await;
        assert_eq!(bad.tool_error()["error_code"], "VALIDATION_ERROR");
    }
    for _ in 0..20 {
        assert_eq!(
            search(&client, "memory_search", "a").await.tool_error()["error_code"],
            "RATE_LIMIT_EXCEEDED"
        );
    }
    // A role that may not call is not counted either.
    let denied = json!({"query": "x", "actor": "b", "actor_role": "nobody"});
    assert_eq!(client.call("memory_search", denied).await.tool_error()["error_code"], "PERMISSION_DENIED");
    search(&client, "memory_search", "b").await.content();
    search(&client, "memory_search", "b").await.content();
    assert_eq!(search(&client, "memory_search", "c").await.tool_error()["error_code"], "RATE_LIMIT_EXCEEDED");
    assert_eq!(backend.take().len(), 2);
}

#[tokio::test]
async fn a_tool_and_a_role_can_have_limits_of_their_own() {
    let section = "{tools: {memory.search: {limit: 2, roles: {Agent: 1}}, memory_write: 1}}";
    let (_gateway, _backend, client, _hand) = gateway(&limits(section)).await;
    let by = |role: &str| json!({"query": "x", "actor_role": role});
    client.call("memory_search", by("Agent")).await.content();
    assert_eq!(
        client.call("memory_search", by("Agent")).await.tool_error()["error_code"],
        "RATE_LIMIT_EXCEEDED"
    );
    client.call("memory_search", by("Admin")).await.content();
    assert_eq!(
        client.call("memory_search", by("Admin")).await.tool_error()["error_code"],
        "RATE_LIMIT_EXCEEDED"
    );
    client.call("memory_write", json!({"content": "x"})).await.content();
    assert_eq!(
        client.call("memory_write", json!({"content": "y"})).await.tool_error()["error_code"],
        "RATE_LIMIT_EXCEEDED"
    );
}

pub(crate) async fn keyed(client: &Client, tool: &str, arguments: Value, key: &str) -> Reply {
    let params = json!({"name": tool, "arguments": arguments, "_meta": {"idempotencyKey": key}});
    client.modern("tools/call", params, &[]).await
}

#[tokio::test]
async fn a_call_made_again_under_its_key_gets_the_same_answer_and_no_second_effect() {
    let (_gateway, backend, client, hand) = gateway("").await;
    let arguments = json!({"content": "x", "tags": ["a"]});
    let first = keyed(&client, "memory_write", arguments.clone(), "order-1").await;
    backend.answer_with(200, r#"{"other":true}"#);
    let again =
        keyed(&client, "memory.write", json!({"tags": ["a"], "content": "x", "kind": "note"}), "order-1")
            .await;
    assert_eq!(
        again.content(),
        first.content(),
        "the same call, by its alias and with a default written out"
    );
    let requests = backend.take();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].header("idempotency-key"), "order-1");

    let other = keyed(&client, "memory_write", json!({"content": "y"}), "order-1").await.tool_error();
    assert_eq!(other["error_code"], "IDEMPOTENCY_CONFLICT");
    assert!(backend.take().is_empty());

    let stranger = json!({"content": "x", "tags": ["a"], "actor": "somebody else"});
    keyed(&client, "memory_write", stranger, "order-1").await.content();
    assert_eq!(backend.take().len(), 1, "a key belongs to its actor");

    hand.pass(Duration::from_secs(24 * 60 * 60));
    keyed(&client, "memory_write", arguments, "order-1").await.content();
    assert_eq!(backend.take().len(), 1, "after a day the key is free");
}

#[tokio::test]
async fn a_hundred_calls_at_once_under_one_key_have_one_effect_and_one_answer() {
    let mut backend = Holding::start().await;
    let gateway = Gateway::before(backend.address()).await;
    let client = gateway.client();
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(
                async move { keyed(&client, "memory_write", json!({"content": "x"}), "order-1").await },
            )
        })
        .collect();
    backend.next().await.answer().await;
    for call in calls {
        assert_eq!(*call.await.unwrap().content(), json!({"ok": true}));
    }
    assert!(backend.is_quiet(), "a second request reached the backend");
}

#[tokio::test]
async fn a_failure_whose_effect_is_unknown_is_kept_and_one_without_effect_is_not() {
    let (gateway, backend, client, _hand) = gateway("").await;
    backend.answer_with(500, "{}");
    let failed = keyed(&client, "memory_write", json!({"content": "x"}), "order-1").await.tool_error();
    backend.answer_with(200, "{}");
    let again = keyed(&client, "memory_write", json!({"content": "x"}), "order-1").await.tool_error();
    assert_eq!((&failed["error_code"], &failed["status"]), (&again["error_code"], &again["status"]));
    assert_eq!(backend.take().len(), 1);
    drop(gateway);

    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gateway = Gateway::before(free).await;
    let client = gateway.client();
    let away = keyed(&client, "memory_write", json!({"content": "x"}), "order-2").await.tool_error();
    assert_eq!(away["error_code"], "BACKEND_UNAVAILABLE");
    let listener = tokio::net::TcpListener::bind(free).await.unwrap();
    let call =
        tokio::spawn(async move { keyed(&client, "memory_write", json!({"content": "x"}), "order-2").await });
    let (stream, _) = tokio::time::timeout(Duration::from_secs(5), listener.accept()).await.unwrap().unwrap();
    drop(stream);
    assert_eq!(
        call.await.unwrap().tool_error()["error_code"],
        "BACKEND_ERROR",
        "nothing had been sent before"
    );
}

#[tokio::test]
async fn a_call_that_was_approved_is_not_asked_about_again_under_its_key() {
    let (_gateway, backend, client, _hand) = gateway("").await;
    let contact = json!({"email": "a@b.co", "user_approved": true});
    keyed(&client, "crm_upsert_contact", contact, "k1").await.content();
    let again = keyed(&client, "crm_upsert_contact", json!({"email": "a@b.co"}), "k1").await;
    again.content();
    assert_eq!(backend.take().len(), 1);
    let unapproved =
        keyed(&client, "crm_upsert_contact", json!({"email": "a@b.co"}), "k2").await.tool_error();
    assert_eq!(unapproved["error_code"], "APPROVAL_REQUIRED");
}

#[tokio::test]
async fn a_key_that_cannot_be_sent_in_a_header_is_refused() {
    let (_gateway, backend, client, _hand) = gateway("").await;
    for key in ["", "has space", "line\nbreak", "ümlaut", &"k".repeat(256)] {
        let reply = keyed(&client, "memory_write", json!({"content": "x"}), key).await;
        assert_eq!(reply.body["error"]["code"], -32602, "{key:?}");
    }
    assert!(backend.take().is_empty());
}

#[tokio::test]
async fn operators_read_how_calls_ended() {
    let (_gateway, _backend, client, _hand) = gateway(&limits("{per_actor_per_minute: 2}")).await;
    search(&client, "memory.search", "a").await.content();
    search(&client, "memory_search", "a").await.content();
    search(&client, "memory_search", "a").await.tool_error();
    client.call("crm_upsert_contact", json!({"email": "a@b.co"})).await.tool_error();
    for _ in 0..2 {
        keyed(&client, "memory_write", json!({"content": "x", "actor": "b"}), "order-1").await.content();
    }
    client.call("no_such_tool", json!({})).await;
    let metrics = client.get("/metrics").await;
    assert_eq!(
        header(&metrics, "content-type"),
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    for line in [
        r#"mcp_tool_calls_total{tool="memory_search",outcome="ok"} 2"#,
        r#"mcp_tool_calls_total{tool="memory_search",outcome="RATE_LIMIT_EXCEEDED"} 1"#,
        r#"mcp_tool_calls_total{tool="crm_upsert_contact",outcome="APPROVAL_REQUIRED"} 1"#,
        r#"mcp_tool_call_duration_seconds_count{tool="memory_search"} 3"#,
        "mcp_tool_calls_under_way 0",
        r#"mcp_http_responses_total{status="200"} 7"#,
        r#"mcp_refusals_total{code="unknown_tool"} 1"#,
        r#"mcp_idempotency_calls_total{found="nothing"} 1"#,
        r#"mcp_idempotency_calls_total{found="outcome"} 1"#,
        r#"mcp_idempotency_calls_total{found="unknown_outcome"} 0"#,
        "mcp_idempotency_keys 1",
        "mcp_audit_waiting 0",
        "mcp_audit_lag_seconds 0.0",
        "# EOF",
    ] {
        assert!(metrics.text.lines().any(|found| found == line), "{line} is missing in\n{}", metrics.text);
    }
}
