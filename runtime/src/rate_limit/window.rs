//! One exact sliding window: the times at which the last calls were admitted.
//!
//! Nothing less than the times themselves keeps the promise "never more than N in any span of the window":
//! buckets admit up to twice that around their edges, and so does a token bucket after a pause.

use std::collections::VecDeque;
use std::time::Duration;

/// The admitted calls of the last `length`, oldest first. It takes memory for calls that were made, not for
/// those that could be.
#[derive(Debug, Default)]
pub(super) struct Window {
    admitted: VecDeque<Duration>,
}

impl Window {
    /// How many calls are in the window that ends now. A call leaves it exactly `length` after it was admitted.
    pub(super) fn used(&mut self, now: Duration, length: Duration) -> usize {
        while self.admitted.front().is_some_and(|oldest| *oldest + length <= now) {
            self.admitted.pop_front();
        }
        self.admitted.len()
    }

    /// How long until fewer than `limit` calls are in the window; nothing to wait for where they already are.
    pub(super) fn wait(&self, now: Duration, length: Duration, limit: usize) -> Duration {
        let leaving = self.admitted.len().checked_sub(limit).and_then(|position| self.admitted.get(position));
        leaving.map(|admitted| (*admitted + length).saturating_sub(now)).unwrap_or_default()
    }

    pub(super) fn admit(&mut self, now: Duration) {
        // A burst that is over must not keep its memory.
        if self.admitted.is_empty() && self.admitted.capacity() > 64 {
            self.admitted = VecDeque::new();
        }
        self.admitted.push_back(now);
    }

    /// When the last call was admitted.
    pub(super) fn newest(&self) -> Option<Duration> {
        self.admitted.back().copied()
    }
}
