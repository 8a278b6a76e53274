//! Clients that go away: a read is given up, and what changes something is carried out and accounted for.

use std::collections::BTreeSet;
use std::time::Duration;

use tests::gateway::{Gateway, config_text};
use tests::raw::{Raw, post};
use tests::recorder::Recorder;

use super::hand_made::{call, hand_made};
use super::holding::Holding;
use super::log::Log;

/// Longest time from a client's going to the end of its read at the backend.
const CANCELLED_WITHIN: Duration = Duration::from_millis(100);

/// How a client goes away.
#[derive(Clone, Copy, Debug)]
enum Exit {
    Close,
    Reset,
    /// Says that it sends no more, and waits.
    HalfClose,
}

impl Exit {
    async fn take(self, mut client: Raw) -> Option<Raw> {
        match self {
            Self::Close => None,
            Self::Reset => {
                client.reset();
                None
            }
            Self::HalfClose => {
                client.finish().await;
                Some(client)
            }
        }
    }
}

#[tokio::test]
async fn a_read_ends_with_its_client() {
    let mut log = Log::start();
    let mut backend = Holding::start().await;
    let gateway = Gateway::with_config(&hand_made(), &config_text(backend.address(), "")).await;
    for exit in [Exit::Close, Exit::Reset, Exit::HalfClose] {
        let id = format!("read-{exit:?}");
        let mut client = Raw::connect(gateway.address()).await;
        client.send(post(&format!("X-Correlation-Id: {id}\r\n"), &call("edge_read"))).await;
        let mut held = backend.next().await;
        let _client = exit.take(client).await;
        assert!(held.is_given_up_within(CANCELLED_WITHIN).await, "{exit:?}");
        assert_eq!(log.outcome_of(&id).await, "cancelled", "{exit:?}");
    }
    assert!(gateway.stop().await);
}

#[tokio::test]
async fn a_write_is_carried_out_and_logged_without_its_client() {
    let mut log = Log::start();
    let mut backend = Holding::start().await;
    let gateway = Gateway::with_config(&hand_made(), &config_text(backend.address(), "")).await;
    for exit in [Exit::Close, Exit::Reset, Exit::HalfClose] {
        let id = format!("write-{exit:?}");
        let mut client = Raw::connect(gateway.address()).await;
        client.send(post(&format!("X-Correlation-Id: {id}\r\n"), &call("edge_write"))).await;
        let mut held = backend.next().await;
        let _client = exit.take(client).await;
        assert!(!held.is_given_up_within(CANCELLED_WITHIN).await, "{exit:?}");
        held.answer().await;
        assert_eq!(log.outcome_of(&id).await, "ok", "{exit:?}");
    }
    assert!(gateway.stop().await);
}

#[tokio::test]
async fn whenever_a_client_goes_a_write_is_done_at_most_once_and_each_that_was_done_is_logged() {
    const CALLS: usize = 1000;
    let mut log = Log::start();
    let backend = Recorder::start().await;
    let gateway = Gateway::with_config(&hand_made(), &config_text(backend.address(), "")).await;
    for number in 0..CALLS {
        let request = post(&format!("X-Correlation-Id: gone-{number:04}\r\n"), &call("edge_write"));
        let mut client = Raw::connect(gateway.address()).await;
        // Every tenth goes before it has sent all, every tenth waits for its answer, the others go in between.
        let sent = if number % 10 == 0 { request.len() - 1 - number / 10 } else { request.len() };
        client.send(&request[..sent]).await;
        if number % 10 == 1 {
            assert_eq!(client.answer().await.unwrap().status, 200);
        }
        for _ in 0..number % 7 {
            tokio::task::yield_now().await;
        }
        if number % 2 == 0 {
            client.reset();
        }
    }
    assert!(gateway.stop().await, "calls were left under way");
    let done: Vec<String> =
        backend.take().iter().map(|request| request.header("x-correlation-id").to_owned()).collect();
    let ids: BTreeSet<&String> = done.iter().collect();
    assert_eq!(ids.len(), done.len(), "a call was made twice");
    assert!(done.len() >= CALLS / 10, "only {} calls came through", done.len());
    let outcomes = log.outcomes();
    let logged: BTreeSet<&String> = outcomes.iter().map(|(id, _)| id).collect();
    assert!(outcomes.iter().all(|(_, outcome)| outcome == "ok"), "{outcomes:?}");
    assert_eq!(logged, ids, "what was done and what was logged differ");
    println!("{} of {CALLS} calls came through", done.len());
}
