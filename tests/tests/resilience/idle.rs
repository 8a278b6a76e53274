//! Connections that a service closes while nobody uses them, or just when somebody begins to.

use std::time::Duration;

use serde_json::json;

use super::faulty::{Act, Faulty, WELL};
use super::tools::{Before, READ, WRITE};

const CALLS: usize = 1_000;

/// When connections are closed: each at once after its answer, in both ways, or one in twenty so late that the next
/// request may be on its way.
fn closings() -> [(&'static str, Vec<Act>); 3] {
    let well = || WELL.to_owned();
    let late = |number| match number % 20 {
        0 => Act::CloseLater(well(), Duration::from_micros(1)),
        _ => Act::well(),
    };
    [
        ("closed at once", vec![Act::Close(well()); CALLS]),
        ("reset at once", vec![Act::Reset(well()); CALLS]),
        ("closed late", (0..CALLS).map(late).collect()),
    ]
}

#[tokio::test]
async fn no_read_notices_that_its_connection_was_closed_meanwhile() {
    for (how, acts) in closings() {
        let backend = Faulty::start(Act::well()).await;
        backend.first(acts);
        let before = Before::in_real_time(backend.address(), "").await;
        for number in 0..CALLS {
            let answer = before.call(READ).await;
            assert_eq!(answer, Ok(json!({"ok": true})), "call {number}, {how}");
        }
        let retries = before.figure(r#"mcp_backend_retries_total{service="notes",retry="sent"}"#).await;
        println!("{retries} retries in {CALLS} calls, {how}");
    }
}

#[tokio::test]
async fn a_change_is_sent_once_whether_its_connection_was_closed_or_not() {
    for (how, acts) in closings() {
        let backend = Faulty::start(Act::well()).await;
        backend.first(acts);
        let before = Before::in_real_time(backend.address(), "").await;
        let mut unknown = 0;
        for _ in 0..CALLS {
            if let Err(error) = before.call(WRITE).await {
                assert!(error["message"].as_str().unwrap().contains("took effect is unknown"), "{error}");
                unknown += 1;
            }
        }
        println!("{unknown} of {CALLS} with an unknown outcome, {how}");
        assert!(backend.requests() <= CALLS && backend.requests() + unknown >= CALLS);
    }
}
