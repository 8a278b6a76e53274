//! What the two ends of a connection's parser tell each other: the socket side sees bytes, the service side
//! sees requests, and only both together know what a connection is waiting for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::framing::{Framing, Verdict};

/// The state of one connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Wire(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    framing: Framing,
    /// Requests whose head is complete and whose answer is not.
    under_way: usize,
    /// Whether any request was answered.
    answered: bool,
}

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The first byte of the first request.
    Fresh,
    /// The rest of a head.
    Head,
    /// Nothing: a request is being answered. Its body has limits of its own.
    Busy,
    /// The next request.
    Idle,
}

impl Wire {
    /// Takes note of bytes that came from the client.
    pub(super) fn received(&self, bytes: &[u8]) {
        let mut state = self.state();
        state.under_way += state.framing.feed(bytes);
    }

    pub(super) fn phase(&self) -> Phase {
        let state = self.state();
        match state.under_way {
            0 if state.framing.in_head() => Phase::Head,
            0 if state.answered => Phase::Idle,
            0 => Phase::Fresh,
            _ => Phase::Busy,
        }
    }

    /// Whether the client has sent all of the requests it began.
    pub(super) fn is_between_requests(&self) -> bool {
        self.state().framing.is_between_requests()
    }

    /// The verdict on the request that the parser hands over now.
    pub(super) fn next_request(&self) -> (Verdict, UnderWay) {
        // Parser and framing see the same bytes; where they disagree on what is a head, nothing can be trusted.
        let verdict = self.state().framing.next().unwrap_or(Err("the end of the head is not clear"));
        (verdict, UnderWay(self.clone()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request until its answer is written, or given up.
#[derive(Debug)]
pub(super) struct UnderWay(Wire);

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.under_way = state.under_way.saturating_sub(1);
        state.answered = true;
    }
}
