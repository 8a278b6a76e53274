//! Services that fail again and again: they are left alone, and soon found to be well again.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::faulty::{Act, Faulty};
use super::tools::{Before, READ, WRITE};
use crate::edge::log::Log;

const OPEN: &str = r#"mcp_backend_circuits_open{service="notes"}"#;
/// Requests after which it is concluded that a service fails.
const FEWEST: usize = 20;
/// The longest pause before the first probe.
const PAUSE: Duration = Duration::from_secs(1);

fn is_left_alone(answer: &Result<Value, Value>) -> bool {
    answer.as_ref().is_err_and(|error| {
        let wait = error["retry_after_ms"].as_u64().unwrap_or_default();
        error["error_code"] == "BACKEND_UNAVAILABLE" && (1..=4_000).contains(&wait)
    })
}

#[tokio::test]
async fn a_service_that_fails_is_left_alone_until_one_probe_finds_it_well() {
    let mut log = Log::start();
    let backend = Faulty::start(Act::status(500, "")).await;
    let before = Before::backend(&backend).await;
    for _ in 0..FEWEST {
        assert_eq!(before.call(WRITE).await.unwrap_err()["status"], 500);
    }
    let connections = backend.connections();
    let mut quickest = Duration::MAX;
    for _ in 0..50 {
        let start = Instant::now();
        let refused = before.call(READ).await;
        quickest = quickest.min(start.elapsed());
        assert!(is_left_alone(&refused), "{refused:?}");
    }
    println!("refused in {quickest:?}");
    assert!(quickest < Duration::from_millis(5), "{quickest:?}");
    assert_eq!((backend.requests(), backend.connections()), (FEWEST, connections), "it was asked");
    assert_eq!(before.figure(OPEN).await, 1.0);
    assert_eq!(
        before.figure(r#"mcp_backend_refusals_total{service="notes",reason="circuit_open"}"#).await,
        50.0
    );

    // What another tenant has there is another service.
    assert_eq!(before.call_as("other", WRITE).await.unwrap_err()["status"], 500);

    // One probe, however many calls come at once, and a longer pause after one that fails.
    before.hand.pass(PAUSE);
    let sofar = backend.requests();
    let answers = before.calls(WRITE, 10).join_all().await;
    assert_eq!(answers.iter().filter(|answer| !is_left_alone(answer)).count(), 1);
    assert_eq!(backend.requests() - sofar, 1);

    backend.always(Act::hold());
    before.hand.pass(PAUSE * 2);
    let mut probe = before.calls(READ, 1);
    backend.has_received(sofar + 2).await;
    for _ in 0..10 {
        assert!(is_left_alone(&before.call(READ).await), "a second probe");
    }
    backend.release(1_000);
    assert!(probe.join_next().await.unwrap().unwrap().is_ok());
    for answer in before.calls(READ, 10).join_all().await {
        assert!(answer.is_ok(), "{answer:?}");
    }
    assert_eq!(before.figure(OPEN).await, 0.0);
    let changes = log.messages().into_iter().filter(|message| message.starts_with("a service"));
    assert_eq!(changes.collect::<Vec<_>>(), ["a service fails and is left alone", "a service is well again"]);
}

#[tokio::test]
async fn a_burst_of_failures_costs_a_service_no_more_than_a_few_requests() {
    const CALLS: usize = 500;
    for act in [Act::status(503, ""), Act::HangUp] {
        let backend = Faulty::start(act).await;
        let before = Before::backend(&backend).await;
        for _ in 0..CALLS {
            before.call(READ).await.unwrap_err();
        }
        let sent = before.figure(r#"mcp_backend_requests_total{service="notes"}"#).await;
        assert_eq!(sent, FEWEST as f64, "first ones and retries");
        assert!(backend.connections() <= FEWEST);
        // It recovers, and whoever comes after the longest pause finds that out.
        backend.always(Act::well());
        before.hand.pass(PAUSE);
        for _ in 0..10 {
            assert!(before.call(READ).await.is_ok());
        }
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_is_not_dialled_again_and_found_when_it_comes_back() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let before = Before::at(address, "", "").await;
    for _ in 0..FEWEST {
        let error = before.call(WRITE).await.unwrap_err();
        assert_eq!(
            (&error["error_code"], &error["retry_after_ms"]),
            (&json!("BACKEND_UNAVAILABLE"), &Value::Null)
        );
    }
    let backend = Faulty::at(address, Act::well()).await;
    for _ in 0..10 {
        assert!(is_left_alone(&before.call(WRITE).await));
    }
    assert_eq!(backend.connections(), 0, "it was dialled");
    before.hand.pass(PAUSE);
    assert!(before.call(WRITE).await.is_ok());
}

#[tokio::test]
async fn what_a_service_refuses_says_nothing_against_it() {
    for status in [400, 403, 404, 409, 422, 429, 501] {
        let backend = Faulty::start(Act::status(status, "")).await;
        let before = Before::backend(&backend).await;
        for _ in 0..FEWEST * 2 {
            assert_eq!(before.call(READ).await.unwrap_err()["status"], status);
        }
        assert_eq!((backend.requests(), before.figure(OPEN).await), (FEWEST * 2, 0.0), "{status}");
    }
}

#[tokio::test]
async fn health_tells_a_tenant_which_of_its_services_is_left_alone() {
    let backend = Faulty::start(Act::status(500, "")).await;
    let text = tests::gateway::config_text(backend.address(), "");
    let gateway = tests::gateway::Gateway::with_config(&tests::gateway::product(), &text).await;
    let client = gateway.client();
    let health = async || client.call("observability_health", json!({})).await.content().clone();
    assert_eq!(health().await["status"], "healthy");
    for _ in 0..FEWEST {
        client.call("memory_search", json!({"query": "x"})).await.tool_error();
    }
    let told = health().await;
    assert_eq!(
        (&told["status"], &told["services"]["memory"]),
        (&json!("degraded"), &json!({"reachable": true, "circuit": "open"}))
    );
    assert_eq!(told["services"]["crm"], json!({"reachable": true, "circuit": "closed"}));
}
