//! Which answers are asked for again, how often, and for whom.

use std::collections::BTreeSet;

use serde_json::json;

use super::faulty::{Act, Faulty};
use super::tools::{Before, READ, WRITE};
use crate::admission::keyed;

#[tokio::test]
async fn a_read_is_sent_again_where_its_failure_may_pass_and_a_change_never() {
    let backend = Faulty::start(Act::well()).await;
    let before = Before::backend(&backend).await;
    for (status, more, again) in [
        (502, "", true),
        (503, "", true),
        (504, "", true),
        (503, "retry-after: 0\r\n", true),
        (429, "retry-after: 0\r\n", true),
        // Longer than the call has.
        (429, "retry-after: 31\r\n", false),
        (503, "retry-after: 31\r\n", false),
        (429, "", false),
        (500, "", false),
        (501, "", false),
        (400, "", false),
        (404, "", false),
        (409, "", false),
    ] {
        before.forget();
        for (tool, again) in [(READ, again), (WRITE, false)] {
            let sofar = backend.requests();
            backend.first([Act::status(status, more)]);
            let answer = before.call(tool).await;
            let about = format!("{tool} {status} {more}");
            assert_eq!(backend.requests() - sofar, if again { 2 } else { 1 }, "{about}");
            assert_eq!(answer.is_ok(), again, "{about}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_caller_learns_when_the_service_wants_to_be_asked_again() {
    let backend = Faulty::start(Act::status(429, "Retry-After: 90\r\n")).await;
    let before = Before::backend(&backend).await;
    let error = before.call(READ).await.unwrap_err();
    assert_eq!((&error["status"], &error["retry_after_ms"]), (&json!(429), &json!(90_000)));
    assert_eq!(backend.requests(), 1);
}

#[tokio::test]
async fn a_change_with_a_key_is_sent_again_to_a_service_that_keeps_to_keys_and_to_no_other() {
    for (honours, requests) in [(true, 3), (false, 1)] {
        let backend = Faulty::start(Act::well()).await;
        let keys = format!(", honours_idempotency_key: {honours}");
        let before = Before::at(backend.address(), &keys, "").await;
        backend.first([Act::Reset(String::new()), Act::status(503, "")]);
        let reply = keyed(&before.client, WRITE, json!({}), "order-1").await;
        assert_eq!(reply.result()["isError"] == true, !honours, "{}", reply.text);
        assert_eq!(backend.requests(), requests);
        let received = backend.received();
        assert!(
            received.iter().all(|request| request.contains("idempotency-key: order-1\r\n")),
            "{received:?}"
        );
        // All but the trace, in which each is a step of its own.
        let without_trace = |request: &String| -> Vec<String> {
            request.lines().filter(|line| !line.starts_with("traceparent")).map(str::to_owned).collect()
        };
        assert_eq!(received.iter().map(without_trace).collect::<BTreeSet<_>>().len(), 1, "{received:?}");
        // Without a key it cannot tell one from two.
        let sofar = backend.requests();
        backend.first([Act::status(503, "")]);
        before.call(WRITE).await.unwrap_err();
        assert_eq!(backend.requests() - sofar, 1);
    }
}

#[tokio::test]
async fn a_key_is_not_used_up_by_a_service_that_keeps_to_keys_and_could_not_answer() {
    for (status, again) in [(502, true), (503, true), (504, true), (500, false), (409, false)] {
        let backend = Faulty::start(Act::status(status, "")).await;
        let before = Before::at(backend.address(), ", honours_idempotency_key: true", "").await;
        let failed = keyed(&before.client, WRITE, json!({}), "order-1").await.tool_error();
        assert_eq!(failed["status"], status, "{failed}");
        backend.always(Act::well());
        let later = keyed(&before.client, WRITE, json!({}), "order-1").await;
        assert_eq!(later.result()["isError"] != true, again, "{status}: {}", later.text);
    }
}

#[tokio::test]
async fn what_was_sent_once_is_not_told_as_never_sent_when_the_service_goes_away() {
    let backend = Faulty::start(Act::well()).await;
    let address = backend.address();
    let before = Before::at(address, ", honours_idempotency_key: true", "").await;
    // The first request breaks off; all further ones find the circuit open.
    for _ in 0..19 {
        backend.first([Act::status(500, "")]);
        before.call(WRITE).await.unwrap_err();
    }
    backend.first([Act::Close(String::new())]);
    let error = keyed(&before.client, WRITE, json!({}), "order-1").await.tool_error();
    assert_eq!(error["error_code"], "BACKEND_ERROR", "{error}");
    assert_eq!(backend.requests(), 20);
}

#[tokio::test]
async fn retries_are_at_most_a_tenth_of_the_calls_and_ten_however_many_fail() {
    const CALLS: usize = 600;
    let backend = Faulty::start(Act::well()).await;
    let before = Before::backend(&backend).await;
    // Too few for the circuit to open, and far more than may be sent again.
    let acts = (0..CALLS * 2).map(|number| if number % 3 == 0 { Act::status(503, "") } else { Act::well() });
    backend.first(acts);
    let mut failed = 0;
    for _ in 0..CALLS / 20 {
        let answers = before.calls(READ, 20).join_all().await;
        failed += answers.iter().filter(|answer| answer.is_err()).count();
    }
    let retries = backend.requests() - CALLS;
    assert_eq!(retries, CALLS / 10 + 10, "sent again");
    assert!(failed > 0 && failed < CALLS / 3, "{failed} failed");
    assert!(before.figure(r#"mcp_backend_retries_total{service="notes",retry="over_budget"}"#).await > 0.0);
    // Ten seconds later there are some again.
    before.forget();
    backend.first([Act::status(503, ""), Act::status(503, "")]);
    assert!(before.call(READ).await.is_ok());
}
