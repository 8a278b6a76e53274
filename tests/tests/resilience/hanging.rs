//! Services that never answer, or hardly: they hold what is theirs, and nothing that others need.

use std::time::{Duration, Instant};

use serde_json::json;

use super::faulty::{Act, Faulty, answer};
use super::tools::{Before, HASTE, HASTY, OTHER, READ, WRITE};

const UNDER_WAY: &str = r#"mcp_backend_under_way{service="notes"}"#;
const WAITING: &str = r#"mcp_backend_waiting{service="notes"}"#;
/// Requests that are under way at once where the configuration does not say how many.
const SEATS: usize = 256;

#[tokio::test]
async fn a_service_that_hangs_ends_each_call_at_its_deadline() {
    let backend = Faulty::start(Act::hold()).await;
    let before = Before::backend(&backend).await;
    let start = Instant::now();
    let error = before.call(HASTY).await.unwrap_err();
    println!("given up after {:?} of {HASTE:?}", start.elapsed());
    assert_eq!(error["error_code"], "BACKEND_TIMEOUT", "{error}");
    assert!(start.elapsed() >= HASTE, "{:?}", start.elapsed());
    assert_eq!(backend.requests(), 1, "there is no time for a second");
}

#[tokio::test]
async fn a_service_that_accepts_no_connection_is_given_up_after_five_seconds_and_nothing_was_sent() {
    let full = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = full.local_addr().unwrap();
    // Whoever comes when so many wait already is not answered at all.
    let mut waiting = Vec::new();
    while let Ok(Ok(stream)) =
        tokio::time::timeout(Duration::from_millis(200), tokio::net::TcpStream::connect(address)).await
    {
        waiting.push(stream);
    }
    let before = Before::at(address, "", "").await;
    let (write, hasty) = tokio::join!(before.call(WRITE), before.call(HASTY));
    let (write, hasty) = (write.unwrap_err(), hasty.unwrap_err());
    assert_eq!(
        (&write["error_code"], &hasty["error_code"]),
        (&json!("BACKEND_UNAVAILABLE"), &json!("BACKEND_TIMEOUT"))
    );
    assert!(write["message"].as_str().unwrap().contains("did not accept the connection"), "{write}");
    drop(waiting);
}

#[tokio::test]
async fn a_service_that_trickles_ends_each_call_at_its_deadline() {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    for (first, part) in [(head, "1\r\n \r\n"), ("HTTP/1.1 200 OK\r\nx-long: ", "x")] {
        let pause = Duration::from_millis(10);
        let backend = Faulty::start(Act::Repeat(first.to_owned(), part.to_owned(), pause)).await;
        let before = Before::backend(&backend).await;
        assert_eq!(before.call(HASTY).await.unwrap_err()["error_code"], "BACKEND_TIMEOUT");
        assert_eq!(backend.requests(), 1);
    }
}

#[tokio::test]
async fn five_hundred_calls_that_hang_take_nothing_from_another_service_and_leave_nothing_behind() {
    const CALLS: usize = 500;
    let backend = Faulty::start(Act::hold()).await;
    let before = Before::backend(&backend).await;
    let quiet = slowest_of_others(&before).await;
    let hanging = before.calls(READ, CALLS);
    backend.has_received(SEATS).await;
    before.until(WAITING, (CALLS - SEATS) as f64).await;
    assert_eq!((backend.requests(), before.figure(UNDER_WAY).await), (SEATS, SEATS as f64));
    println!("slowest of 100 elsewhere: {quiet:?} before, {:?} meanwhile", slowest_of_others(&before).await);
    backend.release(CALLS);
    for answer in hanging.join_all().await {
        assert!(answer.is_ok(), "{answer:?}");
    }
    before.until(UNDER_WAY, 0.0).await;
    assert_eq!((backend.requests(), before.figure(WAITING).await), (CALLS, 0.0));
}

/// Calls the other service a hundred times, all of which go well.
async fn slowest_of_others(before: &Before) -> Duration {
    let mut slowest = Duration::ZERO;
    for _ in 0..100 {
        let start = Instant::now();
        assert!(before.call(OTHER).await.is_ok());
        slowest = slowest.max(start.elapsed());
    }
    slowest
}

#[tokio::test]
async fn a_call_whose_time_is_over_while_it_waits_is_never_sent() {
    let backend = Faulty::start(Act::hold()).await;
    let before = Before::at(backend.address(), ", max_concurrent: 1", "").await;
    let mut held = before.calls(READ, 1);
    backend.has_received(1).await;
    for answer in before.calls(HASTY, 100).join_all().await {
        assert_eq!(answer.unwrap_err()["error_code"], "BACKEND_UNAVAILABLE");
    }
    assert_eq!(before.figure(r#"mcp_backend_refusals_total{service="notes",reason="no_turn"}"#).await, 100.0);
    backend.release(2);
    assert!(held.join_next().await.unwrap().unwrap().is_ok());
    assert!(before.call(READ).await.is_ok());
    assert_eq!(backend.requests(), 2, "what was given up was sent");
}

#[tokio::test]
async fn what_waits_for_a_service_that_fails_is_told_so_as_soon_as_that_is_known() {
    let backend = Faulty::start(Act::status(500, "")).await;
    let before = Before::at(backend.address(), ", max_concurrent: 1", "").await;
    for _ in 0..19 {
        before.call(WRITE).await.unwrap_err();
    }
    backend.always(Act::Hold(answer(500, "")));
    let mut twentieth = before.calls(WRITE, 1);
    backend.has_received(20).await;
    let waiting = before.calls(READ, 30);
    before.until(WAITING, 30.0).await;
    backend.release(1_000);
    assert_eq!(twentieth.join_next().await.unwrap().unwrap().unwrap_err()["status"], 500);
    for answer in waiting.join_all().await {
        let error = answer.unwrap_err();
        assert_eq!(error["error_code"], "BACKEND_UNAVAILABLE", "{error}");
        assert!(error["retry_after_ms"].as_u64() > Some(0), "{error}");
    }
    assert_eq!(backend.requests(), 20);
}
