//! How fast and how often at once a backend service is asked.

use std::time::{Duration, Instant};

use serde_json::json;
use tests::recorder::Recorder;
use tokio::task::JoinSet;

use super::{hasty, keyed};
use crate::edge::holding::Holding;

#[tokio::test]
async fn a_service_is_not_asked_more_often_in_a_second_than_it_may_be() {
    let backend = Recorder::start().await;
    let gateway = hasty::gateway(backend.address(), ", max_per_second: 200").await;
    let client = gateway.client();
    let begun = Instant::now();
    let mut calls = JoinSet::new();
    for _ in 0..21 {
        let client = client.clone();
        calls.spawn(async move { client.call(hasty::PATIENT_CHANGE, json!({})).await });
    }
    calls.join_all().await.iter().for_each(|reply| assert_eq!(reply.content()["ok"], true));
    assert!(
        begun.elapsed() >= Duration::from_millis(100),
        "21 requests at 200 a second: {:?}",
        begun.elapsed()
    );
    assert_eq!(backend.take().len(), 21);
}

#[tokio::test]
async fn who_finds_no_turn_in_time_is_told_so_and_nothing_was_sent() {
    let mut backend = Holding::start().await;
    let gateway = hasty::gateway(backend.address(), ", max_concurrent: 1").await;
    let client = gateway.client();
    let call = |arguments| {
        let client = client.clone();
        tokio::spawn(async move { client.call(hasty::PATIENT_CHANGE, arguments).await })
    };
    let first = call(json!({}));
    let held = backend.next().await;
    // The service of another tenant is another one.
    let other = call(json!({"tenant_id": "other"}));
    backend.next().await.answer().await;
    other.await.unwrap().content();

    let refused = keyed(&client, hasty::CHANGE, json!({}), "order-1").await.tool_error();
    assert_eq!(refused["error_code"], "BACKEND_UNAVAILABLE", "{refused}");
    assert!(backend.is_quiet(), "two requests at once");
    held.answer().await;
    first.await.unwrap().content();
    // Nothing was done under the key, so it is free.
    let made = tokio::spawn(async move { keyed(&client, hasty::PATIENT_CHANGE, json!({}), "order-1").await });
    backend.next().await.answer().await;
    made.await.unwrap().content();
}
