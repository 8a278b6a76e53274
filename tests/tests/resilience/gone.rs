//! Clients that go away while their call waits, is repeated or probes: nothing more is sent for them, and nothing is
//! concluded from it.

use std::time::Duration;

use tests::raw::{Raw, post};

use super::faulty::{Act, Faulty};
use super::tools::{Before, READ, WRITE};
use crate::edge::call;
use crate::edge::log::Log;

const UNDER_WAY: &str = r#"mcp_backend_under_way{service="notes"}"#;
const WAITING: &str = r#"mcp_backend_waiting{service="notes"}"#;

/// A client that has asked for a read.
async fn asked(before: &Before, id: &str) -> Raw {
    let mut client = Raw::connect(before.gateway.address()).await;
    client.send(post(&format!("X-Correlation-Id: {id}\r\n"), &call(READ))).await;
    client
}

#[tokio::test]
async fn a_read_whose_client_goes_while_it_waits_for_its_turn_is_never_sent() {
    let mut log = Log::start();
    let backend = Faulty::start(Act::hold()).await;
    let before = Before::at(backend.address(), ", max_concurrent: 1", "").await;
    let mut held = before.calls(READ, 1);
    backend.has_received(1).await;
    let waiting = asked(&before, "read-waiting").await;
    before.until(WAITING, 1.0).await;
    waiting.reset();
    assert_eq!(log.outcome_of("read-waiting").await, "cancelled");
    before.until(WAITING, 0.0).await;
    backend.release(2);
    assert!(held.join_next().await.unwrap().unwrap().is_ok());
    assert!(before.call(READ).await.is_ok());
    assert_eq!(backend.requests(), 2);
}

#[tokio::test]
async fn a_read_whose_client_goes_before_it_is_sent_again_is_sent_no_more() {
    let mut log = Log::start();
    let backend = Faulty::start(Act::status(503, "retry-after: 20\r\n")).await;
    let before = Before::backend(&backend).await;
    let client = asked(&before, "read-pausing").await;
    backend.has_received(1).await;
    // Nothing holds a seat while it pauses.
    before.until(UNDER_WAY, 0.0).await;
    client.reset();
    assert_eq!(log.outcome_of("read-pausing").await, "cancelled");
    assert!(before.gateway.stop().await, "something was left under way");
    assert_eq!(backend.requests(), 1);
}

#[tokio::test]
async fn reads_that_are_given_up_say_nothing_against_a_service() {
    let mut log = Log::start();
    let backend = Faulty::start(Act::hold()).await;
    let before = Before::backend(&backend).await;
    for number in 0..40 {
        let id = format!("read-{number:04}");
        let client = asked(&before, &id).await;
        backend.has_received(number + 1).await;
        client.reset();
        assert_eq!(log.outcome_of(&id).await, "cancelled");
    }
    backend.always(Act::well());
    assert!(before.call(READ).await.is_ok());
    before.until(UNDER_WAY, 0.0).await;
}

#[tokio::test]
async fn a_probe_whose_client_goes_leaves_its_place_to_the_next() {
    let mut log = Log::start();
    let backend = Faulty::start(Act::status(500, "")).await;
    let before = Before::backend(&backend).await;
    for _ in 0..20 {
        before.call(WRITE).await.unwrap_err();
    }
    backend.always(Act::hold());
    before.hand.pass(Duration::from_secs(1));
    let probe = asked(&before, "read-probing").await;
    backend.has_received(21).await;
    probe.reset();
    assert_eq!(log.outcome_of("read-probing").await, "cancelled");
    backend.always(Act::well());
    assert!(before.call(READ).await.is_ok(), "the place of the probe was lost");
}
